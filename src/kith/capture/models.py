"""Forms and their published versions, what came in through them, how long people waited for an answer.

A submission is written before anything is made of it, in words as they were sent; what became of it stands beside.
`Incoming` things of other kinds (a mail from a stranger) wait in the same table, so that there is one queue to look at.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.capture.keys import key_from, refuse_key
from kith.capture.magnets.models import Download, Grant, Magnet, Seen
from kith.capture.ways import BORN_WAYS, WAYS
from kith.kernel.errors import InvalidMany
from kith.kernel.records.models import Owned, RecordModel, list_indexes

__all__ = [
    "WAITING", "AnswerTarget", "Counter", "Download", "Form", "FormVersion", "Grant", "LeadClock", "Magnet", "Seen",
    "Settings", "SpentProof", "State", "Submission",
]  # fmt: skip
PER_NETWORK, TARGET_MINUTES, ALARM_MINUTES = 30, 60, 240
MOST_MINUTES = 60 * 24 * 30


class Form(RecordModel, Owned):
    """`draft` is edited, `number` names the version that strangers see. `open` can be taken back at any time."""

    name = models.CharField(_("Name"), max_length=200)
    key = models.CharField(_("Address"), max_length=60, default="", blank=True)
    about_text = models.TextField(_("What it is for"), default="", blank=True)
    draft = models.JSONField(_("Draft"), default=dict, blank=True)
    number = models.PositiveIntegerField(_("Version"), null=True, blank=True)
    open = models.BooleanField(_("Open"), default=False)
    target_minutes = models.PositiveIntegerField(_("Answered within, minutes"), null=True, blank=True)
    per_network = models.PositiveIntegerField(_("Posts from one network in ten minutes"), default=PER_NETWORK)
    proof = models.BooleanField(_("Ask browsers for a proof of work"), default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("form"), _("forms")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="form_key_once",
                                    violation_error_message=_("Another form has this address; choose a different one.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.key = self.key.strip().lower() or key_from(self.name)
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name, self.key, self.about_text]

    def verify(self) -> None:
        refuse_key(self.key)


class FormVersion(models.Model):
    """What was published; never changed."""

    form = models.ForeignKey(Form, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    published_at = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form", "number"], name="form_version_once")]


class State(models.TextChoices):
    NEW = "new", _("Just in")
    REVIEW = "review", _("To look at")
    FAILED = "failed", _("Could not be processed")
    DONE = "done", _("Taken in")
    DISCARDED = "discarded", _("Discarded")


WAITING = (State.REVIEW, State.FAILED)


class Submission(RecordModel, Owned):
    """What somebody sent. `raw` is as it came; `answers` are its fields in order with their words; `facts` what they say of
    the person; `consents` the boxes ticked with the exact words. `ref` is the row of another room that this stands for (a mail), `owner` the colleague it was routed to."""

    name = models.CharField(_("From"), max_length=300, default="", blank=True)
    subject = models.CharField(_("Through"), max_length=300, default="", blank=True)
    through = models.CharField(_("Kind"), max_length=12, default="form")
    form = models.ForeignKey(
        Form, models.PROTECT, null=True, blank=True, related_name="submissions", verbose_name=_("Form")
    )
    version_number = models.PositiveIntegerField(_("Version"), null=True, blank=True)
    state = models.CharField(_("State"), max_length=10, choices=State.choices, default=State.NEW)
    email = models.CharField(_("E-mail"), max_length=254, default="", blank=True)
    phone = models.CharField(_("Phone"), max_length=40, default="", blank=True)
    reason = models.TextField(_("Reason for contact"), default="", blank=True)
    language = models.CharField(_("Language"), max_length=12, default="", blank=True)
    page = models.CharField(_("Page"), max_length=1000, default="", blank=True)
    referrer = models.CharField(_("Came from"), max_length=1000, default="", blank=True)
    suspect = models.CharField(_("Looks like spam"), max_length=200, default="", blank=True)
    why = models.CharField(_("Why it waits"), max_length=300, default="", blank=True)
    person = models.ForeignKey(
        "contacts.Person", models.SET_NULL, null=True, blank=True, related_name="submissions", verbose_name=_("Person")
    )
    proposed = models.ForeignKey(
        "contacts.Person",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="perhaps_sent",
        verbose_name=_("Perhaps"),
    )
    note = models.CharField(_("Note"), max_length=500, default="", blank=True)
    settled_at = models.DateTimeField(_("Settled"), null=True, blank=True)
    problem = models.TextField(_("Problem"), default="", blank=True)
    acknowledged_at = models.DateTimeField(_("Acknowledged"), null=True, blank=True)
    raw = models.JSONField(default=dict, blank=True)
    answers = models.JSONField(default=list, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    consents = models.JSONField(default=list, blank=True)
    utm = models.JSONField(default=dict, blank=True)
    network = models.CharField(max_length=60, default="", blank=True)
    agent = models.CharField(max_length=400, default="", blank=True)
    known = models.BigIntegerField(null=True, blank=True)  # the person whose own link was used
    ref = models.BigIntegerField(null=True, blank=True)
    tries = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    alarmed_at = models.DateTimeField(null=True, blank=True)

    # Written by Kith when it comes in, and never by hand.
    DERIVED: ClassVar[frozenset[str]] = frozenset({
        "name", "subject", "through", "form", "version_number", "email", "phone", "reason", "language", "page", "referrer",
        "suspect", "problem", "acknowledged_at",
    })  # fmt: skip

    class Meta:
        verbose_name, verbose_name_plural = _("submission"), _("submissions")
        indexes = [
            *list_indexes("submission", "created_at"),
            models.Index(fields=["id"], name="submission_new", condition=models.Q(state="new")),
            models.Index(fields=["created_at"], name="submission_waiting", condition=models.Q(state__in=("review", "failed"))),
            models.Index(fields=["email", "-acknowledged_at"], name="submission_answered", condition=models.Q(acknowledged_at__isnull=False)),
            models.Index(fields=["form", "-created_at"], name="submission_of_form"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name or self.email or self.subject or str(_("Somebody"))

    def search_parts(self) -> list[str | None]:
        return [self.name, self.email, self.phone, self.subject, self.reason]

    def about(self) -> list[tuple[str, int]]:
        return [("person", self.person_id)] if self.person_id else []


class AnswerTarget(RecordModel):
    """How soon whoever comes some way is answered, and by whose opening hours. `source` "": all who come that way."""

    through = models.CharField(_("Came through"), max_length=12)
    source = models.CharField(_("Source"), max_length=200, default="", blank=True)
    minutes = models.PositiveIntegerField(_("Answered within, minutes"), default=TARGET_MINUTES)
    calendar = models.ForeignKey(
        "calendars.BusinessCalendar", models.SET_NULL, null=True, blank=True, related_name="answer_targets",
        verbose_name=_("Counts by"),
    )  # fmt: skip

    class Meta:
        verbose_name, verbose_name_plural = _("time to the first answer"), _("times to the first answer")
        constraints = [
            models.UniqueConstraint("through", Lower("source"), name="answer_target_once", condition=models.Q(archived_at__isnull=True),
                                    violation_error_message=_("There is a time for this source already; change that one.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.source or str(WAYS.get(self.through, self.through))

    def derive(self) -> None:
        self.source = " ".join(self.source.split())
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.source, self.through]

    def verify(self) -> None:
        if not 1 <= self.minutes <= MOST_MINUTES:
            raise InvalidMany({"minutes": [__("Write a whole number of minutes, from 1 to %s.") % MOST_MINUTES]})
        if self.source and self.through in BORN_WAYS:
            raise InvalidMany({"source": [__("Whoever comes this way has no source; leave it empty.")]})


class LeadClock(RecordModel):
    """How long somebody who came to us waited for the first word of a colleague, in business time. Made from events
    (`speed.py`): `event` is the one that started it."""

    event = models.UUIDField(unique=True)
    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="lead_clocks", verbose_name=_("Person"))
    through = models.CharField(_("Came through"), max_length=12, default="", blank=True)
    source = models.CharField(_("Source"), max_length=200, default="", blank=True)
    started_at = models.DateTimeField(_("Came"))
    due_at = models.DateTimeField(_("To be answered by"))
    reached_at = models.DateTimeField(_("First answered"), null=True, blank=True)
    reached_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Answered by"),
    )
    minutes = models.IntegerField(_("Waited, business minutes"), null=True, blank=True)
    target_minutes = models.PositiveIntegerField(_("Target, minutes"), default=TARGET_MINUTES)
    calendar = models.ForeignKey(
        "calendars.BusinessCalendar", models.SET_NULL, null=True, blank=True, related_name="lead_clocks",
        verbose_name=_("Counts by"),
    )  # fmt: skip

    DERIVED: ClassVar[frozenset[str]] = frozenset({
        "person", "through", "source", "started_at", "due_at", "reached_at", "reached_by", "minutes", "target_minutes",
        "calendar",
    })  # fmt: skip

    class Meta:
        verbose_name, verbose_name_plural = _("first answer"), _("first answers")
        indexes = [
            models.Index(fields=["due_at"], name="lead_clock_running", condition=models.Q(reached_at__isnull=True)),
            models.Index(fields=["started_at"], name="lead_clock_started"),
        ]

    def __str__(self) -> str:
        return self.source or self.through

    def search_parts(self) -> list[str | None]:
        return [self.source]


class Counter(models.Model):
    """Posts of one form and network within a stretch of time. The slot is a number below a fixed bound, so the table is;
    it is not logged by the server, since losing it loses nothing."""

    slot = models.IntegerField(primary_key=True)
    window = models.BigIntegerField()
    count = models.IntegerField()


class SpentProof(models.Model):
    """A proof of work that was used, kept for as long as it could be sent again. Not logged by the server, as the counters."""

    salt = models.CharField(max_length=24, primary_key=True)
    spent_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["spent_at"], name="spent_proof_at")]


class Settings(models.Model):
    """The one row of how this room works."""

    id = models.SmallAutoField(primary_key=True)
    alarm_minutes = models.PositiveIntegerField(default=ALARM_MINUTES)
