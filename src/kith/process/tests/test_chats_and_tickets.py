"""A chat and an open ticket know each other: who is asked first, one conversation whatever the way, and nothing told to strangers."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import override_settings
from django.utils import timezone

from kith.capture.chat import actions as chats
from kith.capture.chat.mailing import to_mail
from kith.capture.chat.tests.chats import BOT, Visitor, widget
from kith.capture.chat.tokens import proof_of
from kith.contacts.models import entries
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.arriving import take_in
from kith.kernel.records import actions as records
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.support.models import Ticket
from kith.support.tests.cast import clocks, level
from tests.cast import actor, user
from tests.mailcast import letter

pytestmark = pytest.mark.django_db
HELP = "help@tidewell.example"


@pytest.fixture
def ines():
    found = actor("ines")
    chats.be_there(True, by=found)
    return found


def elin(**more):
    values = {"given_name": "Elin", "family_name": "Sørensen", "emails": entries(["elin@fjordheim.example"]), **more}
    return records.create(registry["person"], values, by=system("cli"))


def ticket(person, **values):
    given = {"subject": "Sensor 14 is offline", "request": "Since Sunday.", "person": person, **values}
    return records.create(registry["ticket"], given, by=system("cli"))


def do(verb, row, by, **raw):
    return perform(ACTIONS[verb], row, raw, by=by).result


def known(visitor):
    """They give their address, and are found."""
    visitor.who()
    run_waiting_jobs(names=["capture.process"])
    return visitor


def test_a_ticket_by_mail_and_a_chat_are_one_conversation_and_the_answer_in_the_chat_meets_its_clock(ines):
    level()
    elin()
    records.create(registry["way_in"], {"name": "Help", "through": "mail", "place": HELP}, by=system("cli"))
    take_in(
        letter(
            "Since Sunday.", From="Elin <elin@fjordheim.example>", To=HELP, Subject="Sensor 14 is offline"
        ).as_bytes()
    )
    run_waiting_jobs(names=["mail.work"])
    made = Ticket.objects.get()
    widget()
    visitor = Visitor()
    visitor.say("I wrote you about sensor 14")
    known(visitor)
    do("conversation.join_ticket", visitor.row, ines)
    do("conversation.answer", visitor.row, ines, text="Its battery is empty.")
    run_waiting_jobs(names=["support.follow_chat"])
    made.refresh_from_db()
    assert Ticket.objects.count() == 1
    assert [(one.channel, one.text) for one in made.entries.order_by("at", "pk") if one.side != "event"] == [
        ("mail", "Since Sunday."), ("chat", "I wrote you about sensor 14"), ("chat", "Its battery is empty."),
    ]  # fmt: skip
    assert clocks(made)["first"].state == "met" and made.owner == user("ines")
    assert abs(made.first_answered_at - visitor.row.answered_at) < dt.timedelta(seconds=1), (
        "when it was said, not when it was copied"
    )
    assert Event.objects.get(verb="ticket.answered").actor_name == user("ines").name


def test_what_is_said_later_in_the_chat_goes_on_in_the_ticket(ines):
    level()
    made = ticket(elin())
    widget()
    visitor = Visitor()
    visitor.say("It is me")
    known(visitor)
    do("conversation.join_ticket", visitor.row, ines)
    do("conversation.answer", visitor.row, ines, text="Good morning.")
    run_waiting_jobs(names=["support.follow_chat"])
    do("ticket.solve", Ticket.objects.get(), ines, cause="Battery")
    visitor.say("It is still offline")
    run_waiting_jobs(names=["support.follow_chat"])
    made.refresh_from_db()
    assert (made.state, made.reopened, made.last_words) == ("open", 1, "It is still offline")
    assert clocks(made)["next"].state == "running"


def test_whoever_has_the_open_ticket_is_asked_before_whoever_looks_after_the_person(ines):
    for who in ("jonas", "priya"):
        chats.be_there(True, by=actor(who))
    ticket(elin(owner=user("priya")), owner=user("jonas"))
    widget()
    visitor = Visitor()
    visitor.say("It is me")
    known(visitor)
    assert visitor.row.owner == user("jonas")
    assert "open ticket" in Event.objects.filter(verb="conversation.routed").latest("id").payload["why"]


def test_where_whoever_has_the_ticket_is_away_it_goes_on_as_ever(ines):
    ticket(elin(), owner=user("jonas"))
    widget()
    visitor = Visitor()
    visitor.say("It is me")
    known(visitor)
    assert visitor.row.owner == user("ines")


def test_a_solved_ticket_leads_nobody_anywhere(ines):
    chats.be_there(True, by=actor("jonas"))
    person = elin(owner=user("ines"))
    do("ticket.solve", ticket(person, owner=user("jonas")), actor("jonas"), cause="Battery")
    widget()
    visitor = Visitor()
    visitor.say("It is me")
    known(visitor)
    assert visitor.row.owner == user("ines")


def test_a_bot_asks_a_proven_visitor_whether_it_is_about_their_ticket_and_yes_makes_it_one_conversation(ines):
    person = elin()
    made = ticket(person, owner=user("ines"))
    widget(bot=BOT)
    visitor = Visitor(proof=proof_of(person.pk))
    told = visitor.say("Hello").json()
    assert told["lines"][-1]["text"] == "Is this about “Sensor 14 is offline”?"
    assert [label for _key, label in told["lines"][-1]["ask"]["choices"]] == ["Yes", "No, something else"]
    visitor.say("Yes")
    run_waiting_jobs(names=["support.follow_chat"])
    assert visitor.row.owner == user("ines") and visitor.row.state == "waiting"
    assert made.entries.filter(channel="chat", text="Hello").exists()
    assert Event.objects.filter(verb="ticket.chat_joined").count() == 1


def test_no_leads_to_the_questions_that_were_set_up(ines):
    person = elin()
    made = ticket(person)
    widget(bot=BOT)
    visitor = Visitor(proof=proof_of(person.pk))
    visitor.say("Hello")
    told = visitor.say("No, something else").json()
    assert told["lines"][-1]["text"] == "What is it about?"
    assert not made.entries.filter(channel="chat").exists()


@pytest.mark.parametrize("proof", ["", "forged", None])
def test_who_only_says_who_they_are_reads_nothing_of_a_ticket(ines, proof):
    person = elin()
    ticket(person)
    widget(bot=BOT)
    came = {} if proof is None else {"proof": proof}
    visitor = Visitor(**came)
    visitor.say("Hello, I am elin@fjordheim.example")
    known(visitor)
    visitor.say("An offer")
    assert not any("Sensor 14" in words for words in visitor.said)
    assert visitor.row.proven is False


def test_a_proof_is_over_after_an_hour(ines):
    person = elin()
    ticket(person)
    widget(bot=BOT)
    proof = proof_of(person.pk)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=61)):
        visitor = Visitor(proof=proof)
        visitor.say("Hello")
        assert not any("Sensor 14" in words for words in visitor.said)


def test_who_then_types_the_address_of_somebody_else_is_proven_no_more(ines):
    person = elin()
    widget()
    visitor = Visitor(proof=proof_of(person.pk))
    visitor.say("Hello")
    assert visitor.row.proven and visitor.row.person_id == person.pk
    visitor.came.pop("proof")
    visitor.who(email="rolf@berg.example", name="Rolf Berg")
    run_waiting_jobs(names=["capture.process"])
    assert visitor.row.person_id != person.pk and not visitor.row.proven


def test_a_chat_is_part_of_one_ticket_only(ines):
    person = elin()
    first, second = ticket(person), ticket(person, subject="An invoice")
    widget()
    visitor = Visitor()
    visitor.say("It is me")
    known(visitor)
    do("conversation.join_ticket", visitor.row, ines, ticket=str(first.pk))
    with pytest.raises(Invalid, match="part of the ticket “Sensor 14 is offline” already"):
        do("conversation.join_ticket", visitor.row, ines, ticket=str(second.pk))


def test_the_page_of_the_chat_and_that_of_the_ticket_say_so(ines, client):
    made = ticket(elin())
    widget()
    visitor = Visitor()
    visitor.say("It is me")
    known(visitor)
    client.force_login(user("ines"))
    assert (
        f"/conversations/{visitor.row.pk}/panel/ticket"
        in client.get(f"/conversations/{visitor.row.pk}/chat").content.decode()
    )
    beside = client.get(
        f"/conversations/{visitor.row.pk}/panel/ticket", headers={"HX-Request": "true"}
    ).content.decode()
    assert "Sensor 14 is offline" in beside and "do/join_ticket" in beside and "nothing proves" in beside
    there = client.get(f"/tickets/{made.pk}/panel/chats", headers={"HX-Request": "true"}).content.decode()
    assert "They write in the chat" in there and "do/join_ticket" in there
    do("conversation.join_ticket", visitor.row, ines)
    beside = client.get(
        f"/conversations/{visitor.row.pk}/panel/ticket", headers={"HX-Request": "true"}
    ).content.decode()
    assert "stands in the ticket too" in beside and "do/join_ticket" not in beside
    there = client.get(f"/tickets/{made.pk}/panel/chats", headers={"HX-Request": "true"}).content.decode()
    assert "Chat with Elin" in there


def test_a_german_customer_is_asked_in_german(ines):
    person = elin()
    ticket(person, owner=user("ines"))
    widget(bot=BOT)
    visitor = Visitor(lang="de", proof=proof_of(person.pk))
    told = visitor.say("Guten Tag").json()
    assert told["lines"][-1]["text"] == "Geht es um „Sensor 14 is offline“?"
    visitor.say("Ja")
    assert visitor.row.owner == user("ines")


@override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
def test_a_chat_that_goes_on_by_mail_stays_in_its_ticket(ines, mailoutbox):
    made = ticket(elin())
    widget()
    visitor = Visitor()
    visitor.say("It is me")
    known(visitor)
    do("conversation.join_ticket", visitor.row, ines)
    to_mail(visitor.row)
    run_waiting_jobs(names=["chat.copy", "support.follow_chat"])
    [copy] = mailoutbox
    assert copy.subject == f"Re: It is me [#{made.pk}]"
    reply = letter("Any news?", From="Elin <elin@fjordheim.example>", To=HELP, Subject=f"Re: {copy.subject}")
    take_in(reply.as_bytes())
    run_waiting_jobs(names=["mail.work"])
    assert Ticket.objects.count() == 1
    assert [one.text for one in made.entries.filter(side="them").order_by("pk")] == [
        "Since Sunday.",
        "It is me",
        "Any news?",
    ]
