"""Processes in their versions, and journeys: one customer's way through a process.

A version is a document (`definition/`), never changed once it is published. A journey stands in one stage; when it
entered which one is told by events, and `Stay` says the same as a table, made from them (`stays.py`).
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from kith.kernel.records.models import Owned, RecordModel, list_indexes
from kith.kernel.text import fold

RUNNING = Q(closed_at__isnull=True, archived_at__isnull=True)


class Process(RecordModel):
    key = models.CharField(_("Key"), max_length=60)
    name = models.CharField(_("Name"), max_length=120)
    about_text = models.TextField(_("About"), default="", blank=True)
    in_force = models.IntegerField(_("Version in force"), null=True, blank=True)
    is_default = models.BooleanField(_("New customers start here"), default=False)

    DERIVED = frozenset({"key"})

    class Meta:
        verbose_name, verbose_name_plural = _("process"), _("processes")
        ordering = ["name"]
        indexes = [*list_indexes("process", "name", "updated_at")]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(archived_at__isnull=True), name="process_key_once",
                violation_error_message=_("There is another process with this key.")),
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_process"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.key = self.key or key_from(self.name)
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name, self.key]


def key_from(name: str) -> str:
    """A key that stands for this name, for files and programs: "first-call"."""
    made = slugify(name)[:60].strip("-_").replace("_", "-")
    return made if made[:1].isalpha() else f"p-{made}"[:60].strip("-")


class Version(models.Model):
    """A definition as it was published; the one without a number is the draft, of which there is at most one."""

    process = models.ForeignKey(Process, models.CASCADE, related_name="versions")
    number = models.IntegerField(null=True, blank=True)
    document = models.JSONField()
    note = models.CharField(max_length=300, default="", blank=True)
    saved_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["process", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["process"], condition=Q(number__isnull=True), name="one_draft_a_process"),
        ]

    def __str__(self) -> str:
        return f"{self.process} {self.number or _('draft')}"


class Outcome(models.TextChoices):
    DISQUALIFIED = "disqualified", _("Not a fit")
    LOST = "lost", _("Lost")
    CHURNED = "churned", _("Left us")
    DORMANT = "dormant", _("Asleep")
    JOINED = "joined", _("Went on in another journey")


class Journey(RecordModel, Owned):
    """`stage` is the key of a stage of version `held_to` of the process; name, owner and team are the customer's and follow it."""

    process = models.ForeignKey(Process, models.PROTECT, related_name="journeys", verbose_name=_("Process"))
    held_to = models.IntegerField(_("Version"))
    company = models.ForeignKey(
        "contacts.Company", models.CASCADE, null=True, blank=True, related_name="journeys", verbose_name=_("Company")
    )
    person = models.ForeignKey(
        "contacts.Person", models.CASCADE, null=True, blank=True, related_name="journeys", verbose_name=_("Person")
    )
    name = models.CharField(_("Customer"), max_length=300, default="", blank=True)
    sort_name = models.CharField(max_length=300, default="", blank=True, db_collation="C")
    stage = models.CharField(_("Stage"), max_length=60)
    step = models.SmallIntegerField(_("Step"), default=1)
    wanted = models.CharField(_("Held back from"), max_length=60, default="", blank=True)  # see `journeys/advancing.py`
    segment = models.CharField(_("Segment"), max_length=60, default="", blank=True)
    opened_at = models.DateTimeField(_("Opened"))
    entered_at = models.DateTimeField(_("In this stage since"))
    due_at = models.DateTimeField(_("To be left by"), null=True, blank=True)
    warn_at = models.DateTimeField(_("Warns from"), null=True, blank=True)
    told = models.SmallIntegerField(default=0)  # of the clock of this stage: 1 it warned, 2 it ran out
    touched_at = models.DateTimeField(_("Last word"), null=True, blank=True)  # the customer's last touch, borne along
    silent_at = models.DateTimeField(_("Silent from"), null=True, blank=True)  # see `journeys/silence.py`
    silence_told = models.BooleanField(default=False)
    skipped = ArrayField(models.CharField(max_length=60), verbose_name=_("Skipped"), default=list, blank=True)
    closed_at = models.DateTimeField(_("Closed"), null=True, blank=True)
    outcome = models.CharField(_("How it ended"), max_length=20, choices=Outcome.choices, default="", blank=True)
    reason = models.CharField(_("Why"), max_length=300, default="", blank=True)
    earlier = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="later", verbose_name=_("Came back after")
    )
    came_over = models.BooleanField(
        _("Came from another process"), default=False
    )  # so what lies before its first stage was not skipped

    DERIVED = frozenset({"name", "sort_name", "told", "touched_at", "silent_at", "silence_told"})

    class Meta:
        verbose_name, verbose_name_plural = _("journey"), _("journeys")
        indexes = [
            *list_indexes("journey", "sort_name", "updated_at", "entered_at", "due_at", "opened_at", "closed_at", "owner"),
            models.Index(fields=["process", "stage", "id"], condition=RUNNING, name="journey_running"),
            # Clocks that have still something to say, which are few: asked every minute.
            models.Index(fields=["due_at"], condition=RUNNING & Q(told__lt=2), name="journey_clocks"),
            # What somebody has in their care, by stage, and the first whose clock runs out: Today and the sidebar ask both.
            models.Index(fields=["owner", "stage", "due_at", "id"], include=["silent_at"], condition=RUNNING, name="journey_cared"),
            # Clocks of any step that ran out or warn, of each colleague: Today walks those from the longest over on
            # (4 ms instead of 8 for one of twenty colleagues with 10,000 each, 4 instead of 12 for their team).
            models.Index(fields=["owner", "due_at", "id"], include=["warn_at", "stage", "process"],
                condition=RUNNING & Q(due_at__isnull=False), name="journey_over_time"),
            # The longest silent of each colleague; silences that have still to be told, which are few.
            models.Index(fields=["owner", "silent_at", "id"], condition=RUNNING, name="journey_quiet"),
            models.Index(fields=["silent_at"], condition=RUNNING & Q(silence_told=False), name="journey_silences"),
            models.Index(fields=["id"], condition=RUNNING & Q(silent_at__isnull=True), name="journey_unheard"),
            # Those who are held back, which are few: looked at whenever time may have opened their way.
            models.Index(fields=["process", "wanted", "id"], condition=RUNNING & ~Q(wanted=""), name="journey_held_back"),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(condition=Q(company__isnull=True) ^ Q(person__isnull=True), name="journey_of_one"),
            models.UniqueConstraint(fields=["company"], condition=RUNNING, name="one_journey_a_company",
                violation_error_message=_("This company is on a journey already.")),
            models.UniqueConstraint(fields=["person"], condition=RUNNING, name="one_journey_a_person",
                violation_error_message=_("This person is on a journey already.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.sort_name = fold(self.name)[:300]
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def about(self) -> list[tuple[str, int]]:
        return (
            [("company", self.company_id)]
            if self.company_id
            else [("person", self.person_id)]
            if self.person_id
            else []
        )

    @property
    def is_running(self) -> bool:
        return self.closed_at is None and self.archived_at is None

    @property
    def customer(self) -> Any:
        return self.company if self.company_id else self.person


class InCare(models.Model):
    """How many relationships on their way each colleague looks after in each stage, as sums to be added up. The database
    itself keeps them: triggers write down what a statement changed, a job puts the small sums together."""

    owner_id = models.BigIntegerField()
    stage = models.CharField(max_length=60)
    n = models.BigIntegerField()

    class Meta:
        db_table = "process_in_care"
        indexes = [models.Index(fields=["owner_id"], include=["stage", "n"], name="in_care_owner")]


class Stay(models.Model):
    """How long a journey stood in a stage, and under which version; made from events, see `stays.py`."""

    journey = models.ForeignKey(Journey, models.CASCADE, related_name="stays")
    stage = models.CharField(max_length=60)
    held_to = models.IntegerField()
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["journey", "entered_at"], name="process_stay_journey"),
            models.Index(fields=["entered_at"], name="process_stay_entered"),
            models.Index(fields=["stage", "-left_at"], condition=Q(left_at__isnull=False), name="process_stay_left"),
            models.Index(fields=["stage", "-entered_at"], name="process_stay_came"),
        ]


class Tick(models.Model):
    """A need of a stage that somebody saw to by hand."""

    journey = models.ForeignKey(Journey, models.CASCADE, related_name="ticks")
    stage = models.CharField(max_length=60)
    need = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)
    by_name = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "stage", "need"], name="ticked_once")]


_UNSAID = Q(accepted_at__isnull=True, returned_at__isnull=True)
OPEN = _UNSAID & Q(withdrawn_at__isnull=True)  # hand-overs without an answer, which may still come


class Handover(models.Model):
    """One team gives a relationship to another: offered, then accepted, or returned with what is missing, or withdrawn: by
    the giver, or because the relationship ended or went elsewhere meanwhile."""

    journey = models.ForeignKey(Journey, models.CASCADE, related_name="handovers")
    stage = models.CharField(max_length=60)
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey("accounts.Team", models.SET_NULL, null=True, related_name="+")
    says = models.TextField(default="", blank=True)
    # What is handed over, as it was said then; promises and documents are read afresh, see `handovers/dossier.py`.
    goals = models.TextField(default="", blank=True)
    stakeholders = models.JSONField(default=list, blank=True)  # [{"person": id or null, "name", "role"}]
    dates = models.JSONField(default=list, blank=True)  # [{"on": "2026-12-01" or "", "what"}]
    risks = models.TextField(default="", blank=True)
    offered_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    missing = models.TextField(default="", blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # With the few that were withdrawn.
            models.Index(fields=["receiver"], condition=_UNSAID, name="handover_waiting"),
            models.Index(fields=["team"], condition=_UNSAID, name="handover_waiting_team"),
            # What came back to each giver: Today asks, and few offers ever come back.
            models.Index(fields=["giver"], condition=Q(returned_at__isnull=False), name="handover_asked_back"),
            models.Index(fields=["-offered_at"], name="handover_offered"),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["journey"], condition=OPEN,
                                    name="one_open_handover"),
        ]  # fmt: skip


# Offers that wait for an answer, of relationships on their way. What a whole team was asked by itself stands only as long as
# the relationship waits for it.
UNANSWERED = (
    OPEN
    & Q(journey__closed_at__isnull=True, journey__archived_at__isnull=True)
    & (Q(receiver__isnull=False) | Q(stage=F("journey__wanted")))
)


class Receipt(models.Model):
    """Somebody has read what changed with a version. It counts from when that version was published."""

    process = models.ForeignKey(Process, models.CASCADE, related_name="receipts")
    number = models.IntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["process", "number", "user"], name="read_once")]


from kith.process.evidence.models import Counted, Counting, Passage, Study, Touched, Trail  # noqa: E402, F401 - tables of this app
from kith.process.evidence.slowly import Question  # noqa: E402, F401 - likewise
