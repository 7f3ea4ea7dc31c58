"""Customers who left: why (a tree of reasons), whether we wanted it, and what is learned from it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import Owned, RecordModel, list_indexes


class ChurnKind(models.TextChoices):
    UNWANTED = "unwanted", _("They wanted to leave, we did not want them to")
    WANTED = "wanted", _("We wanted it too: no fit any more")
    INVOLUNTARY = "involuntary", _("Nobody wanted it: out of business, payment failed")


class ChurnReason(RecordModel):
    """Why customers leave. A reason under another is of its kind."""

    name = models.CharField(_("Name"), max_length=120)
    kind = models.CharField(_("Kind"), max_length=11, choices=ChurnKind.choices, default=ChurnKind.UNWANTED)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Under")
    )
    position = models.IntegerField(_("Order"), default=100)

    class Meta:
        verbose_name, verbose_name_plural = _("reason for leaving"), _("reasons for leaving")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    def verify(self) -> None:
        above, seen = self.parent, {self.pk}
        while above is not None:
            if above.pk in seen and above.pk is not None:
                raise Invalid(__("A reason cannot stand under itself."), "parent")
            seen.add(above.pk)
            above = above.parent
        if self.parent is not None:
            self.kind = self.parent.kind


class Churn(RecordModel, Owned):
    """One leave-taking. `yearly`: what their contracts brought each year, in the organisation's currency; `returned_on`: when
    they came back, if they did."""

    title = models.CharField(_("Who"), max_length=300, default="", blank=True)
    company = models.ForeignKey(
        "contacts.Company", models.CASCADE, null=True, blank=True, related_name="churns", verbose_name=_("Company")
    )
    person = models.ForeignKey(
        "contacts.Person", models.CASCADE, null=True, blank=True, related_name="churns", verbose_name=_("Person")
    )
    reason = models.ForeignKey(
        ChurnReason, models.PROTECT, null=True, blank=True, related_name="churns", verbose_name=_("Reason")
    )
    kind = models.CharField(_("Kind"), max_length=11, choices=ChurnKind.choices, default=ChurnKind.UNWANTED)
    ended_on = models.DateField(_("Left on"), default=timezone.localdate)
    yearly = models.DecimalField(_("Lost a year"), max_digits=18, decimal_places=2, default=0)
    words = models.TextField(_("In their words"), default="", blank=True)
    returned_on = models.DateField(_("Came back"), null=True, blank=True)
    chance = models.FloatField(_("Chance of leaving then"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("leave-taking"), _("leave-takings")
        indexes = [
            *list_indexes("churn", "title", "ended_on", "updated_at", "yearly", "owner"),
            models.Index(fields=["company", "ended_on"], name="churn_company", condition=Q(archived_at__isnull=True)),
            models.Index(fields=["person", "ended_on"], name="churn_person", condition=Q(archived_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.title

    def search_parts(self) -> list[str | None]:
        return [self.title]

    def about(self) -> list[tuple[str, int]]:
        links = (("company", self.company_id), ("person", self.person_id))
        return [(name, pk) for name, pk in links if pk]


class ChurnModel(models.Model):
    """One training: `document` holds what predicts (None while it stays silent, and `silent` says why), `report` what was
    measured, the backtest of health with it."""

    number = models.PositiveIntegerField(unique=True)
    at = models.DateTimeField(default=timezone.now)
    silent = models.TextField(default="", blank=True)
    document = models.JSONField(null=True)
    report = models.JSONField(default=dict)

    class Meta:
        ordering = ["-number"]
