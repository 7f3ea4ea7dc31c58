"""Ready answers: words with placeholders, in as many languages as they were written in, and what picking one does besides
(a macro)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Tags
from kith.kernel.languages import nearest
from kith.kernel.mail.placeholders import Place, parts, places
from kith.kernel.organisation.models import current
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.support.models import Reply, Ticket

KNOWN = {
    "person.given_name": lambda t, by: getattr(t.person, "given_name", "") or "",
    "person.name": lambda t, by: str(t.person or ""),
    "company.name": lambda t, by: str(t.company or ""),
    "ticket.number": lambda t, by: str(t.pk),
    "ticket.subject": lambda t, by: t.subject,
    "owner.name": lambda t, by: str(t.owner or by.name),
    "me.name": lambda t, by: by.name,
    "organisation.name": lambda t, by: current().name or "Kith",
}  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """One wording of a ready answer, as the desk offers it. `key` is what is sent back: "12", or "12:de" for another language."""

    key: str
    name: str
    words: str
    then: str
    language: str


def wordings(reply: Reply) -> dict[str, str]:
    """Its texts by language, its own first ("" where it does not say of which)."""
    own = reply.language.lower()
    return {own: reply.body} | {code: text for code, text in reply.bodies.items() if code != own}


def best(reply: Reply, language: str) -> str:
    """The language of the wording for whoever speaks this one: theirs where it has it, else its own."""
    return nearest([language], wordings(reply)) or reply.language.lower()


def offers(replies: Sequence[Reply], ticket: Ticket, *, by: Actor) -> tuple[list[Offer], list[Offer]]:
    """(wordings in the customer's language and those of no language, all others). Without a known language each answer's own
    come first."""
    language = ticket.person.language if ticket.person is not None else ""
    first, others = [], []
    for reply in replies:
        chosen = best(reply, language)
        theirs = not language or not chosen or bool(nearest([language], [chosen]))
        for code, text in wordings(reply).items():
            key = str(reply.pk) if code == reply.language.lower() else f"{reply.pk}:{code}"
            offer = Offer(key, reply.name, shown(text, ticket, by=by), reply.then, code)
            (first if theirs and code == chosen else others).append(offer)
    return first, others


def picked(key: str, by: Actor) -> tuple[Reply, str] | None:
    """(ready answer, its words) of what the desk sent back; None for nothing, and for what is not there any more."""
    number, _colon, code = key.partition(":")
    if not (number.isascii() and number.isdecimal() and len(number) < 18):
        return None
    reply = registry["reply"].rows(by).filter(pk=int(number)).first()
    if not isinstance(reply, Reply):
        return None
    return reply, reply.bodies.get(code, reply.body)


def check(text: str, field: str) -> None:
    """Raises Invalid for a placeholder that means nothing here."""
    for place in places(text):
        if place.name not in KNOWN:
            said = {"name": place.name, "known": ", ".join(KNOWN)}
            raise Invalid(_("There is no placeholder “%(name)s”; there is: %(known)s.") % said, field)


def fill(text: str, ticket: Ticket, *, by: Actor) -> str:
    """The words with what their placeholders stand for. One that is blank and has no words of its own is refused, so that
    nobody gets a mail to “Dear ,”. Raises Invalid."""
    if "{{" not in text:
        return text
    check(text, "body")
    return "".join(each if isinstance(each, str) else _one(each, ticket, by) for each in parts(text))


def _one(place: Place, ticket: Ticket, by: Actor) -> str:
    value = " ".join(KNOWN[place.name](ticket, by).split())
    if not value and place.fallback is None:
        raise Invalid(_("“%s” is not known here; write the words yourself.") % place.name, "body")
    return value or str(place.fallback)


def shown(text: str, ticket: Ticket, *, by: Actor) -> str:
    """The words as they stand in the box: what is known is filled in, the rest is left to see."""
    try:
        return "".join(
            each if isinstance(each, str) else (KNOWN[each.name](ticket, by) or each.fallback or "…")
            for each in parts(text)
        )
    except (Invalid, KeyError):
        return text


def put_on(ticket: Ticket, reply: Reply, *, by: Actor) -> None:
    """What a ready answer changes besides what it says."""
    with change(ticket, by=by) as c:
        row: Any = c.row
        row.priority, row.kind = reply.priority or row.priority, reply.kind or row.kind
        row.tags = Tags().clean([*row.tags, *reply.tags])
        row.cause = reply.cause or row.cause


def _check_all(values: Mapping[str, Any]) -> None:
    check(str(values.get("body") or ""), "body")
    for text in (values.get("bodies") or {}).values():
        check(str(text), "bodies")


def create(values: dict[str, Any], *, by: Actor, at: Any = None) -> Reply:
    """A new ready answer, whose placeholders mean something. Raises InvalidMany, Invalid."""
    from kith.kernel.records.actions import fill as fill_row
    from kith.support.records import ReplyRecord

    _check_all(values)
    row = Reply()
    fill_row(ReplyRecord, row, values, by=by)
    with change(row, by=by, at=at) as c:
        c.row.derive()
    return row


def edit(row: Reply, values: dict[str, Any], *, by: Actor, base: dict[str, Any] | None = None) -> Reply:
    """Change one. Raises InvalidMany, Invalid, Conflict."""
    from kith.kernel.records.actions import put_values
    from kith.support.records import ReplyRecord

    _check_all(values)
    with change(row, by=by) as c:
        put_values(ReplyRecord, c.row, values, base)
    return c.row  # type: ignore[no-any-return]
