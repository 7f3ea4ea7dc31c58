"""Background work of activities: handing mail to the server, reminding of what is due."""

from __future__ import annotations

from smtplib import SMTPException

from django.utils import timezone

from kith.activities import mail, notices
from kith.activities.models import Activity, Mention
from kith.activities.purging import purge_notices
from kith.kernel.errors import Invalid
from kith.kernel.jobs import current_job, job

ATTEMPTS = 6


@job("activities.send_mail", attempts=ATTEMPTS, queue="mail", label="Send a mail")
def send_mail(*, message: int) -> None:
    """Send one message; after the last try it is marked as failed and stays in the outbox."""
    try:
        mail.send(message)
    except (
        Invalid
    ) as problem:  # nobody it is for may be written to, or a header is broken: trying again changes nothing
        mail.failed(message, problem.message)
    except (SMTPException, OSError) as problem:
        running = current_job()
        if running is None or running.attempts + 1 >= ATTEMPTS:
            mail.failed(message, f"{type(problem).__name__}: {problem}")
            return
        raise


@job("activities.remind", every="* * * * *", label="Remind of tasks")
def remind() -> None:
    """Reminders whose moment has come turn into a line in the owner's inbox, once each."""
    due = Activity.objects.filter(remind_at__lte=timezone.now(), done_at=None, archived_at=None, owner__isnull=False)
    rows = list(due.values_list("pk", "owner_id")[:1000])
    Mention.objects.bulk_create(
        [Mention(activity_id=pk, user_id=owner, why="reminder") for pk, owner in rows], ignore_conflicts=True
    )
    Activity.objects.filter(pk__in=[pk for pk, _owner in rows]).update(remind_at=None)


@job("activities.purge_notices", every="50 3 * * *", label="Delete old notices")
def purge() -> None:
    """Running it twice deletes nothing the second time."""
    purge_notices()


@job("activities.mail_notices", attempts=ATTEMPTS, queue="mail", label="Mail what colleagues are told")
def mail_notices() -> None:
    notices.mail_notices("once")


@job("activities.mail_digests", attempts=ATTEMPTS, queue="mail", every="0 7 * * *", label="Mail the daily digests")
def mail_digests() -> None:
    notices.mail_notices("digest")
