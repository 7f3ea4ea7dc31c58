"""Which events automation is told of: those that start a workflow that is on, those that a run may wait for, and what became
of mail that runs wrote."""

from __future__ import annotations

from kith.automation.fallen import FELL
from kith.automation.queries import awaited_verbs, live
from kith.kernel.organisation.models import cached


def listens(verb: str) -> bool:
    """Asked in every writing transaction, so answered from what is kept per configuration stamp."""
    verbs: frozenset[str] = cached("automation_verbs", _verbs, ("workflow",))
    return verb in verbs


def _verbs() -> frozenset[str]:
    return awaited_verbs().union(FELL, *(one.trigger.verbs() for one in live()))
