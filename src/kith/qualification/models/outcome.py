"""How a lead was decided: every verdict stays, the latest one counts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kith.kernel.records.models import RecordModel
from kith.qualification.models.lead import State


class FitReason(RecordModel):
    """Why somebody is not a fit."""

    name = models.CharField(_("Name"), max_length=120)
    position = models.IntegerField(_("Order"), default=100)

    class Meta:
        verbose_name, verbose_name_plural = _("reason not to fit"), _("reasons not to fit")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Verdict(RecordModel):
    """`advised`: to whom or what we sent somebody whom we could not help; `returned_at`: when they came back after it."""

    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="verdicts", verbose_name=_("Person"))
    state = models.CharField(_("Verdict"), max_length=12, choices=[c for c in State.choices if c[0]])
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Decided by")
    )
    reason = models.ForeignKey(
        FitReason, models.PROTECT, null=True, blank=True, related_name="verdicts", verbose_name=_("Reason")
    )
    words = models.TextField(_("In words"), default="", blank=True)
    advised = models.CharField(_("Advised elsewhere"), max_length=300, default="", blank=True)
    wake_at = models.DateTimeField(_("Wake up"), null=True, blank=True)
    returned_at = models.DateTimeField(_("Came back"), null=True, blank=True)
    source = models.CharField(_("First came through"), max_length=200, default="", blank=True)
    deal = models.ForeignKey(
        "deals.Deal", models.SET_NULL, null=True, blank=True, related_name="verdicts", verbose_name=_("Deal")
    )
    made_deal = models.BooleanField(_("Deal made for it"), default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("verdict"), _("verdicts")
        indexes = [
            models.Index(fields=["person", "-id"], name="verdict_person"),
            models.Index(fields=["state", "-created_at"], name="verdict_state", condition=Q(archived_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_state_display()}"

    def about(self) -> list[tuple[str, int]]:
        links = (("person", self.person_id), ("deal", self.deal_id))
        return [(name, pk) for name, pk in links if pk]
