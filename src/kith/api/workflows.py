"""Workflows over the API beside what every record type has: replay, sentences, steps of a run, the pause of all."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kith.api import inputs
from kith.api.door import body, endpoint
from kith.automation import actions
from kith.automation.checking import faults_of
from kith.automation.panels import steps
from kith.automation.queries import paused
from kith.automation.replay import DAYS, as_json, replay
from kith.automation.saying import in_one, sentences
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry


def replay_draft(actor: Actor, request: HttpRequest, pk: int) -> Any:
    """`{"days": 90, "rows": 50}`: what the draft would have done."""
    days, rows = inputs.looking_back(body(request), DAYS)
    return as_json(replay(registry["workflow"].get(actor, pk), by=actor, days=days, shown=rows))


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


replaying = endpoint(post=replay_draft)
sentences_read = endpoint(get=say_draft)
steps_list = endpoint(get=list_steps)
pausing = endpoint(get=read_pause, post=set_pause)
