"""Dated exchange rates into the organisation's currency. Totals never add currencies without a rate."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import RecordModel


class ExchangeRate(RecordModel):
    """One unit of `currency` was worth `rate` units of `base` from `day` on, until a later rate says otherwise.

    `base` is the organisation's currency when the rate was set: should that change, old rates are left unused rather
    than read as something they are not.
    """

    currency = models.CharField(_("Currency"), max_length=3)
    base = models.CharField(_("In"), max_length=3)
    day = models.DateField(_("From"))
    rate = models.DecimalField(_("Rate"), max_digits=18, decimal_places=8)
    source = models.CharField(_("Source"), max_length=80, default="", blank=True)

    DERIVED = frozenset({"base"})

    class Meta:
        verbose_name, verbose_name_plural = _("exchange rate"), _("exchange rates")
        ordering = ["currency", "-day"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "base", "day"], name="one_rate_a_day",
                                    violation_error_message=_("There is already a rate of that currency for that day.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.rate.normalize():f} {self.base}"

    def search_parts(self) -> list[str | None]:
        return [self.currency, self.base, self.source]

    def verify(self) -> None:
        if self.currency == self.base:
            raise Invalid(__("%s needs no rate: it is the organisation's own currency.") % self.base, "currency")
        if self.rate <= 0:
            raise Invalid(__("A rate is above zero: what one unit of the currency is worth."), "rate")
