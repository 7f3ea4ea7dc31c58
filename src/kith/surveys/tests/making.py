"""Surveys and people who are asked, for the tests of surveys. It is Monday, ten o'clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

import time_machine
from django.utils import timezone

from kith.deals.actions import install_defaults
from kith.kernel.access.actor import system
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
from kith.surveys import asking
from kith.surveys.models import Response, Survey
from tests.cast import actor, user

MONDAY = "2026-11-23 10:00:00+00:00"


def at(words: str = MONDAY) -> Any:
    return time_machine.travel(words, tick=False)


def survey(start: bool = True, **values: Any) -> Survey:
    """How satisfied after a deal is won, an hour later, of everybody."""
    given = {"name": "After the work", "kind": "csat", "asks_after": "deal.won", "owner": user("helena")} | values
    made = actions.create(registry["survey"], given, by=system("cli"))
    return ACTIONS["survey.start"].run(made, by=system("cli")) if start else made


def marta(who: str = "ines", **values: Any) -> Any:
    given = {
        "given_name": "Marta", "family_name": "Kowalska", "emails": [{"value": "marta@bellevue.example", "label": "work"}],
        "owner": user(who),
    } | values  # fmt: skip
    return actions.create(registry["person"], given, by=actor(who))


def many(number: int, **values: Any) -> list[Any]:
    """People of a hotel, each with an address."""
    return [
        marta(given_name=f"Guest {n}", family_name="", emails=[{"value": f"guest{n}@bellevue.example", "label": ""}], **values)
        for n in range(number)
    ]  # fmt: skip


def won(person: Any) -> Any:
    """A deal of theirs is won."""
    if not registry["pipeline"].model.objects.exists():
        install_defaults(system("cli"))
    deal = actions.create(registry["deal"], {"name": "Sensors", "contact": person, "amount": 900}, by=actor("ines"))
    reason = registry["reason"].model.objects.filter(outcome="won").first()
    given = {"reason": reason} if reason is not None else {}
    return ACTIONS["deal.win"].run(deal, by=actor("ines"), **given)


def asked(made: Survey, person: Any, **more: Any) -> Response:
    """Somebody who got the mail just now."""
    row = asking.put_down(made, person, by=system(), **more)
    asking.asked(row, timezone.now())
    return Response.objects.select_related("survey", "person", "company").get(pk=row.pk)


def later(**span: float) -> Any:
    return time_machine.travel(timezone.now() + dt.timedelta(**span), tick=False)
