"""What those have done who bring most relationships on, in words: beside a playbook, in the guide, on the page of the stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.process.evidence.advice import LEAST_OF_ONE, advice_of
from kith.process.evidence.reading import sees_all
from kith.ui.filters import percent


@dataclass(frozen=True)
class Line:
    """One thing that the gate asks for: how often the best had it when they went on, and everybody else."""

    says: str
    best: str
    others: str
    exact: str


@dataclass(frozen=True)
class Advised:
    lines: tuple[Line, ...]
    foot: str


def advised(process: int) -> dict[str, Advised]:
    """{stage: what may be said}; nothing of stages where too little happened. One query."""
    return {key: _said(one) for key, one in advice_of(process).items()}


def advised_to(actor: Actor, process: int) -> dict[str, Advised]:
    """The same for whoever sees the relationships that it was counted from, which is all of them."""
    return advised(process) if sees_all(actor) else {}


def _said(one: dict[str, Any]) -> Advised:
    said = {
        "best": one["best"], "n": one["colleagues"], "least": LEAST_OF_ONE,
        "share": percent(_share(one["best_on"])), "others": percent(_share(one["others_on"])),
    }  # fmt: skip
    words = ngettext(
        "The best: %(best)s colleague of %(n)s with at least %(least)s relationships here within a year, of whose %(share)s went on, everybody else’s %(others)s. That both go together does not say that one makes the other.",
        "The best: %(best)s colleagues of %(n)s with at least %(least)s relationships here within a year, of whose %(share)s went on, everybody else’s %(others)s. That both go together does not say that one makes the other.",
        one["best"],
    )  # fmt: skip
    return Advised(tuple(_line(need) for need in one["needs"]), words % said)


def _line(need: dict[str, Any]) -> Line:
    exact = _("%(a)s of %(b)s that went on, everybody else %(c)s of %(d)s") % dict(
        zip("abcd", (*need["best"], *need["others"]), strict=True)
    )
    return Line(need["says"], percent(_share(need["best"])), percent(_share(need["others"])), exact)


def _share(pair: list[int]) -> float:
    return pair[0] / pair[1]
