"""Parts of pages: a ticket's talk and clocks, and what tickets add to people and companies."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.support import effort, given, levelpage
from kith.support.clocks.shown import clocks_of
from kith.support.models import Ticket
from kith.ui.panels import Panel


def talk(actor: Actor, ticket: Ticket) -> dict[str, Any]:
    """The way to the page where it is answered, and the last words."""
    return {"row": ticket}


def clocks(actor: Actor, ticket: Ticket) -> dict[str, Any] | None:
    """Every clock with its history."""
    found = clocks_of(ticket)
    return {"clocks": found} if found else None


TALK = Panel("talk", _("What was said"), "support/panel_talk.html", talk, place="lead", order=5, verbs=("split",))
CLOCKS = Panel("clocks", _("Clocks"), "support/panel_clocks.html", clocks, order=20)
GIVEN = Panel(
    "given", _("Why they have it"), "support/panel_given.html", given.whose, depends_on=("ticket",), order=22, lazy=True,
)  # fmt: skip
WHOM = Panel(
    "whom", _("Whom it is for"), "support/panel_whom.html", levelpage.whom, depends_on=("service_level",), place="main", order=5,
    lazy=True,
)  # fmt: skip
EFFORT = Panel(
    "tickets", _("Tickets"), "support/panel_effort.html", effort.ledger, depends_on=("ticket",), place="related", order=30,
    lazy=True, covers=("ticket",),
)  # fmt: skip
