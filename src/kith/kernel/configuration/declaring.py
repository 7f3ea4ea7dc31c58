"""What a record type says of itself when its rows are configuration: written to files, compared, brought elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q


@dataclass(frozen=True)
class Configured:
    """`Record.configured = Configured()`; every column that people may set is in the file, less `leaves`.

    key: columns that tell one row from another, in any installation; the name, unless it is said. only: which rows.
    filters: {column that keeps a filter as text: column that names the type it filters}.
    draft: the column in which a change is prepared; what counts is `in_force(rows)` ({id: document}, without those of which nothing does), and the
    action named `publish` lets the draft count; `rests` is the action that then keeps it from acting by itself.
    after: record types that must be there before, where no link of a column says it.
    """

    key: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    only: Q = field(default_factory=Q)
    filters: dict[str, str] = field(default_factory=dict)
    draft: str = ""
    in_force: Callable[[list[Any]], dict[int, dict[str, Any]]] | None = None
    publish: str = ""
    rests: str = ""
    after: tuple[str, ...] = ()
