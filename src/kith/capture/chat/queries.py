"""What is read of chats: widgets as strangers see them, without a query mostly; lines; who is there to answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from allauth.usersessions.models import UserSession
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from kith.capture.chat.definition import Chat, read_kindly
from kith.capture.chat.models import ONGOING, Conversation, Line, Presence, Side, State, Widget
from kith.kernel.access.actor import Actor, actor_for
from kith.kernel.accounts.models import User
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.organisation.models import cached
from kith.kernel.records.registry import registry

SEEN, IN_USE = dt.timedelta(minutes=2), dt.timedelta(minutes=15)
MOST_LINES = 500


@dataclass(frozen=True)
class Shown:
    """A widget as strangers meet it."""

    pk: int
    key: str
    name: str
    open: bool
    wait_minutes: int
    per_network: int
    calendar: int | None
    chat: Chat
    in_portal: bool = False


def widgets() -> dict[str, Shown]:
    """{address: widget} of all there are. Kept until configuration changes."""
    found: dict[str, Shown] = cached("chat:widgets", _load)
    return found


def _load() -> dict[str, Shown]:
    rows = Widget.objects.filter(archived_at=None)
    return {
        row.key: Shown(
            row.pk, row.key, row.name, row.open, row.wait_minutes, row.per_network, row.calendar_id, read_kindly(row.document),
            row.in_portal,
        )
        for row in rows
    }  # fmt: skip


def in_portal() -> Shown | None:
    """The open chat that customers find in their portal."""
    return next((one for one in widgets().values() if one.open and one.in_portal), None)


def shown_of(row: Conversation) -> Shown | None:
    """The widget a conversation came through; None where it is gone."""
    return next((one for one in widgets().values() if one.pk == row.widget_id), None)


def lines_of(conversation: int, after: int = 0) -> list[Line]:
    """What was said after that line, in order; one query."""
    rows = Line.objects.filter(conversation_id=conversation, number__gt=after).select_related("author")
    return list(rows.order_by("number")[:MOST_LINES])


def last_words(row: Conversation) -> str:
    """What the visitor said last."""
    lines = Line.objects.filter(conversation=row, side=Side.VISITOR).order_by("-number")
    return str(lines.values_list("text", flat=True).first() or "")


def ongoing(actor: Actor) -> QuerySet[Any]:
    """Conversations that are not over, whoever waits first."""
    rank = Case(
        When(state=State.WAITING, then=Value(0)), When(state=State.OPEN, then=Value(1)), default=Value(2), output_field=IntegerField()
    )  # fmt: skip
    rows = registry["conversation"].rows(actor, archived=False).filter(state__in=ONGOING).annotate(rank=rank)
    return rows.select_related("owner", "person").order_by("rank", "-last_at", "pk")


def over(actor: Actor) -> QuerySet[Any]:
    """Conversations that ended or go on by mail, the latest first."""
    rows = registry["conversation"].rows(actor, archived=False).filter(state=State.CLOSED)
    return rows.select_related("owner", "person").order_by("-last_at", "pk")


def is_open(widget: Shown | None) -> bool:
    """Is this within the widget's working hours?"""
    return calendar_of(widget.calendar if widget else None).is_open(timezone.now())


def those_there() -> list[Presence]:
    """Colleagues who answer chats and have Kith open now, whoever was given one longest ago first; two queries."""
    now = timezone.now()
    in_use = UserSession.objects.filter(user=OuterRef("user"), last_seen_at__gte=now - IN_USE)
    rows = Presence.objects.filter(Q(seen_at__gte=now - SEEN) | Exists(in_use), there=True, user__is_active=True)
    found = sorted(rows.select_related("user"), key=lambda one: (one.given_at is not None, one.given_at or now, one.pk))
    return [one for one in found if actor_for(one.user, "web").can("conversation.edit")]


def anybody_there(widget: Shown) -> bool:
    """Could somebody be answered at once?"""
    return is_open(widget) and bool(those_there())


def presence_of(actor: Actor) -> Presence | None:
    return Presence.objects.filter(user_id=actor.user_id or 0).first()


def colleagues_there() -> list[User]:
    return [one.user for one in those_there()]
