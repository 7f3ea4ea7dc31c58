"""Lead magnets: which form hands over which asset, what was handed to whom, and how often it was fetched.

A grant belongs to a submission from the moment it is written; whose it is becomes known with the submission. What was
fetched before that waits to be told.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import Owned, RecordModel

DAYS, MOST = 7, 5
LONGEST, MOST_EVER = 365, 1000  # days that a link works, and downloads, at most


class Magnet(RecordModel, Owned):
    """Whoever sends the form is handed the asset: a file attached to it, or where its link leads."""

    name = models.CharField(_("Name"), max_length=200)
    form = models.ForeignKey("capture.Form", models.PROTECT, related_name="magnets", verbose_name=_("Form"))
    asset = models.ForeignKey("awareness.Asset", models.PROTECT, related_name="magnets", verbose_name=_("Asset"))
    days = models.PositiveIntegerField(_("Link works for days"), default=DAYS)
    most = models.PositiveIntegerField(_("Downloads per link"), default=MOST)
    confirm = models.BooleanField(_("After double opt-in"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("lead magnet"), _("lead magnets")

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def about(self) -> list[tuple[str, int]]:
        return [("form", self.form_id), ("asset", self.asset_id)]

    def verify(self) -> None:
        if not 1 <= self.days <= LONGEST:
            raise Invalid(__("A link works for 1 to %s days.") % LONGEST, "days")
        if not 1 <= self.most <= MOST_EVER:
            raise Invalid(__("A link can be used for 1 to %s downloads.") % MOST_EVER, "most")


class Grant(models.Model):
    """What one submission is handed. `waits`: until its sender confirmed by mail. `renewals` counts the links there were:
    an older one does not work any more. `count`: downloads by the link in force."""

    id = models.BigAutoField(primary_key=True)
    magnet = models.ForeignKey(Magnet, models.CASCADE, related_name="grants")
    submission = models.ForeignKey("capture.Submission", models.CASCADE, related_name="grants")
    person = models.ForeignKey("contacts.Person", models.CASCADE, null=True, related_name="grants")
    at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    waits = models.BooleanField(default=False)
    count = models.PositiveIntegerField(default=0)
    renewals = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True)


class Download(models.Model):
    """Somebody fetched it. `told`: it stands on their story."""

    id = models.BigAutoField(primary_key=True)
    grant = models.ForeignKey(Grant, models.CASCADE, related_name="downloads")
    at = models.DateTimeField(default=timezone.now)
    told = models.BooleanField(default=False)


class Seen(models.Model):
    """How often a form with a magnet was shown, by day; nothing is kept of who looked."""

    form = models.ForeignKey("capture.Form", models.CASCADE, related_name="seen", db_index=False)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form", "day"], name="form_seen_once")]
