"""What we give people to read and see, for whom and when in the relationship; where it was used, and what came of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.awareness.models.campaigns import Campaign
from kith.kernel.records.models import Owned, RecordModel, list_indexes


class AssetKind(models.TextChoices):
    BROCHURE = "brochure", _("Brochure")
    CASE = "case", _("Case study")
    PAPER = "paper", _("Paper")
    VIDEO = "video", _("Video")
    SLIDES = "slides", _("Slides")
    CHECKLIST = "checklist", _("Checklist")
    PRICES = "prices", _("Price list")
    PAGE = "page", _("Web page")
    OTHER = "other", _("Other")


class Through(models.TextChoices):
    MAIL = "mail", _("Mail")
    CAMPAIGN = "campaign", _("Campaign")
    MAGNET = "magnet", _("Lead magnet")
    MEETING = "meeting", _("Meeting")
    OTHER = "other", _("Otherwise")


class Asset(RecordModel, Owned):
    """A file (attached to it) or a link. Without segments, personas, stages or a language it fits all of them."""

    name = models.CharField(_("Name"), max_length=200)
    sort = models.CharField(_("Kind"), max_length=10, choices=AssetKind.choices, default=AssetKind.BROCHURE)
    link = models.URLField(_("Link"), max_length=500, default="", blank=True)
    language = models.CharField(_("Language"), max_length=12, default="", blank=True)
    segments = ArrayField(models.CharField(max_length=80), verbose_name=_("For segments"), default=list, blank=True)
    personas = ArrayField(models.CharField(max_length=80), verbose_name=_("For personas"), default=list, blank=True)
    stages = ArrayField(models.CharField(max_length=60), verbose_name=_("In stages"), default=list, blank=True)
    about_text = models.TextField(_("What it says"), default="", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("asset"), _("assets")
        indexes = list_indexes("asset", "name", "updated_at", "owner")

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name, self.about_text[:2000]]


class AssetUse(models.Model):
    """Somebody was given an asset, or a campaign uses it (then `person` is None); and whether they opened it and answered.
    `ref`: what an answer comes back to, as whoever sent it says ("thread:12", "mailing:4")."""

    id = models.BigAutoField(primary_key=True)
    asset = models.ForeignKey(Asset, models.CASCADE, related_name="uses", db_index=False)
    person = models.ForeignKey("contacts.Person", models.CASCADE, null=True, related_name="assets_given")
    campaign = models.ForeignKey(Campaign, models.CASCADE, null=True, related_name="assets_used")
    through = models.CharField(max_length=10, choices=Through.choices, default=Through.MAIL)
    at = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    by_name = models.CharField(max_length=200, default="")
    ref = models.CharField(max_length=40, default="")

    class Meta:
        indexes = [
            models.Index(fields=["asset", "-at"], name="asset_use_at"),
            models.Index(fields=["ref", "person"], name="asset_use_ref", condition=~models.Q(ref="")),
        ]
