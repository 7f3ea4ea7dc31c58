"""Runs that are taken up together, and what is read once for all of them: whom each acts as, and the rows they are about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from kith.automation.models import Run
from kith.automation.queries import author_of
from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotFound
from kith.kernel.kinds import Colleague, Link, TeamLink
from kith.kernel.records.registry import registry


class Hand:
    """A row is read with others for the first run about it; a later one reads it again, since the first may have changed it."""

    def __init__(self, runs: Iterable[Run] = ()):
        self.runs = list(runs)
        self._authors: dict[int, Actor | None] = {}
        self._rows: dict[tuple[int, str, int], Any] | None = None
        self._used: set[tuple[str, int]] = set()

    def author(self, run: Run) -> Actor | None:
        """Whoever the run acts as; None when they have left."""
        if run.workflow_id not in self._authors:
            self._authors[run.workflow_id] = author_of(run.workflow)
        return self._authors[run.workflow_id]

    def subject(self, run: Run, by: Actor) -> Any:
        """The row the run is about, as its author may see it, or None where it is about none. Follows merges. Raises NotFound."""
        if not run.record or run.record_id is None:
            return None
        if self._rows is None:
            self._rows = self._read()
        record, about = registry.get(run.record), (run.record, run.record_id)
        if record is None:
            raise NotFound(_("There is no type of record “%s” any more.") % run.record)
        read = self._rows.get((run.workflow_id, *about)) if about not in self._used else None
        self._used.add(about)
        return read if read is not None else record.get(by, run.record_id)

    def _read(self) -> dict[tuple[int, str, int], Any]:
        """Rows in use by (workflow, type, id), with the records they point at; one query a workflow and type, and one a link."""
        asked: dict[tuple[int, str], list[Run]] = {}
        for run in self.runs:
            asked.setdefault((run.workflow_id, run.record), []).append(run)
        found: dict[tuple[int, str, int], Any] = {}
        for (workflow, name), runs in asked.items():
            record, by = registry.get(name), self.author(runs[0])
            if record is None or by is None or len(runs) == 1:
                continue
            rows = list(record.rows(by, archived=False).filter(pk__in={run.record_id for run in runs}))
            prefetch_related_objects(rows, *_links(record))
            found |= {(workflow, name, row.pk): row for row in rows}
        return found


def _links(record: Any) -> list[str]:
    """Fields by which a row points at rows of other types; colleagues and teams come from the directory."""
    own = [c for c in record.columns().values() if c.field is not None and not c.facts.of and isinstance(c.kind, Link)]
    return [c.field.name for c in own if not isinstance(c.kind, Colleague | TeamLink)]
