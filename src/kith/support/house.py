"""The house's own rules, and the ways in, without a query mostly."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.organisation.models import bump, cached
from kith.support.models import Agent, Door, Rules

MOST_DAYS = 365


def rules() -> Rules:
    """The rules in force."""
    found: Rules = cached("support:rules", lambda: Rules.objects.first() or Rules())
    return found


def set_rules(*, reopen_days: int, wait_days: int, ask_cause: bool, route: bool) -> None:
    """Keep the rules. Raises Invalid."""
    for key, days in (("reopen_days", reopen_days), ("wait_days", wait_days)):
        if not 1 <= days <= MOST_DAYS:
            raise Invalid(_("Say a number of days from 1 to %s.") % MOST_DAYS, key)
    given = {"reopen_days": reopen_days, "wait_days": wait_days, "ask_cause": ask_cause, "route": route}
    Rules.objects.update_or_create(pk=Rules.objects.values_list("pk", flat=True).first(), defaults=given)
    bump()


def doors(through: str) -> dict[str, Door]:
    """{address or key: way in} of those in use."""
    found: dict[tuple[str, str], Door] = cached("support:doors", _load)
    return {place: door for (kind, place), door in found.items() if kind == through}


def _load() -> dict[tuple[str, str], Any]:
    return {(row.through, row.place): row for row in Door.objects.filter(archived_at=None, active=True)}


def agents() -> list[Agent]:
    """Who answers tickets, with their user. Kept until configuration changes, which colleagues and agents are."""
    rows = Agent.objects.filter(archived_at=None, user__is_active=True).select_related("user").order_by("pk")
    found: list[Agent] = cached("support:agents", lambda: list(rows))
    return found
