"""Placeholders in words that go by mail: `{{ person.given_name | "there" }}`, read by a grammar of its own and nothing else.

A placeholder is a name and, after a bar, words for where it is blank. It is never an expression: nothing that a colleague
writes into a text runs. Which names there are, and what they stand for, is said by whoever sends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid

_NAME = r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+"
_INSIDE = re.compile(rf"\s*(?P<name>{_NAME})\s*(?:\|\s*(?P<quote>[\"'“])(?P<fallback>[^\"'“”{{}}\n]*)[\"'”]\s*)?")
_MARKS = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


@dataclass(frozen=True)
class Place:
    """One placeholder. `name` is "person.given_name"; `fallback` stands in for a blank value, None where there is none."""

    name: str
    fallback: str | None = None

    @property
    def source(self) -> str:
        return self.name.partition(".")[0]

    @property
    def key(self) -> str:
        return self.name.partition(".")[2]


def parts(text: str) -> list[str | Place]:
    """The text in pieces, words and placeholders. Raises Invalid for what is no placeholder between its braces."""
    out: list[str | Place] = []
    at = 0
    for match in _MARKS.finditer(text):
        inside = _INSIDE.fullmatch(match[1])
        if inside is None:
            raise Invalid(_unread(match[0]))
        out += [text[at : match.start()], Place(inside["name"], inside["fallback"])]
        at = match.end()
    rest = text[at:]
    if "{{" in rest:
        raise Invalid(_unread(rest[rest.index("{{") :][:40]))
    return [each for each in (*out, rest) if each != ""]


def _unread(words: str) -> str:
    return _('“%s” is no placeholder; write it like {{ person.given_name | "there" }}.') % words.strip()[:60]


def places(text: str) -> Iterator[Place]:
    return (each for each in parts(text) if isinstance(each, Place))


def check_names(found: Iterable[Place], names: Iterable[str], field: str) -> None:
    """Raises Invalid, naming the nearest that exists, for a placeholder that does not."""
    known = list(names)
    for place in found:
        if place.name not in known:
            near = get_close_matches(place.name, known, 1, 0.5) or known[:1]
            raise Invalid(_("There is no placeholder “%(name)s”; the nearest is “%(near)s”.") % {
                "name": place.name, "near": near[0]}, field)  # fmt: skip


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with each placeholder's value, else its other words, else nothing. Words that cannot be read stay as they
    are: texts are checked when they are kept."""
    try:
        found = parts(text)
    except Invalid:
        return text
    return "".join(one if isinstance(one, str) else values.get(one.name) or one.fallback or "" for one in found)
