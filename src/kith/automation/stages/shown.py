"""Stages' workflows for people: to which stage of which process one belongs, and the trial of what a draft would do."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from kith.automation.models import Workflow
from kith.automation.stages.documents import wanted_of
from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotFound
from kith.process.editor.drafting import process_called, working
from kith.process.kinds import stages


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
