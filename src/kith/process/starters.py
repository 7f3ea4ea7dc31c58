"""The processes that Kith ships, as the files that they are."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.errors import NotFound
from kith.kernel.languages import speaking
from kith.process.definition.document import read, write
from kith.process.definition.files import from_yaml
from kith.process.definition.shape import Definition

SAID = frozenset({"name", "about", "purpose", "prevents", "playbook", "says"})  # of a document: what is text
NAMES = ("lead-to-loyalty", "sales-flow", "relationship", "cycle", "start-small")


@cache
def text_of(name: str) -> str:
    """The file of a starter. Raises NotFound."""
    if name not in NAMES:
        raise NotFound(
            _("There is no starter “%(name)s”; there are: %(known)s.") % {"name": name, "known": ", ".join(NAMES)}
        )
    return (files("kith.process") / "shipped" / f"{name}.yaml").read_text(encoding="utf-8")


def starter(name: str) -> Definition:
    """As the file has it, in English."""
    return from_yaml(text_of(name))


def own_starter(name: str) -> Definition:
    """In the organisation's language, whoever asks; in English where its words are not known in that one. What is brought in from
    it is the organisation's own from then on, and no language changes it."""
    with speaking():
        return read(_worded(write(starter(name))))


def own_starters() -> list[Definition]:
    """All of them, in the organisation's language."""
    return [own_starter(name) for name in NAMES]


def _worded(part: Any) -> Any:
    """The document with its texts in the active language."""
    if isinstance(part, list):
        return [_worded(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _(value) if key in SAID and isinstance(value, str) and value else _worded(value) for key, value in part.items()
    }  # fmt: skip
