"""Start-up checks over the registry, with sentences that say how to mend a declaration."""

from __future__ import annotations

from typing import Any

from django.core.checks import Error, register

from kith.kernel.records.registry import registry

PERSONAL_SMELLS = ("email", "phone", "name", "birth", "address")


@register("records")
def check_records(app_configs: Any = None, **_kwargs: Any) -> list[Error]:
    found: list[Error] = []
    for record in registry:
        try:
            columns = registry.fixed_columns(record)
        except (TypeError, KeyError) as problem:
            found.append(Error(f"{record.name}: {problem}", id="kith.E001"))
            continue
        found += _known_keys(record, columns)
        found += _personal(record, columns)
        found += _only_via(record, columns)
    return found


def _known_keys(record: Any, columns: dict[str, Any]) -> list[Error]:
    named = {
        "lists": record.lists,
        "form": tuple(k for s in record.form for k in s.keys),
        "quick": record.quick,
        "match": record.match,
        "sort": (record.sort.lstrip("-"),),
        "board": _board_keys(record.board) if record.board else (),
        "calendar": (record.calendar,) if record.calendar else (),
        "views": tuple(k for v in record.views for k in (*v.columns, v.sort.lstrip("-") or "id")),
        "fields": tuple(k for k, f in record.fields.items() if f.faces),
    }
    return [
        Error(f"{record.name}.{where} names “{key}”, which is no column; known: {', '.join(columns)}.", id="kith.E002")
        for where, keys in named.items()
        for key in keys
        if key not in columns and key != "next_step"
    ]


def _board_keys(board: Any) -> tuple[str, ...]:
    named = (
        board.by,
        *board.card.split(),
        board.total,
        board.weighted,
        board.within,
        board.stalled,
        board.sort.lstrip("-"),
    )
    return tuple(key for key in named if key)


def _personal(record: Any, columns: dict[str, Any]) -> list[Error]:
    return [
        Error(
            f"{record.name}.{c.key} looks personal; say Facts(personal='what for') or Facts(personal='no').",
            id="kith.E003",
        )
        for c in columns.values()
        if c.field is not None
        and not record.settings
        and any(smell in c.key for smell in PERSONAL_SMELLS)
        and not c.facts.personal
    ]


def _only_via(record: Any, columns: dict[str, Any]) -> list[Error]:
    names = {a.name for a in record.actions}
    return [
        Error(f"{record.name}.{c.key} is only set by “{c.facts.only_via}”, which is no action of it.", id="kith.E004")
        for c in columns.values()
        if c.facts.only_via and c.facts.only_via not in names
    ]
