"""Mail that arrives, as the tests of this room have it."""

from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.arriving import take_in

MAIL = ["mail.work", "activities.send_mail"]


def arrive(message, mailbox=None, **more):
    """A message, whole or as bytes, came into a mailbox and was worked on."""
    row = take_in(message if isinstance(message, bytes) else message.as_bytes(), mailbox=mailbox, **more)
    run_waiting_jobs(names=MAIL)
    row.refresh_from_db()
    return row
