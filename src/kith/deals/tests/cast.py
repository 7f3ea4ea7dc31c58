"""Tidewell's pipeline and deals for the tests, made on demand."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from kith.deals.actions import install_defaults
from kith.deals.models import Deal, Reason, Stage, Status
from kith.kernel.access.actor import Actor, system
from kith.kernel.records import actions
from kith.kernel.records.registry import registry

deals = registry["deal"]
companies = registry["company"]


def stage(name: str, **changes: Any) -> Stage:
    """A stage of the pipeline "Sales", changed as given."""
    from kith.kernel.timeline.change import change

    install_defaults(system())
    found = Stage.objects.select_related("pipeline").get(name=name, pipeline__name="Sales")
    if changes:
        with change(found, by=system()) as c:
            for key, value in changes.items():
                setattr(c.row, key, value)
        return c.row
    return found


def reason(name: str, outcome: str = Status.LOST) -> Reason:
    install_defaults(system())
    return Reason.objects.get(name=name, outcome=outcome)


def company(by: Actor, name: str = "Atlas Property") -> Any:
    return actions.create(companies, {"name": name}, by=by)


def deal(by: Actor, name: str = "Leak map, 14 blocks", **values: Any) -> Deal:
    """A deal in Discovery, unless told otherwise."""
    install_defaults(system())
    values = {"name": name, **values}
    if isinstance(values.get("stage"), str):
        values["stage"] = stage(values["stage"])
    return actions.create(deals, values, by=by)


def days_ago(n: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=n)
