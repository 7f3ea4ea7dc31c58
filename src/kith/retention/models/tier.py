"""How often we want to speak with which customers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import RecordModel


class Tier(RecordModel):
    """Companies under `where` hear from us, and we from them, at least every `days` days. The first tier that fits counts;
    one without a filter fits everybody, people without a company too."""

    name = models.CharField(_("Name"), max_length=80)
    where = models.TextField(_("For companies where"), default="", blank=True)
    days = models.PositiveSmallIntegerField(_("We speak at least every (days)"), default=90)
    position = models.IntegerField(_("Order"), default=100)

    class Meta:
        verbose_name, verbose_name_plural = _("tier"), _("tiers")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    def verify(self) -> None:
        if not 1 <= self.days <= 3650:
            raise Invalid(__("From 1 to 3,650 days."), "days")
