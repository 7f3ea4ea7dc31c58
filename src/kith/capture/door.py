"""How people who come through other rooms are taken in: recognised as those who send a form are, or held for a colleague."""

from __future__ import annotations

from kith.capture import incoming
from kith.capture.actions import accept, merge
from kith.capture.matching import learn, match
from kith.contacts.arriving import Newcomer
from kith.kernel.access.actor import Actor
from kith.kernel.errors import KithError


def door(newcomer: Newcomer, by: Actor) -> None:
    """Whoever is known is themselves, whoever is not becomes a person; who may be somebody we know waits in the queue."""
    row = incoming.hold(
        through=newcomer.through, sender=newcomer.email, name=newcomer.name, subject=newcomer.source, text=newcomer.text,
        ref=newcomer.ref, known=newcomer.known, phone=newcomer.phone, why="",
    )  # fmt: skip
    found = match(row, learn([row]))
    try:
        if found.person is not None:
            merge(row, person=found.person, by=by)
        elif found.proposed is None:
            accept(row, by=by)
    except KithError:  # a rule wants more than they said: somebody adds it in the queue
        return
