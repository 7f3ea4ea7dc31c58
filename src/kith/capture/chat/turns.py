"""What follows when a visitor said something: the bot's next word, a colleague, or mail. Each in a transaction of its own,
after the line itself is safe; a job goes on where a stopped server left."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.capture.chat import bot, knowing, mailing, routing, saying
from kith.capture.chat.definition import END, HUMAN
from kith.capture.chat.events import ChatClosed
from kith.capture.chat.models import WAIT_MINUTES, Conversation, Line, Side, State
from kith.capture.chat.queries import is_open, shown_of, those_there, widgets
from kith.kernel.access.actor import system
from kith.kernel.languages import speaking
from kith.kernel.timeline.change import change

LEFT = dt.timedelta(seconds=20)  # after which a job answers what a server did not
QUIET_BOT, QUIET = dt.timedelta(minutes=30), dt.timedelta(hours=12)
MOST = 200


def follow(row: Conversation) -> Conversation:
    """Go on with a conversation in which the visitor had the last word."""
    row.refresh_from_db()
    if row.state == State.BOT:
        bot.go_on(row)
        row.refresh_from_db()
        if row.step == END:
            knowing.note_facts(row)
            thank(row)
        elif row.step == HUMAN:
            to_human(row)
    elif row.state == State.WAITING:
        receive(row)
    row.refresh_from_db()
    return row


def to_human(row: Conversation) -> None:
    """The bot steps back, with everything it was told."""
    knowing.note_facts(row)
    saying.ask_for_human(row)
    row.refresh_from_db()
    receive(row)


def receive(row: Conversation) -> None:
    """A conversation waits: somebody gets it, or it turns into mail."""
    if row.owner_id is None or row.owner_id not in {one.user_id for one in those_there()}:
        if routing.route(row) is not None:
            _say_who(row)
            return
    elif is_open(shown_of(row)):
        return
    row.refresh_from_db()
    if not row.email:
        mailing.ask_address(row)
    elif not row.asked_mail:
        mailing.to_mail(row)  # what is said after a letter is gathered: the job makes the next one of it


def _say_who(row: Conversation) -> None:
    """The visitor hears that somebody was called, once."""
    with speaking(row.language), change(row, by=system("web"), verb="see") as c:
        if c.row.owner is None or Line.objects.filter(conversation_id=row.pk, side=Side.NOTE).exists():
            return
        words = _("%s was told that you are here.") % c.row.owner.name.split(" ")[0]
        saying.put(c.row, Side.NOTE, words, name="")


def thank(row: Conversation) -> None:
    """The bot knew everything to be known: the conversation ends."""
    with speaking(row.language), change(row, by=system("web"), verb="see") as c:
        if c.row.state == State.BOT:
            c.row.state, c.row.closed_at = State.CLOSED, timezone.now()
            c.says(ChatClosed())


def watch() -> int:
    """What time does: those nobody answered go on by mail, what a stopped server left is answered, what fell silent ends.
    Returns how many conversations were looked at; twice does no more than once."""
    now, seen = timezone.now(), 0
    minutes = {widget.pk: widget.wait_minutes for widget in widgets().values()}
    waits = Conversation.objects.filter(state__in=(State.WAITING, State.OPEN), waiting_since__isnull=False)
    # Who was asked for an address and gave none may still be there; until they fall silent nothing more can be done.
    for row in waits.exclude(email="", asked_mail=True).order_by("waiting_since")[:MOST]:
        if row.waiting_since > now - dt.timedelta(minutes=minutes.get(row.widget_id, WAIT_MINUTES)):
            continue
        seen += 1
        if row.email:
            mailing.to_mail(row)
        else:
            mailing.ask_address(row)
    return seen + _left_behind(now)


def _left_behind(now: dt.datetime) -> int:
    seen = 0
    stuck = Conversation.objects.filter(state=State.BOT, last_at__lte=now - LEFT, last_at__gte=now - QUIET_BOT)
    for row in stuck.order_by("pk")[:MOST]:
        last = Line.objects.filter(conversation_id=row.pk).order_by("-number").first()
        if (last is not None and last.side == Side.VISITOR) or row.step in (HUMAN, END):
            follow(row)
            seen += 1
    for row in Conversation.objects.filter(state=State.BOT, last_at__lt=now - QUIET_BOT).order_by("pk")[:MOST]:
        knowing.note_facts(row)
        row.refresh_from_db()
        end(row)
        seen += 1
    silent = Conversation.objects.filter(state__in=(State.WAITING, State.OPEN), last_at__lt=now - QUIET)
    for row in silent.filter(Q(waiting_since=None) | Q(email="", asked_mail=True)).order_by("pk")[:MOST]:
        end(row)
        seen += 1
    return seen


def end(row: Conversation) -> None:
    """It fell silent."""
    with change(row, by=system("worker"), verb="see") as c:
        if c.row.state != State.CLOSED:
            c.row.state, c.row.closed_at, c.row.waiting_since = State.CLOSED, timezone.now(), None
            c.says(ChatClosed())
