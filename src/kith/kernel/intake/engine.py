"""One pass over a file: read, resolve, recognise, write, note, a batch of rows at a time, each batch one transaction.

A dry run is the same pass with every write of a batch taken back before its rows are noted, so it refuses exactly what
the run would refuse. Where a pass has come (`ImportRun.position`) commits with the batch itself: a worker that is killed
loses at most an open transaction, and its successor goes on with the next row. Memory holds three batches, never the file.
"""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Conflict
from kith.kernel.intake import staging
from kith.kernel.intake.ahead import ahead
from kith.kernel.intake.draft import Draft
from kith.kernel.intake.links import policy_of
from kith.kernel.intake.mapping import Mapping
from kith.kernel.intake.models import ImportRun, State
from kith.kernel.intake.readers import Row, Table
from kith.kernel.intake.reading import Reader
from kith.kernel.intake.targets import Target
from kith.kernel.jobs.progress import report_progress
from kith.kernel.kinds import Link
from kith.kernel.organisation.models import refresh

BATCH = 1_000  # rows
WEIGHT = 4_000_000  # characters after which a batch is closed early, because single cells may hold a million
OnBatch = Callable[[int, int | None], None]


class TakeBack(Exception):
    """Ends a dry run's batch: everything it wrote goes."""


@dataclass
class Pass:
    """What one pass works with. `write` False is the dry run."""

    run: ImportRun
    target: Target
    mapping: Mapping
    table: Table
    actor: Actor
    write: bool
    prepare: Callable[[], None] = lambda: None  # makes what the mapping wants to be there

    def __post_init__(self) -> None:
        self.columns = self.target.columns(self.actor, self.mapping)
        self.session = self.target.session(self.mapping, self.columns, self.actor, self.run.pk)
        self.reader = Reader(self.mapping, self.columns, self.table.headers, self.actor)

    @property
    def state(self) -> str:
        return State.RUNNING if self.write else State.CHECKING

    def go(self, on_batch: OnBatch | None = None) -> None:
        """Walk the file from where the run stands to its end. Raises Conflict when the run was stopped meanwhile."""
        with calm_collector():
            began = time.monotonic()
            for drafts, weight in ahead(self._drafts(self.run.position)):
                self._batch(drafts, time.monotonic() - began)
                began = time.monotonic()
                if on_batch:
                    on_batch(self.run.position, self._total(weight / len(drafts)))
        staging.drop_answered(self.run, self.waiting(), self.write)

    def _drafts(self, position: int) -> Iterator[tuple[list[Draft], int]]:
        batch: list[Draft] = []
        weight = 0
        for row in self.table.rows(position + 1):
            batch.append(self.reader.draft(row))
            weight += _weight(row)
            if len(batch) == BATCH or weight > WEIGHT:
                yield batch, weight
                batch, weight = [], 0
        if batch:
            yield batch, weight

    def _batch(self, drafts: list[Draft], seconds: float) -> None:
        with transaction.atomic():
            run = ImportRun.objects.select_for_update().get(pk=self.run.pk)
            if run.state != self.state or run.position != self.run.position:
                raise Conflict(_("The import was stopped, or is being carried out by another process."))
            self._change(drafts)
            staging.keep_rows(run.pk, drafts, self.session.dump, self.write)
            staging.keep_keys(run.pk, drafts)
            staging.keep_odd(run.pk, drafts)
            counts = Counter(run.counts)
            counts.update("reject" if d.refused else d.verdict for d in drafts)
            counts["rows"] += len(drafts)
            run.counts, run.position = dict(counts), drafts[-1].number
            run.seconds += seconds if self.write else 0
            run.save(update_fields=["counts", "position", "seconds"])
            report_progress(f"import:{run.pk}", counts["rows"], run.total)
        self.run = run

    def _change(self, drafts: list[Draft]) -> None:
        """Make and change rows; a dry run takes it all back and keeps only what it learned."""
        if self.write:
            self._waves(drafts)
            return
        try:
            with transaction.atomic():
                self.prepare()
                self._waves(drafts)
                raise TakeBack
        except TakeBack:
            self.session.forget()
            refresh()

    def _waves(self, drafts: list[Draft]) -> None:
        """Rows that mean the same one go one after the other: the second only when the first is done or was refused."""
        self.session.resolve([d for d in drafts if not d.refused])
        before = staging.earlier(self.run.pk, {k for d in drafts for k in d.keys})
        left = [d for d in drafts if not d.refused]
        taken: dict[str, Draft] = {}
        while left:
            left = self._not_again(left, before, taken)
            first: list[Draft] = []
            later: list[Draft] = []
            now = set[str]()
            for draft in left:
                (later if now.intersection(draft.keys) else first).append(draft)
                now.update(draft.keys)
            self.session.find(first)
            self.session.write([d for d in first if not d.refused])
            taken.update({k: d for d in first if not d.refused for k in d.keys if k not in taken})
            left = later

    def _not_again(self, drafts: list[Draft], before: dict[str, int], taken: dict[str, Draft]) -> list[Draft]:
        """Those still to be written, without rows that repeat an earlier row of this file (unless they may complete it)."""
        for draft in drafts:
            number = next((before[k] for k in draft.keys if k in before), None)
            in_batch = next((taken[k].number for k in draft.keys if k in taken), None)
            if number is None and in_batch is None:
                continue
            where = {"unit": self.run.unit, "n": in_batch or number}
            if self.mapping.duplicates == "reject":
                draft.refuse(_("It says the same as %(unit)s %(n)s of this file.") % where)
                continue
            draft.notes.append(_("It adds to %(unit)s %(n)s of this file.") % where)
            if not self.write and in_batch is None:
                draft.verdict = "update"  # a dry run has taken the earlier batch back, so there is nothing to add to
        return [d for d in drafts if not d.refused and not d.verdict]

    def waiting(self) -> dict[str, str]:
        """Columns of the file whose links may wait, with the type they link to."""
        return {
            e.header: c.kind.record.name
            for e in self.mapping.entries
            if (c := self.columns.get(e.to)) is not None and isinstance(c.kind, Link) and policy_of(e) == "wait"
        }

    def _total(self, weight: float) -> int | None:
        """Rows in the file: known after the first pass, until then judged by its size."""
        if self.run.total is not None:
            return self.run.total
        guess = int(self.table.size / max(weight + len(self.table.headers), 1))
        return max(guess, self.run.counts.get("rows", 0)) if self.table.format in ("csv", "jsonl") else None


@contextmanager
def calm_collector() -> Iterator[None]:
    """Batches are freed by counting references; looking through them for cycles every 700 objects would cost a fifth."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _weight(row: Row) -> int:
    return sum(len(c) if isinstance(c, str | bytes) else 8 for c in row.cells)


def begin(run: ImportRun, state: str) -> None:
    """Start a pass from the first row, forgetting an earlier one."""
    staging.clear(run)
    run.state, run.position, run.counts, run.problem, run.seconds = state, 0, {}, "", 0
    run.save(update_fields=["state", "position", "counts", "problem", "seconds"])


def end(run: ImportRun, table: Table, state: str, waiting: int) -> None:
    run.refresh_from_db()
    run.total = run.counts.get("rows", 0)
    run.counts = {**run.counts, "waiting": waiting}
    run.notes = table.notes
    run.state = state
    if state == State.DONE:
        run.finished_at = timezone.now()
    run.save(update_fields=["total", "counts", "notes", "state", "finished_at"])
