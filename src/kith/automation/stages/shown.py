"""Stages' workflows for people: to which stage of which process one belongs, and the trial of what a draft would do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.automation.models import Workflow
from kith.automation.queries import counts_of
from kith.automation.stages.documents import wanted_of
from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotFound
from kith.process.definition.shape import Definition, Stage
from kith.process.editor.drafting import process_called, working
from kith.process.editor.lines import Ran
from kith.process.kinds import stages

LATELY = dt.timedelta(days=30)


@dataclass(frozen=True)
class Home:
    """Where a workflow is changed: the stage it belongs to."""

    process: str
    stage: str
    href: str

    @property
    def words(self) -> str:
        return _("Of stage “%(stage)s” of process “%(process)s”") % {"stage": self.stage, "process": self.process}


def home_of(workflow: Workflow) -> Home | None:
    """The stage that a workflow belongs to; None for one of its own."""
    if workflow.process is None:
        return None
    href = f"/settings/process/{workflow.process.key}/{workflow.stage}/#automations"
    return Home(workflow.process.name, stages().get(workflow.stage, workflow.stage), href)


def standing_for(key: str, stage: str, at: int, by: Actor) -> Workflow:
    """The workflow that a stage's automation would be as it is worked on, not saved: to be tried. Raises NotFound."""
    process = process_called(key, by)
    definition = working(process)
    here = definition.by_key.get(stage)
    if here is None or at >= len(here.automations):
        raise NotFound(_("There is no such automation any more."))
    wanted = wanted_of(process.pk, definition, here, here.automations[at])
    return Workflow(name=wanted.name, draft=wanted.document, process=process, stage=stage)


def lines_of(process: Any, definition: Definition, stage: Stage) -> dict[int, Ran]:
    """How the automations of a stage fare, by their place: those that are in force as they are said. Two queries."""
    rows = list(Workflow.objects.filter(process=process, stage=stage.key, archived_at=None).order_by("pk"))
    counts = counts_of([row.pk for row in rows], timezone.now() - LATELY)
    told: dict[int, Ran] = {}
    for n, automation in enumerate(stage.automations):
        document = wanted_of(process.pk, definition, stage, automation).document
        row = next((row for row in rows if row.draft == document), None)
        if row is not None:
            rows.remove(row)
            told[n] = _ran(row, counts.get(row.pk, {}))
    return told


def line_of(workflow: Workflow) -> Ran:
    return _ran(workflow, counts_of([workflow.pk], timezone.now() - LATELY).get(workflow.pk, {}))


def _ran(row: Workflow, counts: dict[str, int]) -> Ran:
    return Ran(
        row.active, counts.get("runs", 0), counts.get("failed", 0), f"/runs/?filter=workflow.is:{row.pk}",
        f"/settings/automation/{row.pk}/switch",
    )  # fmt: skip
