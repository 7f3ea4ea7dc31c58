"""Where new customers begin, in the words of people: whom each process is for, and who comes first where two would fit."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.text import fold
from kith.process.definition.checks import whom_faults
from kith.process.definition.shape import Definition
from kith.process.editor.words import say_rule
from kith.process.journeys.choosing import asked
from kith.process.models import Process
from kith.process.versions import standard


@dataclass(frozen=True)
class Door:
    """One process in which new customers begin. `wrong`: why its rule cannot be asked, and where they begin meanwhile."""

    process: Process
    says: str
    wrong: str = ""


def doors(actor: Actor) -> list[Door]:
    """The processes in which new customers begin, in the order in which they are asked; the standard one is the last."""
    usual, ruled = standard(), asked()
    rest = usual.process.name if usual else _("no process")
    out = []
    for one, rule in ruled:
        faults = " ".join(whom_faults(one.definition))
        words = _("Its rule cannot be asked: %(why)s Until that is mended, whoever it is for may begin in %(rest)s.")
        wrong = words % {"why": _sentence(faults), "rest": rest} if faults else ""
        out.append(Door(one.process, say_rule(rule, actor), wrong))
    if usual:
        out.append(Door(usual.process, _("Everybody else") if ruled else _("Every new customer")))
    return out


def _sentence(words: str) -> str:
    return words if words[-1:] in (".", "") else f"{words}."


def say_whom(process: Process, definition: Definition, actor: Actor) -> str:
    """Whom a process is for as this definition says it, and what comes of that beside the others."""
    if definition.whom is None:
        if process.is_default or standard() is None:
            return _("For every new customer whom no other process is for.")
        return _("For nobody in particular: new customers begin elsewhere.")
    said = _("For new customers where this holds: %s.") % say_rule(definition.whom, actor)
    before = [one.process.name for one, _rule in asked() if _first(one.process, process, definition)]
    if before:
        said += " " + _(
            "Whoever also fits %s begins there: processes are asked in the order of their names."
        ) % ", ".join(before)
    if process.is_default:
        said += " " + _("Whoever no process is for begins here as well.")
    return said


def _first(one: Process, process: Process, definition: Definition) -> bool:
    """Is `one` asked before this process, under the name that the definition gives it?"""
    return one.pk != process.pk and (fold(one.name), one.pk) < (fold(definition.name), process.pk)
