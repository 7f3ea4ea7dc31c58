"""Reading activities, mentions and messages; the actor comes first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dateutil.rrule import rrulestr
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.events import MailReceived
from kith.activities.models import ActivityKind, Mention, Message, MessageState
from kith.activities.privacy import WORDS, lessened, level_of, openly, whole
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import NotFound
from kith.kernel.mail.own import own_boxes
from kith.kernel.records.registry import registry

WENT = (MessageState.SENT, MessageState.RECEIVED)
TALKS = (ActivityKind.CALL, ActivityKind.MEETING)
USUAL_MINUTES, MOST_MINUTES = 30, 24 * 60  # a talk without a length; the longest that counts
LONGEST_TALK = dt.timedelta(minutes=MOST_MINUTES)
MOST_TIMES = 500  # of one that repeats
MOST_WORDS = 2000  # characters of what was said that are read; nobody shows more in one place
UNSENT = (MessageState.OUTBOX, MessageState.QUEUED, MessageState.FAILED)


def dated_of(actor: Actor, start: dt.datetime, end: dt.datetime) -> QuerySet[Any]:
    """The actor's own dated activities between two moments, with what they are about."""
    rows = (
        registry["activity"]
        .rows(actor, archived=False)
        .filter(owner_id=actor.user_id, due_at__gte=start, due_at__lt=end)
    )
    return rows.select_related("person", "company", "deal").order_by("due_at", "pk")


def busy_of(
    users: Iterable[int], start: dt.datetime, end: dt.datetime
) -> Iterator[tuple[int, dt.datetime, dt.datetime]]:
    """(user id, from, until) of what fills colleagues' time between two moments: calls and meetings, and tasks with a
    length; what repeats as often as it does. Whoever asks sees it all, since only that they are busy is told. One query."""
    open_ = (
        registry["activity"].rows(system(), archived=False).filter(owner__in=list(users), done_at=None, due_at__lt=end)
    )
    filling = open_.filter(Q(kind__in=TALKS) | Q(kind=ActivityKind.TASK, minutes__gt=0))
    rows = filling.filter(Q(due_at__gte=start - LONGEST_TALK) | ~Q(repeat="")).order_by("due_at")
    for row in rows.only("owner_id", "due_at", "minutes", "repeat"):
        length = dt.timedelta(minutes=min(row.minutes or USUAL_MINUTES, MOST_MINUTES))
        for begins in _times(row, start - length, end):
            if begins + length > start:
                yield row.owner_id, begins, begins + length


def _times(row: Any, start: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
    """When an activity is between two moments, by its rule where it repeats."""
    if not row.repeat:
        return [row.due_at]
    first = timezone.localtime(row.due_at)
    try:
        rule = rrulestr(row.repeat.removeprefix("RRULE:"), dtstart=first.replace(tzinfo=None))
    except (ValueError, TypeError, AttributeError):  # written before rules were checked
        return [row.due_at]
    wall = [timezone.localtime(moment).replace(tzinfo=None) for moment in (start, end)]
    return [timezone.make_aware(found) for found in rule.xafter(wall[0], count=MOST_TIMES, inc=True) if found < wall[1]]


@dataclass(frozen=True)
class Contacted:
    """A mail to somebody, or a call of them: when, its subject, and its id."""

    person: int
    at: dt.datetime
    words: str
    pk: int


def mails_written(people: Iterable[int], since: dt.datetime, *, words: bool = True) -> Iterator[Contacted]:
    """Mails to these people since then, sent or on their way, that answer nothing they wrote. Whoever asks sees them all:
    meant for counting; `words`: with their subjects, where everybody may read them. One query, and those of `level_of` for words."""
    rows = Message.objects.filter(
        thread__person__in=list(people), thread__last_at__gte=since, at__gte=since,
        state__in=(MessageState.QUEUED, MessageState.SENT),
    )  # fmt: skip
    theirs = Message.objects.filter(message_id=OuterRef("in_reply_to"), state=MessageState.RECEIVED)
    found = list(rows.exclude(Exists(theirs)).select_related("thread").defer(*WORDS))
    for one, subject in zip(found, openly(found) if words else [""] * len(found), strict=True):
        yield Contacted(one.thread.person_id or 0, one.at, subject, one.pk)


def calls_made(people: Iterable[int], since: dt.datetime) -> Iterator[Contacted]:
    """Calls of ours with these people since then; theirs do not count. One query."""
    rows = registry["activity"].rows(system(), archived=False)
    rows = rows.filter(person__in=list(people), kind=ActivityKind.CALL, done_at__gte=since, incoming=False)
    for person, at, words, pk in rows.order_by().values_list("person", "done_at", "subject", "pk"):
        yield Contacted(person, at, words, pk)


def has_open(actor: Actor) -> bool:
    """Has the actor anything to do?"""
    rows = registry["activity"].rows(actor, archived=False)
    return bool(rows.filter(owner_id=actor.user_id or 0, done_at=None).exists())


@dataclass(frozen=True)
class Said:
    """Words about a row: "note", "call", "meeting" or "mail", who wrote them, and when."""

    kind: str
    words: str
    who: str
    at: dt.datetime


def last_said(actor: Actor, record: str, pk: int) -> Said | None:
    """The newest words about a person, company or deal that the actor sees: written with what was done, or in mail that
    went and that they see in full. One query, and those of `level_of`."""
    columns = ("arm", "words", "who", "moment")
    about = registry["activity"].rows(actor, archived=False).filter(**{f"{record}_id": pk}, done_at__isnull=False)
    written = about.exclude(body="").annotate(
        arm=F("kind"), words=Left("body", MOST_WORDS), who=F("owner__name"), moment=F("done_at")
    )
    mail = Message.objects.filter(**{f"thread__{record}_id": pk}, state__in=WENT).exclude(text="")
    if not actor.is_system and own_boxes():
        mail = mail.filter(pk=whole(actor, mail.order_by("-at")))
    sent = mail.annotate(arm=Value("mail"), words=Left("text", MOST_WORDS), who=F("sender"), moment=F("at"))
    newest = (
        written.order_by("-done_at")
        .values_list(*columns)[:1]
        .union(sent.order_by("-at").values_list(*columns)[:1], all=True)
    )
    return max((Said(*row) for row in newest), key=lambda said: said.at, default=None)


UNREAD = (
    "SELECT (SELECT count(*) FROM activities_mention m WHERE m.user_id = accounts_user.id AND m.read_at IS NULL)"
    " + (SELECT count(*) FROM activities_notice n WHERE n.user_id = accounts_user.id AND n.read_at IS NULL)"
)


# Where talk with a customer hangs: on themselves, on their people, and on deals with either.
LINKS = {
    "company": ("company", "person__company", "deal__company", "deal__contact__company"),
    "person": ("person", "deal__contact"),
}


def talks_with(record: str, ids: Iterable[int]) -> Iterator[tuple[int, dt.datetime, bool]]:
    """(id, moment, whether they spoke to us) of every call and meeting that took place with these people or companies, and of
    every mail that went: with themselves, with the people who belong to a company, and about deals with any of them. What
    hangs on several of them comes once. Whoever sees it: meant for sums over many, of which no single one is shown. Two
    queries, however many ids; give a few thousand at once."""
    wanted = list(ids)
    held = registry["activity"].rows(system()).filter(kind__in=TALKS, done_at__isnull=False).order_by()
    arms = [held.filter(**{f"{path}__in": wanted}).values_list(path, "done_at", "incoming") for path in LINKS[record]]
    yield from arms[0].union(*arms[1:]).iterator()
    mail = Message.objects.filter(state__in=WENT).order_by()
    arms = [
        mail.filter(**{f"thread__{path}__in": wanted}).values_list(f"thread__{path}", "at", "state") for path in LINKS[record]
    ]  # fmt: skip
    for pk, at, state in arms[0].union(*arms[1:]).iterator():
        yield pk, at, state == MessageState.RECEIVED


def inbox_of(actor: Actor, limit: int = 100) -> list[Mention]:
    """Notes that name the actor and reminders, unread first, of activities they may see."""
    lines = Mention.objects.filter(
        user_id=actor.user_id or 0, activity__in=registry["activity"].rows(actor, archived=False)
    )
    return list(
        lines.select_related("activity__person", "activity__company", "activity__deal", "activity__owner").order_by(
            "read_at", "-at"
        )[:limit]
    )


def mark_read(actor: Actor, pk: int | None = None) -> None:
    """One line of the actor's inbox, or all of them."""
    lines = Mention.objects.filter(user_id=actor.user_id or 0, read_at=None)
    (lines if pk is None else lines.filter(pk=pk)).update(read_at=timezone.now())


def unsent(actor: Actor) -> list[Message]:
    """Mail that did not leave: the actor's own, everybody's for those who manage settings, with as much of it as is theirs to
    see; never to be saved."""
    rows = Message.objects.filter(state__in=UNSENT).select_related("thread", "author").order_by("-at")
    found = list((rows if actor.can("settings.manage") else rows.filter(author_id=actor.user_id))[:100])
    levels = level_of(actor, found)
    return [lessened(m, levels[m.pk]) for m in found]


def unsent_message(actor: Actor, pk: int) -> Message:
    """One of them, or NotFound."""
    found = next((m for m in unsent(actor) if m.pk == pk), None)
    if found is None:
        raise NotFound(_("There is no unsent mail %s of yours.") % pk)
    return found


def ids_answered(told: Iterable[MailReceived]) -> list[list[str]]:
    """For each message that these events tell of, the Message-IDs that it answers, the nearest first; for whoever sent mail of
    another kind. Without a query where the events say it themselves."""
    events = list(told)
    said = [list(one.answers) for one in events if one.answers is not None]
    unsaid = [one.message for one in events if one.answers is None]
    rows = Message.objects.filter(pk__in=unsaid).values_list("in_reply_to", "references") if unsaid else []
    return said + [[each for each in (answers_to, *reversed(references)) if each] for answers_to, references in rows]


def threads_of(told: Iterable[MailReceived]) -> dict[int, int]:
    """{message: the conversation it stands in}, of those that these events tell of; a query at most."""
    events = list(told)
    said = {one.message: one.thread for one in events if one.thread is not None}
    unsaid = [one.message for one in events if one.thread is None]
    return said | (dict(Message.objects.filter(pk__in=unsaid).values_list("pk", "thread_id")) if unsaid else {})


def fallen(messages: Iterable[Any]) -> dict[int, str]:
    """{message: why} of those that could not be sent or came back."""
    rows = Message.objects.filter(
        pk__in=[pk for pk in messages if pk], state__in=[MessageState.FAILED, MessageState.BOUNCED]
    )
    return dict(rows.values_list("pk", "problem"))
