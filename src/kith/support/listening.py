"""Other rooms and tickets: a form that opens one, a chat one is made of, business hours that change. They know nothing of it."""

from __future__ import annotations

from typing import Any

from kith.kernel.access.actor import Actor, system
from kith.kernel.jobs import enqueue
from kith.kernel.records.registry import registry
from kith.support.chats import CHAT, bring_up, first_line, of_chat
from kith.support.house import doors
from kith.support.models import Source, Through
from kith.support.opening import open_ticket

FORM = "form"
SUBMITTED, ENDED = "form.submitted", "conversation.closed"
HOURS = "business_calendar."


def handles(verb: str) -> bool:
    return verb in (SUBMITTED, ENDED) or verb.startswith(HOURS)


def hear(entries: list[Any], by: Actor) -> None:
    """Open tickets for what was sent by forms that are a way in, and for chats that ended at one."""
    for entry in entries:
        verb = entry.says.verb_for(entry.record)
        if verb == SUBMITTED:
            _sent(entry)
        elif verb.startswith(HOURS):
            enqueue("support.follow_all", key="support.follow_all")  # what runs counts by the hours as they are now
        elif doors(Through.CHAT) or Source.objects.filter(through=CHAT, ref=entry.record_id).exists():
            _ended(entry.record_id)


def _sent(entry: Any) -> None:
    known = doors(Through.FORM)
    form = registry["form"].model._default_manager.filter(pk=entry.says.form_id or 0).first() if known else None
    door = known.get(str(getattr(form, "key", "")).lower()) if form is not None else None
    if door is None or entry.record != "person":
        return
    person = registry["person"].model._default_manager.select_related("company").filter(pk=entry.record_id).first()
    sent = registry["submission"].model._default_manager.filter(pk=entry.says.submission).first()
    text = (getattr(sent, "reason", "") or entry.says.reason or "").strip()
    open_ticket(
        subject=first_line(text) or entry.says.form, text=text or entry.says.form, channel=FORM, by=system("web", name=str(person)),
        person=person, door=door, at=entry.at, source=(FORM, entry.says.submission),
    )  # fmt: skip


def _ended(pk: int) -> None:
    """A chat that ended: what was said since its ticket was made joins it; at a way in, the ticket is made now."""
    row = registry["conversation"].model._default_manager.select_related("person", "widget").filter(pk=pk).first()
    if row is None:
        return
    door = doors(Through.CHAT).get(str(getattr(row.widget, "key", "")).lower())
    if door is not None and row.person_id is not None:
        of_chat(row, by=system("web", name=str(row)), door=door)
    else:
        bring_up(row)
