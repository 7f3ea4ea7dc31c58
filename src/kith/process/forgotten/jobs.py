"""What is done beside the pages: looking again at rows that were held, and the nightly proof."""

from __future__ import annotations

from django.db import transaction

from kith.kernel.jobs.declare import job
from kith.process.forgotten import looking, proving
from kith.process.forgotten.listening import wait_for


@job("forgotten.look", label="Look again at rows that somebody else was writing")
def look(refs: list[list[object]]) -> None:
    """Running it twice changes nothing the second time."""
    wanted = [(str(record), int(str(pk))) for record, pk in refs]
    with transaction.atomic():
        wait_for(wanted)
        looking.look(wanted)


@job("forgotten.care", label="Look again at what a colleague who left or came back looked after")
def care(user: int) -> None:
    looking.look_at_care_of(user)


@job("forgotten.prove", every="47 2 * * *", label="Prove that nobody is forgotten")
def prove(asked_by: str = "") -> None:
    """Each run writes a proof of its own; the second finds what the first put right."""
    proving.prove(asked_by)
