"""How customers open and answer tickets here: the desk's own verbs, called for whoever came in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kith.advocacy.ideas import board_link
from kith.advocacy.links import own_link
from kith.advocacy.referring import programme
from kith.kernel.access.actor import Actor, system
from kith.portal.doors import Line, register_place, register_support
from kith.support.aloud import answer_aloud, open_aloud, said_aloud
from kith.support.articles.finding import Found, suggest


def join() -> None:
    """Called once at start-up."""
    register_support(open_ticket=opened, answer_ticket=answered, conversation=said)
    register_place(_("Help"), "/knowledge/")
    register_place(_("Ideas: propose one, or vote"), board_link)
    register_place(_("Recommend us to somebody"), recommending)


def recommending(person: Any) -> str:
    """Their own page of the referral programme; "" while none is open, or where no mail would reach them."""
    return own_link(person) if person.email and programme() is not None else ""


def answering(subject: str, body: str, person: Any) -> list[Found]:
    """Public articles that may answer what they are about to ask, in their language where there are such."""
    return suggest(f"{subject} {body}", language=person.language or get_language() or "")


def opened(person: Any, subject: str, body: str, uploads: Sequence[Any]) -> Any:
    return open_aloud(person, subject, body, uploads, channel="portal", by=_as(person))


def answered(person: Any, ticket: Any, body: str, uploads: Sequence[Any]) -> None:
    answer_aloud(person, ticket, body, uploads, by=_as(person))


def said(person: Any, ticket: Any) -> list[Line]:
    return [Line(one.at, one.who, one.ours, one.text, one.files) for one in said_aloud(ticket)]


def _as(person: Any) -> Actor:
    return system("web", name=str(person)[:200])
