"""Changing a draft step by step: pure functions from a document to the next one. Places are the numbers people read:
"3" is a step, "2a." the first half of the branch in step 2, "" the workflow itself.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.errors import NotFound

Document = dict[str, Any]
_PART = re.compile(r"(\d{1,3})([ab]?)")
HALVES = {"a": "then", "b": "else"}


def half_of(document: Document, where: str) -> list[Any]:
    """The list of steps at a place, made where it is not there yet. Raises NotFound."""
    here: Any = document.setdefault("steps", [])
    for part in where.rstrip(".").split(".") if where else []:
        match = _PART.fullmatch(part)
        if match is None or not match[2] or int(match[1]) > len(here) or int(match[1]) < 1:
            raise NotFound(_("There is no step %s any more.") % where)
        here = here[int(match[1]) - 1].setdefault(HALVES[match[2]], [])
    if not isinstance(here, list):
        raise NotFound(_("There is no step %s any more.") % where)
    return here


def place_of(document: Document, number: str) -> tuple[list[Any], int]:
    """(the list, the index in it) of a step. Raises NotFound."""
    where, dot, last = number.rpartition(".")
    steps = half_of(document, f"{where}{dot}")
    if not last.isdecimal() or not 1 <= int(last) <= len(steps):
        raise NotFound(_("There is no step %s any more.") % number)
    return steps, int(last) - 1


def step_at(document: Document, number: str) -> dict[str, Any]:
    steps, index = place_of(copy.deepcopy(document), number)
    found: dict[str, Any] = steps[index]
    return found


def with_step(document: Document, where: str, step: dict[str, Any]) -> Document:
    """The document with one more step at the end of that place."""
    out = copy.deepcopy(document)
    half_of(out, where).append(step)
    return out


def replaced(document: Document, number: str, step: dict[str, Any]) -> Document:
    out = copy.deepcopy(document)
    steps, index = place_of(out, number)
    steps[index] = step
    return out


def without(document: Document, number: str) -> Document:
    out = copy.deepcopy(document)
    steps, index = place_of(out, number)
    del steps[index]
    return out


def moved(document: Document, number: str, by: int) -> Document:
    """The step one place up (-1) or down (1) among its neighbours; at the end it stays."""
    out = copy.deepcopy(document)
    steps, index = place_of(out, number)
    other = index + by
    if 0 <= other < len(steps):
        steps[index], steps[other] = steps[other], steps[index]
    return out
