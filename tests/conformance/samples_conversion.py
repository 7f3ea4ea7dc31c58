"""Believable rows of what is sold: quotes, and what must have happened before their verbs make sense."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from kith.kernel.access.actor import system
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry


def quote(by: Any) -> Any:
    """A draft with a discount for which somebody asks."""
    from kith.deals.actions import install_defaults

    install_defaults(by=system("cli"))
    n = registry["quote"].model._default_manager.count()
    person = {"given_name": "Marta", "emails": [{"value": f"marta{n}@bellevue.example", "label": ""}]}
    marta = actions.create(registry["person"], person, by=by)
    values = {"name": f"Main building {n}", "contact": marta, "amount": Decimal(4526), "owner": by.user}
    deal = actions.create(registry["deal"], values, by=by)
    drop = actions.create(registry["product"], {"name": f"Drop {n}", "price": Decimal(49)}, by=system("cli"))
    line = {"product": drop, "quantity": Decimal(62), "discount": Decimal(20), "discount_reason": "Three houses"}
    ACTIONS["deal.add_line"].run(deal, **line, by=by)
    made = ACTIONS["deal.draft_quote"].run(deal, note="As we said on the phone", terms="Net 30 days", by=by)
    ACTIONS["quote.ask_approval"].run(made, reason="They sign for three houses", by=by)
    made.refresh_from_db()
    return made


MADE = {"quote": quote}
FOR_GOOD = {
    "quote.send": "a mail is on its way, and what was sent never changes; it is withdrawn with quote.withdraw",
}
# The lines of an order or quote that is archived stay with it, and what colleagues were told stays told.
STAYS = {
    "deal.win": {"conversion_orderline", "activities_notice"},
    "person.convert": {"conversion_orderline"},
    "deal.draft_quote": {"quotes_quoteline"},
    "quote.revise": {"quotes_quoteline"},
    "quote.accept": {"conversion_orderline", "activities_notice"},
    "quote.decline": {"activities_notice"},
    "quote.ask_approval": {"activities_notice"},
    "quote.approve": {"activities_notice"},
    "quote.refuse": {"activities_notice"},
}
LINE = ("order.add_line", {"name": "Drop", "unit_price": "49"})
FIRST = {
    "order.change_line": (LINE,),
    "order.remove_line": (LINE,),
    "promise.reopen": ("promise.keep",),
    "company.end_customer": ("company.become_customer",),
    "person.end_customer": ("person.become_customer",),
    "quote.remove_promise": ("quote.add_promise",),
    "quote.ask_approval": (("quote.refuse", {"reason": "Too much"}),),
    "quote.accept": ("quote.send",),
    "quote.decline": ("quote.send",),
    "quote.withdraw": ("quote.send",),
    "quote.revise": ("quote.send",),
}
SAID = {
    # What the sample sells is paid once, and has no price that steps.
    **{(f"{record}.{verb}_line", "ramp"): "" for record in ("deal", "order") for verb in ("add", "change")},
    ("order.report_status", "state"): "overdue",
    ("order.add_line", "name"): "Drop",
    ("order.add_line", "unit_price"): "49",
    ("quote.remove_promise", "place"): "1",
    ("promise.make", "source"): "",
    ("deal.draft_quote", "valid_until"): "2036-03-12",
}
NAMED = {"order.line": ("conversion", "OrderLine")}
