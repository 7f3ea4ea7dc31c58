"""Workflows over the API beside what every record type has: replay, sentences, steps of a run, the pause of all."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kith.api import inputs
from kith.api.door import body, endpoint
from kith.automation import actions, deliveries
from kith.automation.checking import faults_of
from kith.automation.panels import steps
from kith.automation.queries import paused
from kith.automation.replay import DAYS, as_json, replay
from kith.automation.saying import in_one, sentences
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Moment
from kith.kernel.records.registry import registry

CALLS = 100  # of one page


def replay_draft(actor: Actor, request: HttpRequest, pk: int) -> Any:
    """`{"days": 90, "rows": 50}`: what the draft would have done; `{"about": 17}`: what it would do with this row."""
    data = body(request)
    about = inputs.number(data, "about")
    days, rows = inputs.looking_back({key: data[key] for key in data if key != "about"}, DAYS)
    return as_json(replay(registry["workflow"].get(actor, pk), by=actor, days=days, shown=rows, about=about))


def say_draft(actor: Actor, request: HttpRequest, pk: int) -> Any:
    row = registry["workflow"].get(actor, pk)
    faults = faults_of(row.draft, actor, row.name)
    return {"sentence": in_one(row.draft, actor), "sentences": sentences(row.draft, actor), "faults": faults}


def list_steps(actor: Actor, request: HttpRequest, pk: int) -> Any:
    """What became of each step, where the actor may see the row that the run is about."""
    told = steps(actor, registry["run"].get(actor, pk))
    return {
        "data": [
            {
                "number": s.number, "state": s.state, "what": s.what, "result": s.result, "error": s.error,
                "operation": s.operation, "attempts": s.attempts, "started_at": s.started_at.isoformat(),
                "ended_at": s.ended_at.isoformat() if s.ended_at else None,
            }
            for s in told["steps"]
        ]
    }  # fmt: skip


def read_pause(actor: Actor, request: HttpRequest) -> Any:
    return {"paused": paused() is not None}


def set_pause(actor: Actor, request: HttpRequest) -> Any:
    """`{"paused": true}`"""
    data = body(request)
    inputs.only(data, ("paused",))
    (actions.pause_all if inputs.yes(data, "paused") else actions.resume_all)(by=actor)
    return read_pause(actor, request)


def list_calls(actor: Actor, request: HttpRequest) -> Any:
    """Calls that were given up, the latest first."""
    found = deliveries.gave_up(actor)
    after = inputs.cursor_of(request)
    rows = list((found.filter(pk__lt=after) if after else found)[: CALLS + 1])
    return {"data": deliveries.as_json(actor, rows[:CALLS]), "next": rows[CALLS - 1].pk if len(rows) > CALLS else None}


def send_calls(actor: Actor, request: HttpRequest) -> Any:
    """`{"ids": [3, 4]}`, or `{"all": true}`: send those that were given up once more."""
    data = body(request)
    inputs.only(data, ("ids", "all"))
    every = inputs.yes(data, "all")
    if every == ("ids" in data):
        raise Invalid("Say which: “ids”, or “all”: true.", "ids")
    return {"sent": deliveries.again(actor, None if every else inputs.ids(data, "ids", deliveries.MOST))}


def replay_calls(actor: Actor, request: HttpRequest) -> Any:
    """`{"since": "2026-03-01T00:00:00Z", "until": "…", "workflow": 4}`: send once more what was answered in that time."""
    data = body(request)
    inputs.only(data, ("since", "until", "workflow"))
    since, until = (Moment().parse(inputs.text(data, key), actor=actor) for key in ("since", "until"))
    if since is None or until is None:
        raise Invalid("“since” and “until” are needed.", "since")
    return {"sent": deliveries.replay(actor, since, until, inputs.number(data, "workflow"))}


calling = endpoint(get=list_calls)
calling_again = endpoint(post=send_calls)
calls_replayed = endpoint(post=replay_calls)
replaying = endpoint(post=replay_draft)
sentences_read = endpoint(get=say_draft)
steps_list = endpoint(get=list_steps)
pausing = endpoint(get=read_pause, post=set_pause)
