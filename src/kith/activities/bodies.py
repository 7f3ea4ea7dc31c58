"""What was said in notes, calls, meetings and mail, for a page of a timeline: one query for all entries, not each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _

from kith.kernel.kinds import Moment
from kith.kernel.records.registry import registry
from kith.kernel.timeline.types import Body, BodyLink

PLANNED = "activity.planned"
# What other rooms offer to make of words that were said: (actor, event, record, id of the row it is about, words) -> link.
_foot: list[Callable[[Any, Any, str, int, str], BodyLink | None]] = []


def register_foot(offer: Callable[[Any, Any, str, int, str], BodyLink | None]) -> None:
    """Offer a link under what was said in calls, meetings, notes and mail; see `_foot`. Called at start-up."""
    _foot.append(offer)


def _offered(actor: Any, event: Any, record: str, pk: int, words: str) -> tuple[BodyLink, ...]:
    return tuple(link for offer in _foot if (link := offer(actor, event, record, pk, words)) is not None)


def activity_bodies(events: Sequence[Any], actor: Any) -> dict[UUID, Body]:
    """What stands behind entries about activities, planned or done. One query for both kinds."""
    rows = {a.pk: a for a in registry["activity"].rows(actor).filter(pk__in={e.record_id for e in events})}
    made = ((e, _body(e, row, actor)) for e in events if (row := rows.get(e.record_id)) is not None)
    return {e.pk: body for e, body in made if body is not None}


def _body(event: Any, row: Any, actor: Any) -> Body | None:
    if event.verb != PLANNED:  # a note, call or meeting: its text as it reads now, its outcome
        links = _offered(actor, event, *_subject(row), row.body) if row.body else ()
        return Body(text=row.body, note=row.outcome, links=links) if row.body or row.outcome else None
    if row.done_at is not None or row.archived_at is not None:
        return None
    links = (
        BodyLink(_("Done"), f"/activities/{row.pk}/do/finish", "check", part=True),
        BodyLink(_("Later"), f"/activities/{row.pk}/do/postpone", "clock", part=True),
    )
    return Body(text=row.body, note=Moment().show(row.due_at), links=links)  # still open: when, and the way to finish


def _subject(row: Any) -> tuple[str, int]:
    """The nearest thing that an activity is about."""
    return next(
        ((name, pk) for name in ("deal", "person", "company") if (pk := getattr(row, f"{name}_id"))),
        ("activity", row.pk),
    )


def mail_withheld(events: Sequence[Any], actor: Any) -> dict[UUID, Any]:
    """Mail events without what is not for the actor."""
    from kith.activities.privacy import withheld

    return withheld(events, actor)


def mail_bodies(events: Sequence[Any], actor: Any) -> dict[UUID, Body]:
    """Mail with its subject, what is new in it, its files, and the ways to answer it and to read all of it. Two queries, and
    those that say how much of it the actor sees."""
    from kith.activities.models import Message
    from kith.activities.privacy import sight_of

    wanted = {e.payload.get("message") for e in events if e.payload.get("message")}
    found = Message.objects.prefetch_related("files").in_bulk(wanted)
    sights = sight_of(actor, found.values())
    pairs = ((e, found.get(e.payload.get("message", 0))) for e in events)
    made = ((e, _seen(e, m, actor, sights[m.pk])) for e, m in pairs if m is not None)
    return {e.pk: body for e, body in made if body is not None}


def _seen(event: Any, message: Any, actor: Any, sight: Any) -> Body | None:
    """As much of it as the actor sees."""
    from kith.kernel.mail.levels import Level, tells_subject

    if sight.level == Level.FULL:
        return _mail(event, message, actor, shares=sight.own and actor.can("activity.create"))
    if sight.level == Level.PRIVATE:
        return None
    title = message.subject if tells_subject(sight.level) else ""
    return Body(title=title, note=_("The rest is for those who take part in this mail."))


def _mail(event: Any, message: Any, actor: Any, *, shares: bool = False) -> Body:
    from kith.activities.mail import CAME, came_note
    from kith.activities.models import MessageState

    came = message.state in CAME
    files = tuple(BodyLink(f.name, f"/files/{f.file_id}", "clip") for f in message.files.all() if f.file_id)
    refused = [f.problem for f in message.files.all() if f.problem]
    links = (BodyLink(_("Whole mail"), f"/mail/{message.pk}", "mail"),) if message.arrived else ()
    if message.state == MessageState.RECEIVED and actor.can("activity.create"):
        address = answer_address(event.record, event.record_id, message)
        links = (BodyLink(_("Answer"), address, "mail", part=True), *links)
    sent = _("To %(to)s. %(state)s") % {"to": ", ".join(message.to), "state": message.get_state_display()}
    note = " ".join([came_note(message) if came else sent, *refused])
    links = (*links, *_offered(actor, event, event.record, event.record_id, message.fresh or message.text))
    if shares:
        address = f"{registry[event.record].url(event.record_id)}/do/share_mail?message={message.pk}"
        links = (*links, BodyLink(_("Share with colleagues…"), address, "people", part=True))
    return Body(text=message.fresh or message.text, title=message.subject, note=note, links=(*links, *files))


def answer_address(record: str, pk: int, message: Any) -> str:
    """The composer as a question, with what an answer begins with."""
    from kith.activities.mail import answer_subject, answers_to

    begins = {"answers": message.pk, "subject": answer_subject(message.subject), "to-0-value": answers_to(message)}
    return f"{registry[record].url(pk)}/say/mail?{urlencode({**begins, 'to-primary': '0'})}"
