"""Reading workflows and runs. What every event asks (which workflows listen) is kept per configuration stamp."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from kith.automation.definition import Definition, read
from kith.automation.models import OPEN_STATES, Pause, Run, RunStep, StepState, Version, Workflow
from kith.automation.triggers import Trigger, trigger_of
from kith.kernel.access.actor import Actor, actor_for, system
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.organisation.models import cached
from kith.kernel.steps import Step, every_step

log = logging.getLogger("kith.automation")


@dataclass(frozen=True)
class Live:
    """A workflow that is on, with its current version read."""

    workflow: Workflow
    definition: Definition
    trigger: Trigger


def live() -> list[Live]:
    """The workflows that are on, in order of their ids."""
    found: list[Live] = cached("automation_live", _live, ("workflow",))
    return found


def _live() -> list[Live]:
    rows = Workflow.objects.filter(active=True, archived_at=None, number__isnull=False).select_related("author")
    out = []
    for row in rows.order_by("pk"):
        try:
            definition = published(row)
        except Invalid:
            log.exception("The published version of workflow %s cannot be read; it starts nothing.", row.pk)
            continue
        trigger = trigger_of(definition) if definition else None
        if definition and trigger:
            out.append(Live(row, definition, trigger))
    return out


def awaited_verbs() -> frozenset[str]:
    """Verbs that some published version may wait for, whether or not a run does at the moment."""
    found: frozenset[str] = cached("automation_awaited", _awaited, ("workflow",))
    return found


def _awaited() -> frozenset[str]:
    documents = Version.objects.filter(workflow__archived_at=None).values_list("document", flat=True)
    steps = (step for document in documents for _n, step in every_step(_steps_of(document)))
    return frozenset(str(step.get("until")) for step in steps if step["do"] == "wait" and step.get("until"))


def _steps_of(document: Any) -> tuple[Step, ...]:
    """None of a document that cannot be read, as its runs say: every write of anybody asks for these."""
    try:
        return read(document).steps
    except Invalid:
        return ()


def paused() -> Pause | None:
    """The pause that all automation rests in, if there is one."""
    found: Pause | None = cached("automation_paused", lambda: Pause.objects.filter(ended_at=None).first())
    return found


def published(workflow: Workflow) -> Definition | None:
    """The definition that counts now."""
    return definition_of(workflow.pk, workflow.number) if workflow.number else None


def definition_of(workflow: int, number: int | None) -> Definition | None:
    """The definition of one version. A version never changes, so it is read once per configuration stamp."""
    if number is None:
        return None
    found: Definition | None = cached(f"automation_version:{workflow}:{number}", lambda: _read(workflow, number))
    return found


def documents_of(workflows: list[Workflow]) -> dict[int, dict[str, Any]]:
    """{workflow: what counts now, as it was written}; one query."""
    rows = Version.objects.filter(workflow__in=[w.pk for w in workflows], number=F("workflow__number"))
    return dict(rows.values_list("workflow_id", "document"))


def _read(workflow: int, number: int) -> Definition | None:
    document = Version.objects.filter(workflow_id=workflow, number=number).values_list("document", flat=True).first()
    return read(document) if document is not None else None


def version_held(workflow: Workflow, most: int | None) -> int | None:
    """The number of the version that counts, or of the last one that is no younger than `most`."""
    if most is None or workflow.number is None or most >= workflow.number:
        return workflow.number
    older = Version.objects.filter(workflow=workflow, number__lte=most).order_by("-number")
    return older.values_list("number", flat=True).first() or workflow.number


def workflow_named(name: str) -> Workflow | None:
    """The workflow in use of that name, or of that id; one's own before those of stages."""
    rows = Workflow.objects.filter(archived_at=None)
    named = rows.filter(name__iexact=name).order_by(F("process").asc(nulls_first=True), "pk").first()
    return named or (rows.filter(pk=int(name)).first() if name.isdecimal() and len(name) < 18 else None)


def get_named(name: str) -> Workflow:
    """The same, or NotFound."""
    found = workflow_named(name)
    if found is None:
        raise NotFound(_("There is no workflow “%s”.") % name)
    return found


def author_of(workflow: Workflow) -> Actor | None:
    """Whoever the workflow acts as, through the channel of automation; None when they have left. What belongs to a process
    that nobody signed in published (a command did) acts as Kith itself."""
    user = workflow.author
    if user is None and workflow.process_id is not None:
        return system("automation")
    return actor_for(user, "automation") if user is not None and user.is_active else None


def turns_taken(run: Run, place: int) -> int:
    """How often the step at this place was done in runs of the workflow: whose turn it is."""
    steps = RunStep.objects.filter(run__workflow_id=run.workflow_id, position=place, state=StepState.DONE)
    return steps.count()


def counts_of(workflows: list[int], since: dt.datetime | None = None) -> dict[int, dict[str, int]]:
    """{workflow: {"runs", "open", "failed"}} for a page, of all runs or of those that began since."""
    lately = {"created_at__gte": since} if since else {}
    rows = Run.objects.filter(workflow_id__in=workflows, **lately).values("workflow_id")
    counted = rows.annotate(
        runs=Count("pk"),
        open=Count("pk", filter=Q(state__in=OPEN_STATES)),
        failed=Count("pk", filter=Q(state="failed")),
    )
    return {row["workflow_id"]: {key: row[key] for key in ("runs", "open", "failed")} for row in counted}
