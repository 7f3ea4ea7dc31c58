"""A filter tree as a form and back: which control asks for the value of which comparison, and what it sends.

Fields are named by their place in the tree: `g-r` says how the root joins its parts, `c-r-0`, `o-r-0` and `v-r-0` are
column, comparison and value of its first part. So the form works without a script, however deep the tree is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.kinds import Bool, Choice, Choices, Colleague, Day, Kind, Link, Operator, Tags, TeamLink
from kith.kernel.kinds.number import Number
from kith.kernel.kinds.time import PERIODS
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.happened import NEVER, Happened
from kith.kernel.lookups.look import Look
from kith.kernel.lookups.tree import GROUPS, MOST_DEPTH, Condition, Group
from kith.kernel.records.columns import Column
from kith.kernel.text import clean_text
from kith.kernel.timeline import holding
from kith.kernel.timeline.types import EVENTS

ROOT = "r"
FEW = 15  # choices that stand beside each other; more are looked up
SPANS = ("last_7_days", "last_30_days", "last_90_days", "next_7_days", "next_30_days")
POINTS = ("today", "yesterday", "tomorrow", "-7d", "-30d", "-90d", "+7d", "+30d")
ACTORS = {Colleague: ("me", "my_team"), TeamLink: ("my_team",)}


@dataclass
class Line:
    """One condition as its row of fields. `control` names a macro in pages/filter_fields.html."""

    path: str
    column: str = ""
    op: str = ""
    ops: list[tuple[str, str]] = field(default_factory=list)
    control: str = "none"
    values: list[str] = field(default_factory=list)
    chosen: list[tuple[str, str]] = field(default_factory=list)  # of comboboxes: value and words
    choices: list[tuple[str, str]] = field(default_factory=list)
    quick: list[tuple[str, str]] = field(default_factory=list)  # relative values: me, my team
    which: str = ""  # of an event: what it must hold
    whiches: list[tuple[str, str]] = field(default_factory=list)
    src: str = ""
    unit: str = ""
    error: str = ""
    focus: bool = False

    @property
    def shape(self) -> str:
        """What the value depends on: another shape means another control, so old values go."""
        return f"{self.column}.{self.control}"


@dataclass
class Box:
    """A group as a box around its lines and boxes."""

    path: str
    how: str
    parts: list[Any]
    deeper: bool  # may hold further groups


# --- reading --------------------------------------------------------------------------------------------------------


def read_tree(look: Look, sent: QueryDict, path: str = ROOT) -> Group:
    """The tree that the form says; lines without a column are not part of it yet."""
    how = sent.get(f"g-{path}", "all")
    return Group(how if how in GROUPS else "all", tuple(_parts(look, sent, path)))


def _parts(look: Look, sent: QueryDict, path: str) -> Iterator[Condition | Group]:
    for place in places(sent, path):
        if f"g-{place}" in sent:
            yield read_tree(look, sent, place)
        elif (column := look.columns.get(str(sent[f"c-{place}"]))) is not None or sent[f"c-{place}"]:
            yield _condition(look, column, sent, place)


def places(sent: QueryDict, path: str) -> list[str]:
    """The places directly below `path` that the form has, in order."""
    depth = path.count("-") + 1
    found = {
        name[2:]
        for name in sent
        if name[:2] in ("g-", "c-") and name[2:].startswith(f"{path}-") and name.count("-") == depth + 1
    }
    return sorted((p for p in found if p.rpartition("-")[2].isdecimal()), key=lambda p: int(p.rpartition("-")[2][:6]))[
        :100
    ]


def _condition(look: Look, column: Column | None, sent: QueryDict, place: str) -> Condition:
    if column is None:  # gone since, or hidden: kept as it is, and shown as such
        return Condition(
            str(sent[f"c-{place}"]),
            sent.get(f"o-{place}", ""),
            tuple(clean_text(v) for v in sent.getlist(f"v-{place}")),
        )
    ops = column.kind.operators()
    op = ops.get(sent.get(f"o-{place}", "")) or next(iter(ops.values()))
    control = control_of(column.kind, op)
    if sent.get(f"s-{place}", "") not in ("", f"{column.key}.{control}"):
        return Condition(column.key, op.key)
    return Condition(column.key, op.key, tuple(_values(control, sent, place)))


def _values(control: str, sent: QueryDict, place: str) -> list[str]:
    given = [clean_text(v).strip() for v in sent.getlist(f"v-{place}")]
    if control == "none":
        return []
    if control == "lines":
        return [line.strip() for text in given for line in text.splitlines() if line.strip()]
    if control == "numbers":
        return [part for text in given for part in text.replace(";", " ").split() if part]
    if control in ("period", "point"):
        day = clean_text(sent.get(f"d-{place}", "")).strip()
        return [day] if day else [v for v in given if v][:1]
    if control in ("link", "tags", "lookup"):
        given += [clean_text(v).strip() for name in (f"v-{place}_new", f"v-{place}_text") for v in sent.getlist(name)]
    if control in ("happened", "never"):
        return _happening(control, given)
    if control in ("two", "two_days"):
        return given[:2] if any(given) else []
    return list(dict.fromkeys(v for v in given if v))


def _happening(control: str, given: list[str]) -> list[str]:
    """What happened, how often, within how many days, and which is meant. What another event was asked about goes with it."""
    values, which = given[: 3 if control == "happened" else 2], "".join(given[3 if control == "happened" else 2 :][:1])
    fits = values and values[0] in EVENTS and set(holding.needed(which)) <= set(holding.fields_of(values[0]))
    return [*values, which] if which and fits else values


# --- showing --------------------------------------------------------------------------------------------------------


def control_of(kind: Kind, op: Operator) -> str:
    """Which control asks for the value of this comparison."""
    if op.takes == "none":
        return "none"
    if isinstance(kind, Happened):
        return "never" if op.key == NEVER else "happened"
    if isinstance(kind, Bool):
        return "yes"
    if isinstance(kind, Tags) and not isinstance(kind, Choices):
        return "tags"
    if isinstance(kind, Link):
        return "link"
    if isinstance(kind, Choice | Choices):
        return "checks" if len(kind.options) <= FEW else "lookup" if kind.widget == "combobox" else "select"
    if isinstance(kind, Day):
        return "two_days" if op.takes == "two" else "period" if op.key in ("in", "on") else "point"
    if op.takes == "two":
        return "two"
    if isinstance(kind, Number) or kind.align == "end":
        return "numbers" if op.takes == "many" else "text"
    return "lines" if op.takes == "many" else "text"


def show_tree(look: Look, tree: Group, *, path: str = ROOT, focus: str = "", errors: bool = False) -> Box:
    """The tree as boxes and lines. errors: say beside each line why it cannot be used."""
    parts: list[Any] = []
    for index, part in enumerate(tree.parts):
        place = f"{path}-{index}"
        if isinstance(part, Group):
            parts.append(show_tree(look, part, path=place, focus=focus, errors=errors))
        else:
            parts.append(show_line(look, part, place, focus=focus, errors=errors))
    return Box(path, tree.how, parts, path.count("-") < MOST_DEPTH - 2)


def show_line(look: Look, condition: Condition, place: str, *, focus: str = "", errors: bool = False) -> Line:
    line = Line(place, condition.column, condition.op, values=[str(v) for v in condition.values], focus=place == focus)
    column = look.columns.get(condition.column)
    if condition.column and (column is None or not column.filterable):
        line.error = _("There is no field “%s” to filter by.") % condition.column
        return line
    if column is None:
        return line
    ops = column.kind.operators()
    op = ops.get(condition.op) or next(iter(ops.values()))
    line.op, line.ops, line.control = (
        op.key,
        [(key, str(o.label)) for key, o in ops.items()],
        control_of(column.kind, op),
    )
    _fill(line, column, look)
    if errors:
        broken = compile_tree(look.record, Group("all", (condition,)), look.actor).broken
        line.error = broken[0][1] if broken else ""
    return line


def _fill(line: Line, column: Column, look: Look) -> None:
    """What the control offers."""
    kind = column.kind
    if line.control == "yes":
        line.choices = [("1", _("yes")), ("0", _("no"))]
    elif line.control == "tags":
        line.src, line.chosen = f"/pick/tags/{column.record}", [(v, v) for v in line.values]
    elif line.control == "link":
        _fill_link(line, kind, look)
    elif line.control in ("checks", "select", "happened", "never"):
        line.choices = [(str(k), str(v)) for k, v in kind.options.items()]  # type: ignore[attr-defined]
        if line.control in ("happened", "never"):
            _fill_which(line, look)
    elif line.control == "lookup":
        line.src = f"/pick/{kind.name.replace('_', '-')}"
        line.chosen = [(v, _words(kind, v, look)) for v in line.values]
    elif line.control in ("period", "point"):
        words = (*PERIODS, *SPANS) if line.control == "period" else POINTS
        known = (
            words if not line.values or _is_day(line.values[0]) or line.values[0] in words else (*words, line.values[0])
        )
        line.choices = [(w, _words_of_time(kind, w)) for w in known]
        line.values = line.values or [words[0]]


def _fill_which(line: Line, look: Look) -> None:
    """The forms, assets, links that the event is about."""
    place = 3 if line.control == "happened" else 2
    line.which = line.values[place] if len(line.values) > place else ""
    line.whiches = holding.offered(line.values[0], look.actor) if line.values else []
    if line.which and line.which not in dict(line.whiches):
        line.whiches.append((line.which, line.which))


def _fill_link(line: Line, kind: Kind, look: Look) -> None:
    assert isinstance(kind, Link)
    words = {"me": _("me"), "my_team": _("my team")}
    quick = next((names for sort, names in ACTORS.items() if isinstance(kind, sort)), ())
    line.src, line.quick = f"/pick/{kind.target.replace('_', '-')}", [(name, words[name]) for name in quick]
    line.chosen = [(v, _words(kind, v, look)) for v in line.values if v not in quick]


def _words(kind: Kind, value: str, look: Look) -> str:
    try:
        return kind.show(kind.parse(value, actor=look.actor)) or value
    except Invalid:
        return value


def _words_of_time(kind: Kind, word: str) -> str:
    try:
        return kind.say(Operator("on", "", "one", lambda _p, _v: None), word)  # type: ignore[arg-type, return-value]
    except Invalid:
        return word


def _is_day(text: str) -> bool:
    return len(text) == 10 and text[4:5] == "-" and text[7:8] == "-"


def columns_to_filter(look: Look) -> list[tuple[str, list[tuple[str, str]]]]:
    """(group, (key, label) pairs) of the columns one can filter by: shown ones first, then the others, then own fields."""
    able = {k: c for k, c in look.columns.items() if c.filterable and c.kind.operators()}
    shown = [c for c in look.shown if c.key in able]
    other = [c for k, c in able.items() if c not in shown and not c.custom]
    custom = [c for c in able.values() if c.custom and c not in shown]
    named = (
        (_("Shown here"), shown),
        (_("Other fields"), sorted(other, key=lambda c: c.label)),
        (_("Your own fields"), custom),
    )
    return [(title, [(c.key, c.label) for c in group]) for title, group in named if group]


# --- changing -------------------------------------------------------------------------------------------------------


def grown(tree: Group, path: str, part: Condition | Group) -> Group:
    """The tree with one more part in the group at `path`."""
    return _at(tree, path, lambda group: Group(group.how, (*group.parts, part)))


def pruned(tree: Group, path: str) -> Group:
    """The tree without the part at `path`."""
    above, _sep, index = path.rpartition("-")
    return _at(tree, above, lambda group: group.without(int(index)))


def _at(tree: Group, path: str, change: Any) -> Group:
    steps = [int(step) for step in path.split("-")[1:]]

    def walk(group: Group, rest: list[int]) -> Group:
        if not rest:
            return change(group)  # type: ignore[no-any-return]
        parts = [walk(p, rest[1:]) if i == rest[0] and isinstance(p, Group) else p for i, p in enumerate(group.parts)]
        return Group(group.how, tuple(parts))

    return walk(tree, steps)


def tidied(tree: Group) -> Group:
    """The tree without empty groups and without lines that have no column yet."""
    parts = [tidied(p) if isinstance(p, Group) else p for p in tree.parts]
    kept = tuple(p for p in parts if (p.parts if isinstance(p, Group) else p.column))
    if len(kept) == 1 and isinstance(kept[0], Group) and tree.how == "all":
        return kept[0]
    return Group(tree.how, kept)
