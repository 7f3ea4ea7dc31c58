"""What was sold and what was promised: orders with their lines, and promises, each with its evidence.

An order is one agreement: what is paid once, what is paid again each period, from when, and when it renews. `yearly` and
`total` are worked out from the lines where there are any.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.kinds import Currency
from kith.kernel.organisation.models import current
from kith.kernel.records.models import Owned, RecordModel, list_indexes
from kith.kernel.text import plain_address

OPEN_ORDER = Q(ended_on__isnull=True, archived_at__isnull=True)


class Billing(models.TextChoices):
    """What the system that writes invoices said last of an order."""

    INVOICED = "invoiced", _("Invoiced")
    PAID = "paid", _("Paid")
    OVERDUE = "overdue", _("Overdue")
    REFUSED = "refused", _("Refused")


class Order(RecordModel, Owned):
    """`total`: what the order is worth, its first term included; `yearly`: what it brings again each year, 0 when once."""

    number = models.CharField(_("Number"), max_length=60, default="", blank=True)
    name = models.CharField(_("Name"), max_length=300)
    company = models.ForeignKey(
        "contacts.Company", models.SET_NULL, null=True, blank=True, related_name="orders", verbose_name=_("Company")
    )
    person = models.ForeignKey(
        "contacts.Person", models.SET_NULL, null=True, blank=True, related_name="orders", verbose_name=_("Person")
    )
    deal = models.ForeignKey(
        "deals.Deal", models.SET_NULL, null=True, blank=True, related_name="orders", verbose_name=_("Deal")
    )
    placed_on = models.DateField(_("Placed"), default=timezone.localdate)
    currency = models.CharField(_("Currency"), max_length=3, default="", blank=True)
    total = models.DecimalField(_("Total"), max_digits=18, decimal_places=2, default=0)
    yearly = models.DecimalField(_("A year"), max_digits=18, decimal_places=2, default=0)
    starts_on = models.DateField(_("Starts"), null=True, blank=True)
    ends_on = models.DateField(_("Runs until"), null=True, blank=True)
    renews_on = models.DateField(_("Renews"), null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField(_("Notice, days"), default=0)
    ended_on = models.DateField(_("Ended"), null=True, blank=True)
    source = models.CharField(_("Came through"), max_length=60, default="", blank=True)
    billing = models.CharField(_("Invoicing"), max_length=8, choices=Billing.choices, default="", blank=True)
    billed_as = models.CharField(_("Number there"), max_length=60, default="", blank=True)
    billed_total = models.DecimalField(_("Total there"), max_digits=18, decimal_places=2, null=True, blank=True)
    billed_at = models.DateTimeField(_("Reported"), null=True, blank=True)
    late_since = models.DateField(_("Overdue since"), null=True, blank=True)
    billing_note = models.CharField(_("What it said"), max_length=500, default="", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("order"), _("orders")
        indexes = [
            *list_indexes("order", "name", "placed_on", "updated_at", "total", "yearly", "renews_on", "owner"),
            # Purchases of a customer in the order of their days: histories, lifetime value.
            models.Index(fields=["company", "placed_on"], name="order_of_company"),
            models.Index(fields=["person", "placed_on"], name="order_of_person"),
            GinIndex(fields=["custom"], name="order_custom", opclasses=["jsonb_path_ops"]),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name, self.number]

    def derive(self) -> None:
        self.currency = self.currency or current().currency
        super().derive()

    def verify(self) -> None:
        Currency().clean(self.currency)
        if self.total < 0 or self.yearly < 0:
            raise Invalid(
                __("An order cannot be worth less than nothing; end it, or write a credit where invoices are made."),
                "total" if self.total < 0 else "yearly",
            )
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise Invalid(__("An order cannot end before it starts."), "ends_on")

    @property
    def notice_by(self) -> dt.date | None:
        """The last day on which either side can say that it shall not go on."""
        return self.renews_on - relativedelta(days=self.notice_days) if self.renews_on else None

    def about(self) -> list[tuple[str, int]]:
        links = (("company", self.company_id), ("person", self.person_id), ("deal", self.deal_id))
        return [(name, pk) for name, pk in links if pk]


class Period(models.TextChoices):
    ONCE = "", _("Once")
    MONTH = "month", _("Each month")
    YEAR = "year", _("Each year")


YEARS = {Period.ONCE.value: 0, Period.MONTH.value: 12, Period.YEAR.value: 1}  # periods in a year


class OrderLine(models.Model):
    """A product of an order. `recurring`: how often it is paid; `total` of one period, in the first year where the price
    steps by `ramp`."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    product = models.ForeignKey("deals.Product", models.PROTECT, null=True, blank=True, related_name="order_lines")
    name = models.CharField(_("Name"), max_length=200)
    quantity = models.DecimalField(_("Quantity"), max_digits=12, decimal_places=2, default=1)
    unit_price = models.DecimalField(_("Unit price"), max_digits=18, decimal_places=2)
    discount = models.DecimalField(_("Discount, %"), max_digits=5, decimal_places=2, default=0)
    ramp = models.CharField(_("Price from the second year on"), max_length=200, default="", blank=True)
    total = models.DecimalField(_("Total"), max_digits=18, decimal_places=2)
    recurring = models.CharField(_("Paid"), max_length=5, choices=Period.choices, default=Period.ONCE, blank=True)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    @property
    def yearly(self) -> Decimal:
        """What it brings in a year, nothing where it is paid once."""
        return self.total * YEARS[self.recurring]

    def __str__(self) -> str:
        return f"{self.quantity.normalize():f} × {self.name}"


class PromiseState(models.TextChoices):
    OPEN = "open", _("Open")
    KEPT = "kept", _("Kept")
    BROKEN = "broken", _("Broken")
    WAIVED = "waived", _("Waived")


class Delivery(models.TextChoices):
    """How far the technical team is, as its issue tracker or somebody there says."""

    PLANNED = "planned", _("Planned")
    DOING = "doing", _("Being made")
    DONE = "done", _("Delivered")
    DROPPED = "dropped", _("Will not be made")


class Promise(RecordModel, Owned):
    """What somebody of ours said that we will do. `quote`: the words it was said with; `source`: the event that holds them.

    A promise outlives what it hangs on: whoever merges, erases or deletes a customer leaves the promise, with fewer names.
    `constraint`: what stands in the way technically; `issue_*`: where the technical team works on it.
    """

    wording = models.CharField(_("Promise"), max_length=500)
    company = models.ForeignKey(
        "contacts.Company", models.SET_NULL, null=True, blank=True, related_name="promises", verbose_name=_("Company")
    )
    person = models.ForeignKey(
        "contacts.Person", models.SET_NULL, null=True, blank=True, related_name="promises", verbose_name=_("To")
    )
    deal = models.ForeignKey(
        "deals.Deal", models.SET_NULL, null=True, blank=True, related_name="promises", verbose_name=_("Deal")
    )
    order = models.ForeignKey(
        Order, models.SET_NULL, null=True, blank=True, related_name="promises", verbose_name=_("Order")
    )
    due_on = models.DateField(_("Due"), null=True, blank=True)
    state = models.CharField(_("State"), max_length=6, choices=PromiseState.choices, default=PromiseState.OPEN)
    settled_on = models.DateField(_("Settled"), null=True, blank=True)
    reason = models.CharField(_("Why"), max_length=500, default="", blank=True)
    evidence = models.CharField(_("Evidence"), max_length=40, default="", blank=True)
    quote = models.TextField(_("In these words"), default="", blank=True)
    source = models.UUIDField(_("Event"), null=True, blank=True)
    product = models.ForeignKey(
        "deals.Product", models.SET_NULL, null=True, blank=True, related_name="promises", verbose_name=_("Product")
    )
    constraint = models.TextField(_("Technical constraint"), default="", blank=True)
    issue_url = models.URLField(_("Issue"), max_length=500, default="", blank=True)
    issue_title = models.CharField(_("Issue is called"), max_length=300, default="", blank=True)
    delivery = models.CharField(_("Delivery"), max_length=8, choices=Delivery.choices, default="", blank=True)
    made_on = models.DateField(_("Made"), default=timezone.localdate)

    class Meta:
        verbose_name, verbose_name_plural = _("promise"), _("promises")
        indexes = [
            *list_indexes("promise", "wording", "due_on", "updated_at", "owner"),
            models.Index(fields=["issue_url"], name="promise_issue", condition=~Q(issue_url="")),
            models.Index(fields=["due_on", "id"], name="promise_open", condition=Q(state="open", archived_at__isnull=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.wording

    def search_parts(self) -> list[str | None]:
        return [self.wording, self.issue_title]

    @property
    def late(self) -> bool:
        return self.state == PromiseState.OPEN and self.due_on is not None and self.due_on < timezone.localdate()

    def derive(self) -> None:
        settled = self.state != PromiseState.OPEN
        self.settled_on = (self.settled_on or timezone.localdate()) if settled else None
        self.issue_url = plain_address(self.issue_url)
        super().derive()

    def about(self) -> list[tuple[str, int]]:
        links = (
            ("company", self.company_id), ("person", self.person_id), ("deal", self.deal_id), ("order", self.order_id),
        )  # fmt: skip
        return [(name, pk) for name, pk in links if pk]
