"""The work of imports in the background: checking, writing, taking back, and throwing away what nobody will use."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from kith.kernel.errors import Conflict
from kith.kernel.intake import actions, storage, undoing
from kith.kernel.intake.models import ImportKey, ImportRun, State
from kith.kernel.jobs import current_job, job

FORGOTTEN = timedelta(days=7)  # after which an upload nobody went on with is thrown away


@job("import.check", label="Check a file before importing it")
def check(run: int) -> None:
    _carry(run, State.CHECKING, actions.check)


@job("import.run", label="Import a file")
def carry_out(run: int) -> None:
    _carry(run, State.RUNNING, actions.carry_out)


@job("import.undo", label="Take an import back")
def undo(run: int, user: int | None, everything: bool = False) -> None:
    undoing.carry_out(run, user, everything)


@job("import.tidy", every="23 3 * * *", label="Throw away files of forgotten imports")
def tidy() -> None:
    for run in ImportRun.objects.filter(created_at__lt=timezone.now() - FORGOTTEN).exclude(file=""):
        if run.state not in (State.RUNNING, State.UNDOING):
            storage.drop(run)
            run.save(update_fields=["file"])
    ImportKey.objects.filter(run__state__in=(State.DONE, State.UNDONE, State.CANCELLED)).delete()


def _carry(pk: int, state: str, work: object) -> None:
    """Do the work unless the run has left the state it was queued in: a job that runs twice finds nothing to do."""
    run = ImportRun.objects.filter(pk=pk).first()
    if run is None or run.state != state:
        return
    try:
        work(run)  # type: ignore[operator]
    except Conflict:
        return  # somebody stopped it, or another worker has it
    except Exception as problem:
        note_failure(run, problem)
        raise


def note_failure(run: ImportRun, problem: Exception) -> None:
    """An unforeseen error: the queue tries again from where the run stands; only the last try stops it."""
    job = current_job()
    run.refresh_from_db()
    if job is None or job.attempts + 1 >= carry_out.attempts:
        run.state = State.FAILED
    run.problem = " ".join(str(problem).split())[:500] or type(problem).__name__
    run.save(update_fields=["state", "problem"])
