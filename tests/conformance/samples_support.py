"""Rows of the support room, made as people make them."""

from __future__ import annotations

from typing import Any

from kith.kernel.access.actor import system
from kith.kernel.calendars.kinds import SpanWords
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.support.kinds import Chain, Place


def ticket(by: Any) -> Any:
    """Somebody asks something, and a clock runs."""
    n = registry["ticket"].model._default_manager.count()
    values = {"subject": f"Sensor {n} is offline", "request": "Since Sunday. What shall we do?"}
    return actions.create(registry["ticket"], values, by=by)


def service_level(by: Any) -> Any:
    """What is promised to everybody."""
    n = registry["service_level"].model._default_manager.count()
    values = {"name": f"Everybody {n}", "first": "4 business hours", "resolution": "3 business days"}
    return actions.create(registry["service_level"], values, by=system("cli"))


def way_in(by: Any) -> Any:
    """An address that people write to."""
    n = registry["way_in"].model._default_manager.count()
    values = {"name": f"Help {n}", "through": "mail", "place": f"help{n}@tidewell.example"}
    return actions.create(registry["way_in"], values, by=system("cli"))


def agent(by: Any) -> Any:
    """A colleague who answers."""
    model = registry["agent"].model._default_manager
    there = model.filter(user=by.user, archived_at=None).first()
    return there or actions.create(registry["agent"], {"user": by.user}, by=system("cli"))


MADE_BY = {"ticket": ticket, "service_level": service_level, "way_in": way_in, "agent": agent}
VALUES = [
    (SpanWords, lambda kind, column: "4 business hours"),
    (Chain, lambda kind, column: "75 % owner"),
    (Place, lambda kind, column: "help@bellevue.example"),
]
