"""A deal that can be offered: a hotel, its director, three products."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from kith.deals.models import Deal
from kith.deals.tests.cast import deal
from kith.kernel.access.actor import Actor, system
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry


def product(name: str, price: str, **values: Any) -> Any:
    found = registry["product"].model._default_manager.filter(name=name).first()
    values = {"name": name, "price": Decimal(price), "currency": "EUR", **values}
    return found or actions.create(registry["product"], values, by=system("cli"))


def offered(by: Actor, *, discount: str = "", language: str = "en") -> Deal:
    """A deal with 62 sensors, their watch and an installation, in Discovery."""
    company = actions.create(registry["company"], {"name": "Hotel Bellevue"}, by=by)
    values = {
        "given_name": "Marta", "family_name": "Kowalczyk", "company": company, "language": language,
        "emails": [{"value": "marta@bellevue.example", "label": ""}],
    }  # fmt: skip
    marta = actions.create(registry["person"], values, by=by)
    row = deal(by, "Main building", company=company, contact=marta)
    more = {"discount": discount, "discount_reason": "Three houses"} if discount else {}
    add(row, by, product("Drop", "49", cost=Decimal(30)), "62", **more)
    add(row, by, product("Watch", "24", recurring="year", term=12), "62", **more)
    row.refresh_from_db()
    return row


def add(row: Deal, by: Actor, what: Any, quantity: str = "1", **raw: Any) -> None:
    perform(ACTIONS["deal.add_line"], row, {"product": str(what.pk), "quantity": quantity, **raw}, by=by)


def draft(row: Deal, by: Actor, **raw: Any) -> Any:
    return perform(ACTIONS["deal.draft_quote"], row, raw, by=by).result


def do(verb: str, quote: Any, by: Actor, **raw: Any) -> Any:
    """Perform a verb of a quote; gives its operation."""
    outcome = perform(ACTIONS[f"quote.{verb}"], quote, raw, by=by)
    quote.refresh_from_db()
    return outcome.operation
