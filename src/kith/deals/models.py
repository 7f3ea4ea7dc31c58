"""Deals with their pipelines, stages, products, prices, line items, buying committee and reasons.

A deal is open, won or lost (`status`); its stage says how far an open deal has come. `stage_since` repeats what the
events say, so that lists and alarms need not read them; amounts carry their own currency and are never added without
a rate.
"""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import Followed, Owned, RecordModel, list_indexes


class Status(models.TextChoices):
    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class Pipeline(RecordModel):
    name = models.CharField(_("Name"), max_length=120)
    position = models.IntegerField(_("Order"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("pipeline"), _("pipelines")
        constraints = [
            models.UniqueConstraint(fields=["name"], name="pipeline_name_once",
                                    violation_error_message=_("There is already a pipeline of that name.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]


class Stage(RecordModel):
    """`required`: column keys that must be known to leave the stage forward; `exit_rule`: a filter tree (JSON) that the
    deal must meet; `stall_days`: days without movement or touch after which an open deal here counts as stalled."""

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="stages", verbose_name=_("Pipeline"))
    name = models.CharField(_("Name"), max_length=120)
    position = models.IntegerField(_("Order"), default=0)
    probability = models.DecimalField(_("Likely to be won, %"), max_digits=5, decimal_places=2, default=Decimal(50))
    stall_days = models.IntegerField(_("Stalled after, days"), null=True, blank=True)
    required = ArrayField(models.CharField(max_length=80), verbose_name=_("Needed to go on"), default=list, blank=True)
    exit_rule = models.JSONField(_("Rule to go on"), default=dict, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("stage"), _("stages")
        ordering = ["pipeline", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["pipeline", "name"], name="stage_name_once",
                                    violation_error_message=_("This pipeline already has a stage of that name.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]


class Reason(RecordModel):
    """Why deals are won or lost, as a tree: "Price" > "Budget cut"."""

    name = models.CharField(_("Name"), max_length=120)
    outcome = models.CharField(_("For"), max_length=4, choices=[(Status.WON, _("Won")), (Status.LOST, _("Lost"))])
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("Part of"))
    position = models.IntegerField(_("Order"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("reason"), _("reasons")
        ordering = ["outcome", "position", "id"]

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]


class Product(RecordModel):
    name = models.CharField(_("Name"), max_length=200)
    sku = models.CharField(_("Product number"), max_length=80, default="", blank=True)
    family = models.CharField(_("Series"), max_length=120, default="", blank=True)
    price = models.DecimalField(_("List price"), max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, default="", blank=True)
    recurring = models.BooleanField(_("Charged again each period"), default=False)

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
        return [self.name, self.sku, self.family]


class PriceList(RecordModel):
    name = models.CharField(_("Name"), max_length=120, unique=True)
    currency = models.CharField(_("Currency"), max_length=3)
    starts_on = models.DateField(_("Valid from"), null=True, blank=True)
    ends_on = models.DateField(_("Valid until"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("price list"), _("price lists")

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]


class Price(models.Model):
    """A product's price on a list, with the lowest a rep may go to (`floor`)."""

    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="prices")
    product = models.ForeignKey(Product, models.CASCADE, related_name="prices")
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    floor = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["price_list", "product"], name="one_price_per_list")]


class Deal(RecordModel, Owned, Followed):
    name = models.CharField(_("Name"), max_length=300)
    company = models.ForeignKey("contacts.Company", models.SET_NULL, null=True, blank=True, related_name="deals", verbose_name=_("Company"))
    contact = models.ForeignKey("contacts.Person", models.SET_NULL, null=True, blank=True, related_name="deals", verbose_name=_("Contact"))
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="deals", verbose_name=_("Pipeline"))
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="deals", verbose_name=_("Stage"))
    status = models.CharField(_("Status"), max_length=4, choices=Status.choices, default=Status.OPEN)
    amount = models.DecimalField(_("Amount"), max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, default="", blank=True)
    closes_on = models.DateField(_("Closes"), null=True, blank=True)
    opened_on = models.DateField(_("Opened"), null=True, blank=True)
    closed_on = models.DateField(_("Closed"), null=True, blank=True)
    stage_since = models.DateTimeField(_("In stage since"), default=timezone.now)
    product = models.ForeignKey(Product, models.SET_NULL, null=True, blank=True, related_name="deals", verbose_name=_("Main product"))
    price_list = models.ForeignKey(PriceList, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Price list"))
    reason = models.ForeignKey(Reason, models.PROTECT, null=True, blank=True, related_name="deals", verbose_name=_("Reason"))
    competitor = models.CharField(_("Competitor"), max_length=200, default="", blank=True)
    reason_words = models.TextField(_("In their words"), default="", blank=True)
    source = models.CharField(_("Came through"), max_length=200, default="", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("deal"), _("deals")
        indexes = [
            *list_indexes("deal", "name", "updated_at", "created_at", "amount", "closes_on", "closed_on", "owner",
                          "company", "next_step_at", "last_touch_at", "stage_since"),  # fmt: skip
            models.Index(fields=["stage", "status", "-updated_at", "-id"], name="deal_board",
                         condition=models.Q(archived_at__isnull=True)),
            GinIndex(fields=["custom"], name="deal_custom", opclasses=["jsonb_path_ops"]),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name, self.competitor, self.source]

    def verify(self) -> None:
        if self.stage.pipeline_id != self.pipeline_id:
            raise Invalid(__("The stage %(stage)s does not belong to the pipeline %(pipeline)s.") % {
                "stage": self.stage, "pipeline": self.pipeline}, "stage")  # fmt: skip

    def about(self) -> list[tuple[str, int]]:
        links = (("company", self.company_id), ("person", self.contact_id))
        return [(name, pk) for name, pk in links if pk]


class LineItem(models.Model):
    """A product on a deal. `discount` in percent; `total` = quantity × unit price less discount, rounded to cents."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT, related_name="lines")
    quantity = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(1))
    unit_price = models.DecimalField(max_digits=18, decimal_places=2)
    discount = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    discount_reason = models.CharField(max_length=200, default="", blank=True)
    total = models.DecimalField(max_digits=18, decimal_places=2)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]


class CommitteeRole(models.TextChoices):
    DECIDER = "decider", _("Decides")
    CHAMPION = "champion", _("Champion")
    USER = "user", _("Will use it")
    BUYER = "buyer", _("Buys")
    LEGAL = "legal", _("Checks the contract")
    BLOCKER = "blocker", _("Against it")


class CommitteeMember(models.Model):
    """Someone who takes part in the decision. influence and sentiment: 1 low to 5 high."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="committee")
    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="committees")
    role = models.CharField(max_length=12, choices=CommitteeRole.choices)
    influence = models.SmallIntegerField(null=True, blank=True)
    sentiment = models.SmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "person", "role"], name="one_seat_per_role")]
