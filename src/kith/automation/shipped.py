"""Workflows that come with Kith, switched off until somebody tries, publishes and switches them on.

They are documents like any other, in the organisation's language, whoever adds them. `$team1` and `$team2` stand for the first two
teams of the organisation, or for whoever adds the workflow where there are none; `$me` for whoever adds it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.automation.models import Workflow
from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotFound
from kith.kernel.languages import speaking
from kith.kernel.lookups.directory import teams
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.process.definition.shape import Stage
from kith.process.queries import giving

Document = dict[str, Any]


@dataclass(frozen=True)
class Shipped:
    """`key` marks the row made from it, so that it is offered once."""

    key: str
    name: str
    description: str
    document: Document


def _task(subject: str, due: str, body: str = "") -> Document:
    return {"do": "write", "kind": "task", "inputs": {"subject": subject, "due": due, "owner": "=owner", "body": body}}


def _tell(text: str, to: list[str] | None = None) -> Document:
    return {"do": "notify", "to": to or ["=owner"], "text": text}


def _assignment() -> list[Shipped]:
    return [
        Shipped(
            "assign-by-source", _("Assign new people by source"), _("Whoever came through an event goes round one team."),
            {"record": "person", "when": {"event": "person.created"}, "if": "source.is:Conference|\"Trade fair\"",
             "steps": [{"do": "assign", "to": ["$team1"]}, _task(_("Say hello to {name}"), "1 day")]},
        ),
        Shipped(
            "assign-by-territory", _("Assign new companies by territory"),
            _("Companies that nobody looks after go to the team of their country."),
            {"record": "company", "when": {"event": "company.created"}, "if": "owner.empty",
             "steps": [{"do": "branch", "if": "country.is:SE|NO|DK|FI|IS", "then": [{"do": "assign", "to": ["$team1"]}],
                        "else": [{"do": "assign", "to": ["$team2"]}]}]},
        ),
    ]  # fmt: skip


def _following_up() -> list[Shipped]:
    return [
        Shipped(
            "inactive-lead", _("Follow up people gone quiet"),
            _("No word for 30 days and nothing planned: a task for whoever looks after them."),
            {"record": "person", "when": {"becomes": "last_touch_at.before:-30d,next_step_at.empty"},
             "steps": [_task(_("Get in touch with {name} again"), "2 business days")]},
        ),
        Shipped(
            "next-step", _("Ask for the next step of open deals"), _("An open deal without a next step gets one."),
            {"record": "deal", "when": {"becomes": "status.is:open,next_step_at.empty"},
             "steps": [_task(_("Decide what happens next with {name}"), "1 business day")]},
        ),
        Shipped(
            "reminder", _("Remind of what is due tomorrow"), _("A line in the inbox a day before an open activity is due."),
            {"record": "activity", "when": {"date": "due_at", "offset": "-1 day"}, "if": "kind.is:task|call|meeting",
             "steps": [_tell(_("Due tomorrow: {subject}"))]},
        ),
        Shipped(
            "data-completion", _("Complete what is missing"), _("People without an address or number to reach them by."),
            {"record": "person", "when": {"becomes": "any(email.empty,phone.empty)"},
             "steps": [_task(_("Find out how to reach {name}"), "5 business days")]},
        ),
    ]  # fmt: skip


def _opened() -> list[Shipped]:
    return [
        Shipped(
            "opened-asset", _("Follow up what was opened"),
            _("Whoever opened what a form handed over, and did not write since: a task, a business day later. Asking for it starts nothing."),
            {"record": "person", "when": {"event": "asset.downloaded"},
             "steps": [{"do": "wait", "for": "1 business day"},
                       {"do": "branch", "if": "happened.never:mail.received|4,next_step_at.empty",
                        "then": [_task(_("Ask what {name} made of it"), "1 business day")]}]},
        ),
    ]  # fmt: skip


def _alarms() -> list[Shipped]:
    return [
        Shipped(
            "stalled-deal", _("Alarm for stalled deals"), _("A deal stands longer in its stage than its stage allows."),
            {"record": "deal", "when": {"becomes": "stalled.is:1"},
             "steps": [_tell(_("{name} stands still in {stage}"))]},
        ),
        Shipped(
            "overdue", _("Alarm for overdue next steps"), _("A next step lies behind us: the owner, then a week later a team."),
            {"record": "deal", "when": {"becomes": "status.is:open,next_step_at.before:-1d"},
             "steps": [_tell(_("{name} waits since {next_step_at}: {next_step}")),
                       {"do": "wait", "for": "7 days"},
                       {"do": "branch", "if": "status.is:open,next_step_at.before:-1d",
                        "then": [_tell(_("{name} has waited for more than a week"), ["$team1"])]}]},
        ),
        Shipped(
            "overdue-lead", _("Alarm for leads without an answer"),
            _("Nobody answered a new lead in time: who has it, then a business day later a team."),
            {"record": "assignment", "when": {"date": "due_at"}, "if": "due_at.filled,stopped_at.empty",
             "steps": [_tell(_("{person} waits for a first answer since {due_at}"), ["=user"]),
                       {"do": "wait", "for": "1 business day"},
                       {"do": "branch", "if": "stopped_at.empty",
                        "then": [_tell(_("{person} still waits for a first answer from {user}"), ["$team1"])]}]},
        ),
        Shipped(
            "overdue-answer", _("Alarm for customers without an answer"),
            _("A ticket is over its time: its owner, then half a business day later a team."),
            {"record": "ticket", "when": {"becomes": "state.is:new|open,next_step_at.in:past"},
             "steps": [_tell(_("{subject} is over its time: {person} waits since {next_step_at}")),
                       {"do": "wait", "for": "4 business hours"},
                       {"do": "branch", "if": "state.is:new|open,next_step_at.in:past",
                        "then": [_tell(_("{person} still waits for an answer: {subject}"), ["$team1"])]}]},
        ),
        Shipped(
            "closing-date", _("Alarm for closing dates gone by"), _("An open deal should have closed yesterday."),
            {"record": "deal", "when": {"date": "closes_on", "offset": "1 day"}, "if": "status.is:open",
             "steps": [_tell(_("{name} should have closed on {closes_on}"))]},
        ),
    ]  # fmt: skip


def _beginning() -> list[Shipped]:
    return [
        Shipped(
            "onboarding", _("Begin well after a win"), _("Hand over at once, ask how it began after two weeks."),
            {"record": "deal", "when": {"event": "deal.won"},
             "steps": [_task(_("Hand over {name}"), "1 business day", _("Who, what was promised, by when.")),
                       {"do": "wait", "for": "2 weeks"},
                       _task(_("Ask how it began: {company}"), "1 business day")]},
        ),
    ]  # fmt: skip


def _handing_over() -> list[Shipped]:
    """By the verb itself, where a process in use has a stage to hand over from."""
    stages = giving()
    if not stages:
        return []
    return [
        Shipped(
            "hand-over", _("Offer the hand-over after a win"),
            _("Who comes to where one hands over is offered to a colleague at once, with what the deal knows."),
            {"record": "journey", "when": {"event": "journey.moved"},
             "if": f"stage.is:{'|'.join(stages)},closed_at.empty,offered.is:0",
             "steps": [{"do": "action", "action": "journey.hand_over", "inputs": {
                 "to": _receiver(next(iter(stages.values()))),
                 "says": _("{name} is won. What was promised and who is who is filled in from the deal; ask {owner} for the rest.")}}]},
        ),
    ]  # fmt: skip


def _receiver(stage: Stage) -> str:
    """The first colleague of the team that a stage belongs to, by address; whoever adds the workflow where there is none."""
    team = next((team for team in teams().values() if team.name == stage.team), None)
    first = team.members.filter(is_active=True).order_by("pk").first() if team is not None else None
    return first.email if first is not None else "$me"


SETS: tuple[Callable[[], list[Shipped]], ...] = (
    _assignment,
    _following_up,
    _opened,
    _alarms,
    _beginning,
    _handing_over,
)


def shipped(by: Actor) -> list[Shipped]:
    """All of them, in the organisation's language and with its own teams in them."""
    names = [f"team {team.name}" for team in sorted(teams().values(), key=lambda team: team.pk)] or [by.name]
    with speaking():
        made = [one for make in SETS for one in make()]
    return [
        Shipped(one.key, one.name, one.description, _with_names(one.document, names[0], names[min(1, len(names) - 1)], by.name))
        for one in made
    ]  # fmt: skip


def _with_names(document: Document, first: str, second: str, me: str) -> Document:
    text = json.dumps(document)
    for mark, name in (("$team1", first), ("$team2", second), ("$me", me)):
        text = text.replace(mark, json.dumps(name)[1:-1])
    found: Document = json.loads(text)
    return found


def offered(by: Actor) -> list[Shipped]:
    """Those that are not there yet."""
    there = set(Workflow.objects.filter(archived_at=None).exclude(shipped="").values_list("shipped", flat=True))
    return [one for one in shipped(by) if one.key not in there]


def standing(key: str, by: Actor) -> Workflow:
    """A shipped workflow as an unsaved row, to be looked at and tried. Raises NotFound."""
    one = next((one for one in shipped(by) if one.key == key), None)
    if one is None:
        raise NotFound(_("No workflow “%s” comes with Kith.") % key)
    return Workflow(name=one.name, description=one.description, draft=one.document, shipped=one.key)


def add(key: str, *, by: Actor) -> Workflow:
    """Make it a workflow of the organisation, not published and switched off."""
    by.require("settings.manage")
    row = standing(key, by)
    found = Workflow.objects.filter(archived_at=None, shipped=key).first()
    if found is not None:
        return found
    values = {"name": row.name, "description": row.description, "draft": row.draft}
    made: Workflow = actions.create(registry["workflow"], values, by=by)
    with change(made, by=by) as c:
        c.row.shipped = key
    return c.row
