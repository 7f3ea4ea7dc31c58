"""For whom a service level is: the same filter as in lists, over companies, with how many meet it now."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.lookups.conditions import say, usable
from kith.kernel.lookups.look import look_with
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import Group, to_text
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.segments.queries import live_count
from kith.support.models import UNSOLVED, Policy, Ticket
from kith.ui.pages.base import actor_of
from kith.ui.pages.filterpage import edit_filter, readable

COUNTED = 1000


def customers(request: HttpRequest, pk: int) -> HttpResponse:
    """Which companies a level is for; the form alone after a change inside its filter."""
    actor = actor_of(request)
    record = registry["service_level"]
    level = record.get(actor, pk, "edit")
    actor.require("service_level.edit")

    def save(tree: Group) -> None:
        actions.edit(record, level, {"customers": to_text(usable(tree, "company"))}, by=actor)

    return edit_filter(
        request, "support/level_customers.html", look_with(registry["company"], actor, ListState()), readable(level.customers),
        save, legend=_("For tickets of companies where"), back=record.url(level.pk), said=_("Saved."), level=level,
        more=lambda tree: {"met": (*live_count(actor, "company", tree), registry["company"].plural.lower())},
    )  # fmt: skip


def whom(actor: Actor, level: Policy) -> dict[str, Any]:
    """Whom it is for in words, how many companies that are, and how many open tickets count by it now."""
    tree = readable(level.customers)
    held = Ticket.objects.filter(UNSOLVED, clocks__policy=level.pk).distinct()[: COUNTED + 1].count()
    count, exact = live_count(actor, "company", tree) if level.customers else (None, True)
    return {
        "level": level, "words": say(level.customers, actor, "company") if level.customers else "", "count": count, "exact": exact,
        "held": min(held, COUNTED), "whole": held <= COUNTED, "may": actor.can("service_level.edit"),
    }  # fmt: skip
