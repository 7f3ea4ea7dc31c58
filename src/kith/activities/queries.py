"""Reading activities, mentions and messages; the actor comes first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.models import ActivityKind, Mention, Message, MessageState
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import NotFound
from kith.kernel.records.registry import registry

WENT = (MessageState.SENT, MessageState.RECEIVED)
TALKS = (ActivityKind.CALL, ActivityKind.MEETING)
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
    went. One query."""
    columns = ("arm", "words", "who", "moment")
    about = registry["activity"].rows(actor, archived=False).filter(**{f"{record}_id": pk}, done_at__isnull=False)
    written = about.exclude(body="").annotate(
        arm=F("kind"), words=Left("body", MOST_WORDS), who=F("owner__name"), moment=F("done_at")
    )
    mail = Message.objects.filter(**{f"thread__{record}_id": pk}, state__in=WENT).exclude(text="")
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
    """Mail that did not leave: the actor's own, everybody's for those who manage settings."""
    rows = Message.objects.filter(state__in=UNSENT).select_related("thread", "author").order_by("-at")
    return list((rows if actor.can("settings.manage") else rows.filter(author_id=actor.user_id))[:100])


def unsent_message(actor: Actor, pk: int) -> Message:
    """One of them, or NotFound."""
    found = next((m for m in unsent(actor) if m.pk == pk), None)
    if found is None:
        raise NotFound(_("There is no unsent mail %s of yours.") % pk)
    return found
