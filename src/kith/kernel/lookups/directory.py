"""Colleagues and teams by id, kept in memory: lists show who owns a row without a join and without a query.

The directory is made once per configuration stamp; whoever changes users or teams bumps the stamp.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps

from kith.kernel.kinds import Colleague, TeamLink
from kith.kernel.organisation.models import cached
from kith.kernel.records.columns import Column


def colleagues() -> dict[int, Any]:
    """{id: user} of everybody who ever had an account, with id, name, e-mail and whether they are active."""
    return cached("directory.users", lambda: _by_id("accounts.User", "name", "email", "is_active"))


def teams() -> dict[int, Any]:
    """{id: team}"""
    return cached("directory.teams", lambda: _by_id("accounts.Team", "name"))


def _by_id(label: str, *fields: str) -> dict[int, Any]:
    rows = apps.get_model(label)._default_manager.only("pk", *fields)
    return {row.pk: row for row in rows}


def joined(columns: Iterable[Column]) -> list[Column]:
    """`columns` less those that the directory answers: what `Record.listing` has to join."""
    return [c for c in columns if not _own_directory_link(c)]


def fill_in(columns: Iterable[Column], rows: Iterable[Any]) -> None:
    """Give each row the colleagues and teams that `columns` show, from the directory."""
    wanted = [(c.field.name, c.field.attname, _source(c)) for c in columns if _own_directory_link(c)]
    for row in rows if wanted else ():
        for name, attname, source in wanted:
            found = source().get(getattr(row, attname))
            if found is not None:
                row._state.fields_cache[name] = found


def _own_directory_link(column: Column) -> bool:
    return column.field is not None and isinstance(column.kind, Colleague | TeamLink)


def _source(column: Column) -> Callable[[], dict[int, Any]]:
    return teams if isinstance(column.kind, TeamLink) else colleagues
