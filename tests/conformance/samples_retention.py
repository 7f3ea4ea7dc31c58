"""Believable rows of retention: renewals, leave-takings, plays, and what health is made of."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry


def customer(by: Any) -> Any:
    """A company that is a customer for two years."""
    made = actions.create(registry["company"], {"name": "Bellevue Group"}, by=by)
    ACTIONS["company.become_customer"].run(made, since=timezone.localdate() - dt.timedelta(days=730), by=by)
    return registry["company"].get(system("cli"), made.pk)


def churn_reason(by: Any) -> Any:
    n = registry["churn_reason"].model._default_manager.count()
    return actions.create(registry["churn_reason"], {"name": f"Too expensive {n}"}, by=system("cli"))


def churn(by: Any) -> Any:
    """Somebody left."""
    ACTIONS["customer.churn"].run(customer(by), reason=churn_reason(by), by=by)
    return registry["churn"].model._default_manager.latest("pk")


def play(by: Any) -> Any:
    n = registry["play"].model._default_manager.count()
    return actions.create(
        registry["play"], {"name": f"Talk {n}", "steps": "0: Call them\n7: Visit them"}, by=system("cli")
    )


def play_run(by: Any) -> Any:
    """A play under way."""
    ACTIONS["customer.start_play"].run(customer(by), play=play(by), by=by)
    return registry["play_run"].model._default_manager.latest("pk")


def health_part(by: Any) -> Any:
    n = registry["health_part"].model._default_manager.count()
    return actions.create(
        registry["health_part"], {"name": f"Contact {n}", "source": "contact", "poor": 3, "good": 1}, by=system("cli")
    )


def renewal(by: Any) -> Any:
    """A contract that comes up in two months."""
    values = {
        "name": "Service, renewal",
        "company": customer(by),
        "renews_on": timezone.localdate() + dt.timedelta(days=60),
        "owner": by.user,
    }
    return actions.create(registry["renewal"], values, by=by)


MADE = {
    "churn_reason": churn_reason, "churn": churn, "play": play, "play_run": play_run, "health_part": health_part, "renewal": renewal,
}  # fmt: skip
