"""Who may be written to: asked of gates, for one receiver or for thousands at once.

A gate says never (the address bounced, nobody agreed to the purpose). A pace says not now: somebody heard from us often
enough this week. Only outreach, which a machine sends of its own accord, is asked of paces; what somebody writes by hand
and what answers people passes them. A room registers either at start-up, and nobody else needs to know of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.utils import timezone

from kith.kernel.errors import Invalid

INTERNAL = "internal"
HOLDS_FOR = dt.timedelta(minutes=2)  # what was asked for many at once; then it is asked again as mail leaves


@dataclass(frozen=True)
class Receiver:
    """An address, and the person it belongs to where that is known."""

    address: str
    person: int | None = None


@dataclass(frozen=True)
class Outreach:
    """That a machine sends of its own accord. `through` is a key ("sequence", "mailing"), `name` what people call it,
    `record` and `pk` the row that says more."""

    through: str
    name: str = ""
    record: str = ""
    pk: int | None = None


@dataclass(frozen=True)
class Later:
    """Somebody is not written to now: why, in words, and when it is worth asking again."""

    why: str
    until: dt.datetime


class NotNow(Invalid):
    """They have had enough for now; `until` is when it may be tried again."""

    def __init__(self, later: Later):
        super().__init__(later.why, "to")
        self.until = later.until


@dataclass(frozen=True)
class Clearance:
    """What gates and paces said of many at once. `leave` takes it instead of asking again for each.

    passed: addresses that may be written to now. refused: {address: why never}. later: {address: not now}.
    """

    purpose: str
    outreach: Outreach | None
    passed: frozenset[str]
    refused: dict[str, str]
    later: dict[str, Later]
    at: dt.datetime = field(default_factory=timezone.now)

    def covers(self, addresses: Iterable[str], purpose: str) -> bool:
        """Does it say that all of these may be written to now for this purpose?"""
        return purpose == self.purpose and timezone.now() - self.at < HOLDS_FOR and set(addresses) <= self.passed


# A gate is asked with receivers and the key of a purpose ("" for mail that somebody writes to somebody, or that answers
# what a person did); it says why an address may not be written to.
Gate = Callable[[list[Receiver], str], dict[str, str]]
# A pace is asked with receivers of outreach; it says who is not written to now, and counts the others as written to, in
# the transaction it is asked in.
Pace = Callable[[list[Receiver], Outreach], dict[str, Later]]
_gates: list[Gate] = []
_paces: list[Pace] = []


def register_gate(gate: Gate) -> None:
    """Ask `gate` before mail leaves."""
    if gate not in _gates:
        _gates.append(gate)


def register_pace(pace: Pace) -> None:
    """Ask `pace` before outreach leaves."""
    if pace not in _paces:
        _paces.append(pace)


def withheld(receivers: Iterable[Receiver], purpose: str = "") -> dict[str, str]:
    """Which addresses may not be written to for this purpose, and why, in words: {address: sentence}."""
    asked = list(receivers)
    found: dict[str, str] = {}
    for gate in _gates:
        found = gate(asked, purpose) | found
    return found


def clear(receivers: Iterable[Receiver], purpose: str = "", outreach: Outreach | None = None) -> Clearance:
    """Ask gates and paces about these receivers; a few queries, however many they are. Give a few hundred at once.

    Whoever passes as a receiver of outreach counts as written to from then on. So ask in the transaction that notes who is
    written to: if it is rolled back, nobody was.
    """
    asked = [Receiver(r.address.strip().lower(), r.person) for r in receivers]
    refused = withheld(asked, purpose)
    left = [r for r in asked if r.address not in refused]
    later: dict[str, Later] = {}
    for pace in _paces if outreach is not None else ():
        assert outreach is not None
        held = pace(left, outreach)
        later |= held
        left = [r for r in left if r.address not in held]
    return Clearance(purpose, outreach, frozenset(r.address for r in left), refused, later)
