"""Contracts that come up again, and what each order brought a year from when on."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import Owned, RecordModel, list_indexes


class RenewalState(models.TextChoices):
    OPEN = "open", _("To be talked about")
    TALKING = "talking", _("In talks")
    AGREED = "agreed", _("Agreed in words")
    WON = "won", _("Renewed")
    LOST = "lost", _("Not renewed")


GOING = Q(state__in=("open", "talking", "agreed"), archived_at__isnull=True)


class Renewal(RecordModel, Owned):
    """One coming-up of an order. `decide_by`: the last day to give notice; `yearly` as it is, `expected` as we propose it
    with `idea` why; `risk`: chance of leaving in percent when it opened; `leaving`: it is lost, and with it the customer, on the
    day when it would have renewed."""

    name = models.CharField(_("Name"), max_length=300)
    order = models.ForeignKey(
        "conversion.Order", models.CASCADE, null=True, blank=True, related_name="renewals", verbose_name=_("Order")
    )
    company = models.ForeignKey(
        "contacts.Company", models.SET_NULL, null=True, blank=True, related_name="renewals", verbose_name=_("Company")
    )
    person = models.ForeignKey(
        "contacts.Person", models.SET_NULL, null=True, blank=True, related_name="renewals", verbose_name=_("Person")
    )
    state = models.CharField(_("State"), max_length=7, choices=RenewalState.choices, default=RenewalState.OPEN)
    renews_on = models.DateField(_("Renews"))
    decide_by = models.DateField(_("Notice until"), null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, default="", blank=True)
    yearly = models.DecimalField(_("A year now"), max_digits=18, decimal_places=2, default=0)
    expected = models.DecimalField(_("A year then"), max_digits=18, decimal_places=2, default=0)
    idea = models.TextField(_("More for them"), default="", blank=True)
    risk = models.SmallIntegerField(_("Risk, %"), null=True, blank=True)
    risk_words = models.CharField(_("Why at risk"), max_length=500, default="", blank=True)
    until = models.DateField(_("Renewed until"), null=True, blank=True)
    reason = models.ForeignKey(
        "retention.ChurnReason",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="renewals",
        verbose_name=_("Why not"),
    )
    words = models.TextField(_("In their words"), default="", blank=True)
    closed_on = models.DateField(_("Decided"), null=True, blank=True)
    leaving = models.BooleanField(_("They leave us that day"), default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("renewal"), _("renewals")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "renews_on"], name="renewal_once", condition=Q(archived_at__isnull=True),
                violation_error_message=_("This order has a renewal for that day already."),
            )
        ]  # fmt: skip
        indexes = [
            *list_indexes("renewal", "name", "renews_on", "decide_by", "updated_at", "yearly", "risk", "owner"),
            models.Index(fields=["owner", "renews_on", "id"], name="renewal_open_of", condition=GOING),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        if self.yearly < 0 or self.expected < 0:
            raise Invalid(
                __("A renewal cannot be worth less than nothing."), "yearly" if self.yearly < 0 else "expected"
            )

    def about(self) -> list[tuple[str, int]]:
        links = (("company", self.company_id), ("person", self.person_id))
        return [(name, pk) for name, pk in links if pk]

    @property
    def going(self) -> bool:
        return self.state not in (RenewalState.WON, RenewalState.LOST)


class Value(models.Model):
    """What an order brings a year from a day on, as its story tells; 0 from the day it ended. Made again whenever the story
    of the order changes, so that movements by month add up whatever way it was written."""

    order = models.ForeignKey("conversion.Order", models.CASCADE, related_name="values")
    since = models.DateField()
    yearly = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        indexes = [models.Index(fields=["order", "since"], name="value_of_order")]
