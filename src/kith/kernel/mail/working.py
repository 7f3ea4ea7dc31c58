"""What becomes of an arrived message: read, asked of those who know whom it concerns, and its state set.

The rooms above say what they know of: `register_filer` (people and their stories), `register_reporter` (mail that we sent
and that came back), `register_stranger` (what to do with somebody nobody knows). The first that answers decides.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid, KithError
from kith.kernel.jobs import enqueue
from kith.kernel.mail.addresses import loop_mark, to_us
from kith.kernel.mail.arriving import bytes_of
from kith.kernel.mail.models import Arrived, ArrivedState, Mailbox, Strangers
from kith.kernel.mail.parsed import Parsed, Report
from kith.kernel.mail.reading import read

MOST_AUTOMATIC = 20  # messages by machines a day from one address; more is a loop or a flood


@dataclass(frozen=True)
class Filed:
    """What became of a message: a state of `ArrivedState`, why in a sentence, and the row on whose story it stands."""

    state: str
    why: str = ""
    record: str = ""
    record_id: int | None = None


# A filer knows people and their stories: it files the message, or says None where it knows nobody.
Filer = Callable[[Arrived, Parsed, Mailbox | None], Filed | None]
# A reporter knows mail that left: it takes in what a machine reports about one, or says None where it is not of its mail.
Reporter = Callable[[Arrived, Parsed, Report], Filed | None]
# A stranger's mail: handler(arrived_id, parsed, mailbox) -> state. `parsed` is the message as read, `mailbox` the one it came
# to or None for one handed to `kith mail receive`; its `strangers` is "queue" or "lead" (mail to one that ignores strangers
# never comes here). It returns the arrival's new state: "held" (somebody is to look at it, who then calls
# `activities.incoming.file_for`), "filed" (the handler filed it) or "ignored". It runs inside the transaction that sets the
# state, may run again after a failure, and never answers by mail without asking `answering.refusal`.
Stranger = Callable[[int, Parsed, Mailbox | None], str]

_filers: list[Filer] = []
_reporters: list[Reporter] = []
_strangers: list[Stranger] = []


def register_filer(filer: Filer, *, first: bool = False) -> None:
    """Ask `filer` whom a message concerns. first: before those who know everybody, for one kind of mail of its own."""
    if filer not in _filers:
        _filers.insert(0 if first else len(_filers), filer)


def register_reporter(reporter: Reporter) -> None:
    """Ask `reporter` about bounces of mail and complaints about it."""
    if reporter not in _reporters:
        _reporters.append(reporter)


def register_stranger(handler: Stranger) -> None:
    """Say what happens with mail of somebody nobody knows; see `Stranger`. The last one registered decides."""
    _strangers[:] = [handler]


def work(arrived: int) -> None:
    """Read one message that waits, and file it. What the rules refuse stays as failed with a sentence; anything else is
    raised, so that the job is tried again."""
    with transaction.atomic():
        row = Arrived.objects.select_for_update(of=("self",)).filter(pk=arrived, state=ArrivedState.WAITING).first()
        if row is None:
            return
        try:
            with transaction.atomic():
                parsed = read(bytes_of(row))
                _note(row, parsed)
                done = _file(row, parsed)
        except KithError as problem:
            done = Filed(ArrivedState.FAILED, problem.message)
        settle(row, done)


def settle(row: Arrived, done: Filed) -> None:
    """Write down what became of a message."""
    row.state, row.problem = done.state, done.why[:500]
    row.record, row.record_id = done.record, done.record_id
    row.updated_at = timezone.now()
    row.derive()
    row.save()


def give_up(arrived: int, why: str) -> None:
    """The last try failed by a fault of ours: the message is listed among those that could not be filed."""
    words = _("It could not be filed: %s. Try it again after an update.") % why[:300]
    Arrived.objects.filter(pk=arrived, state=ArrivedState.WAITING).update(
        state=ArrivedState.FAILED, problem=words[:500], updated_at=timezone.now()
    )


def retry(row: Arrived) -> None:
    """Have a message read once more. Raises Invalid when its bytes are not here."""
    if row.file_id is None:
        raise Invalid(_("This message was not fetched, so that it can only be read in its mailbox."))
    with transaction.atomic():
        changed = Arrived.objects.filter(pk=row.pk).exclude(state=ArrivedState.FILED)
        if changed.update(state=ArrivedState.WAITING, problem="", updated_at=timezone.now()):
            enqueue("mail.work", arrived=row.pk)


def _note(row: Arrived, parsed: Parsed) -> None:
    row.subject, row.sender = parsed.subject[:500], parsed.sender.address[:320]
    row.message_id, row.automatic = parsed.message_id[:300], parsed.automatic
    row.derive()
    row.save()


def _file(row: Arrived, parsed: Parsed) -> Filed:
    if loop_mark() in parsed.loops and parsed.report is None:
        return Filed(ArrivedState.IGNORED, _("It is mail that Kith itself sent."))
    if parsed.report is not None:
        return _first_report(row, parsed)
    if parsed.automatic and _flood(row):
        said = _("More than %(n)s messages by machines came from %(address)s within a day.")
        return Filed(ArrivedState.IGNORED, said % {"n": MOST_AUTOMATIC, "address": row.sender})
    if parsed.forged:
        return Filed(ArrivedState.HELD, _("The sender’s own domain says that this mail is not from there."))
    for filer in _filers:
        done = filer(row, parsed, row.mailbox)
        if done is not None:
            return done
    return _stranger(row, parsed)


def _first_report(row: Arrived, parsed: Parsed) -> Filed:
    assert parsed.report is not None
    for reporter in _reporters:
        done = reporter(row, parsed, parsed.report)
        if done is not None:
            return done
    return Filed(ArrivedState.IGNORED, _("It reports about mail that Kith did not send."))


def _stranger(row: Arrived, parsed: Parsed) -> Filed:
    mailbox = row.mailbox
    if not parsed.sender.address:
        return Filed(ArrivedState.FAILED, _("It does not say who sent it."))
    if parsed.automatic in ("auto-replied", "bulk") and not to_us(parsed, mailbox):
        return Filed(ArrivedState.IGNORED, _("A machine wrote it, from an address nobody knows."))
    if parsed.automatic == "auto-replied":
        return Filed(ArrivedState.IGNORED, _("A machine answered, from an address nobody knows."))
    if mailbox is not None and mailbox.strangers == Strangers.IGNORE:
        return Filed(ArrivedState.IGNORED, _("Nobody knows this sender, and this mailbox leaves strangers alone."))
    if not _strangers:
        return Filed(ArrivedState.HELD, _("Nobody knows this sender."))
    state = _strangers[0](row.pk, parsed, mailbox)
    if state not in (ArrivedState.HELD, ArrivedState.FILED, ArrivedState.IGNORED):
        raise ValueError(f"A handler of strangers returned {state!r}; it is held, filed or ignored.")
    row.refresh_from_db(fields=["record", "record_id"])
    return Filed(
        state, "" if state == ArrivedState.FILED else _("Nobody knows this sender."), row.record, row.record_id
    )


def _flood(row: Arrived) -> bool:
    day = timezone.now() - dt.timedelta(days=1)
    same = Arrived.objects.filter(sender=row.sender, at__gte=day, twin=None).exclude(automatic="")
    return same.count() > MOST_AUTOMATIC
