"""After what a survey can ask: events of other rooms, by their verbs. Rooms may add theirs at start-up."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

REOPENED = "deal.reopened"  # what was asked after the end of a deal is asked no more
MOMENTS: dict[str, Any] = {
    "ticket.solved": _("A ticket is solved"),
    "onboarding.first_value": _("They reached their first value"),
    "onboarding.completed": _("Onboarding is complete"),
    "deal.won": _("A deal is won"),
    "deal.lost": _("A deal is lost"),
    "meeting.held": _("A meeting they booked took place"),
    "order.created": _("They ordered"),
    "renewal.won": _("They renewed"),
    "customer.churned": _("They left"),
}


def register_moment(verb: str, label: Any) -> None:
    """Offer an event as what a survey asks after."""
    MOMENTS.setdefault(verb, label)


def moments() -> dict[str, Any]:
    return MOMENTS
