"""A believable row of any record type, made through its own actions, and values to compare its columns with."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.kinds import (
    Bool,
    Choice,
    Choices,
    Colleague,
    Day,
    Duration,
    Email,
    Emails,
    Link,
    Links,
    Many,
    Moment,
    Money,
    Number,
    Phone,
    Phones,
    Tags,
    TeamLink,
    Text,
    Url,
)  # fmt: skip
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry

DAY = dt.date(2026, 3, 12)


def row_of(record: Any, by: Any, depth: int = 0) -> Any:
    """A new row with what the type requires, and with its name; linked rows are found or made."""
    if record.name in MADE_BY:
        return MADE_BY[record.name](by)
    configuring = by if not record.settings else system("cli")
    columns = record.columns()
    keys = [k for k, c in columns.items() if c.required and (c.writable or k in getattr(record, "at_creation", ()))]
    keys += [k for k in record.quick or record.lists if k in columns and columns[k].writable and k not in keys]
    raw = {}
    for key in keys:
        value = sample(columns[key], by, depth)
        if value is not None:
            raw[key] = value
    writable = {k: columns[k] for k in raw}
    return actions.create(record, actions.parse_values(record, raw, by=configuring, columns=writable), by=configuring)


def journey(by: Any) -> Any:
    """A journey is opened by its customer, where a process is in force; this one some days ago."""
    from kith.process.journeys.customers import running_of

    if not registry["process"].model._default_manager.filter(is_default=True).exists():
        process(by)
    then = timezone.now() - dt.timedelta(days=3)
    made = actions.create(registry["company"], {"name": "Bellevue Group"}, by=by, at=then)
    return running_of("company", made.pk)


def process(by: Any) -> Any:
    """A process with a version in force and a draft."""
    from kith.process.publishing import bring, save_draft
    from kith.process.starters import starter

    definition = replace(starter("lead-to-loyalty"), key=f"steps-{registry['process'].model._default_manager.count()}")
    row = bring(definition, by=system("cli"))
    ACTIONS["process.publish"].run(row, by=system("cli"))
    row.refresh_from_db()
    save_draft(row, replace(definition, about="Nine steps, and a draft."), by=system("cli"))
    row.refresh_from_db()
    return row


def review(by: Any) -> Any:
    """A review being prepared, with a proposal."""
    row = process(by)
    ACTIONS["process.prepare_review"].run(row, host=by.user, by=system("cli"))
    made = registry["review"].model._default_manager.get(process=row)
    ACTIONS["review.propose"].run(made, title="Call within the hour", by=system("cli"))
    return made


def feedback(by: Any) -> Any:
    """What a colleague says about a process."""
    row = process(by)
    ACTIONS["process.say"].run(row, body="Nobody tells us who decides", by=by)
    return registry["feedback"].model._default_manager.latest("pk")


MADE_BY = {
    "journey": journey,
    "process": process,
    "review": review,
    "feedback": feedback,
}  # rows that come from other rows, or hold more than columns


def sample(column: Any, by: Any, depth: int = 0) -> Any:
    """A raw value that the column takes; None to leave it out."""
    kind = column.kind
    if isinstance(kind, Colleague):
        return by.user_id
    if isinstance(kind, TeamLink):
        return None
    if isinstance(kind, Link):
        target = kind.record
        if not column.required:
            return None
        found = target.model._default_manager.first() or (row_of(target, by, depth + 1) if depth < 3 else None)
        return found.pk if found else None
    for sort, value in _VALUES:
        if isinstance(kind, sort):
            return value(kind, column)
    return None


_VALUES: list[tuple[type[Any], Any]] = [
    (Bool, lambda kind, column: True),
    (Choice, lambda kind, column: next(iter(kind.options), None)),
    (Moment, lambda kind, column: "2026-03-12T09:30"),
    (Day, lambda kind, column: DAY.isoformat()),
    (Duration, lambda kind, column: "45"),
    (Money, lambda kind, column: "12400.50"),
    (Number, lambda kind, column: "3"),
    (Choices, lambda kind, column: [next(iter(kind.options))] if kind.options else None),
    (Tags, lambda kind, column: ["vip", "north"]),
    (Emails, lambda kind, column: "marta@bellevue.example"),
    (Phones, lambda kind, column: "+48 58 555 01 42"),
    (Links, lambda kind, column: "https://bellevue.example"),
    (Many, lambda kind, column: None),
    (Url, lambda kind, column: "https://bellevue.example"),
    (Email, lambda kind, column: "marta@bellevue.example"),
    (Phone, lambda kind, column: "+48 58 555 01 42"),
    (Text, lambda kind, column: f"=Bellevue, “{column.key}”"[: kind.max_length or 30]),
]


def operands(column: Any, op: Any) -> list[tuple[Any, ...]]:
    """Values that a condition on this column may sensibly have; relative ones too."""
    if op.takes == "none":
        return [()]
    kind = column.kind
    if isinstance(kind, Colleague):
        return [("me",), ("my_team",), ("1", "me")]
    if isinstance(kind, TeamLink):
        return [("my_team",), ("1",)]
    if isinstance(kind, Link):
        return [("1",), ("1", "2")]
    if isinstance(kind, Day):
        if op.takes == "two":
            return [("2026-01-01", "2026-12-31"), ("-30d", "today")]
        return [("today",), ("2026-03-12",)] + ([("this_quarter",), ("last_30_days",)] if op.key == "in" else [])
    if op.takes == "two":
        return [("1", "10")]
    value = _operand(kind)
    if value is None:  # a list that holds nothing as long as nothing was set up
        return []
    return [(value,), (value, value)] if op.takes == "many" else [(value,)]


def _operand(kind: Any) -> Any:
    if isinstance(kind, Bool):
        return "1"
    if isinstance(kind, Choice | Choices):
        return next((str(key) for key in kind.options), None)
    if isinstance(kind, Emails):
        return "marta@bellevue.example"
    if isinstance(kind, Phones | Phone):
        return "+48585550142"
    if isinstance(kind, Links | Url):
        return "https://bellevue.example"
    if isinstance(kind, Email):
        return "marta@bellevue.example"
    return str(Decimal(3)) if kind.align == "end" else "Bellevue"[: getattr(kind, "max_length", 0) or 20]


def every() -> list[Any]:
    """All record types, for parametrising."""
    return sorted(registry, key=lambda record: record.name)
