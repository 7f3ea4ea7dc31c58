"""Sequences, their published versions, and who stands where in them.

A version never changes, so somebody enrolled stays on theirs. At most one enrolment of a person goes on at a time: the
database itself refuses a second one.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import Owned, RecordModel, list_indexes


class Sequence(RecordModel, Owned):
    """`draft` is edited, `number` names the version that those enrolled from now on follow."""

    name = models.CharField(_("Name"), max_length=120)
    description = models.TextField(_("What it is for"), default="", blank=True)
    track = models.BooleanField(_("Count opens and clicks"), default=False)
    draft = models.JSONField(_("Draft"), default=dict, blank=True)
    number = models.PositiveIntegerField(_("Version"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("sequence"), _("sequences")
        indexes = list_indexes("sequence", "name", "updated_at", "owner")
        constraints = [
            models.UniqueConstraint(
                fields=["name"], name="sequence_name_once", condition=models.Q(archived_at__isnull=True),
                violation_error_message=_("Another sequence has this name; choose a different one."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name, self.description]


class SequenceVersion(models.Model):
    """What was published; never changed."""

    sequence = models.ForeignKey(Sequence, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sequence", "number"], name="sequence_version_once")]


class EnrolmentState(models.TextChoices):
    ACTIVE = "active", _("Under way")
    PAUSED = "paused", _("Paused")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")


GOING = (EnrolmentState.ACTIVE, EnrolmentState.PAUSED)
ENDED = (EnrolmentState.DONE, EnrolmentState.STOPPED)


class Outcome(models.TextChoices):
    GOAL = "goal", _("Reached the goal")
    REPLIED = "replied", _("They replied")
    MET = "met", _("A meeting was made")
    OPTED_OUT = "opted_out", _("They opted out")
    MOVED = "moved", _("The relationship moved on")
    ARCHIVED = "archived", _("They were put away")
    BOUNCED = "bounced", _("The mail came back")
    WITHHELD = "withheld", _("They may not be written to")
    BY_HAND = "by_hand", _("Stopped by hand")
    OTHER = "other", _("Something else")


class Enrolment(RecordModel, Owned):
    """One person's way through a version. `owner` is who enrolled them: mails leave in their name, tasks are theirs.
    `at_step` is the place in the version's line, `due_at` when it goes on; `why` says in words why it ended or rests."""

    sequence = models.ForeignKey(Sequence, models.PROTECT, related_name="enrolments", verbose_name=_("Sequence"))
    version_number = models.PositiveIntegerField(_("Version"))
    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="enrolments", verbose_name=_("Person"))
    name = models.CharField(_("Name"), max_length=300, default="", blank=True)
    state = models.CharField(_("State"), max_length=10, choices=EnrolmentState.choices, default=EnrolmentState.ACTIVE)
    outcome = models.CharField(_("Ended because"), max_length=10, choices=Outcome.choices, default="", blank=True)
    why = models.CharField(_("Why"), max_length=500, default="", blank=True)
    at_step = models.IntegerField(default=0)
    due_at = models.DateTimeField(_("Goes on"), null=True, blank=True)
    ended_at = models.DateTimeField(_("Ended"), null=True, blank=True)
    mails = models.PositiveIntegerField(_("Mails"), default=0)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)  # how often the step it stands at broke
    message = models.ForeignKey(
        "activities.Message", models.SET_NULL, null=True, blank=True, related_name="+"
    )  # the last

    DERIVED: ClassVar[frozenset[str]] = frozenset(
        {"sequence", "version_number", "person", "owner", "team", "name", "mails"}
    )

    class Meta:
        verbose_name, verbose_name_plural = _("enrolment"), _("enrolments")
        constraints = [
            models.UniqueConstraint(
                fields=["person"], name="enrolment_one_at_a_time",
                condition=models.Q(state__in=["active", "paused"], archived_at__isnull=True),
                violation_error_message=_("They are in a sequence already; stop that one first."),
            ),
        ]  # fmt: skip
        indexes = [
            *list_indexes("enrolment", "created_at", "updated_at", "due_at"),
            # What the clock asks each minute: 2 ms instead of 70 among 300,000 that have ended.
            models.Index(
                fields=["due_at", "id"], name="enrolment_due",
                condition=models.Q(state="active", archived_at__isnull=True),
            ),
            # The counts of one sequence: 0.1 ms instead of 60 for a small one among them.
            models.Index(fields=["sequence", "state"], name="enrolment_of_sequence"),
            models.Index(fields=["person", "-id"], name="enrolment_of_person"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.name = self.name or f"{self.sequence.name}: {self.person.name}"[:300]
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        if self.archived_at is not None and self.mails:
            raise Invalid(__("A mail of “%s” has been written already; stop it instead.") % self.name)

    def about(self) -> list[tuple[str, int]]:
        return [("person", self.person_id)]


class Step(models.Model):
    """One step that was done, once: the database refuses a second one at the same place. `variant` is "a" or "b" where a
    mail is tried in two wordings; `replied` says that the answer came while this was the last mail."""

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="steps")
    position = models.IntegerField()
    number = models.CharField(max_length=40)  # as people read it: "2", "2a.1"
    do = models.CharField(max_length=10)
    variant = models.CharField(max_length=1, default="", blank=True)
    said = models.CharField(max_length=300, default="", blank=True)
    message = models.ForeignKey("activities.Message", models.SET_NULL, null=True, related_name="+")
    activity = models.ForeignKey("activities.Activity", models.SET_NULL, null=True, related_name="sequence_steps")
    replied = models.BooleanField(default=False)
    bounced = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrolment", "position"], name="sequence_step_once")]
        indexes = [
            models.Index(fields=["message"], name="sequence_step_mail", condition=models.Q(message__isnull=False))
        ]
