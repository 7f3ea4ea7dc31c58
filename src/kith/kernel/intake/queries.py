"""Reading imports: runs, their rows by verdict, what could not be taken, and where a record came from."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotFound
from kith.kernel.intake.models import ImportRow, ImportRun, State, Unresolved
from kith.kernel.jobs.progress import read_progress
from kith.kernel.timeline.models import Operation

PAGE = 50


def runs(actor: Actor, *, limit: int = 50, before: int | None = None) -> list[ImportRun]:
    """Imports the actor may see, newest first: their own; all for those who manage settings."""
    found = visible(actor).select_related("user").order_by("-pk")
    return list((found.filter(pk__lt=before) if before else found)[:limit])


def visible(actor: Actor) -> QuerySet[ImportRun]:
    every = ImportRun.objects.all()
    if actor.is_system or actor.can("settings.manage"):
        return every
    return every.filter(user_id=actor.user_id) if actor.user_id else every.none()


def get_run(actor: Actor, pk: int) -> ImportRun:
    """The run, or NotFound when it is somebody else's."""
    run = visible(actor).select_related("user").filter(pk=pk).first()
    if run is None:
        raise NotFound(_("There is no import %s that you may see.") % pk)
    return run


def rows(run: ImportRun, verdict: str, after: int = 0, limit: int = PAGE) -> tuple[list[ImportRow], int]:
    """(rows of one verdict in the order of the file, number to go on after or 0)."""
    found = list(ImportRow.objects.filter(run=run, verdict=verdict, number__gt=after).order_by("number")[: limit + 1])
    return found[:limit], found[limit - 1].number if len(found) > limit else 0


def row(run: ImportRun, number: int) -> ImportRow:
    """One row of the file. Raises NotFound."""
    found = ImportRow.objects.filter(run=run, number=number).first()
    if found is None:
        raise NotFound(_("This import has no %(unit)s %(n)s.") % {"unit": run.unit, "n": number})
    return found


def unresolved(run: ImportRun, limit: int = 100) -> list[Unresolved]:
    """Words that could not be taken as they are, most frequent first."""
    return list(Unresolved.objects.filter(run=run).order_by("-rows", "id")[:limit])


def origin(actor: Actor, record: str, pk: int) -> list[tuple[ImportRun, ImportRow]]:
    """The imported rows a record came from or was changed by, newest first, of imports the actor may see."""
    found = ImportRow.objects.filter(record_id=pk, run__in=visible(actor).filter(target=record)).select_related("run")
    return [(r.run, r) for r in found.order_by("-run_id", "number")[:20]]


REASONS = """
    SELECT regexp_replace(reason, '“[^”]*”', '“…”', 'g') AS words, count(*)
    FROM (SELECT reasons FROM intake_importrow WHERE run_id = %s AND verdict = 'reject' ORDER BY number LIMIT %s) AS rejected,
         jsonb_array_elements_text(rejected.reasons) AS reason
    GROUP BY words ORDER BY count(*) DESC, words LIMIT %s
"""


def frequent_reasons(run: ImportRun, most: int = 5, among: int = 10_000) -> list[tuple[str, int]]:
    """(sentence without its values, rows) of the commonest refusals among the first `among` rejected rows."""
    with connection.cursor() as cursor:
        cursor.execute(REASONS, [run.pk, among, most])
        return list(cursor.fetchall())


@dataclass(frozen=True)
class Live:
    """How far a run is, for pages that refresh."""

    done: int
    total: int | None
    busy: bool
    rate: int  # rows a second while writing


def progress(run: ImportRun) -> Live:
    how = read_progress(f"import:{run.pk}")
    done = how.done if how else run.counts.get("rows", 0)
    rate = round(run.counts.get("rows", 0) / run.seconds) if run.seconds else 0
    return Live(
        done, how.total if how else run.total, run.state in (State.CHECKING, State.RUNNING, State.UNDOING), rate
    )


def operation_of(run: ImportRun) -> Operation | None:
    return Operation.objects.filter(pk=run.operation).first() if run.operation else None
