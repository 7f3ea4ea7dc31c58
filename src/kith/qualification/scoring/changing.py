"""What follows from other rules, and from two people becoming one."""

from __future__ import annotations

from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.jobs import enqueue
from kith.qualification.models import Lead


def rules_changed(pairs: list[tuple[Any, Any]], by: Actor) -> None:
    """Everybody's score is worked out again after the commit, once for however many rules changed."""
    enqueue("qualification.rescore", key="qualification.rescore")


def make_room(record: Any, keep: Any, others: list[Any], by: Actor) -> None:
    """Who stays has a row of their own before a merge, so that those of the others are put by and come back whole."""
    if record.name == "person" and Lead.objects.filter(person__in=[o.pk for o in others]).exists():
        Lead.objects.get_or_create(person=keep)
