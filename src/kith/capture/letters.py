"""Mail of somebody nobody knows: it waits in the queue, or becomes a person at once where its mailbox says so.

The message itself stays with the mailbox until it is somebody's; then it is filed as theirs, in the same transaction that
takes them in.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.activities.incoming import file_for
from kith.capture import incoming
from kith.capture.actions import accept
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import KithError
from kith.kernel.jobs import enqueue
from kith.kernel.mail.answering import refusal
from kith.kernel.mail.levels import Level, tells_subject
from kith.kernel.mail.models import Arrived, ArrivedState, Mailbox, Strangers
from kith.kernel.mail.parsed import Parsed
from kith.kernel.mail.working import Filed, settle

MAIL = "mail"


def stranger(arrived: int, parsed: Parsed, mailbox: Mailbox | None) -> str:
    """What happens with a stranger's mail (see `kernel.mail.working.Stranger`). Who may be somebody we know, and what a
    machine wrote, waits for a person whatever the mailbox says. What came into a mailbox that somebody keeps to themselves
    waits without the words."""
    level = mailbox.level if mailbox is not None else Level.FULL
    row = incoming.hold(
        through=MAIL, sender=parsed.sender.address, name=parsed.sender.name,
        subject=parsed.subject if tells_subject(level) else _("Mail to %s") % mailbox,
        text=(parsed.fresh or parsed.text) if level == Level.FULL else "", ref=arrived, at=parsed.date, language=parsed.language,
    )  # fmt: skip
    if mailbox is not None and mailbox.acknowledge and not refusal(parsed):
        enqueue("capture.acknowledge_mail", key=f"capture.acknowledge_mail:{row.pk}", submission=row.pk)
    at_once = mailbox is not None and mailbox.strangers == Strangers.LEAD
    if not at_once or row.proposed is not None or refusal(parsed):
        return ArrivedState.HELD
    try:
        accept(row, by=system(MAIL))
    except KithError:  # a rule wants more than a mail tells: somebody adds it in the queue
        return ArrivedState.HELD
    return ArrivedState.FILED


def put_away(arrived: int, away: bool, by: Actor) -> None:
    """A colleague discarded it, or brought it back: mail health counts it among what nobody waits for, or as waiting."""
    rows = Arrived.objects.select_for_update(of=("self",)).filter(pk=arrived)
    row = rows.filter(state=ArrivedState.HELD if away else ArrivedState.IGNORED).first()
    if row is not None:
        words = _("Discarded by %s among what came in.") % by.name if away else _("Nobody knows this sender.")
        settle(row, Filed(ArrivedState.IGNORED if away else ArrivedState.HELD, words))


def taken(arrived: int, person: Any, by: Actor) -> None:
    """Somebody is made of it: their mail stands on their story."""
    file_for(arrived, person, by)
