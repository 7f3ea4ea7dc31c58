"""Links whose other end comes later: in a later row of the same file or in another file, whatever the order.

`keep` writes them down, `settle` ties those that a batch of new rows answers. Until then the column is blank and the
run's page counts what waits. A name ties only when exactly one row has it. `untie` lets them wait again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.db import transaction
from django.db.models import Q

from kith.kernel.access.actor import Actor
from kith.kernel.errors import KithError
from kith.kernel.intake.draft import Draft
from kith.kernel.intake.links import folds, live
from kith.kernel.intake.models import ImportRun, PendingLink
from kith.kernel.kinds import EMPTY
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.text import fold
from kith.kernel.timeline.change import change_many


def keep(run: int | None, record: str, columns: dict[str, Any], drafts: list[Draft]) -> None:
    """Remember the links of these written rows that found nothing. A newer import's link replaces an older one."""
    rows = [
        PendingLink(
            run_id=cast(int, run), record=record, record_id=cast(int, d.record_id), column=key, target=columns[key].kind.record.name, by=by,
            source=source, value=_value(by, words), words=words,
        )
        for d in drafts
        for key, by, source, words in d.waits
        if d.existing is None or columns[key].get(d.existing) in EMPTY
    ]  # fmt: skip
    PendingLink.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["record", "record_id", "column"],
        update_fields=["run", "target", "by", "source", "value", "words", "tied"],
    )  # fmt: skip


def _value(by: str, words: str) -> str:
    return (fold(words) if by == "name" else words)[:300]


def settle(record: Any, drafts: list[Draft], source: str, by: Actor) -> int:
    """Tie waiting links to the rows just written; returns how many."""
    if not drafts or not PendingLink.objects.filter(target=record.name, tied=None).exists():
        return 0
    rows = {r.pk: r for r in record.rows(by).filter(pk__in=[d.record_id for d in drafts])}
    names = {fold(record.name_of(r))[:300] for r in rows.values()}
    ids = {d.external: d.record_id for d in drafts if d.external}
    waiting = PendingLink.objects.filter(
        Q(by="id", source=source, value__in=list(ids)) | Q(by="name", value__in=names), target=record.name, tied=None
    )
    answers: list[tuple[PendingLink, Any]] = []
    for link in waiting:
        found = [rows.get(ids[link.value])] if link.by == "id" else _named(record, rows, link.value, by)
        if len(found) == 1 and found[0] is not None:
            answers.append((link, found[0]))
    return sum(_tie(name, [a for a in answers if a[0].record == name], by) for name in {a[0].record for a in answers})


def _named(record: Any, rows: dict[int, Any], folded: str, by: Actor) -> list[Any]:
    """Rows of that name: among those just written, and one more if another had it before."""
    found = [r for r in rows.values() if fold(record.name_of(r))[:300] == folded]
    if folds(record):
        others = live(record, by).filter(sort_name=folded).exclude(pk__in=[r.pk for r in found])
        found += list(others[:1])
    return found


def _tie(name: str, answers: list[tuple[PendingLink, Any]], by: Actor) -> int:
    """Set the links on rows of one type, where they are still blank and the actor may; note those that are done."""
    record = registry[name]
    wanted: dict[int, list[tuple[PendingLink, Any]]] = {}
    for link, row in answers:
        wanted.setdefault(link.record_id, []).append((link, row))
    refused: set[int] = set()
    rows = list(record.rows(by, "edit").filter(pk__in=wanted))
    columns = record.columns()
    if any(columns[link.column].facts.only_via for link, _row in answers if link.column in columns):
        _singly(record, rows, wanted, refused, by)  # columns with a rule of their own
    else:
        change_many(
            rows, lambda row: _put(record, row, wanted), by=by, refused=lambda row, _problem: refused.add(row.pk)
        )
    done = {row.pk for row in rows} - refused
    tied = PendingLink.objects.filter(pk__in=[link.pk for link, _row in answers if link.record_id in done])
    return tied.update(tied=by.operation)


def _blank(record: Any, row: Any, answers: Iterable[tuple[PendingLink, Any]]) -> dict[str, Any]:
    columns = record.columns()
    return {
        link.column: target
        for link, target in answers
        if link.column in columns and columns[link.column].get(row) in EMPTY
    }


def _put(record: Any, row: Any, wanted: dict[int, list[tuple[PendingLink, Any]]]) -> None:
    columns = record.columns()
    for key, target in _blank(record, row, wanted[row.pk]).items():
        columns[key].put(row, target)


def _singly(
    record: Any, rows: list[Any], wanted: dict[int, list[tuple[PendingLink, Any]]], refused: set[int], by: Actor
) -> None:
    for row in rows:
        try:
            with transaction.atomic():
                if values := _blank(record, row, wanted[row.pk]):
                    actions.edit(record, row, values, by=by)
        except KithError:
            refused.add(row.pk)  # it keeps waiting, and the run's page says so


def still_waiting(run: ImportRun) -> int:
    return PendingLink.objects.filter(run=run, tied=None).count()


def untie(op: int) -> None:
    """What an operation tied waits again; the links themselves are taken back with its changes."""
    PendingLink.objects.filter(tied=op).update(tied=None)
