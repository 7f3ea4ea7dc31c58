"""What is read of tickets for the desk: the queue in pages by key, a talk's entries with what happened between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.records.reach import seen_ids
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, EventLink
from kith.kernel.timeline.types import type_of
from kith.support.models import UNSOLVED, Entry, EntryFile, Looking, Reply, Side, Ticket, TicketKind
from kith.ui.dates import duration

QUEUE, TALK = 25, 40  # tickets and entries of a page
LINKS = 1000  # events of a ticket that are looked through for what stands between the entries of a page
SHOWN = (
    "subject", "state", "next_step_at", "person__name", "person__email", "person__phone", "company__name", "owner__name", "owner__email",
)  # fmt: skip
SAID = (
    "at", "side", "channel", "name", "text", "author__name", "author__email", "person__name", "person__email", "person__phone",
    "message__state", "message__cc", "passed__state", "passed__problem",
)  # fmt: skip
COUNTED = 1000
SEEN = dt.timedelta(seconds=40)
TOLD = (
    "ticket.transferred", "ticket.solved", "ticket.reopened", "ticket.closed", "ticket.waits", "ticket.resumed", "ticket.clock_broken",
    "ticket.reasked", "ticket.merged", "ticket.split", "ticket.also_named",
)  # fmt: skip
ICONS = {"ticket.merged": "merge"}


def views() -> dict[str, Any]:
    """{key: words} of the queues."""
    return {"mine": _("Mine"), "nobody": _("Nobody’s"), "late": _("Over time"), "all": _("All")}


def unsolved(actor: Actor, view: str = "all") -> QuerySet[Any]:
    """Tickets to do, whoever is due first; those that wait for the customer have their day there too."""
    rows = registry["ticket"].rows(actor).filter(UNSOLVED)
    if view == "mine":
        rows = rows.filter(owner_id=actor.user_id or 0)
    elif view == "nobody":
        rows = rows.filter(owner=None)
    elif view == "late":
        rows = rows.filter(next_step_at__lt=timezone.now()).exclude(state="waiting")
    return rows.order_by("next_step_at", "id")


def queue(actor: Actor, view: str, after: str = "") -> tuple[list[Any], str]:
    """(a page of the queue, the key of the next page or ""), read by key."""
    rows = unsolved(actor, view).filter(next_step_at__isnull=False).select_related("person", "company", "owner")
    if after:
        at, _bar, pk = after.rpartition("|")
        try:
            moment, number = dt.datetime.fromisoformat(at), int(pk)
        except ValueError:
            moment, number = None, 0
        if moment is not None:
            rows = rows.filter(next_step_at__gte=moment).exclude(next_step_at=moment, id__lte=number)
    found = list(rows.only(*SHOWN)[: QUEUE + 1])
    last = found[QUEUE - 1] if len(found) > QUEUE else None
    return found[:QUEUE], f"{last.next_step_at.isoformat()}|{last.pk}" if last is not None else ""


def count(actor: Actor, view: str) -> int:
    """How many there are; counting stops at a thousand."""
    return int(unsolved(actor, view).order_by()[: COUNTED + 1].count())


@dataclass(frozen=True)
class Line:
    """A line of a talk as it is shown: words, or what happened ("event")."""

    side: str
    who: str
    at: dt.datetime
    text: str = ""
    how: str = ""
    pk: int = 0
    icon: str = ""
    problem: str = ""
    again: bool = False  # what could not go out may be sent once more
    files: tuple[EntryFile, ...] = ()


def talk(ticket: Ticket, actor: Actor, before: str = "") -> tuple[list[Line], str]:
    """(a page of the talk in order, the key of the page before it or ""): entries, and what happened between them. Three
    queries, however long the talk is."""
    rows = Entry.objects.filter(ticket=ticket).select_related("author", "person", "message", "passed")
    bound = _key(before)
    if bound is not None:
        rows = rows.filter(Q(at__lt=bound[0]) | Q(at=bound[0], pk__lt=bound[1]), at__lte=bound[0])
    found = list(rows.order_by("-at", "-pk").only("ticket_id", *SAID)[: TALK + 1])
    more, found = len(found) > TALK, found[:TALK]
    files: dict[int, list[EntryFile]] = {}
    for file in EntryFile.objects.filter(entry__in=[e.pk for e in found], file__isnull=False):
        files.setdefault(file.entry_id, []).append(file)
    seen = seen_ids(actor, registry["person"], {entry.person_id for entry in found if entry.person_id})
    lines = [_line(ticket, entry, seen, tuple(files.get(entry.pk, ()))) for entry in found]
    since = found[-1].at if found and more else None
    lines += _told(ticket, since, bound[0] if bound else None)
    key = f"{found[-1].at.isoformat()}|{found[-1].pk}" if more else ""
    return sorted(lines, key=lambda line: (line.at, line.side == "event", line.pk)), key


def _key(words: str) -> tuple[dt.datetime, int] | None:
    at, _bar, pk = words.rpartition("|")
    try:
        return (dt.datetime.fromisoformat(at), int(pk)) if words else None
    except ValueError:
        return None


def _line(ticket: Ticket, entry: Entry, seen: set[int], files: tuple[EntryFile, ...]) -> Line:
    if entry.side == Side.THEM and entry.person_id and entry.person_id not in seen:
        who = _("The customer")  # somebody out of the reader's reach
    else:
        who = str(entry.author or entry.person or entry.name or _("Somebody"))
    ways = {
        "mail": _("by e-mail"),
        "chat": _("in the chat"),
        "portal": _("in the portal"),
        "form": _("by a form"),
        "phone": _("by phone"),
        "whatsapp": _("by WhatsApp"),
        "sms": _("by SMS"),
        "social": _("by a social network"),
        "other": _("by another service"),
    }
    passed = getattr(entry, "passed", None)
    how = ""
    if entry.side == Side.NOTE:
        how = _("note for colleagues only")
    elif entry.side == Side.US and ticket.first_answered_at == entry.at:
        how = _("first answer after %s") % duration(entry.at - ticket.opened_at)
    elif entry.side == Side.THEM:
        how = str(ways.get(entry.channel, ""))
    if entry.side == Side.US and (passed is not None or entry.channel == "phone"):
        how = ", ".join(filter(None, [str(ways.get(entry.channel, "")), how]))
    if entry.side == Side.US and entry.message is not None and entry.message.cc:
        how = ", ".join(filter(None, [how, _("in copy to %s") % ", ".join(entry.message.cc)]))
    unsent = entry.message is not None and entry.message.state in ("outbox", "failed", "bounced")
    problem = entry.message.get_state_display() if unsent and entry.message is not None else ""
    again = passed is not None and bool(passed.problem) and passed.state in ("waits", "failed")
    if passed is not None and passed.state in ("waits", "failed"):
        problem = passed.get_state_display()
        if passed.problem:
            trying = _("Not sent yet, it is tried again: %s") if passed.state == "waits" else _("Not sent: %s")
            problem = trying % passed.problem
    side = {Side.THEM: "them", Side.US: "us", Side.NOTE: "aside"}.get(Side(entry.side), "event")
    return Line(side, who, entry.at, entry.text, how, entry.pk, "", problem, again, files)


def _told(ticket: Ticket, since: dt.datetime | None, until: dt.datetime | None) -> list[Line]:
    """What happened to it in this time, from its story."""
    bounds = {"at__gte": since, "at__lt": until}
    linked = EventLink.objects.filter(
        record="ticket", record_id=ticket.pk, **{key: at for key, at in bounds.items() if at is not None}
    )
    # The limit has the planner begin with the ticket's own links; without it, it reads what was told of any ticket.
    ids = linked.order_by("-at", "-event_id").values("event_id")[:LINKS]
    rows = Event.objects.filter(pk__in=ids, record="ticket", record_id=ticket.pk, verb__in=TOLD)
    out = []
    for event in rows.order_by("-at")[: TALK * 2]:
        kind = type_of(event.verb)
        who = event.actor_name
        words = kind.say(event.payload)
        out.append(Line("event", who, event.at, f"{who} {words}".strip(), icon=ICONS.get(event.verb, kind.icon)))
    return out


def others(ticket: Ticket, actor: Actor) -> list[tuple[str, bool]]:
    """[(colleague, whether they write)] of those who have it open just now."""
    now = timezone.now()
    rows = (
        Looking.objects.filter(ticket=ticket, seen_at__gte=now - SEEN)
        .exclude(user_id=actor.user_id or 0)
        .select_related("user")
    )
    return [(str(row.user), bool(row.writes_at and row.writes_at >= now - SEEN)) for row in rows]


def answered_since(ticket: Ticket, entry: int, actor: Actor) -> Entry | None:
    """What a colleague said to the customer after the entry that somebody saw last."""
    rows = Entry.objects.filter(ticket=ticket, side=Side.US, pk__gt=entry).exclude(author_id=actor.user_id or 0)
    return rows.select_related("author").order_by("-pk").first()


def ready_answers(actor: Actor) -> list[Reply]:
    """Answers that stand ready, by name."""
    return list(registry["reply"].rows(actor, archived=False).order_by("name")[:200]) if actor.can("reply.see") else []


def open_complaints(companies: Collection[int], people: Collection[int]) -> QuerySet[Ticket]:
    """Complaints of these customers that nobody solved yet, the oldest first."""
    rows = Ticket.objects.filter(UNSOLVED, Q(company__in=companies) | Q(person__in=people), kind=TicketKind.COMPLAINT)
    return rows.order_by("opened_at", "pk")


def open_ticket_of(person: int) -> Ticket | None:
    """The unsolved ticket of somebody in which something was said last."""
    rows = Ticket.objects.filter(UNSOLVED, person=person).select_related("owner")
    return rows.order_by(F("last_at").desc(nulls_last=True), "-pk").first()


def last_words(ticket: Ticket) -> str:
    """What the customer said last of it; its subject where they said nothing yet."""
    theirs = Entry.objects.filter(ticket=ticket, side=Side.THEM).order_by("-at", "-pk")
    return str(theirs.values_list("text", flat=True).first() or ticket.subject)
