"""Is a mapping right for this file, this type and this person? Answered in sentences before a single row is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, KithError
from kith.kernel.intake.afterwards import afters, decided
from kith.kernel.intake.mapping import Entry, Mapping
from kith.kernel.intake.matching import IDENTIFIED
from kith.kernel.intake.reading import CREATED, EXTERNAL, HISTORY
from kith.kernel.intake.targets import Target
from kith.kernel.intake.transforms import composed_of
from kith.kernel.kinds import Addresses, Link, LongText, Many
from kith.kernel.kinds.many import ADDRESS_PARTS
from kith.kernel.records.registry import registry


@dataclass
class Findings:
    """`problems` stop the import, `doubts` are worth knowing before it."""

    problems: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def look_at(mapping: Mapping, target: Target, headers: list[str], actor: Actor) -> Findings:
    """What is wrong with a mapping that was fitted to these headers."""
    found = Findings()
    if mapping.type != target.name:
        found.problems.append(
            _("This mapping is for %(theirs)s, not for %(ours)s.")
            % {"theirs": mapping.type or "?", "ours": target.name}
        )
        return found
    try:
        columns = target.columns(actor, mapping)
    except (KithError, KeyError) as problem:
        found.problems.append(str(problem))
        return found
    for entry in mapping.entries:
        if sentence := _entry(entry, target, columns, actor):
            found.problems.append(sentence)
        if entry.header not in headers:
            found.doubts.append(_("The file has no column “%s”.") % entry.header)
    if not any(e.header in headers for e in mapping.entries):
        found.problems.append(_("No column of the file goes anywhere yet; choose at least one."))
    found.problems += _twice(mapping, columns)
    found.problems += _others(mapping, target, columns, headers, actor)
    found.doubts += _needed(mapping, columns)
    return found


def _entry(entry: Entry, target: Target, columns: dict[str, Any], actor: Actor) -> str:
    if entry.to in (EXTERNAL, CREATED) and target.record is not None:
        return ""
    if entry.to == HISTORY and target.lane:
        return "" if entry.entered else _("“%s” needs “entered”: the stage that began at this moment.") % entry.header
    column = columns.get(entry.target)
    if column is None:
        return _unknown(entry, target, columns, actor)
    known = ADDRESS_PARTS if isinstance(column.kind, Addresses) else ()
    if entry.part and not (isinstance(column.kind, Many) and entry.part in (*known, "label")):
        return _("“%(to)s” has no part “%(part)s”.") % {"to": column.label, "part": entry.part}
    if entry.split and not {"given_name", "family_name"} <= set(columns):
        return _("“%s” is not a type with first and last names to split into.") % target.label
    return ""


def _unknown(entry: Entry, target: Target, columns: dict[str, Any], actor: Actor) -> str:
    known = target.record.columns(actor).get(entry.target) if target.record is not None else None
    words = {"header": entry.header, "to": entry.to, "what": str(target.label)}
    if known is None:
        words["all"] = ", ".join(columns)
        return _("“%(header)s” goes to “%(to)s”, which %(what)s does not have. There are: %(all)s.") % words
    words["to"] = known.label
    return _("“%(header)s” goes to “%(to)s”, which an import cannot set here.") % words


def _twice(mapping: Mapping, columns: dict[str, Any]) -> list[str]:
    held: dict[str, str] = {}
    out = []
    for e in mapping.entries:
        kind = columns[e.target].kind if e.target in columns else None
        if isinstance(kind, Many | LongText) or e.to == HISTORY or e.split:
            continue  # they add up; a whole name only stands in for its parts
        if e.to in held and held[e.to] != e.header:
            label = columns[e.to].label if e.to in columns else e.to
            out.append(
                _("“%(one)s” and “%(two)s” both go to “%(to)s”; keep one.")
                % {"one": held[e.to], "two": e.header, "to": label}
            )
        held.setdefault(e.to, e.header)
    return out


def _others(mapping: Mapping, target: Target, columns: dict[str, Any], headers: list[str], actor: Actor) -> list[str]:
    """Match columns, constants, templates and rows that must be there."""
    out = []
    for key in mapping.match or ():
        if key == EXTERNAL:
            continue
        column = columns.get(key)
        if column is None or isinstance(column.kind, Link) or (isinstance(column.kind, Many) and key not in IDENTIFIED):
            out.append(_("Rows cannot be matched by “%s”.") % (column.label if column is not None else key))
    for key, value in mapping.constants.items():
        if key not in columns:
            out.append(_("There is no column “%s” to fill with one value.") % key)
        elif not isinstance(columns[key].kind, Link):
            try:
                columns[key].kind.parse(value, actor=actor)
            except Invalid as problem:
                out.append(f"{columns[key].label}: {problem.message}")
    for key, template in mapping.compose.items():
        if key not in columns:
            out.append(_("There is no column “%s” to put together.") % key)
        for header in composed_of(template):
            if header not in headers:
                out.append(
                    _("“%(to)s” is put together from “%(header)s”, which the file does not have.")
                    % {"to": key, "header": header}
                )
    out += _after(mapping, target, columns)
    out += [_("“ensure” names “%s”, which is no type.") % name for name in mapping.ensure if name not in registry]
    if mapping.to(EXTERNAL) and not mapping.source:
        out.append(_("Name the system the file comes from, so that its ids can be told from others (“source”)."))
    return out


def _after(mapping: Mapping, target: Target, columns: dict[str, Any]) -> list[str]:
    known = afters(target.name)
    out = [_("“then” names “%(key)s”; there is: %(known)s.") % {"key": key, "known": ", ".join(known) or _("nothing")}
           for key in mapping.then if key not in known]  # fmt: skip
    for key in sorted(decided(target.name, mapping.then) & set(mapping.constants)):
        label = columns[key].label if key in columns else key
        out.append(
            _("“%s” has a value for every row, so that nothing is left to decide afterwards; take one of them out.")
            % label
        )
    return out


def _needed(mapping: Mapping, columns: dict[str, Any]) -> list[str]:
    given = {e.target for e in mapping.entries} | set(mapping.constants) | set(mapping.compose)
    return [
        _("Nothing goes to “%s”, which every new row needs: only rows that are there already can come in.") % c.label
        for k, c in columns.items()
        if c.required and k not in given
    ]
