"""Trying another scorecard over the API: who would move, and how those people turned out. Nothing is written."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kith.api.door import body, endpoint
from kith.kernel.access.actor import Actor
from kith.qualification.scoring.card import of_program
from kith.qualification.scoring.simulating import as_json, simulate


def try_card(actor: Actor, request: HttpRequest) -> Any:
    """`{"rules": [{"id": 3, "points": 20}], "bands": [{"name": "Hot", "from": 60}]}`; what is left out stays as it is."""
    actor.require("settings.manage")
    return as_json(simulate(of_program(body(request), by=actor), actor))


trying = endpoint(post=try_card)
