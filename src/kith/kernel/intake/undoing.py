"""Taking an import back: rows it made are archived, values it changed return to what they were, row by row.

A row somebody has worked on since is left alone and listed; who wants it gone too says so (`everything`). Small imports
go at once, large ones as a job in batches that can be interrupted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, actor_for, system
from kith.kernel.accounts.models import User
from kith.kernel.errors import Conflict, Invalid
from kith.kernel.intake.models import ImportRow, ImportRun, PendingLink, State, Verdict
from kith.kernel.intake.pending import untie
from kith.kernel.jobs import enqueue
from kith.kernel.jobs.progress import report_progress
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import undo, undoes
from kith.kernel.timeline.takeback import put_back, undo_changes
from kith.kernel.timeline.types import Archived

AT_ONCE = 500  # rows up to which an import is taken back while one waits
BATCH = 1_000
MOST_CONFLICTS = 1_000  # sentences kept; the rest is counted


def take_back(run: ImportRun, *, by: Actor, everything: bool = False) -> None:
    """Undo an import. `everything`: also the rows that were worked on since, after a first undo left them alone."""
    if run.operation is None:
        raise Invalid(_("This import wrote nothing that could be taken back."))
    op = Operation.objects.get(pk=run.operation or 0)
    if not everything:
        undo(op, by=by)
        return
    if run.state != State.UNDONE:
        raise Conflict(_("Take the import back first; then the rows that were left alone can follow."))
    if op.actor_id != by.user_id and not (by.is_system or by.can("settings.manage") or by.role == "manager"):
        raise Invalid(_("Only %s or a manager may undo this.") % op.actor_name)
    _queue(run, by, everything=True)


@undoes("import")
def undo_import(op: Operation, by: Actor) -> list[str]:
    """How the history page's undo takes an import back; returns what was left alone, as far as it is known at once."""
    run = ImportRun.objects.select_for_update().filter(operation=op.pk).first()
    if run is None:
        raise Invalid(_("The rows of this import are no longer known, so it cannot be taken back."))
    if run.state in (State.RUNNING, State.CHECKING):
        raise Conflict(_("The import is still running; stop it first."))
    if run.target not in registry:  # its rows were said on other records (the members of a campaign on the campaign)
        conflicts = undo_changes(op, by)
        _over(run)
        return conflicts
    if op.count > AT_ONCE:
        _queue(run, by)
        return []
    run.state = State.UNDOING
    run.save(update_fields=["state"])
    conflicts = [c for batch in _batches(run, op) for c in _batch(run, batch, op, by, False)]
    _over(run)
    return conflicts


def _queue(run: ImportRun, by: Actor, everything: bool = False) -> None:
    with transaction.atomic():
        run.state, run.position = State.UNDOING, 0
        run.save(update_fields=["state", "position"])
        enqueue("import.undo", key=f"import:{run.pk}", run=run.pk, user=by.user_id, everything=everything)


def carry_out(pk: int, user: int | None, everything: bool) -> None:
    """The job: batch by batch, each in its own transaction; what is done already is found undone and passed over."""
    run = ImportRun.objects.filter(pk=pk, state=State.UNDOING).first()
    if run is None:
        return
    op = Operation.objects.get(pk=run.operation or 0)
    by = actor_for(User.objects.get(pk=user), "import") if user else system("import")
    conflicts: list[str] = []
    done = 0
    for batch in _batches(run, op):
        with transaction.atomic():
            conflicts += _batch(run, batch, op, by, everything)[: MOST_CONFLICTS + 1 - len(conflicts)]
            done += len(batch)
            report_progress(f"import:{run.pk}", done, op.count)
    with transaction.atomic():
        op.conflicts = conflicts[:MOST_CONFLICTS] + ([_("There are more.")] if len(conflicts) > MOST_CONFLICTS else [])
        op.save(update_fields=["conflicts"])
        _over(run)


def _over(run: ImportRun) -> None:
    PendingLink.objects.filter(run=run).delete()
    if run.operation is not None:
        untie(run.operation)
    run.state, run.finished_at = State.UNDONE, timezone.now()
    run.save(update_fields=["state", "finished_at"])


def _batches(run: ImportRun, op: Operation) -> Iterator[list[Any]]:
    """First the changes, newest first, then the rows that were made."""
    yield from _pieces(Event.objects.filter(operation=op.pk).order_by("-id").iterator(BATCH))
    made = ImportRow.objects.filter(run=run, verdict=Verdict.CREATE, record_id__isnull=False).order_by("number")
    yield from _pieces(made.only("run_id", "number", "record_id").iterator(BATCH))


def _pieces(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _batch(run: ImportRun, batch: list[Any], op: Operation, by: Actor, everything: bool) -> list[str]:
    if isinstance(batch[0], ImportRow):
        return _archive(registry[run.target], {r.record_id for r in batch}, op, by, everything)
    return _restore(run, batch, op, by, everything)


def _archive(record: Any, pks: set[int], op: Operation, by: Actor, everything: bool) -> list[str]:
    """Put rows away that the import made, unless they were changed since."""
    touched = set() if everything else changed_since(record.name, pks, op)
    rows = record.model._default_manager.filter(pk__in=pks, archived_at__isnull=True)
    conflicts: list[str] = []
    for row in rows.filter(pk__in=touched):
        conflicts.append(_("%s was changed since and stays.") % record.name_of(row))
    now = timezone.now()

    def put_away(row: Any) -> list[Any]:
        row.archived_at = now
        return [Archived()]

    def refused(row: Any, problem: Exception) -> None:
        conflicts.append(f"{record.name_of(row)}: {getattr(problem, 'message', problem)}")

    change_many(rows.exclude(pk__in=touched), put_away, by=by, refused=refused)
    return conflicts


def changed_since(record: str, pks: set[int], op: Operation) -> set[int]:
    """Those of the rows that something happened to after the import: not what was taken back meanwhile, nor what Kith found out
    by itself (a country by the phone number), which is nobody's work."""
    linked = """
        SELECT DISTINCT e.record_id FROM timeline_eventlink l JOIN timeline_event e ON e.id = l.event_id
        LEFT JOIN timeline_operation o ON o.id = e.operation
        WHERE l.record = %s AND l.record_id = ANY(%s) AND e.record = l.record AND e.record_id = l.record_id
          AND e.recorded_at >= %s AND e.operation IS DISTINCT FROM %s AND o.undone_at IS NULL
          AND e.verb <> ALL(%s) AND NOT (e.channel = 'automation' AND e.actor_id IS NULL)
    """
    from django.db import connection

    with connection.cursor() as cursor:
        quiet = [f"{record}.archived", f"{record}.restored"]
        cursor.execute(linked, [record, list(pks), op.at, op.pk, quiet])
        return {pk for (pk,) in cursor.fetchall()}


def _restore(run: ImportRun, events: list[Event], op: Operation, by: Actor, everything: bool) -> list[str]:
    """Before-images of changed rows; rows made on the way (the other end of a link) are archived like the rest."""
    conflicts: list[str] = []
    for name in {e.record for e in events}:
        record = registry.get(name)
        if record is None:
            continue
        own = [e for e in events if e.record == name]
        made = {e.record_id for e in own if e.verb == f"{name}.created"}
        if name != run.target and made:
            conflicts += _archive(record, made, op, by, everything)
        created = made | _created_here(run, name, {e.record_id for e in own})
        if changed := [e for e in own if e.record_id not in created and (e.changes or e.verb == f"{name}.restored")]:
            conflicts += _values_back(record, changed, by)
    return conflicts


def _created_here(run: ImportRun, name: str, pks: set[int]) -> set[int]:
    if name != run.target:
        return set()
    rows = ImportRow.objects.filter(run=run, record_id__in=pks, verdict=Verdict.CREATE)
    return {pk for pk in rows.values_list("record_id", flat=True) if pk is not None}


def _values_back(record: Any, events: list[Event], by: Actor) -> list[str]:
    conflicts: dict[int, list[str]] = {}
    columns = record.columns()
    by_row: dict[int, list[Event]] = {}
    for event in events:
        by_row.setdefault(event.record_id, []).append(event)

    def back(row: Any) -> list[Any] | None:
        said = None
        conflicts[row.pk] = told = []
        for event in by_row[row.pk]:
            if event.verb.endswith(".restored") and row.archived_at is None:
                row.archived_at, said = timezone.now(), [Archived()]
            for key, (old, new) in event.changes.items():
                told.extend(put_back(record, row, columns.get(key), key, old, new))
        return said

    def refused(row: Any, problem: Exception) -> None:
        conflicts[row.pk] = [f"{record.name_of(row)}: {getattr(problem, 'message', problem)}"]

    change_many(record.model._default_manager.filter(pk__in=by_row), back, by=by, refused=refused)
    return [words for told in conflicts.values() for words in told]
