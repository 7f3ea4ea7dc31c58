"""Background work of forms: looking at what came in, saying that we have it, and telling when something waits too long."""

from __future__ import annotations

from kith.capture import ack, mailack, processing, proofs
from kith.capture.alarm import tell_of_waiting
from kith.capture.magnets import letters
from kith.kernel.jobs import QUICK, enqueue, job


@job("capture.process", attempts=10, queue=QUICK, priority=5, label="Take in what came through forms")
def process() -> None:
    """One batch; what is left is the next one's."""
    if processing.process_waiting() == processing.BATCH:
        enqueue("capture.process", key="capture.process")


@job("capture.sweep", every="* * * * *", label="Take in what a stopped worker left")
def sweep() -> None:
    """Whatever still waits, should its job have been lost with its worker."""
    processing.process_waiting()


@job("capture.acknowledge", attempts=6, queue="mail", label="Tell people that their message came")
def acknowledge(*, ids: list[int]) -> None:
    """One after the other; what left already does not leave again."""
    for pk in ids:
        ack.acknowledge(pk)


@job("capture.acknowledge_mail", attempts=6, queue="mail", label="Tell strangers that their mail came")
def acknowledge_mail(*, submission: int) -> None:
    """It leaves once."""
    mailack.acknowledge(submission)


@job("capture.hand_over", attempts=6, queue="mail", label="Hand over what lead magnets give")
def hand_over(*, ids: list[int]) -> None:
    """Each link leaves once."""
    for pk in ids:
        letters.hand_over(pk)


@job("capture.alarm", every="*/10 * * * *", label="Tell of submissions that nobody looked at")
def alarm() -> None:
    tell_of_waiting()


@job("capture.forget_proofs", every="23 * * * *", label="Forget used proofs of work")
def forget_proofs() -> None:
    """Those that are too old to count."""
    proofs.forget()
