"""Campaigns: what was done to reach a segment, what it cost, who belongs to it and how they answered, which assets it uses."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import Owned, RecordModel, list_indexes
from kith.kernel.text import fold


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SEARCH = "search", _("Search")
    ADS = "ads", _("Paid ads")
    SOCIAL = "social", _("Social")
    EVENT = "event", _("Event")
    FAIR = "fair", _("Trade show")
    WEBINAR = "webinar", _("Webinar")
    PARTNER = "partner", _("Partner")
    REFERRAL = "referral", _("Referral")
    POST = "post", _("Post")
    PRESS = "press", _("Press")
    DIRECT = "direct", _("Direct")
    CHAT = "chat", _("Chat")
    OTHER = "other", _("Other")


class Phase(models.TextChoices):
    PLANNED = "planned", _("Planned")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class State(models.TextChoices):
    """How far somebody is with a campaign."""

    INVITED = "invited", _("Invited")
    SENT = "sent", _("Sent")
    RESPONDED = "responded", _("Responded")
    REGISTERED = "registered", _("Registered")
    ATTENDED = "attended", _("Attended")
    NO_SHOW = "no_show", _("Did not come")
    DECLINED = "declined", _("Declined")
    BOUNCED = "bounced", _("Could not be reached")


ANSWERED = (State.RESPONDED, State.REGISTERED, State.ATTENDED)


def as_word(text: str) -> str:
    """How a word that addresses say (utm_campaign) is kept and looked for."""
    return " ".join(text.split()).casefold()


class Campaign(RecordModel, Owned):
    """`words` are what addresses call it (utm_campaign), besides its key."""

    name = models.CharField(_("Name"), max_length=160)
    key = models.SlugField(_("Key"), max_length=80, default="", blank=True, db_index=False)
    channel = models.CharField(_("Channel"), max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    phase = models.CharField(_("State"), max_length=10, choices=Phase.choices, default=Phase.PLANNED)
    segment = models.ForeignKey(
        "segments.Segment", models.SET_NULL, null=True, blank=True, related_name="campaigns", verbose_name=_("Audience")
    )
    starts_on = models.DateField(_("From"), null=True, blank=True)
    ends_on = models.DateField(_("Until"), null=True, blank=True)
    budget = models.DecimalField(_("Budget"), max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, default="", blank=True)
    words = ArrayField(models.CharField(max_length=60), verbose_name=_("Called in addresses"), default=list, blank=True)
    about_text = models.TextField(_("What it says"), default="", blank=True)

    DERIVED = frozenset({"key"})

    class Meta:
        verbose_name, verbose_name_plural = _("campaign"), _("campaigns")
        indexes = list_indexes("campaign", "name", "starts_on", "updated_at", "owner")
        constraints = [
            models.UniqueConstraint(
                fields=["key"], name="campaign_key_once",
                violation_error_message=_("There is a campaign of this name already; choose another name."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.key = self.key or slugify(fold(self.name))[:80]
        self.words = list(dict.fromkeys(word for one in self.words if (word := as_word(one))))
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name, self.key, *self.words]

    def verify(self) -> None:
        if not self.key:
            raise Invalid(__("Give the campaign a name with at least one letter or digit."), "name")
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise Invalid(__("The campaign would end before it begins."), "ends_on")
        if self.budget is not None and self.budget < 0:
            raise Invalid(__("A budget is not below zero."), "budget")

    def about(self) -> list[tuple[str, int]]:
        return [("segment", self.segment_id)] if self.segment_id else []


class CostLine(models.Model):
    """Money spent on a campaign, or given back when below zero."""

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="costs")
    day = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3, default="", blank=True)
    note = models.CharField(max_length=200, default="", blank=True)


class Member(models.Model):
    """Somebody who belongs to a campaign, and how far they are with it."""

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="members", db_index=False)
    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="campaign_memberships")
    state = models.CharField(max_length=10, choices=State.choices, default=State.INVITED)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "person"], name="campaign_member_once")]
        indexes = [models.Index(fields=["campaign", "state", "person"], name="campaign_member_state")]


class MemberStep(models.Model):
    """A change of a member's state, kept for good: who was invited when, who came, and who said so."""

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="steps")
    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="campaign_steps")
    old = models.CharField(max_length=10, default="")
    new = models.CharField(max_length=10, default="")
    at = models.DateTimeField(default=timezone.now)
    by_name = models.CharField(max_length=200, default="")
