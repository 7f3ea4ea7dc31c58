"""For whom a service level is: the same filters as in lists, over companies and over people, with how many meet them now."""

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
from kith.support.models import CUSTOMERS, UNSOLVED, Policy, Ticket
from kith.ui.pages.base import actor_of
from kith.ui.pages.filterpage import edit_filter, readable

COUNTED = 1000


def customers(request: HttpRequest, pk: int) -> HttpResponse:
    """Which companies a level is for; the form alone after a change inside its filter."""
    return _edit(request, pk, "customers", _("For tickets of companies where"))


def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Which people a level is for, whether they belong to a company or not."""
    return _edit(request, pk, "people", _("For tickets of people where"))


def _edit(request: HttpRequest, pk: int, column: str, legend: str) -> HttpResponse:
    actor, asked = actor_of(request), registry[CUSTOMERS[column]]
    record = registry["service_level"]
    level = record.get(actor, pk, "edit")
    actor.require("service_level.edit")

    def save(tree: Group) -> None:
        actions.edit(record, level, {column: to_text(usable(tree, asked.name))}, by=actor)

    return edit_filter(
        request, "support/level_customers.html", look_with(asked, actor, ListState()), readable(getattr(level, column)), save,
        legend=legend, back=record.url(level.pk), said=_("Saved."), level=level,
        more=lambda tree: {"met": (*live_count(actor, asked.name, tree), asked.plural.lower())},
    )  # fmt: skip


def whom(actor: Actor, level: Policy) -> dict[str, Any]:
    """Whom it is for in words, how many companies and people that are, and how many open tickets count by it now."""
    held = Ticket.objects.filter(UNSOLVED, clocks__policy=level.pk).distinct()[: COUNTED + 1].count()
    return {
        "level": level, "asks": [_asked(actor, record, words) for column, record in CUSTOMERS.items() if (words := getattr(level, column))],
        "held": min(held, COUNTED), "whole": held <= COUNTED, "may": actor.can("service_level.edit"),
    }  # fmt: skip


def _asked(actor: Actor, record: str, words: str) -> dict[str, Any]:
    count, exact = live_count(actor, record, readable(words))
    return {"record": record, "words": say(words, actor, record), "count": count, "exact": exact}
