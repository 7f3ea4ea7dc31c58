"""What becomes of an arrived message: read, asked of those who know whom it concerns, and its state set.

The rooms above say what they know of: `register_filer` (people and their stories), `register_reporter` (mail that we sent
and that came back), `register_stranger` (what to do with somebody nobody knows). The first that answers decides.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid, KithError
from kith.kernel.jobs import enqueue
from kith.kernel.mail.addresses import loop_mark, to_us
from kith.kernel.mail.arriving import bytes_of
from kith.kernel.mail.models import Arrived, ArrivedState, Mailbox, Strangers
from kith.kernel.mail.parsed import Parsed, Report
from kith.kernel.mail.reading import read

log = logging.getLogger(__name__)
SECONDS = 3.0  # for which one job reads what waits
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

# What has to be held while filers are asked, so that of two messages that belong together the second sees the first.
Holder = Callable[[Parsed], None]

_holders: list[Holder] = []
_filers: list[Filer] = []
_reporters: list[Reporter] = []
_strangers: list[Stranger] = []


def register_filer(filer: Filer, *, first: bool = False) -> None:
    """Ask `filer` whom a message concerns. first: before those who know everybody, for one kind of mail of its own."""
    if filer not in _filers:
        _filers.insert(0 if first else len(_filers), filer)


def register_holder(holder: Holder) -> None:
    """Hold what messages of one conversation share, before filers are asked; until the end of the transaction."""
    if holder not in _holders:
        _holders.append(holder)


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
    _work(lambda: _waiting().filter(pk=arrived).first())


def work_waiting() -> None:
    """Read all messages that wait, the oldest first, each in a transaction of its own; for some seconds, then others have their
    turn. Several of these share what waits. One that cannot be read by a fault of ours gets a job that tries it again."""
    ends = time.monotonic() + SECONDS
    others = _tried_singly()

    def next_one() -> Arrived | None:
        row = _waiting(skip_locked=True).exclude(pk__in=others).order_by("at").first()
        if row is not None:
            others.append(row.pk)
        return row

    while time.monotonic() < ends:
        try:
            if not _work(next_one):
                return
        except Exception:
            log.exception("The arrived mail %s could not be filed; it is tried again.", others[-1])
            enqueue("mail.work", arrived=others[-1], key=f"mail.work:{others[-1]}")
    enqueue("mail.work", key="mail.work")


def look_again(after: dt.timedelta = dt.timedelta(minutes=1)) -> None:
    """See that what waits is read, whatever became of the job that was to do it: its worker may have been killed."""
    if Arrived.objects.filter(state=ArrivedState.WAITING, created_at__lt=timezone.now() - after).exists():
        enqueue("mail.work", key="mail.work")


def _waiting(*, skip_locked: bool = False) -> QuerySet[Arrived]:
    """Messages that wait; whoever reads them holds them."""
    rows = Arrived.objects.select_for_update(of=("self",), skip_locked=skip_locked).select_related("file", "mailbox")
    return rows.filter(state=ArrivedState.WAITING)


def _tried_singly() -> list[int]:
    """Messages that have a job of their own, because reading them failed before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args ->> 'arrived')::bigint FROM procrastinate_jobs"
            " WHERE task_name = 'mail.work' AND status IN ('todo', 'doing') AND args ? 'arrived'"
        )
        return [pk for (pk,) in cursor.fetchall()]


def _work(take: Callable[[], Arrived | None]) -> bool:
    """Read and file what `take` gives, held; False where that is nothing."""
    row: Arrived | None = None
    try:
        with transaction.atomic():
            row = take()
            if row is None:
                return False
            parsed = read(bytes_of(row))
            _note(row, parsed)
            settle(row, _file(row, parsed))
    except KithError as problem:  # what it began is taken back; that it failed, and what was read of it, is kept
        assert row is not None
        with transaction.atomic():
            if _waiting().filter(pk=row.pk).first() is not None:
                settle(row, Filed(ArrivedState.FAILED, problem.message))
    return True


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
    if (
        parsed.automatic
    ):  # those are counted (`_flood`), this one among them; of others it is kept when they are settled
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
    for hold in _holders:
        hold(parsed)
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
    row.save()  # whoever looks at strangers reads what was noted
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
