"""What is sold: products, and dated price lists with a lowest price each."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import RecordModel


class Charged(models.TextChoices):
    """How often a product is charged again; blank is once."""

    MONTH = "month", _("Every month")
    YEAR = "year", _("Every year")


class Product(RecordModel):
    """What is sold. A price is for one piece and, where it is charged again, for one period; `term` says for how long one
    buys at first, `notice_days` how long before its end one says that it shall not go on. `cost`: of one piece, in the
    product's currency, so that who approves a discount sees what is left. `also_called`: how customers speak of it, parted by
    commas."""

    name = models.CharField(_("Name"), max_length=200)
    sku = models.CharField(_("Product number"), max_length=80, default="", blank=True)
    family = models.CharField(_("Series"), max_length=120, default="", blank=True)
    also_called = models.CharField(_("Also called"), max_length=300, default="", blank=True)
    price = models.DecimalField(_("List price"), max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, default="", blank=True)
    recurring = models.CharField(_("Charged"), max_length=5, choices=Charged.choices, default="", blank=True)
    term = models.PositiveSmallIntegerField(_("Term in months"), null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField(_("Notice in days"), null=True, blank=True)
    cost = models.DecimalField(_("What it costs us"), max_digits=18, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("product"), _("products")
        constraints = [
            models.UniqueConstraint(fields=["name"], name="product_name_once",
                                    violation_error_message=_("There is already a product of that name.")),
        ]  # fmt: skip
        indexes = [GinIndex(fields=["tsv"], name="product_tsv")]

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name, self.sku, self.family, self.also_called]

    def verify(self) -> None:
        if self.price is not None and self.price < 0:
            raise Invalid(__("A price is zero or more; what is taken off a price is a discount."), "price")
        if not self.recurring and (self.term or self.notice_days):
            raise Invalid(__("Only what is charged every month or year has a term and a notice."), "recurring")


class PriceList(RecordModel):
    """Prices in one currency for a time. Both days count; an open end is for ever."""

    name = models.CharField(_("Name"), max_length=120)
    currency = models.CharField(_("Currency"), max_length=3)
    starts_on = models.DateField(_("Valid from"), null=True, blank=True)
    ends_on = models.DateField(_("Valid until"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("price list"), _("price lists")
        constraints = [
            models.UniqueConstraint(fields=["name"], name="price_list_name_once",
                                    violation_error_message=_("There is already a price list of that name.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise Invalid(__("A price list cannot end before it starts."), "ends_on")


class Price(RecordModel):
    """A product's price on a list, with the lowest that may be agreed without a manager (`floor`)."""

    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="prices", verbose_name=_("Price list"))
    product = models.ForeignKey(Product, models.CASCADE, related_name="prices", verbose_name=_("Product"))
    amount = models.DecimalField(_("Price"), max_digits=18, decimal_places=2)
    floor = models.DecimalField(_("Lowest price"), max_digits=18, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("price"), _("prices")
        constraints = [
            models.UniqueConstraint(fields=["price_list", "product"], name="one_price_per_list",
                                    condition=models.Q(archived_at__isnull=True),
                                    violation_error_message=_("This list already has a price for that product.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.product}, {self.price_list}"

    def verify(self) -> None:
        if self.amount < 0 or (self.floor is not None and not 0 <= self.floor <= self.amount):
            raise Invalid(__("The lowest price lies between zero and the price."), "floor")
