"""The filter tree: all / any / not over conditions (column, operator, values).

One tree is a URL parameter, a saved view, a segment, an automation condition and a sentence. As text it reads
`owner.is:me,amount.over:1000,any(stage.is:3|4,closes_on.in:this_quarter),not(tags.any:spam)`: commas mean "and",
`|` parts several values, a value with special characters stands in double quotes (JSON string).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid

GROUPS = ("all", "any", "not")
MOST_CONDITIONS = 60
MOST_DEPTH = 6
_PLAIN = re.compile(r'^[^\s,|()":][^,|()":]*$')
_TOKEN = re.compile(r"\s*(?:(?P<group>all|any|not)\(|(?P<close>\))|(?P<comma>,)|(?P<key>[\w.]+)(?P<colon>:)?)")
_VALUE = re.compile(r'\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^,|()"]*))')


@dataclass(frozen=True)
class Condition:
    """`column` is a column key, `op` an operator key of its kind, `values` the operands as given (words, ids)."""

    column: str
    op: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Group:
    """`how`: "all", "any" or "not" (none of the parts)."""

    how: str = "all"
    parts: tuple[Condition | Group, ...] = ()

    def conditions(self) -> Iterator[Condition]:
        for part in self.parts:
            if isinstance(part, Condition):
                yield part
            else:
                yield from part.conditions()

    def __bool__(self) -> bool:
        return bool(self.parts)

    def plus(self, part: Condition | Group) -> Group:
        """This tree and one more condition."""
        return Group("all", (*self.parts, part)) if self.how == "all" else Group("all", (self, part))

    def without(self, index: int) -> Group:
        """This tree less its top-level part number `index`."""
        return Group(self.how, tuple(p for i, p in enumerate(self.parts) if i != index))


def to_text(tree: Group) -> str:
    """The URL form; `parse(to_text(t)) == t` for trees of text and whole numbers."""
    body = ",".join(_part_text(p) for p in tree.parts)
    return body if tree.how == "all" else f"{tree.how}({body})"


def _part_text(part: Condition | Group) -> str:
    if isinstance(part, Group):
        return f"{part.how}({','.join(_part_text(p) for p in part.parts)})"
    if not part.values:
        return f"{part.column}.{part.op}"
    return f"{part.column}.{part.op}:" + "|".join(_value_text(v) for v in part.values)


def _value_text(value: Any) -> str:
    text = str(value)
    return text if _PLAIN.match(text) and text == text.strip() else json.dumps(text, ensure_ascii=False)


def parse(text: str) -> Group:
    """Tree from its URL form. Raises Invalid with the place where reading stopped."""
    if not text.strip():
        return Group()
    parts, pos = _parts(text, 0, 0)
    if pos != len(text):
        raise Invalid(_("The filter cannot be read from “%s”.") % text[pos : pos + 30])
    tree = (
        parts[0]
        if len(parts) == 1 and isinstance(parts[0], Group) and parts[0].how != "all"
        else Group("all", tuple(parts))
    )
    assert isinstance(tree, Group)
    return check_size(tree)


def check_size(tree: Group) -> Group:
    if sum(1 for _c in tree.conditions()) > MOST_CONDITIONS:
        raise Invalid(_("A filter may have at most %s conditions.") % MOST_CONDITIONS)
    return tree


def _parts(text: str, pos: int, depth: int) -> tuple[list[Condition | Group], int]:
    if depth > MOST_DEPTH:
        raise Invalid(_("A filter may be nested at most %s deep.") % MOST_DEPTH)
    parts: list[Condition | Group] = []
    while pos < len(text):
        match = _TOKEN.match(text, pos)
        if match is None:
            raise Invalid(_("The filter cannot be read from “%s”.") % text[pos : pos + 30])
        if match["close"]:
            return parts, pos
        if match["comma"]:
            pos = match.end()
            continue
        if match["group"]:
            inner, pos = _parts(text, match.end(), depth + 1)
            if text[pos : pos + 1] != ")":
                raise Invalid(_("The filter lacks a closing bracket."))
            pos += 1
            parts.append(Group(match["group"], tuple(inner)))
            continue
        condition, pos = _condition(text, match)
        parts.append(condition)
    return parts, pos


def _condition(text: str, match: re.Match[str]) -> tuple[Condition, int]:
    column, _dot, op = match["key"].rpartition(".")
    if not column:
        raise Invalid(_("“%s” lacks an operator; write it like owner.is:me.") % match["key"])
    pos, values = match.end(), []
    while match["colon"]:
        value = _VALUE.match(text, pos)
        assert value is not None  # the pattern matches the empty text
        quoted = value["quoted"]
        try:
            values.append(json.loads(f'"{quoted}"') if quoted is not None else value["plain"].strip())
        except json.JSONDecodeError:
            raise Invalid(_("The filter cannot be read from “%s”.") % text[pos : pos + 30]) from None
        pos = value.end()
        if text[pos : pos + 1] != "|":
            break
        pos += 1
    return Condition(column, op, tuple(values)), pos


def to_json(tree: Group) -> dict[str, Any]:
    """The stored form: {"all": [["owner", "is", ["me"]], {"any": [...]}]}."""
    parts = [to_json(p) if isinstance(p, Group) else [p.column, p.op, list(p.values)] for p in tree.parts]
    return {tree.how: parts}


def _word(value: Any) -> str:
    """A stored operand as text, as an address gives it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if not isinstance(value, str | int | float):
        raise Invalid(_("The values of a condition are words and numbers."))
    return str(value)


def from_json(data: Any, depth: int = 0) -> Group:
    """Tree from its stored form. Raises Invalid."""
    if not data:
        return Group()
    if not isinstance(data, dict) or len(data) != 1 or next(iter(data)) not in GROUPS or depth > MOST_DEPTH:
        raise Invalid(_("A filter is {“all”: […]}, {“any”: […]} or {“not”: […]}."))
    how, raw = next(iter(data.items()))
    parts: list[Condition | Group] = []
    for part in raw if isinstance(raw, list) else [raw]:
        if isinstance(part, dict):
            parts.append(from_json(part, depth + 1))
        elif isinstance(part, list) and 2 <= len(part) <= 3 and all(isinstance(p, str) for p in part[:2]):
            values = part[2] if len(part) == 3 else []
            parts.append(
                Condition(part[0], part[1], tuple(_word(v) for v in (values if isinstance(values, list) else [values])))
            )
        else:
            raise Invalid(_("A condition is [“column”, “operator”, [values]]."))
    return check_size(Group(how, tuple(parts)))
