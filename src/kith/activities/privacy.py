"""Who sees how much of a mail: the one place that says so, for every face that shows words of one.

Whoever takes part in a mail sees all of it: the holder of the mailbox that it came through, its author, colleagues it is
from or to. Others see what their colleague's mailbox says, or what somebody who takes part said of the conversation. Mail
that came through a shared mailbox, was begun in Kith, or became part of a ticket, is seen by whoever sees the person; an answer written in Kith as
the conversation that it answers. Managing settings opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kith.activities.models import Message, MessageFile, ThreadShown
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
    threads = {m.thread_id for m in rows if m.pk in shut and m.pk not in own}
    said = dict(ThreadShown.objects.filter(thread__in=threads).values_list("thread_id", "shows")) if threads else {}
    return {m.pk: _sight(m, shut.get(m.pk), m.pk in own, said) for m in rows}


def _sight(message: Message, boxes: list[OwnBox] | None, own: bool, said: dict[int, str]) -> Sight:
    if not boxes:
        return Sight()
    level = Level.FULL if own else said.get(message.thread_id) or widest(box.level for box in boxes)
    return Sight(level, own, True)


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
