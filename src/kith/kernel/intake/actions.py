"""What is done with imports: take a file, say how its columns map, check, run, go on, give up, take back.

The wizard, the command line and the jobs all call these; every one asks for the right of the type first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, actor_for, system
from kith.kernel.database.statistics import analyse
from kith.kernel.errors import Conflict, InvalidMany, KithError, NotAllowed
from kith.kernel.intake import afterwards, checking, preparing, storage
from kith.kernel.intake.engine import OnBatch, Pass, begin, end
from kith.kernel.intake.mapping import Mapping, load
from kith.kernel.intake.models import ImportRun, State, Unresolved
from kith.kernel.intake.pending import still_waiting
from kith.kernel.intake.propose import propose
from kith.kernel.intake.readers import Table
from kith.kernel.intake.spelling import suggest
from kith.kernel.intake.targets import Target, find_target
from kith.kernel.jobs import enqueue
from kith.kernel.organisation.models import current
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import finish, start

MANY = 500  # rows of one import that change how the database had best read the table
BUSY = (State.CHECKING, State.RUNNING, State.UNDOING)


def take_file(target: Target, path: Path, name: str, *, by: Actor, read: dict[str, Any] | None = None) -> ImportRun:
    """A new run for a file that lies at `path`, with a proposed mapping. Raises Invalid when it holds no table."""
    target.allow(by)
    run = ImportRun(target=target.name, user_id=by.user_id, file=str(path), file_name=name[:300])
    run.size = path.stat().st_size if path.exists() else 0
    table = storage.open_run(run, Mapping(type=target.name, read=read or {}))
    proposal = propose(target, table, by)
    _describe(run, table)
    run.mapping = replace(proposal.mapping, read=read or {}).dump()
    run.save()
    return run


def _describe(run: ImportRun, table: Table) -> None:
    run.headers, run.unit, run.notes = table.headers, table.unit, table.notes


def read_again(run: ImportRun, read: dict[str, Any], *, by: Actor) -> ImportRun:
    """Read the same file another way (delimiter, sheet, line of the column names), and propose a mapping anew."""
    target = _mine(run, by)
    table = storage.open_run(run, Mapping(type=target.name, read=read))
    _describe(run, table)
    run.mapping = replace(propose(target, table, by).mapping, read=read).dump()
    run.state = State.NEW
    run.save(update_fields=["headers", "unit", "notes", "mapping", "state"])
    return run


def set_mapping(run: ImportRun, mapping: Mapping, *, by: Actor) -> checking.Findings:
    """Keep a mapping with the run. Returns what is doubtful; raises InvalidMany with what makes it impossible."""
    target = _mine(run, by)
    mapping = load(mapping.fitted(run.headers).dump())  # the same bounds for a form as for a file
    found = checking.look_at(mapping, target, run.headers, by)
    if found.problems:
        raise InvalidMany({"": found.problems})
    run.mapping, run.state = mapping.dump(), State.NEW
    run.save(update_fields=["mapping", "state"])
    return found


def _mine(run: ImportRun, by: Actor) -> Target:
    """The target of a run this actor may work on, when nothing is being done with it."""
    target = find_target(run.target)
    target.allow(by)
    if run.user_id != by.user_id and not (by.is_system or by.can("settings.manage")):
        raise NotAllowed(_("Only %s or an administrator may go on with this import.") % (run.user or "Kith"))
    if run.state in BUSY:
        raise Conflict(_("This import is being worked on; wait until it is through."))
    return target


def ask_for_check(run: ImportRun, *, by: Actor) -> None:
    """Start the dry run as a job."""
    _mine(run, by)
    with transaction.atomic():
        begin(run, State.CHECKING)
        enqueue("import.check", key=f"import:{run.pk}", run=run.pk)


def ask_for_run(run: ImportRun, *, by: Actor) -> None:
    """Start writing as a job."""
    _mine(run, by)
    if run.state in (State.DONE, State.UNDONE):
        raise Conflict(_("This file has been imported already."))
    if run.operation is not None:
        raise Conflict(_("A part of this file is in already: go on with it, or take it back."))
    with transaction.atomic():
        begin(run, State.RUNNING)
        enqueue("import.run", key=f"import:{run.pk}", run=run.pk)


def go_on(run: ImportRun, *, by: Actor) -> None:
    """Continue a run that stopped, with the row after the last one that is done."""
    _mine(run, by)
    if run.state != State.FAILED:
        raise Conflict(_("This import has not stopped half-way."))
    if run.operation is None:
        raise Conflict(_("Nothing of this file was written; start it again."))
    run.state, run.problem = State.RUNNING, ""
    with transaction.atomic():
        run.save(update_fields=["state", "problem"])
        enqueue("import.run", key=f"import:{run.pk}", run=run.pk)


def give_up(run: ImportRun, *, by: Actor) -> None:
    """Stop an import; what it has written stays and can be taken back. The file goes."""
    find_target(run.target).allow(by)
    if run.user_id != by.user_id and not (by.is_system or by.can("settings.manage")):
        raise NotAllowed(_("Only %s or an administrator may stop this import.") % (run.user or "Kith"))
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run.pk)
        if run.state == State.RUNNING:
            run.state, run.problem = State.FAILED, _("It was stopped by %s.") % by.name
        else:
            run.state = State.CANCELLED
            storage.drop(run)
        run.save(update_fields=["state", "problem", "file"])


def check(run: ImportRun, on_batch: OnBatch | None = None) -> ImportRun:
    """The dry run itself, from where it stands."""
    return _walk(run, False, on_batch)


def carry_out(run: ImportRun, on_batch: OnBatch | None = None) -> ImportRun:
    """The writing itself, from where it stands. Raises Invalid when the file breaks off; what came before stays."""
    return _walk(run, True, on_batch)


def _walk(run: ImportRun, write: bool, on_batch: OnBatch | None) -> ImportRun:
    with as_importer(run) as actor:
        target = find_target(run.target)
        target.allow(actor)
        mapping = load(run.mapping)
        try:
            table = storage.open_run(run, mapping)
            if write:
                actor = actor.within(_operation(run, target, actor).pk)
                with transaction.atomic():
                    preparing.make_ready(mapping, target, actor)
            work = Pass(
                run,
                target,
                mapping,
                table,
                actor,
                write,
                lambda: preparing.make_ready(mapping, target, actor, fields=False),
            )
            work.go(on_batch)
        except Conflict:
            raise
        except (KithError, OSError) as problem:
            return _stopped(run, problem)
        suggest(run, mapping, work.columns, actor)
        with transaction.atomic():
            end(
                run,
                table,
                State.DONE if write else State.CHECKED,
                still_waiting(run) if write else _would_wait(run, work),
            )
            if write:
                afterwards.follow(run, mapping.then)
        if write:
            finish(Operation.objects.get(pk=run.operation or 0))
            storage.drop(run)
            run.save(update_fields=["file"])
            learn_sizes(target, run.position)
    return run


def learn_sizes(target: Target, rows: int) -> None:
    """Let the database look at the tables of what has just come in, when it was much."""
    if rows < MANY or target.name not in registry:
        return
    rooms = {registry[target.name].model._meta.app_label, "timeline"}
    analyse(model._meta.db_table for room in sorted(rooms) for model in apps.get_app_config(room).get_models())


def _would_wait(run: ImportRun, work: Pass) -> int:
    """Links that a dry run left open: nothing of them is kept, so they are counted by the words that named nothing."""
    left = Unresolved.objects.filter(run=run, why="missing", column__in=work.waiting())
    return int(left.aggregate(rows=Sum("rows"))["rows"] or 0)


def _stopped(run: ImportRun, problem: Exception) -> ImportRun:
    """The run stands where its last whole batch ended; the sentence says why."""
    run.refresh_from_db()
    run.state, run.problem = State.FAILED, getattr(problem, "message", str(problem))
    run.save(update_fields=["state", "problem"])
    return run


def _operation(run: ImportRun, target: Target, actor: Actor) -> Operation:
    """The operation everything is written under, made once."""
    if run.operation is None:
        label = _("Imported %(what)s from %(file)s") % {"what": str(target.plural).lower(), "file": run.file_name}
        with transaction.atomic():
            op = start("import", label, by=actor, record=target.name, data={"run": run.pk})
            run.operation = op.pk
            run.save(update_fields=["operation"])
    return Operation.objects.get(pk=run.operation)


@contextmanager
def as_importer(run: ImportRun) -> Iterator[Actor]:
    """Whoever imports, through the channel "import", in their language and time zone. Kith itself on the command line."""
    user = run.user
    if user is not None and not user.is_active:
        raise NotAllowed(_("%s is deactivated, so this import cannot go on.") % user)
    actor = actor_for(user, "import") if user is not None else system("import", name=_("Import"))
    zone = ZoneInfo(user.time_zone if user is not None else current().time_zone)
    with timezone.override(zone), translation.override(user.language if user is not None else None):
        yield actor
