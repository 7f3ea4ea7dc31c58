"""Background work of mail: reading mailboxes, filing what arrived, comparing with servers."""

from __future__ import annotations

import logging

from kith.kernel.jobs import current_job, enqueue, job
from kith.kernel.mail import comparing, expiring, fetching, working

log = logging.getLogger(__name__)
ATTEMPTS = 5


@job("mail.work", attempts=ATTEMPTS, queue="mail", label="Read arrived mail")
def work(*, arrived: int | None = None) -> None:
    """File all that waits, or one message: that is tried again, and after the last try it is listed as failed and can be tried
    again by hand. Running it twice files once."""
    if arrived is None:
        working.work_waiting()
        return
    try:
        working.work(arrived)
    except Exception as problem:
        running = current_job()
        if running is None or running.attempts + 1 < ATTEMPTS:
            raise
        log.exception("The arrived mail %s could not be filed.", arrived)
        working.give_up(arrived, f"{type(problem).__name__}: {problem}")


@job("mail.poll", every="* * * * *", label="Look for new mail")
def poll() -> None:
    """One job a mailbox that is due; one that is being read is not read by another. What was taken in and still waits is read
    too."""
    working.look_again()
    for mailbox in fetching.due():
        enqueue("mail.fetch", mailbox=mailbox, key=f"mail.fetch:{mailbox}")


@job("mail.fetch", attempts=1, queue="mail", priority=-10, label="Read a mailbox")
def fetch(*, mailbox: int) -> None:
    fetching.fetch(mailbox)


@job("mail.compare_all", every="17 * * * *", label="Compare mailboxes with their servers")
def compare_all() -> None:
    for mailbox in fetching.due():
        enqueue("mail.compare", mailbox=mailbox, key=f"mail.compare:{mailbox}")


@job("mail.compare", attempts=1, queue="mail", priority=-10, label="Compare a mailbox with its server")
def compare(*, mailbox: int) -> None:
    comparing.compare(mailbox)


@job("mail.fetch_gaps", attempts=1, queue="mail", priority=-10, label="Fetch what is missing from a mailbox")
def fetch_gaps(*, mailbox: int) -> None:
    comparing.fetch_gaps(mailbox)


@job("mail.clear", every="37 3 * * *", label="Clear whole messages that were kept long enough")
def clear() -> None:
    """Running it twice clears nothing the second time."""
    expiring.clear()
