"""Handing a mailing over: a job that sends for some seconds and lets others have their turn, until nobody waits any more.

One worker sends a mailing at a time. What the mail server says decides: a refusal for good is noted with its words, one for
now is tried again later, and a connection that breaks while a mail is being taken leaves that one mail in doubt.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from smtplib import SMTPException, SMTPSenderRefused
from typing import Any

from django.core.mail import get_connection
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.engagement.mailings import batches, starting
from kith.engagement.mailings.audience import outreach_of
from kith.engagement.mailings.batches import Hand
from kith.engagement.mailings.laying import lay_down
from kith.engagement.mailings.mails import envelope_of
from kith.engagement.mailings.windows import open_zones
from kith.engagement.models import Held, Mailing, MailingState, Recipient, RecipientState
from kith.kernel.access.actor import Actor
from kith.kernel.database.notify import announce
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.mail.leaving import leave
from kith.kernel.mail.refusing import code_of, words_of

TURN = 20.0  # seconds that one run of the job sends
SLICE = 10  # seconds over which a mailing with a limit spreads its mails
LARGEST = 100  # mails in one hand
MOST_PUT_OFF = 20  # people in a row whom the server puts off, before it is left alone for a while
MOST_TRIES = 5  # times that the server may put somebody off
LATER = dt.timedelta(minutes=5)  # until somebody is tried again whom it put off
BROKEN = dt.timedelta(minutes=1)  # until the server is tried again when it cannot be reached


class Broken(Exception):
    """The connection ended, or the server wants no mail now; the message says what it said."""


def work(pk: int) -> None:
    """Send a mailing as far as one turn goes, and see to it that it goes on. Running it twice at once sends once."""
    with batches.alone(pk) as mine:
        mailing = _read(pk)
        if not mine or mailing is None:
            return
        by = starting.actor_of(mailing)
        batches.recover(mailing, by)
        if mailing.state != MailingState.SENDING:
            return
        try:
            again = _turn(mailing, by)
        except Invalid as problem:
            starting.rest(mailing, problem.message)
            return
        except Broken as problem:
            again = timezone.now() + BROKEN
            words = _("The mail server: %s. It is tried again by itself.") % problem
            Mailing.objects.filter(pk=pk).update(problem=words[:500])
            announce(["mailing", f"mailing:{pk}"])
    if again is not None:
        enqueue("engagement.mailing", key=f"engagement.mailing:{pk}", at=again, mailing=pk)


def _read(pk: int) -> Mailing | None:
    rows = Mailing.objects.filter(pk=pk, archived_at__isnull=True)
    return rows.select_related("purpose", "owner", "started_by").first()


def _turn(mailing: Mailing, by: Actor) -> dt.datetime | None:
    """When to go on; None when it is over, or somebody stopped it."""
    press, envelope = starting.press_of(mailing, by), envelope_of(mailing)
    lay_down(mailing, press, by)
    began, quota = time.monotonic(), _quota(mailing.per_minute)
    server = _Server()
    try:
        while time.monotonic() - began < TURN and (quota is None or quota[0] > 0):
            zones, opens = _zones(mailing)
            size = LARGEST if quota is None else min(LARGEST, quota[0])
            server.open()  # before anybody is taken up, so that a server that is away costs nobody anything
            found = batches.take(mailing, press, envelope, size, zones)
            if isinstance(found, Hand):
                if quota is not None:
                    quota[0] -= len(found.mails)
                _hand_over(found, mailing, by, server)
                _tell(mailing)
                if not _goes_on(mailing):
                    return None
            elif not found:
                return _pause_or_end(mailing, opens)
    finally:
        server.close()
    spread = 0.0 if quota is None else quota[1] - (time.monotonic() - began)
    return timezone.now() + dt.timedelta(seconds=max(0.0, spread))


def _quota(per_minute: int | None) -> list[Any] | None:
    """[mails of this turn, seconds it is to last at least], None without a limit."""
    if per_minute is None:
        return None
    mails = max(1, per_minute * SLICE // 60)
    return [mails, 60 * mails / per_minute]


def _zones(mailing: Mailing) -> tuple[list[str] | None, dt.datetime | None]:
    if not mailing.window.strip():
        return None, None
    now = timezone.now()
    there = set(batches.waiting(mailing, now).order_by().values_list("zone", flat=True).distinct())
    return open_zones(mailing.window, there, now)


def _goes_on(mailing: Mailing) -> bool:
    mailing.state = Mailing.objects.values_list("state", flat=True).get(pk=mailing.pk)
    return mailing.state == MailingState.SENDING


def _pause_or_end(mailing: Mailing, opens: dt.datetime | None) -> dt.datetime | None:
    """Nobody can be written to now: when somebody can again, or the end."""
    left = Recipient.objects.filter(mailing=mailing, state=RecipientState.WAITING)
    later = left.filter(at__gt=timezone.now()).order_by("at").values_list("at", flat=True).first()
    soonest = min((at for at in (opens, later) if at is not None), default=None)
    if soonest is None and not left.exists():
        starting.finish(mailing)
    return soonest


def _tell(mailing: Mailing) -> None:
    """Open pages hear of it once a second at most."""
    now = time.monotonic()
    if now - getattr(mailing, "told", 0.0) >= 1:
        mailing.told = now  # type: ignore[attr-defined]
        announce(["mailing", f"mailing:{mailing.pk}"])


@contextmanager
def _quick_notes() -> Iterator[Any]:
    """A cursor whose notes do not wait for the disk; see `batches.py` for what that means."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        try:
            yield cursor
        finally:
            cursor.execute("RESET synchronous_commit")


class _Server:
    """An open connection to the mail server, and whether the content of a mail was begun on it."""

    def __init__(self) -> None:
        self.way = get_connection()
        self.begun = False

    def open(self) -> None:
        """Have the connection up; one that the server closed meanwhile is made anew. Raises Broken."""
        try:
            if getattr(self.way, "connection", None) is not None and not self._answers():
                self.close()
            if self.way.open() and getattr(self.way, "connection", None) is not None:
                self._watch(self.way.connection)
        except (SMTPException, OSError) as problem:
            self.close()
            raise Broken(words_of(problem)) from problem

    def _answers(self) -> bool:
        try:
            return bool(self.way.connection.noop()[0] == 250)
        except (SMTPException, OSError):
            return False

    def _watch(self, smtp: Any) -> None:
        plain = smtp.data

        def data(message: Any) -> Any:
            self.begun = True
            return plain(message)

        smtp.data = data

    def close(self) -> None:
        try:
            self.way.close()
        except (SMTPException, OSError):
            self.way.connection = None  # it is gone already


def _hand_over(hand: Hand, mailing: Mailing, by: Actor, server: _Server) -> None:
    """Every mail of a batch, each after its place was written down. Raises Broken or Invalid, once what was begun is
    noted."""
    stopped: Exception | None = None
    off = 0  # put off by the server, one after the other
    with _quick_notes() as cursor:
        for row, mail in hand.mails:
            server.begun = False
            batches.step(hand, cursor)
            try:
                leave(
                    mail, purpose=mailing.purpose.key, person=row.person_id, connection=server.way, automatic=True,
                    outreach=outreach_of(mailing), clearance=hand.clearance,
                )  # fmt: skip
                off = 0
            except Invalid as problem:
                hand.fates[row.pk] = (RecipientState.HELD, Held.OTHER, problem.message[:300])
            except (SMTPException, OSError) as problem:
                hand.fates[row.pk] = _fate(problem, row, begun=server.begun)
                off += 400 <= code_of(problem) < 500
                stopped = _stops(problem, off)
                if stopped is not None:
                    break
    batches.close(hand, mailing, by, retry_at=timezone.now() + LATER)
    if stopped is not None:
        server.close()
        raise stopped
    if mailing.problem:
        mailing.problem = ""
        Mailing.objects.filter(pk=mailing.pk).update(problem="")


def _stops(problem: Exception, off: int) -> Exception | None:
    """What ends the turn: the server is gone, closes, puts everybody off, or takes nothing of this sender."""
    code = code_of(problem)
    if isinstance(problem, SMTPSenderRefused) and code >= 500:
        return Invalid(_("The mail server does not take mail from this sender: %s") % words_of(problem))
    if not code or code == 421 or isinstance(problem, SMTPSenderRefused) or off >= MOST_PUT_OFF:
        return Broken(words_of(problem))
    return None


def _fate(problem: Exception, row: Recipient, *, begun: bool) -> batches.Fate:
    """What becomes of a mail that the server did not simply take. Raises Invalid where it takes none of this sender."""
    code, said = code_of(problem), words_of(problem)
    if isinstance(problem, SMTPSenderRefused):
        return (RecipientState.WAITING, "", said)
    if code >= 500 or (code >= 400 and row.tries + 1 >= MOST_TRIES):
        return (RecipientState.REFUSED, "", said)
    if code >= 400 or not begun:
        return (RecipientState.WAITING, "", said)
    return (RecipientState.DOUBT, "", said)
