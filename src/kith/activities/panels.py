"""What activities add to record pages: the kinds of entries, and the next step at the composer's foot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.activities import writing
from kith.activities.actions import set_next_step
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Moment, Text
from kith.kernel.records.models import Followed
from kith.kernel.records.registry import registry
from kith.ui.panels import register_composer, register_next_step

ABOUT = ("person", "company", "deal")


def _about(record: Any, row: Any) -> bool:
    return record.name in ABOUT


register_composer(
    "note",
    _("Note"),
    "note",
    writing.write_note,
    submit=_("Save note"),
    placeholder=_("What should the next person know?"),
    hotkey="n",
    order=10,
    mentions=True,
    applies=_about,
)
register_composer(
    "mail",
    _("E-mail"),
    "mail",
    writing.compose_mail,
    submit=_("Send"),
    placeholder=_("Write in your own words"),
    hotkey="m",
    order=20,
    applies=_about,
)
register_composer(
    "call",
    _("Call"),
    "phone",
    writing.log_call,
    submit=_("Log call"),
    placeholder=_("What was said, what was agreed"),
    hotkey="l",
    order=30,
    mentions=True,
    applies=_about,
)
register_composer(
    "meeting",
    _("Meeting"),
    "calendar",
    writing.log_meeting,
    submit=_("Save meeting"),
    placeholder=_("What was agreed"),
    order=40,
    mentions=True,
    applies=_about,
)
register_composer(
    "task",
    _("Task"),
    "check",
    writing.plan_task,
    submit=_("Add task"),
    placeholder=_("Details, if any"),
    hotkey="t",
    order=50,
    mentions=True,
    applies=_about,
)


def _foot(actor: Actor, row: Any) -> dict[str, Any] | None:
    if not isinstance(row, Followed) or not actor.can("activity.create"):
        return None
    return {"step": row.next_step, "at": row.next_step_at}


def _apply(actor: Actor, row: Any, sent: Mapping[str, Any]) -> None:
    """Nothing filled in leaves the next step as it is."""
    subject, due = str(sent.get("next_subject", "")).strip(), str(sent.get("next_due", "")).strip()
    if not subject and not due:
        return
    if not (subject and due):
        raise Invalid(_("A next step needs a few words and a date."), "next_due" if subject else "next_subject")
    record = registry.by_model(type(row))
    set_next_step(record, row, subject=Text(300).parse(subject), due=Moment().parse(due), by=actor)


register_next_step("activities/next_step.html", _foot, _apply, kind="task", needs=("due",))
