"""The registry in words: what every record type, verb, event, job, command and settings page is to the faces.

One value a line where it can be, so that the diff of `registry.json` reads like a list of what a change does.
"""

from __future__ import annotations

import inspect
from typing import Any

from django.urls import get_resolver

from kith.awareness.assets.stages import StageChoice
from kith.awareness.profiles.fitting import PersonaKey
from kith.cli import commands, parser
from kith.engagement.meetings.kinds import PurposeKey
from kith.kernel.configuration.references import key_columns
from kith.kernel.jobs.declare import JOBS
from kith.kernel.kinds import TimeZone
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.columns import FACES
from kith.kernel.records.registry import registry
from kith.kernel.segments.kinds import Keys
from kith.kernel.timeline.readers import READERS
from kith.kernel.timeline.types import EVENTS
from kith.process.kinds import ProcessKey, SegmentKey, StageKey, StageKeys
from kith.ui import panels, settings
from kith.ui.panels import panels_of

LONG = 8  # choices that are written out


def registry_in_words() -> dict[str, Any]:
    return {
        "records": {r.name: _record(r) for r in sorted(registry, key=lambda r: r.name) if _ours(r)},
        "actions": {name: _action(act) for name, act in sorted(ACTIONS.items()) if _ours(act.run)},
        "events": {verb: f"{t.sentence} [{t.chip}]" for verb, t in sorted(EVENTS.items()) if _ours(t)},
        "composers": {c.kind: f"{c.label} → {c.action.name}" for c in panels._composers.values()},
        "jobs": {name: job.every or "when asked" for name, job in sorted(JOBS.items()) if _ours(job.function)},
        "readers": sorted(READERS),
        "settings": {p.key: f"{p.group}: {p.label}, {p.needs or 'everybody'}" for p in _places()},
        "commands": {name: _options(name) for name in commands()},
    }


def _ours(thing: Any) -> bool:
    """Declared by the product, not by a test that runs in this process."""
    module = inspect.unwrap(thing).__module__
    return module.startswith("kith.") and ".tests." not in module


def _places() -> list[Any]:
    get_resolver().url_patterns  # noqa: B018  pages register their places when their addresses are read
    return sorted(settings._places.values(), key=lambda p: (list(settings.GROUPS).index(p.group), p.order, p.key))


def _record(record: Any) -> dict[str, Any]:
    said = {
        "faces": f"{record.label}, {record.plural}, /{record.slug}/{', under settings' if record.settings else '' if record.placed else ', no place'}",
        "scope": type(record.scope).__name__.lstrip("_") + _arguments(record.scope),
        "customers": f"{type(record.customers).__name__}{_arguments(record.customers)}" if record.customers else "",
        "list": f"{' '.join(record.lists)}; sorted by {record.sort}",
        "quick": " ".join(record.quick),
        "form": [f"{section.title}: {section.columns}" for section in record.form],
        "board": _board(record.board) if record.board else "",
        "calendar": record.calendar,
        "match": " ".join(record.match),
        "views": [f"{v.key}: {v.filter}{f'; by {v.sort}' if v.sort else ''}{f'; as {v.face}' if v.face != 'list' else ''}" for v in record.views],
        "own rules": " ".join(name for name in OWN_RULES if getattr(record, name, None)),
        "configured by": " ".join(key_columns(record)) if record.configured else "",
        "panels": [f"{p.key}: {p.place}{', lazy' if p.lazy else ''}" for p in panels_of(record)],
        "parts": [f"{p.key}: {' '.join(p.fields)}" for p in record.parts],
        "columns": {c.key: _column(c) for c in registry.fixed_columns(record).values()},
    }  # fmt: skip
    return {key: value for key, value in said.items() if value}


OWN_RULES = ("create", "edit", "create_many", "settle", "identify", "duplicates", "strip", "at_creation", "fixed")


def _arguments(scope: Any) -> str:
    return "".join(f" {value}" for value in vars(scope).values())


def _board(board: Any) -> str:
    parts = {"lanes": board.by, "card": board.card, "total": board.total, "drop": board.drop, "only": board.only,
             "ends": " ".join(end.action for end in board.ends)}  # fmt: skip
    return "; ".join(f"{key} {value}" for key, value in parts.items() if value)


def _column(column: Any) -> str:
    facts = column.facts
    source = (
        "computed"
        if column.expr is not None
        else f"from {facts.of}"
        if facts.of
        else "derived"
        if column.derived
        else ""
    )
    words = [
        f"{column.label}: {_kind(column.kind)}",
        source,
        "required" if column.required else "",
        f"only by {facts.only_via}" if facts.only_via else "",
        f"measured by {facts.measure}" if facts.measure else "",
        f"sorted by {facts.sort}" if facts.sort else "",
        f"seen with {facts.needs}" if facts.needs else "",
        f"not on {' '.join(sorted(FACES - facts.faces))}" if facts.faces != FACES else "",
        f"personal: {facts.personal}" if facts.personal else "",
    ]
    return "; ".join(word for word in words if word)


def _kind(kind: Any) -> str:
    name = type(kind).__name__
    if target := getattr(kind, "target", ""):
        return f"{name} {target}"
    one = getattr(kind, "one", kind)
    if callable(getattr(one, "_options", None)) or isinstance(
        one, TimeZone | Keys | PersonaKey | PurposeKey | StageChoice | ProcessKey | SegmentKey | StageKey | StageKeys
    ):  # as many as the machine knows, or the organisation has
        return name
    options = getattr(kind, "options", None)
    if isinstance(options, dict):
        return f"{name} of {' '.join(options)}" if len(options) <= LONG else f"{name} of {len(options)}"
    longest = getattr(kind, "max_length", None)
    return f"{name} {longest}" if longest else name


def _action(act: Any) -> str:
    inputs = " ".join(f"{i.key}{'' if i.required else '?'}={_kind(i.kind).replace(' ', ':')}" for i in act.inputs)
    marks = [
        f"needs {act.needs}",
        "" if act.undo else "cannot be undone",
        "many at once" if act.many else "",
        "fills columns" if act.fills else "",
    ]
    return f"{act.label}({inputs}); {', '.join(mark for mark in marks if mark)}"


def _options(name: str) -> str:
    subs = next(a for a in parser(commands())._actions if a.choices and name in a.choices)
    given = [a for a in subs.choices[name]._actions if a.dest not in ("help", "data")]
    return " ".join((a.option_strings or [str(a.metavar or a.dest)])[-1] for a in given)
