"""Who a visitor is, once they say so: the same door that forms lead to, with its matching and its queue for doubts.

A visitor is nobody before. What they told the bot, what they wrote and what they agreed to goes into one submission, which
is looked at by the job of forms; `taken` hears whose it became.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kith.capture import speed
from kith.capture.accepting import PROCESS
from kith.capture.chat import mailing, routing, saying, tokens
from kith.capture.chat.events import Answered, ChatHeld, Recognised, WhoSaid
from kith.capture.chat.models import Conversation, Line, Side, State
from kith.capture.chat.queries import Shown, shown_of
from kith.capture.guarding import ADDRESS, MOST_LINKS
from kith.capture.models import State as Came
from kith.capture.models import Submission
from kith.capture.reading import VISITOR, consented
from kith.kernel.access.actor import Actor, actor_for, system
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.kinds import Email
from kith.kernel.records.registry import registry
from kith.kernel.text import clean_text
from kith.kernel.timeline.change import change
from kith.kernel.timeline.followup import touch
from kith.kernel.timeline.write import Entry, write_events

CHAT = "chat"
NAMES = ("person.name", "person.given_name", "person.family_name")
MOST_OF_ONE = 5  # times that a conversation may say whom it is with
REACHES = ("person.email", "person.phone")


def tell(row: Conversation, *, name: str, email: str, consents: Sequence[str] = (), suspect: str = "") -> None:
    """A visitor says who they are. Raises Invalid with the field."""
    name, address = " ".join(clean_text(name).split())[:300], check_address(email)
    with transaction.atomic(), change(row, by=saying.visitor(row), verb="see") as c:
        held = c.row
        held.email, held.name = address[:254], name or held.name
        held.facts = {**held.facts, "person.email": address, **({"person.name": name} if name else {})}
        c.says(WhoSaid())
        submit(held, consents, suspect)


def prove(row: Conversation, proof: str) -> None:
    """A page that only one person can open said who this is: the conversation is with them, whatever address they type. Does
    nothing for a proof that is not in order, or of somebody who is gone."""
    pk = tokens.person_of(proof) if proof else None
    if pk is None or (row.proven and row.person_id == pk):
        return
    person = registry["person"].rows(system("web"), archived=False).filter(pk=pk).first()
    if person is None:
        return
    with change(row, by=saying.visitor(row), verb="see") as c:
        c.row.person, c.row.proven = person, True
        c.row.name, c.row.email = str(person)[:300], (person.email or c.row.email)[:254]
        c.says(Recognised(person=str(person), proven=True))
    row.refresh_from_db()


def check_address(email: str) -> str:
    """An e-mail address as we keep it. Raises Invalid with the field."""
    email = clean_text(email).strip()
    if not email:
        raise Invalid(_("Write an e-mail address, so that we can answer you."), "email")
    try:
        return str(Email().parse(email))
    except Invalid as problem:
        raise Invalid(problem.message, "email") from None


def note_facts(row: Conversation) -> None:
    """What the bot was told makes somebody known, where it can be answered."""
    if not any(row.facts.get(key) for key in REACHES):
        return
    with transaction.atomic(), change(row, by=saying.visitor(row), verb="see") as c:
        held = c.row
        held.email = str(held.facts.get("person.email") or held.email)[:254]
        named = [str(held.facts[key]) for key in NAMES if held.facts.get(key)]
        held.name = (named[0] if "person.name" in held.facts else " ".join(named))[:300] or held.name
        c.says(WhoSaid())
        submit(held, (), "")


def submit(row: Conversation, consents: Sequence[str], suspect: str) -> None:
    """Put what is known before the job that takes people in; a conversation that waits there already is completed."""
    widget = shown_of(row)
    words = [line.text for line in Line.objects.filter(conversation=row, side=Side.VISITOR).order_by("number")[:50]]
    suspect = suspect or (
        _("it holds many web addresses") if sum(len(ADDRESS.findall(text)) for text in words) > MOST_LINKS else ""
    )
    if Submission.objects.filter(through=CHAT, ref=row.pk).count() >= MOST_OF_ONE:
        raise Invalid(_("You told us several times who you are; we have it."), "email")
    found = (
        Submission.objects.select_for_update()
        .filter(through=CHAT, ref=row.pk, state__in=(Came.NEW, Came.REVIEW))
        .first()
    )
    one = found or Submission(through=CHAT, ref=row.pk, raw={VISITOR: [row.visitor]})
    agreed = [consented(key, row.language) for key in _known_consents(consents, widget)]
    one.subject, one.name, one.email = (widget.name if widget else _("Chat"))[:300], row.name, row.email
    one.phone = str(row.facts.get("person.phone") or "")[:40]
    one.language, one.page, one.referrer, one.utm = row.language, row.page, row.referrer, row.utm
    one.network, one.agent, one.suspect = row.network, row.agent, suspect[:200]
    one.reason = "\n\n".join(words)[:20_000]
    one.facts, one.answers = row.facts, row.answers
    one.consents = [*(old for old in one.consents if old["purpose"] not in {new["purpose"] for new in agreed}), *agreed]
    one.derive()
    one.save()
    enqueue(PROCESS, key=PROCESS)


def _known_consents(keys: Sequence[str], widget: Shown | None) -> list[str]:
    from kith.contacts.consent.queries import purposes

    offered = widget.chat.consents if widget else ()
    return [key for key in dict.fromkeys(keys) if key in offered and key in purposes()]


def told_on(row: Submission) -> Any:
    """The one entry on the story of whoever this conversation is with; None where it stands there already."""
    held = Conversation.objects.filter(pk=row.ref).first()
    if held is None:
        return ChatHeld(conversation=row.ref or 0, chat=row.subject)
    if held.person_id is not None:
        return None
    return ChatHeld(
        conversation=held.pk, chat=row.subject, page=row.page, referrer=row.referrer, utm=row.utm,
        visitor=held.visitor,
    )  # fmt: skip


def taken(ref: int, person: Any, by: Actor) -> None:
    """Somebody is made of it: the conversation is theirs, comes to whoever looks after them, and goes on by mail if it is to."""
    row = Conversation.objects.filter(pk=ref).first()
    if row is None:
        return
    newly = row.person_id != person.pk
    with change(row, by=by, verb="see") as c:
        if newly:
            c.row.person, c.row.proven = person, False
            c.row.name = str(person)[:300]
            c.says(Recognised(person=str(person)))
    row = c.row
    if newly and row.answered_at is not None and row.owner is not None:
        _answered_already(row, person)
    if row.by_mail:
        mailing.file(row, by=by)
    elif row.state == State.WAITING and row.answered_at is None:
        routing.route(row)


def _answered_already(row: Conversation, person: Any) -> None:
    """A colleague talked to them before we knew who they are: nobody waits for a first word."""
    write_events([Entry("conversation", row.pk, Answered())], actor_for(row.owner, "web"))
    touch({("person", person.pk): row.answered_at})


def follow_clocks(conversations: Iterable[int]) -> None:
    """A colleague's first word in the chat stops the clock of whoever it is with."""
    people = Conversation.objects.filter(pk__in=list(conversations), person__isnull=False)
    speed.follow(people.values_list("person_id", flat=True))
