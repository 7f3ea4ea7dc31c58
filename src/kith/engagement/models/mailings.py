"""Mail to many: a mailing, whom it is for with what became of each, and the batch that a worker has in hand.

The database itself keeps two promises: a person stands once in a mailing, and of those who share an address one is
written to.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import Owned, RecordModel, list_indexes

MOST_A_MINUTE = 60_000


class MailingState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    SENDING = "sending", _("Being sent")
    PAUSED = "paused", _("Paused")
    SENT = "sent", _("Sent")
    CANCELLED = "cancelled", _("Cancelled")


OPEN = (MailingState.DRAFT, MailingState.SCHEDULED)  # may still be edited
BEGUN = (MailingState.SENDING, MailingState.PAUSED, MailingState.SENT)
FROZEN = ("template_id", "purpose_id", "audience", "without", "sender_name", "campaign_id")


class Mailing(RecordModel, Owned):
    """`audience` and `without` are keys of segments. What stands from `state` on is written by its verbs alone: `number` is
    the wording that was frozen as sending began, `frozen` what else was (who it is from, which files go with it),
    `started_by` as whom people were gathered and values are read, `checked` what the last look beforehand found."""

    name = models.CharField(_("Name"), max_length=120)
    template = models.ForeignKey(
        "engagement.Template", models.PROTECT, related_name="mailings", verbose_name=_("Mail template")
    )
    purpose = models.ForeignKey("consent.Purpose", models.PROTECT, related_name="mailings", verbose_name=_("Purpose"))
    audience = ArrayField(models.CharField(max_length=80), verbose_name=_("To"), default=list, blank=True)
    without = ArrayField(models.CharField(max_length=80), verbose_name=_("But not to"), default=list, blank=True)
    campaign = models.ForeignKey(
        "awareness.Campaign",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="mailings",
        verbose_name=_("Campaign"),
    )
    sender_name = models.CharField(_("Sender’s name"), max_length=120, default="", blank=True)
    per_minute = models.PositiveIntegerField(_("Mails a minute"), null=True, blank=True)
    window = models.CharField(_("Leave at"), max_length=200, default="", blank=True)
    track = models.BooleanField(_("Count opens and clicks"), default=False)
    state = models.CharField(_("State"), max_length=10, choices=MailingState.choices, default=MailingState.DRAFT)
    send_at = models.DateTimeField(_("Is sent at"), null=True, blank=True)
    began_at = models.DateTimeField(_("Began"), null=True, blank=True)
    ended_at = models.DateTimeField(_("Ended"), null=True, blank=True)
    problem = models.CharField(_("Rests because"), max_length=500, default="", blank=True)
    number = models.PositiveIntegerField(_("Wording"), null=True, blank=True)
    frozen = models.JSONField(default=dict, blank=True)
    laid_at = models.DateTimeField(null=True, blank=True)
    checked = models.JSONField(_("Last check"), default=dict, blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    DERIVED: ClassVar[frozenset[str]] = frozenset({
        "send_at", "began_at", "ended_at", "problem", "number", "frozen", "laid_at", "checked", "started_by",
    })  # fmt: skip

    class Meta:
        verbose_name, verbose_name_plural = _("mailing"), _("mailings")
        indexes = [
            *list_indexes("mailing", "name", "updated_at", "owner", "began_at"),
            models.Index(fields=["state", "send_at"], name="mailing_due", condition=Q(archived_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        from kith.engagement.mailings.windows import check_window

        if set(self.audience) & set(self.without):
            raise Invalid(__("A segment cannot be written to and left out; take it out of one of the two."), "without")
        if self.per_minute is not None and not 1 <= self.per_minute <= MOST_A_MINUTE:
            raise Invalid(__("Between 1 and %s mails leave a minute.") % f"{MOST_A_MINUTE:,}", "per_minute")
        if self.archived_at is not None and self.state in (MailingState.SENDING, MailingState.SCHEDULED):
            raise Invalid(__("“%s” is on its way; cancel it first.") % self.name)
        check_window(self.window)

    def about(self) -> list[tuple[str, int]]:
        return [("campaign", self.campaign_id)] if self.campaign_id else []


class RecipientState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    HANDING = "handing", _("Being handed over")
    SENT = "sent", _("Sent")
    HELD = "held", _("Held back")
    REFUSED = "refused", _("Not taken by the mail server")
    DOUBT = "doubt", _("In doubt")


TAKEN = (RecipientState.HANDING, RecipientState.SENT, RecipientState.REFUSED, RecipientState.DOUBT)


class Held(models.TextChoices):
    """Why somebody of the audience is not written to."""

    NO_ADDRESS = "no_address", _("No e-mail address is known")
    CONSENT = "consent", _("Did not agree to the purpose")
    SUPPRESSED = "suppressed", _("The address is suppressed")
    BUDGET = "budget", _("Heard from us often enough")
    SAME_ADDRESS = "same_address", _("Somebody else with this address gets it")
    BLANK = "blank", _("A placeholder has no value")
    GONE = "gone", _("Was put away meanwhile")
    OTHER = "other", _("Held back by another rule")


class Batch(models.Model):
    """What one worker has in hand. `place` is the mail it is about to hand over, written before it does: those before it
    were taken or refused, those after it were never begun."""

    id = models.BigAutoField(primary_key=True)
    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="batches")
    place = models.IntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)


class Recipient(models.Model):
    """One person of a mailing. `token` makes the Message-ID, known before the mail leaves; `batch` and `place` say where it
    stands in a worker's hand; `segments` are those of the audience they came by; `reason` and `why` tell why not."""

    id = models.BigAutoField(primary_key=True)
    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="recipients", db_index=False)
    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="mailings_got")
    address = models.CharField(max_length=320, default="")
    language = models.CharField(max_length=12, default="")
    zone = models.CharField(max_length=64, default="")
    segments = ArrayField(models.CharField(max_length=80), default=list)
    token = models.UUIDField(unique=True)
    state = models.CharField(max_length=8, choices=RecipientState.choices, default=RecipientState.WAITING)
    reason = models.CharField(max_length=12, choices=Held.choices, default="")
    why = models.CharField(max_length=300, default="")
    tries = models.SmallIntegerField(default=0)
    batch = models.BigIntegerField(null=True)
    place = models.IntegerField(null=True)
    at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    complained_at = models.DateTimeField(null=True)
    unsubscribed_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailing", "person"], name="mailing_person_once"),
            models.UniqueConstraint(
                fields=["mailing", "address"], name="mailing_address_once",
                condition=Q(state__in=["handing", "sent", "refused", "doubt"]),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["mailing", "state", "id"], name="mailing_recipient_state")]
