"""Deals, their line items and the people who decide.

A deal is open, won or lost (`status`); its stage says how far an open deal has come. `stage_since` repeats what the
events say, so that lists and alarms need not read them; amounts carry their own currency and are never added without
a rate.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.deals.models.pipelines import Pipeline, Reason, Stage, Status
from kith.deals.models.products import PriceList, Product
from kith.kernel.errors import Invalid
from kith.kernel.records.models import Followed, Owned, RecordModel, list_indexes

CENT, NOTHING = Decimal("0.01"), Decimal("0.00")
WIDE = Context(prec=60)  # the usual 28 digits refuse amounts that a later check turns away in words
LIVE_OPEN = models.Q(status="open", archived_at__isnull=True)  # the rows of boards


class Deal(RecordModel, Owned, Followed):
    name = models.CharField(_("Name"), max_length=300)
    company = models.ForeignKey(
        "contacts.Company", models.SET_NULL, null=True, blank=True, related_name="deals", verbose_name=_("Company")
    )
    contact = models.ForeignKey(
        "contacts.Person", models.SET_NULL, null=True, blank=True, related_name="deals", verbose_name=_("Contact")
    )
    pipeline = models.ForeignKey(
        Pipeline, models.PROTECT, related_name="deals", verbose_name=_("Pipeline"), db_index=False
    )
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="deals", verbose_name=_("Stage"), db_index=False)
    status = models.CharField(_("Status"), max_length=4, choices=Status.choices, default=Status.OPEN)
    amount = models.DecimalField(_("Amount"), max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, default="", blank=True)
    closes_on = models.DateField(_("Closes"), null=True, blank=True)
    weighted = models.DecimalField(_("Weighted"), max_digits=18, decimal_places=2, null=True, blank=True)
    opened_on = models.DateField(_("Opened"), null=True, blank=True)
    closed_on = models.DateField(_("Closed"), null=True, blank=True)
    stage_since = models.DateTimeField(_("In stage since"), default=timezone.now)
    product = models.ForeignKey(
        Product, models.SET_NULL, null=True, blank=True, related_name="deals", verbose_name=_("Main product")
    )
    price_list = models.ForeignKey(
        PriceList,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Price list"),
        db_index=False,
    )
    reason = models.ForeignKey(
        Reason, models.PROTECT, null=True, blank=True, related_name="deals", verbose_name=_("Reason"), db_index=False
    )
    competitor = models.CharField(_("Competitor"), max_length=200, default="", blank=True)
    reason_words = models.TextField(_("In their words"), default="", blank=True)
    source = models.CharField(_("Came through"), max_length=200, default="", blank=True)

    DERIVED = frozenset({"weighted"})

    class Meta:
        verbose_name, verbose_name_plural = _("deal"), _("deals")
        indexes = [
            *list_indexes("deal", "name", "updated_at", "created_at", "amount", "weighted", "closes_on", "closed_on", "owner", "stage",
                          "next_step", "next_step_at", "last_touch_at", "stage_since"),  # fmt: skip
            # A lane's cards in order; all lanes' counts and sums without touching the table.
            models.Index(fields=["stage", "next_step_at", "id"], name="deal_lane", condition=LIVE_OPEN),
            models.Index(fields=["pipeline", "stage", "currency"], name="deal_lane_sums", condition=LIVE_OPEN,
                         include=["status", "amount", "weighted", "stage_since", "last_touch_at", "owner", "team"]),
            models.Index(fields=["status", "closed_on"], name="deal_closed", condition=~models.Q(status="open") & models.Q(archived_at__isnull=True),
                         include=["id", "reason", "amount", "currency"]),
            # One colleague's open deals, the longest idle first: stalled ones stand at its beginning (0.4 ms instead of 60 for
            # one of 10,000 open deals). First wins on a few days.
            models.Index("owner", Greatest("stage_since", "last_touch_at"), "id", name="deal_idle", condition=LIVE_OPEN),
            models.Index(fields=["owner", "closed_on"], name="deal_won_of", condition=models.Q(status="won", archived_at__isnull=True)),
            # Reports read every deal of their period from this instead of the five times larger table.
            models.Index(fields=["opened_on", "id"], name="deal_report", condition=models.Q(archived_at__isnull=True),
                         include=["status", "closed_on", "amount", "currency", "owner", "team", "stage", "pipeline"]),
            GinIndex(fields=["custom"], name="deal_custom", opclasses=["jsonb_path_ops"]),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name, self.competitor, self.source]

    @property
    def awaits_step(self) -> bool:
        return self.status == Status.OPEN

    def derive(self) -> None:
        from kith.deals.configuration import stage_of

        super().derive()
        if self.stage_id:  # a draft that only lends its name has none yet
            self.weighted = weight_of(self.amount, self.status, stage_of(self.stage_id).probability)

    def verify(self) -> None:
        from kith.deals.configuration import reason_of, stage_of

        stage = stage_of(self.stage_id)
        if stage.pipeline_id != self.pipeline_id:
            raise Invalid(__("The stage %(stage)s does not belong to the pipeline %(pipeline)s.") % {
                "stage": stage, "pipeline": self.pipeline}, "stage")  # fmt: skip
        if self.status == Status.OPEN:
            if self.closed_on or self.reason_id:
                raise Invalid(__("An open deal has neither a reason nor a day it closed; say first that it is won or lost."),
                              "closed_on" if self.closed_on else "reason")  # fmt: skip
        elif self.closed_on is None:
            raise Invalid(__("A closed deal has the day it closed."), "closed_on")
        elif self.opened_on and self.closed_on < self.opened_on:
            raise Invalid(__("A deal cannot close on %(closed)s, before it was opened on %(opened)s.") % {
                "closed": self.closed_on, "opened": self.opened_on}, "closed_on")  # fmt: skip
        if self.reason_id and (reason := reason_of(self.reason_id)).outcome != self.status:
            raise Invalid(__("“%s” is a reason for the other outcome.") % reason, "reason")

    def about(self) -> list[tuple[str, int]]:
        links = (("company", self.company_id), ("person", self.contact_id))
        return [(name, pk) for name, pk in links if pk]


def weight_of(amount: Decimal | None, status: str, probability: Decimal) -> Decimal | None:
    """What a deal counts for: an open one as much of its amount as it is likely to bring, a lost one nothing."""
    if amount is None or status == Status.WON:
        return amount
    return (amount * probability / 100).quantize(CENT, ROUND_HALF_UP, WIDE) if status == Status.OPEN else NOTHING


class LineItem(models.Model):
    """A product on a deal. `discount` in percent; `total` = quantity × unit price less discount, rounded to cents; `ramp`:
    what one piece costs from the second year on, where that steps (`kernel/money/steps.py`).

    Changed only through `actions.lines`, which keeps the deal's amount in step and tells its story.
    """

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT, related_name="lines")
    quantity = models.DecimalField(_("Quantity"), max_digits=12, decimal_places=2, default=Decimal(1))
    unit_price = models.DecimalField(_("Unit price"), max_digits=18, decimal_places=2)
    discount = models.DecimalField(_("Discount, %"), max_digits=5, decimal_places=2, default=Decimal(0))
    discount_reason = models.CharField(_("Why the discount"), max_length=200, default="", blank=True)
    ramp = models.CharField(_("Price from the second year on"), max_length=200, default="", blank=True)
    total = models.DecimalField(_("Total"), max_digits=18, decimal_places=2)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.quantity.normalize():f} × {self.product}"


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
    role = models.CharField(_("Role"), max_length=12, choices=CommitteeRole.choices)
    influence = models.SmallIntegerField(_("Influence"), null=True, blank=True)
    sentiment = models.SmallIntegerField(_("How they see it"), null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["deal", "person", "role"], name="one_seat_per_role")]
