"""Processes and journeys as records."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.scopes import by_owner, configuration
from kith.kernel.kinds import Bool
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.records.record import Record, Section, View
from kith.kernel.records.registry import registry
from kith.process import actions as do
from kith.process import events
from kith.process.computed import LATE, OFFERED, SILENT, WARNS
from kith.process.handovers import accept, give_back, hand_over, take_back
from kith.process.handovers.parts import DOSSIER, HANDOVERS
from kith.process.kinds import SegmentKey, StageKey, StageKeys
from kith.process.models import Journey, Process
from kith.process.panels import DESK
from kith.process.parts import GATE, LANDINGS, STAGES, STAYS, SUGGESTION
from kith.process.publishing import copy_process, discard, publish, remove_process

SHOWN = FACES - {"form", "import"}


class ProcessRecord(Record):
    name, slug, icon = "process", "processes", "map"
    model, scope, settings = Process, configuration, True
    help = "process"
    lists, sort = ("name", "key", "in_force", "is_default", "updated_at"), "name"
    form = (Section(_("Process"), "name about_text"),)
    actions = (publish, discard, copy_process, remove_process)
    panels = (DESK,)
    events = (events.DraftSaved, events.Published)
    fields = {
        "in_force": Facts(only_via="process.publish"),
        "is_default": Facts(only_via="process.publish"),
        "name": Facts(personal="no"),
    }


class JourneyRecord(Record):
    name, slug, icon = "journey", "journeys", "map"
    drawer = "selling"
    model, help = Journey, "process"
    scope, by_itself, parts = by_owner(), True, (GATE, STAYS, STAGES, LANDINGS, SUGGESTION, HANDOVERS, DOSSIER)
    lists = ("name", "stage", "entered_at", "due_at", "skipped", "owner")
    sort = "-entered_at"
    form = (
        Section(_("Customer"), "company person"),
        Section(_("Where it stands"), "process held_to stage segment entered_at due_at skipped opened_at earlier"),
        Section(_("How it ended"), "outcome reason closed_at"),
        Section(_("Looked after by"), "owner team"),
    )
    views = (
        View("running", _("Running"), "closed_at.empty"),
        View("late", _("Late"), "late.is:1", "due_at"),
        View("silent", _("Silent"), "silent.is:1", "silent_at"),
        View("mine", _("In my care"), "closed_at.empty,owner.is:me"),
        View("held", _("Held back"), "closed_at.empty,wanted.filled"),
        View("skipped", _("With skipped stages"), "skipped.filled"),
        View("ended", _("Ended"), "closed_at.filled", "-closed_at"),
    )
    actions = (
        do.move,
        do.change_process,
        hand_over,
        accept,
        give_back,
        take_back,
        do.close,
        do.reopen,
        do.come_back,
        do.tick,
        do.untick,
        do.plan_move,
    )
    events = (
        events.JourneyOpened, events.StageEntered, events.JourneyReopened, events.VersionChanged, events.SegmentChanged,
        events.JourneyClosed,
        events.Held, events.ClockWarned, events.ClockRanOut, events.WentSilent, events.AutomationFailed, events.NeedMet, events.NeedOpened, events.HandoverOffered,
        events.HandoverPassedOn, events.HandoverAccepted, events.HandoverReturned, events.HandoverWithdrawn,
    )  # fmt: skip
    fields = {
        "name": Facts(personal="addressing the person", sort="sort_name"),
        "company": Facts(only_via="journey.come_back", sort="company__sort_name"),
        "person": Facts(only_via="journey.come_back", sort="person__sort_name"),
        "sort_name": Facts(faces=frozenset()),
        "process": Facts(only_via="journey.change_process"),
        "held_to": Facts(only_via="journey.move"),
        "stage": Facts(kind=StageKey(), only_via="journey.move"),
        "wanted": Facts(kind=StageKey(), only_via="journey.move", faces=SHOWN),
        "step": Facts(faces=frozenset({"filter", "api"}), only_via="journey.move"),
        "segment": Facts(kind=SegmentKey(), only_via="journey.move"),
        "opened_at": Facts(only_via="journey.move"),
        "entered_at": Facts(only_via="journey.move"),
        "due_at": Facts(only_via="journey.move"),
        "warn_at": Facts(only_via="journey.move", faces=SHOWN),
        "skipped": Facts(kind=StageKeys(), only_via="journey.move"),
        "closed_at": Facts(only_via="journey.close"),
        "outcome": Facts(only_via="journey.close"),
        "reason": Facts(only_via="journey.close", personal="what was said about the end of a relationship"),
        "earlier": Facts(only_via="journey.come_back"),
        "came_over": Facts(only_via="journey.change_process", faces=FACES - {"form", "import"}),
        "silence_told": Facts(faces=frozenset()),
        "silent": Facts(kind=Bool(), label=_("Silent too long"), expr=SILENT),
        "late": Facts(kind=Bool(), label=_("Late"), expr=LATE),
        "warns": Facts(kind=Bool(), label=_("Soon to be left"), expr=WARNS),
        "offered": Facts(kind=Bool(), label=_("Hand-over waits for an answer"), expr=OFFERED),
    }


from kith.awareness.assets.stages import register_stages  # noqa: E402
from kith.process.campaigns import converting  # noqa: E402, F401 - by which touch people became business
from kith.process.campaigns.columns import columns as _steps  # noqa: E402
from kith.process.kinds import stages as _stages  # noqa: E402
from kith.process.standing import columns as _standing  # noqa: E402
from kith.process.standing import stage_of  # noqa: E402

register_stages(_stages, stage_of)  # assets are for stages, and a person stands in one
from kith.process.evidence import finding  # noqa: E402, F401 - adds a field to filter journeys by

for _key, _facts in _steps().items():  # lent to people: how far they came
    registry.lend("person", _key, _facts)
for _record in ("company", "person"):
    for _key, _facts in _standing(_record).items():
        registry.lend(_record, _key, _facts)
