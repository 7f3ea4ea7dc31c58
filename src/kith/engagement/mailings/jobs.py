"""Background work of mailings: handing over, and the clock that begins what was scheduled and finds what a worker left."""

from __future__ import annotations

from kith.engagement.mailings import actions, handing, starting
from kith.engagement.models import Batch, Mailing, MailingState
from kith.kernel.access.actor import actor_for, system
from kith.kernel.accounts.models import User
from kith.kernel.jobs import enqueue, job


@job("engagement.mailing", queue="mail", attempts=3, label="Send a mailing")
def mailing(*, mailing: int) -> None:
    """One turn of it; running it twice at once sends once."""
    handing.work(mailing)


@job("engagement.mailing_check", queue="mail", attempts=1, label="Check a mailing")
def mailing_check(*, mailing: int, by: int | None) -> None:
    """Look at everybody of a large audience; doing it twice finds the same."""
    user = User.objects.filter(pk=by).first()
    actions.check_beside(mailing, actor_for(user, "automation") if user is not None else system("automation"))


@job("engagement.mailings", every="* * * * *", label="Begin scheduled mailings")
def minute() -> None:
    """What is due, and what is under way without anybody at it: two at once do no harm."""
    starting.begin_due()
    going = Mailing.objects.filter(state=MailingState.SENDING, archived_at__isnull=True).values_list("pk", flat=True)
    for pk in {*going, *Batch.objects.values_list("mailing_id", flat=True)}:
        enqueue("engagement.mailing", key=f"engagement.mailing:{pk}", mailing=pk)
