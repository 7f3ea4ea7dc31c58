"""What may follow once a file is in: rooms above offer it for their type, a mapping asks for it by key ("then")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kith.kernel.intake.models import ImportRow, ImportRun, Verdict


@dataclass(frozen=True)
class After:
    """`work` is given the ids of the rows that were made, and only enqueues. `decides`: the column that it fills, which the
    mapping then gives no value for every row."""

    key: str
    label: Any
    work: Callable[[Iterator[int]], None]
    decides: str = ""
    says: Any = ""


_offered: dict[str, dict[str, After]] = defaultdict(dict)


def register_after(target: str, after: After) -> None:
    """Offer it for imports of this type."""
    _offered[target][after.key] = after


def afters(target: str) -> dict[str, After]:
    """{key: what is offered} for imports of this type."""
    return dict(_offered.get(target, {}))


def decided(target: str, keys: Iterable[str]) -> set[str]:
    """The columns that those of these keys fill."""
    known = afters(target)
    return {known[key].decides for key in keys if key in known and known[key].decides}


def follow(run: ImportRun, keys: Iterable[str]) -> None:
    """Set going what the mapping asks for, in the transaction in which the import ends."""
    made = ImportRow.objects.filter(run=run, verdict=Verdict.CREATE).order_by("number")
    known = afters(run.target)
    for key in keys:
        if key in known:
            known[key].work(pk for pk in made.values_list("record_id", flat=True).iterator(1000) if pk is not None)
