"""Background work of advocacy: asking for reviews, inviting who would recommend us, telling voters, what holds no more."""

from __future__ import annotations

from kith.advocacy import ideas, listening, references, reviews
from kith.kernel.jobs import enqueue, job
from kith.kernel.mail.clearing import NotNow


@job("advocacy.ask_reviews", queue="mail", every="*/10 * * * *", label="Ask for reviews")
def ask_reviews() -> None:
    reviews.send_due()


@job("advocacy.invite", queue="mail", label="Send somebody their own code")
def invite(*, person: int) -> None:
    try:
        listening.invite(person)
    except NotNow as later:
        enqueue("advocacy.invite", at=later.until, person=person)


@job("advocacy.tell_voters", queue="mail", label="Tell voters what became of an idea")
def tell_voters(*, idea: int, version: int, state: str) -> None:
    ideas.tell_voters(idea, version, state)


@job("advocacy.expire", every="35 5 * * *", label="End references that hold no more")
def expire() -> None:
    references.expire()
