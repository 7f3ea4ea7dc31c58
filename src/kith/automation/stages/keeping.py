"""Workflows that belong to stages follow the version in force of their process, in the transaction that publishes it or
takes it back: made, changed, put away and brought back. Nobody else writes them; switching them off and on is people's.

Numbers of their versions are those of the process that brought them, so a run is held to what the journey was held to.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from kith.automation.events import Published
from kith.automation.models import Version, Workflow
from kith.automation.stages.documents import Wanted, kind_of, wanted_by
from kith.kernel.access.actor import system
from kith.kernel.organisation.models import cached
from kith.kernel.timeline.change import change
from kith.kernel.timeline.types import Archived, Restored
from kith.process.versions import Standing, every_process, standing

VERBS = ("process.published", "process.archived", "process.restored", "process.taken_back")
PER_HOUR = 5_000  # a stage serves everybody who comes, also those of an import
log = logging.getLogger("kith.automation")
Kept = dict[int, Any]  # {number: version} of one workflow


def follow(ids: list[int]) -> None:
    """Let the workflows of these processes agree with what is in force."""
    for process in ids:
        with transaction.atomic():
            settle(standing(process))


def look_again() -> None:
    """The same for all processes, once per configuration: for those published before there was this room. One that cannot be
    settled is left alone until something is changed, and holds up no other."""
    cached("automation_stages", _settle_all)


def _settle_all() -> None:
    for process in every_process():
        try:
            follow([process])
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("The workflows of process %s could not be settled.", process)


def settle(one: Standing) -> None:
    """Make, change and put away the workflows of one process, which the caller's transaction holds."""
    there = list(Workflow.objects.select_for_update(of=("self",)).filter(process=one.process).order_by("pk"))
    kept: dict[int, Kept] = {row.pk: {} for row in there}
    for version in Version.objects.filter(workflow__process=one.process).order_by("number"):
        kept[version.workflow_id][version.number] = version
    wanted = wanted_by(one.process, one.definition) if one.definition is not None else []
    pairs = _paired(wanted, there, kept, one.number or 0)
    for each, row in zip(wanted, pairs, strict=True):
        _keep(
            each, row or Workflow(process_id=one.process, stage=each.stage, per_hour=PER_HOUR, active=True), one, kept
        )
    for row in there:
        if row not in pairs and row.archived_at is None:
            with change(row, by=system()) as c:
                c.row.archived_at = timezone.now()
                c.says(Archived())


def _paired(wanted: list[Wanted], there: list[Workflow], kept: dict[int, Kept], number: int) -> list[Workflow | None]:
    """For each wanted one the workflow that is it: one that says the same, else one that does the same at the same moment
    (and is not said otherwise by this very version)."""
    free = sorted(there, key=lambda row: (row.archived_at is not None, row.pk))
    out: list[Workflow | None] = [None] * len(wanted)
    for n, each in enumerate(wanted):
        out[n] = next((row for row in free if row.stage == each.stage and row.draft == each.document), None)
        free = [row for row in free if row is not out[n]]
    for n, each in enumerate(wanted):
        if out[n] is None:
            alike = (row for row in free if row.archived_at is None and kind_of(row.stage, row.draft) == each.kind)
            out[n] = next((row for row in alike if _could_say(kept[row.pk].get(number), each)), None)
            free = [row for row in free if row is not out[n]]
    return out


def _could_say(version: Any, each: Wanted) -> bool:
    return version is None or version.document == each.document


def _keep(each: Wanted, row: Workflow, one: Standing, kept: dict[int, Kept]) -> None:
    """Let a workflow say what its stage says now. Who published the process is whose rights it has from then on."""
    if (
        row.pk
        and row.archived_at is None
        and (row.process_number, row.name, row.draft) == (one.number, each.name, each.document)
    ):
        return
    with change(row, by=system()) as c:
        fresh, back = c.row.process_number != one.number, c.row.archived_at is not None
        c.row.name, c.row.draft, c.row.archived_at = each.name, each.document, None
        if back:
            c.says(Restored())
        if fresh:
            c.row.author_id, c.row.process_number = one.author, one.number
            c.row.active, c.row.problem = c.row.active or bool(c.row.problem), ""
            c.row.since = c.row.since or one.published_at
            before = c.row.number
            c.row.number, made = _number(each, kept.get(c.row.pk or 0, {}), one)
            if c.row.number != before:
                c.says(Published(c.row.number))
    if fresh and made:
        Version.objects.create(
            workflow=c.row, number=one.number, document=each.document, author_id=one.author, published_at=one.published_at
        )  # fmt: skip


def _number(each: Wanted, versions: Kept, one: Standing) -> tuple[int, bool]:
    """(the version that says this, whether it is to be made): the last one not younger than the process's, or a new one."""
    number = one.number or 0
    last = max((n for n in versions if n <= number), default=None)
    if last is not None and versions[last].document == each.document:
        return last, False
    return number, True
