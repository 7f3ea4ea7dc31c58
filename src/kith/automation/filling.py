"""Values of a step, filled in from the row it is about.

`=owner` is the value of that column; `{company}` inside a text is how it reads; for a date, a length of time ("3 days")
means that long from now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.automation.lengths import is_length, read_length
from kith.kernel.access.actor import Actor
from kith.kernel.calendars.hours import Calendar
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Colleague, Day, Kind, Moment, TeamLink
from kith.kernel.lookups.directory import fill_in
from kith.kernel.records.reach import hides, unseen_links

PLACE = re.compile(r"\{([a-z][\w.]{0,60})\}")


def filled(raw: Any, kind: Kind | None, record: Any, row: Any, by: Actor, calendar: Calendar | None = None) -> Any:
    """A raw value for `kind.parse`, its references to the row resolved; business spans pass by `calendar`, or else the
    organisation's. Raises Invalid."""
    if not isinstance(raw, str):
        return raw
    if raw.startswith("="):
        column = _column(record, raw[1:].strip(), by)
        return _value(column, row, by)
    if isinstance(kind, Day) and is_length(raw):
        moment = read_length(raw).after(timezone.now(), calendar)
        return moment if isinstance(kind, Moment) else timezone.localtime(moment).date()
    return text_filled(raw, record, row, by)


def text_filled(text: str, record: Any, row: Any, by: Actor) -> str:
    """A text with `{column}` written out as this actor reads it."""
    if record is None or row is None:
        return text

    def write(match: re.Match[str]) -> str:
        column = _column(record, match[1], by)
        return str(column.show(_value(column, row, by), row))

    return PLACE.sub(write, text)


def _value(column: Any, row: Any, by: Actor) -> Any:
    """The value, where the actor may see the row it comes from."""
    if column.expr is not None:
        row = type(row)._default_manager.annotate(**{column.alias: column.expr}).get(pk=row.pk)
    if hides(column, row, unseen_links(by, [column], [row])):
        return column.kind.blank
    if column.field is not None and column.field.is_relation and not column.field.is_cached(row):
        fill_in([column], [row])  # colleagues and teams, without a query
    return column.get(row)


def _column(record: Any, key: str, by: Actor) -> Any:
    column = record.columns(by).get(key) if record is not None else None
    if column is None:
        raise Invalid(_("There is no field “%s” to take a value from.") % key)
    return column


def value_faults(label: str, raw: Any, kind: Kind, record: Any, by: Actor) -> Iterator[str]:
    """What is wrong with a value, so far as it can be known before there is a row."""
    try:
        if isinstance(raw, str) and raw.startswith("="):
            _column(record, raw[1:].strip(), by)
        elif isinstance(raw, str) and PLACE.search(raw) and record is not None:
            for key in PLACE.findall(raw):
                _column(record, key, by)
        elif not (isinstance(kind, Day) and isinstance(raw, str) and is_length(raw)):
            kind.parse(raw, actor=by)
    except Invalid as problem:
        yield f"{label}: {problem.message}"


def say_value(raw: Any, kind: Kind | None, record: Any, by: Actor) -> str:
    """A value as people read it in the workflow's sentence."""
    if isinstance(raw, str) and raw.startswith("="):
        column = record.columns(by).get(raw[1:].strip()) if record is not None else None
        return _("its %s") % (column.label.lower() if column is not None else raw[1:])
    if isinstance(kind, Day) and isinstance(raw, str) and is_length(raw):
        return _("in %s") % read_length(raw).say()
    try:
        return str(kind.show(kind.parse(raw, actor=by))) if kind is not None else str(raw)
    except Invalid:
        return str(raw)


def colleagues_of(refs: list[str], record: Any, row: Any, by: Actor) -> list[Any]:
    """The people at work that names, addresses, ids, `=owner` or "team South" mean, each once. Raises Invalid for one
    unknown."""
    kind = Colleague()
    found: dict[int, Any] = {}
    for ref in refs:
        if (team := team_of(ref)) is not None:
            found |= {user.pk: user for user in team.members.filter(is_active=True).order_by("pk")}
            continue
        person = filled(ref, kind, record, row, by)
        person = kind.parse(person, actor=by) if person is not None else None
        if person is not None and person.is_active:
            found[person.pk] = person
    return list(found.values())


def team_of(ref: str) -> Any:
    """The team that "team South" means, or None for a reference to a person. Raises Invalid for a team unknown."""
    word, _space, name = ref.strip().partition(" ")
    return TeamLink().parse(name) if word.lower() == "team" and name else None


def people_faults(label: str, refs: list[str], record: Any, by: Actor) -> Iterator[str]:
    """What is wrong with references to colleagues."""
    for ref in refs:
        try:
            if team_of(ref) is None:
                yield from value_faults(label, ref, Colleague(), record, by)
        except Invalid as problem:
            yield f"{label}: {problem.message}"


def say_people(refs: list[str], record: Any, by: Actor) -> list[str]:
    """Each reference in words; a team stands as it is written."""
    return [say_value(ref, Colleague(), record, by) for ref in refs]
