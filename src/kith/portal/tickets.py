"""How customers open and answer tickets here: the desk's own verbs, called for whoever came in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor, system
from kith.portal.doors import Line, register_place, register_support
from kith.support.aloud import answer_aloud, open_aloud, said_aloud


def join() -> None:
    """Called once at start-up."""
    register_support(open_ticket=opened, answer_ticket=answered, conversation=said)
    register_place(_("Help"), "/knowledge/")


def opened(person: Any, subject: str, body: str, uploads: Sequence[Any]) -> Any:
    return open_aloud(person, subject, body, uploads, channel="portal", by=_as(person))


def answered(person: Any, ticket: Any, body: str, uploads: Sequence[Any]) -> None:
    answer_aloud(person, ticket, body, uploads, by=_as(person))


def said(person: Any, ticket: Any) -> list[Line]:
    return [Line(one.at, one.who, one.ours, one.text, one.files) for one in said_aloud(ticket)]


def _as(person: Any) -> Actor:
    return system("web", name=str(person)[:200])
