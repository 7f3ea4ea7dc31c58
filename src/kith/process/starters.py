"""The processes that Kith ships, as the files that they are."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from django.utils.translation import gettext as _

from kith.kernel.errors import NotFound
from kith.process.definition.files import from_yaml
from kith.process.definition.shape import Definition

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
    return from_yaml(text_of(name))


def starters() -> list[Definition]:
    return [starter(name) for name in NAMES]
