"""Who sees how much of a mail: the one place that says so, for every face that shows words of one.

Whoever takes part in a mail sees all of it: the holder of the mailbox that it came through, its author, colleagues it is
from or to. Others see, the first of these that says something: what somebody who takes part said of the conversation; what the
holder of the mailbox said of their mail with that person, then with that company; what the mailbox says. Of mail that came
through several colleagues' mailboxes they see the most that one of these lets them. Mail that came through a shared mailbox,
was begun in Kith, or became part of a ticket, is seen by whoever sees the person; an answer written in Kith as the
conversation that it answers. Managing settings by itself opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from kith.activities.models import ContactShown, Message, MessageFile, Thread
from kith.activities.whose import addresses_of
from kith.kernel.access.actor import Actor
from kith.kernel.files.models import StoredFile
from kith.kernel.mail.headers import normal
from kith.kernel.mail.levels import Level, tells_subject, widest
from kith.kernel.mail.models import Arrived, ArrivedState
from kith.kernel.mail.own import OwnBox, own_boxes

NOBODY = Actor(None, "", "nobody")  # somebody who takes part in nothing
WORDS = ("text", "fresh", "html")
# What other rooms made of mail for everybody, so that it is kept from nobody: ids of messages -> those of them.
_opened: list[Callable[[Iterable[int]], Iterable[int]]] = []


def register_opened(find: Callable[[Iterable[int]], Iterable[int]]) -> None:
    """Say which mail is everybody's because of what became of it; see `_opened`. Called at start-up."""
    _opened.append(find)


@dataclass(frozen=True)
class Sight:
    """What somebody sees of a mail; `own`: they take part in it; `shut`: whether it can be kept from colleagues at all."""

    level: str = Level.FULL
    own: bool = False
    shut: bool = False


def level_of(actor: Actor, messages: Iterable[Message]) -> dict[int, str]:
    """{message: how much of it the actor sees}. No query while no colleague has a mailbox of their own here, a few for all of them else."""
    return {pk: sight.level for pk, sight in sight_of(actor, messages).items()}


def sight_of(actor: Actor, messages: Iterable[Message]) -> dict[int, Sight]:
    """The same, with whether they take part in it."""
    rows = list(messages)
    boxes = own_boxes()
    if actor.is_system or not boxes:
        return {m.pk: Sight() for m in rows}
    ways = _ways(rows)
    shut = {m.pk: found for m in rows if (found := _shut(ways[m.pk], boxes))}
    for find in _opened if shut else ():
        for pk in list(find(list(shut))):
            shut.pop(pk, None)
    mine = addresses_of(actor.user_id)
    own = {m.pk for m in rows if m.pk in shut and _takes_part(actor, m, shut[m.pk], mine)}
    others = {m: shut[m.pk] for m in rows if m.pk in shut and m.pk not in own}
    said = _said(others) if others else {}
    return {m.pk: Sight(said.get(m.pk, Level.FULL), m.pk in own, m.pk in shut) for m in rows}


def _said(shut: dict[Message, list[OwnBox]]) -> dict[int, str]:
    """{mail: what those see of it who take no part}: by the conversation, else by each holder's word on the person, else on
    the company, else by the mailbox. Two queries for all."""
    threads = Thread.objects.filter(pk__in={m.thread_id for m in shut}).values_list(
        "pk", "shown__shows", "person_id", Coalesce("company_id", "person__company_id")
    )
    about = {pk: (shows, person, company) for pk, shows, person, company in threads}
    of_person, of_company = _of_contacts(shut, about)

    def by_holder(box: OwnBox, person: int | None, company: int | None) -> str:
        return of_person.get((box.holder, person)) or of_company.get((box.holder, company)) or box.level

    out = {}
    for message, boxes in shut.items():
        shows, person, company = about[message.thread_id]
        out[message.pk] = shows or widest(by_holder(box, person, company) for box in boxes)
    return out


Said = dict[tuple[int | None, int | None], str]


def _of_contacts(
    shut: dict[Message, list[OwnBox]], about: dict[int, tuple[str | None, int | None, int | None]]
) -> tuple[Said, Said]:
    """{(holder, person): what they said of their mail}, and the same of companies."""
    holders = {box.holder for boxes in shut.values() for box in boxes} - {None}
    people = {person for _shows, person, _company in about.values()} - {None}
    companies = {company for _shows, _person, company in about.values()} - {None}
    rows = ContactShown.objects.filter(Q(person__in=people) | Q(company__in=companies), holder__in=holders)
    of_person: Said = {}
    of_company: Said = {}
    for holder, person, company, shows in rows.values_list("holder", "person", "company", "shows"):
        if person is not None:
            of_person[holder, person] = shows
        else:
            of_company[holder, company] = shows
    return of_person, of_company


def _shut(ways: set[int | None], boxes: dict[int, OwnBox]) -> list[OwnBox]:
    """The mailboxes that a mail came through, unless one of them is everybody's."""
    return [boxes[way] for way in ways if way is not None] if ways and all(way in boxes for way in ways) else []


def _takes_part(actor: Actor, message: Message, boxes: list[OwnBox], mine: set[str]) -> bool:
    if actor.user_id is None:
        return False
    if message.author_id == actor.user_id or any(box.holder == actor.user_id for box in boxes):
        return True
    named = [parseaddr(message.sender)[1], *message.to, *message.cc]
    return any(normal(parseaddr(one)[1] or one) in mine for one in named)


def _ways(rows: Sequence[Message]) -> dict[int, set[int | None]]:
    """{message: the mailboxes that it came through}; of an answer that was written in Kith, those of its conversation."""
    answers = [m for m in rows if m.arrived is None and m.in_reply_to]
    theirs = Message.objects.filter(thread__in={m.thread_id for m in answers}, arrived__isnull=False)
    beside = list(theirs.only("thread_id", "arrived", "message_id")) if answers else []
    came = {m.pk: m for m in (*rows, *beside) if m.arrived is not None}
    through = _arrivals(came.values()) if came else {}
    of_thread: dict[int, set[int | None]] = {}
    for m in beside:
        of_thread.setdefault(m.thread_id, set()).update(through[m.pk])
    written = {m.pk: of_thread.get(m.thread_id, set()) for m in answers}
    return {m.pk: through[m.pk] if m.pk in through else written.get(m.pk, set()) for m in rows}


def _arrivals(messages: Iterable[Message]) -> dict[int, set[int | None]]:
    """The mailboxes that each of these came through: the first one, and those that had the same message later."""
    rows = list(messages)
    first = {m.arrived: m.pk for m in rows}
    by_id = {m.message_id: m.pk for m in rows}
    again = Q(message_id__in=by_id, state=ArrivedState.IGNORED, record__gt="")
    found = Arrived.objects.filter(Q(pk__in=first) | Q(twin__in=first) | again)
    out: dict[int, set[int | None]] = {m.pk: set() for m in rows}
    for pk, twin, message_id, mailbox in found.values_list("pk", "twin", "message_id", "mailbox"):
        out[first.get(pk) or first.get(twin) or by_id[message_id]].add(mailbox)
    return out


def arrivals_apart(actor: Actor) -> Q:
    """Arrivals of shared mailboxes that somebody else keeps from colleagues, by conversation or by contact: not for those who
    manage the settings either, whole messages and files included."""
    narrow = [level for level in Level if level != Level.FULL]
    theirs = ContactShown.objects.filter(shows__in=narrow).exclude(holder=actor.user_id).values("pk")
    threads = Thread.objects.filter(
        Q(shown__shows__in=narrow)
        | Q(person__mail_shown__in=theirs)
        | Q(company__mail_shown__in=theirs)
        | Q(company=None, person__company__mail_shown__in=theirs)
    )
    kept = Message.objects.filter(thread__in=threads.values("pk"), arrived__isnull=False)
    return Q(pk__in=kept.values("arrived"))


# --- what is left of what is not for everybody ---------------------------------------------------------------------------


def no_subject(level: str) -> str:
    """What stands for the subject."""
    return _("a private mail") if level == Level.PRIVATE else _("(its subject is not shared)")


def lessened(message: Message, level: str) -> Message:
    """A copy of a message with no more than this level shows; never saved."""
    if level == Level.FULL:
        return message
    less = copy(message)
    less.text = less.fresh = less.html = less.problem = ""
    less.subject = message.subject if tells_subject(level) else no_subject(level)
    if level == Level.PRIVATE:
        less.sender, less.to, less.cc = "", [], []
    return less


def withheld(events: Sequence[Any], actor: Actor) -> dict[UUID, Any]:
    """Mail events as the actor may read them, where that is less than what is kept. Without a query while no colleague has a
    mailbox of their own here."""
    if actor.is_system or not own_boxes():
        return {}
    wanted = {e.payload.get("message") for e in events} - {None}
    found = Message.objects.defer(*WORDS).in_bulk(wanted)
    levels = level_of(actor, found.values())
    seen = ((e, levels.get(e.payload.get("message"), Level.FULL)) for e in events)
    return {e.pk: _event(e, level) for e, level in seen if level != Level.FULL}


def _event(event: Any, level: str) -> Any:
    less = copy(event)
    kept = ["message", "hard"]
    kept += ["subject"] if tells_subject(level) else []
    kept += ["address"] if level != Level.PRIVATE else []
    less.payload = {k: v for k, v in event.payload.items() if k in kept} | {"shows": str(level)}
    if level == Level.PRIVATE:
        less.actor_id, less.actor_name = None, _("Somebody")
    return less


def hidden_files(actor: Actor, files: QuerySet[StoredFile]) -> set[int]:
    """Those of these files that came with mail which the actor does not see in full."""
    if actor.is_system or not own_boxes():
        return set()
    kept = list(
        MessageFile.objects.filter(file__in=files).select_related("message").defer(*(f"message__{w}" for w in WORDS))
    )
    levels = level_of(actor, {one.message_id: one.message for one in kept}.values())
    open_ = {one.file_id for one in kept if levels[one.message_id] == Level.FULL}
    return {one.file_id for one in kept if one.file_id is not None} - open_


def whole(actor: Actor, messages: QuerySet[Message], most: int = 50) -> int:
    """The first of these messages that the actor sees in full, of the first `most`; 0 for none."""
    looked = list(messages.defer(*WORDS)[:most])
    levels = level_of(actor, looked)
    return next((m.pk for m in looked if levels[m.pk] == Level.FULL), 0)


def openly(messages: Sequence[Message]) -> list[str]:
    """Their subjects, where they are told to whoever sees the person; for what is kept or counted elsewhere."""
    levels = level_of(NOBODY, messages)
    return [m.subject if tells_subject(levels[m.pk]) else no_subject(levels[m.pk]) for m in messages]
