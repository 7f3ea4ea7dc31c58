"""Customers, codes and friends for the tests of advocacy. It is Monday, ten o'clock."""

from __future__ import annotations

from typing import Any

from kith.advocacy import referring
from kith.advocacy.models import Referral
from kith.deals.actions import install_defaults
from kith.kernel.access.actor import system
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
from tests.cast import actor, user

MONDAY = "2026-11-23 10:00:00+00:00"


def programme(**values: Any) -> Any:
    """A hundred euros once a deal of whoever comes is won."""
    given = {"name": "Friends of Tidewell", "reward": "100 euros", "amount": 100, "outcome": "deal.won"} | values
    return actions.create(registry["referral_programme"], given, by=system("cli"))


def person(email: str = "marta@bellevue.example", **values: Any) -> Any:
    given = {
        "given_name": "Marta",
        "family_name": "Kowalska",
        "emails": [{"value": email, "label": ""}],
        "owner": user("ines"),
    } | values
    return actions.create(registry["person"], given, by=system("cli"))


def company(name: str = "Bellevue Group", **values: Any) -> Any:
    return actions.create(registry["company"], {"name": name, "owner": user("ines"), **values}, by=system("cli"))


def sent(referrer: Any, email: str = "piotr@fjordheim.example", **more: Any) -> Referral:
    """Somebody comes through the code of `referrer`."""
    friend = referring.Friend(more.pop("name", "Piotr Nowak"), email, **more)
    row = referring.refer(referring.code_of(referrer), friend)
    return Referral.objects.select_related("person", "referrer").get(pk=row.pk)


def won(contact: Any, **values: Any) -> Any:
    """A deal of theirs is won."""
    if not registry["pipeline"].model.objects.exists():
        install_defaults(system("cli"))
    given = {"name": "Sensors", "contact": contact, "company": contact.company, "amount": 900} | values
    deal = actions.create(registry["deal"], given, by=system("cli"))
    reason = registry["reason"].model.objects.filter(outcome="won").first()
    return ACTIONS["deal.win"].run(deal, by=actor("ines"), **({"reason": reason} if reason else {}))
