"""Workflows and runs as records: lists, pages, API, history. Runs are read here and written by the engine."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kith.automation import actions, events, queries
from kith.automation.kinds import WorkflowDraft
from kith.automation.models import Run, Workflow
from kith.automation.panels import SENTENCES, STEPS, VERSIONS
from kith.kernel.access.scopes import configuration
from kith.kernel.configuration.declaring import Configured
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.records.record import Record, Section, View
from kith.process.kinds import StageKey

HIDDEN = Facts(faces=frozenset())


class WorkflowRecord(Record):
    name, slug, icon = "workflow", "workflows", "loop"
    model, scope, settings, help = Workflow, configuration, True, "workflows"
    lists, sort = ("name", "active", "process", "stage", "number", "author", "problem", "updated_at"), "name"
    quick, line = ("name", "description"), ("description",)
    form = (Section(_("Workflow"), "name description per_hour"),)
    views = (
        View("on", _("On"), "active.is:1"), View("off", _("Off"), "active.is:0"),
        View("stopped", _("Switched off by Kith"), "problem.filled"), View("stages", _("Of stages"), "process.filled"),
    )  # fmt: skip
    panels = (SENTENCES, VERSIONS)
    begins = (_("Choose one that comes with Kith"), "/settings/automation/")
    settle = actions.keep_belonging
    configured = Configured(
        only=Q(process=None), draft="draft", in_force=queries.documents_of, publish="workflow.publish",
        rests="workflow.switch_off", after=("process", "segment"),
    )  # fmt: skip
    actions = (
        actions.publish, actions.switch_on, actions.switch_off, actions.go_back, actions.renew_secret,
    )  # fmt: skip
    events = (events.Published, events.SwitchedOn, events.SwitchedOff, events.SecretRenewed)
    fields = {
        "draft": Facts(kind=WorkflowDraft(), faces=frozenset({"api", "history", "import", "export"}),
                       needs="settings.manage", help=_("YAML; the guide explains it. Nothing counts before it is published.")),
        "active": Facts(only_via="workflow.switch_on"),
        "number": Facts(only_via="workflow.publish"),
        "author": Facts(only_via="workflow.publish"),
        "problem": Facts(only_via="workflow.publish"),
        "since": HIDDEN, "fired_at": HIDDEN, "secret_round": HIDDEN, "shipped": HIDDEN, "process_number": HIDDEN,
        "stage": Facts(kind=StageKey()),
    }  # fmt: skip


class RunRecord(Record):
    name, slug, icon = "run", "runs", "loop"
    model, scope, settings, help = Run, configuration, True, "workflows"
    stamped = False  # it stands under Settings and configures nothing
    lists, sort = ("name", "state", "why", "record", "record_id", "created_at", "ended_at"), "-created_at"
    quick, line = ("workflow", "record_id"), ("state", "why")
    form = (Section(_("Run"), "workflow record_id note"),)
    views = (
        View("failed", _("Failed"), "state.is:failed"), View("waiting", _("Waiting"), "state.is:waiting"),
        View("stopped", _("Stopped"), "state.is:stopped"),
    )  # fmt: skip
    panels = (STEPS,)
    at_creation = ("workflow", "record_id")
    create = actions.create_run
    actions = (actions.retry, actions.repeat, actions.cancel, actions.take_back, actions.approve, actions.decline)
    events = (
        events.RunStartedByHand,
        events.RunStartedAgain,
        events.RunRetried,
        events.RunCancelled,
        events.RunTakenBack,
        events.RunAnswered,
    )
    fields = {
        "workflow": Facts(sort="workflow__name"),
        "name": Facts(faces=FACES - {"form", "import"}),
        "waits_for": HIDDEN, "at_step": HIDDEN, "steps_done": HIDDEN, "cause": HIDDEN, "key": HIDDEN, "payload": HIDDEN,
        "asked": HIDDEN, "afresh": HIDDEN,
    }  # fmt: skip
