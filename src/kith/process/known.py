"""Answers that are known already, beside the last words of a mail, a chat or a ticket: the best answer to each question that
somebody seems to ask again, to be put into what one writes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from kith.activities.bodies import answer_address
from kith.activities.mailpage import came_in, register_beside, whole_mail
from kith.capture.chat import queries as chats
from kith.engagement.asked import known_already
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Integer, LongText, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry
from kith.support import queries as tickets
from kith.ui.pages.base import actor_of
from kith.ui.panels import Panel, register_panel
from kith.ui.render import fragment, page

MOST = 3
LONGEST = 6_000  # characters of an address that browsers and servers take for sure
TEMPLATE = "process/panel_known.html"


def offered(actor: Actor, text: str, address: str, field: str) -> dict[str, Any] | None:
    """The best answers to what this text seems to ask, each with the address of an answer that begins with it: `address`
    with `field` holding it; None where there is none. Few queries, however many there are."""
    if not text or not actor.can("objection.see"):
        return None
    found = [one for one in known_already(actor, text, limit=2 * MOST, most_words=120) if one["best"] is not None]
    if not found:
        return None
    rows = [{**one, "into": _into(address, field, one["best"].text)} for one in found[:MOST]]
    return {"known": rows, "count": len(rows)}


def _into(address: str, field: str, text: str) -> str:
    """Nothing where nothing may be written here, or the answer is too long for an address: it is read and copied then."""
    made = f"{address}{'&' if '?' in address else '?'}{urlencode({field: text})}" if address else ""
    return made if len(made) <= LONGEST else ""


def of_ticket(actor: Actor, ticket: Any) -> dict[str, Any] | None:
    """By the last words of the customer, while it is not over."""
    if not ticket.awaits_step or ticket.archived_at is not None:
        return None
    address = f"/tickets/{ticket.pk}/do/answer" if actor.can("ticket.edit") else ""
    return offered(actor, tickets.last_words(ticket), address, "body")


def of_conversation(actor: Actor, row: Any) -> dict[str, Any] | None:
    """By the visitor's last words, while they are there."""
    if row.closed_at is not None:
        return None
    address = f"/conversations/{row.pk}/do/answer" if actor.can("conversation.edit") and not row.by_mail else ""
    return offered(actor, chats.last_words(row), address, "text")


@dataclass(frozen=True)
class Known:
    """A question that they seem to ask again, for programs."""

    id: int
    question: str
    answer: str
    asked: int
    won: int
    lost: int


def _part(context: Callable[[Actor, Any], dict[str, Any] | None]) -> Part:
    def read(actor: Actor, row: Any) -> list[Known]:
        told = context(actor, row) or {"known": []}
        return [
            Known(one["row"].pk, one["row"].question, one["best"].text, one["asked"], one["won"], one["lost"])
            for one in told["known"]
        ]

    columns = {
        "id": Integer(),
        "question": Text(300),
        "answer": LongText(),
        "asked": Integer(),
        "won": Integer(),
        "lost": Integer(),
    }
    return Part("known_answers", _("Answered before"), columns, read)


def beside_mail(_actor: Actor, message: Any) -> str:
    """Where a mail that came in fetches what is known; "" for one of ours."""
    return f"/known-answers/mail/{message.pk}" if came_in(message) else ""


@require_GET
def of_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """By what is new in the mail, for those who may read all of it."""
    actor = actor_of(request)
    message, record, row = whole_mail(actor, pk)
    address = answer_address(record.name, row.pk, message) if actor.can("activity.create") else ""
    text = f"{message.subject}\n{message.fresh or message.text}"
    context = offered(actor, text, address, "body") or {"known": []}
    if request.headers.get("HX-Request"):
        return fragment(request, "process/known_mail.html", "known", context)
    return page(request, "process/known_mail.html", context)


def join() -> None:
    """Called once at start-up."""
    register_beside(beside_mail)
    for record, context in (("ticket", of_ticket), ("conversation", of_conversation)):
        shown = Panel("known", _("Answered before"), TEMPLATE, context, depends_on=("objection",), order=30, lazy=True)
        register_panel(shown, on=record)
        registry.lend_parts(record, _part(context))
