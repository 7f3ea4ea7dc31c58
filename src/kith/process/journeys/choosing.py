"""In which process new customers begin: those with a rule are asked in the order of their names, and whom none of them is
for begins in the standard one. Set by set, so that an import asks each rule once.

A rule that cannot be asked any more, because its field is gone, holds for nobody: no customer is lost, and Settings says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from kith.kernel.text import fold
from kith.process.definition.shape import Rule
from kith.process.journeys.customers import Customer, Ref
from kith.process.journeys.entering import meeting
from kith.process.versions import InForce, in_use, standard


def asked() -> list[tuple[InForce, Rule]]:
    """The processes in use that say whom they are for, in the order in which they are asked."""
    ruled = [(one, one.definition.whom) for one in in_use().values() if one.definition.whom is not None]
    return sorted(ruled, key=lambda each: (fold(each[0].process.name), each[0].process.pk))


def begins_in(customers: Iterable[Customer]) -> dict[Ref, InForce]:
    """The process in which each of these customers begins; those are left out for whom there is none. A query for each
    rule and kind of customer, however many they are."""
    rest = [c.ref for c in customers]
    out: dict[Ref, InForce] = {}
    for one, rule in asked():
        if not rest:
            break
        out |= dict.fromkeys(meeting(rule, rest), one)
        rest = [ref for ref in rest if ref not in out]
    usual = standard()
    return out | (dict.fromkeys(rest, usual) if usual else {})


def by_process(customers: Iterable[Customer]) -> list[tuple[InForce, list[Customer]]]:
    """The same customers by the process in which they begin."""
    every = list(customers)
    found = begins_in(every)
    groups: dict[int, tuple[InForce, list[Customer]]] = {}
    for c in every:
        if one := found.get(c.ref):
            groups.setdefault(one.process.pk, (one, []))[1].append(c)
    return list(groups.values())
