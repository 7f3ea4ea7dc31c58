"""Adoption for programs: the figures of its page."""

from __future__ import annotations

from typing import Any

from kith.kernel.access.actor import Actor
from kith.process.adoption.fields import DAYS, Cell, Table, Used, tables
from kith.process.adoption.passing import Passed, passed_over


def as_json(actor: Actor) -> dict[str, Any]:
    """Who may manage settings reads it, as on the page."""
    actor.require("settings.manage")
    return {
        "days": DAYS,
        "passed_over": [_passed(one) for one in passed_over(actor)],
        "records": [_table(table) for table in tables(actor)],
    }


def _passed(one: Passed) -> dict[str, Any]:
    return {
        "kind": one.kind, "key": one.word, "name": one.name, "times": one.n, "by_hand": one.by_hand,
        "teams": dict(one.teams.most_common()), "could_go_from": one.process or None, "came": one.came,
        "cases": [
            {"journey": pk, "name": name, "at": at.isoformat(), "reason": reason} for pk, name, at, reason in one.cases
        ],
    }  # fmt: skip


def _table(table: Table) -> dict[str, Any]:
    """`capped`: only the last rows made were counted."""
    return {
        "record": table.record, "made": table.heads[0][1], "capped": table.capped,
        "fields": [_field(one, table) for one in table.fields],
    }  # fmt: skip


def _field(one: Used, table: Table) -> dict[str, Any]:
    """The first figure is of all rows, the others of each team."""
    whole, *teams = one.cells
    named = zip(table.heads[1:], teams, strict=True)
    return {
        "key": one.key, "label": one.label, **_cell(whole), "teams": {name: _cell(cell) for (name, _n), cell in named},
        "used_by": one.uses, "idle": one.idle,
    }  # fmt: skip


def _cell(cell: Cell) -> dict[str, Any]:
    return {"filled": cell.n, "of": cell.of}
