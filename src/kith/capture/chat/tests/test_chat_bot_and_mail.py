"""The bot asks and lets people out; who cannot be answered now is answered by mail, and nothing of it is lost."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from kith.activities.models import Message, MessageState
from kith.capture.chat import actions, mailing, turns
from kith.capture.chat.models import Conversation, Line
from kith.capture.chat.tests.chats import BOT, Visitor, closed, widget
from kith.capture.models import LeadClock, Submission
from kith.capture.tests.forms import purpose
from kith.contacts.consent.models import Consent
from kith.contacts.models import Person, entries
from kith.kernel.access.actor import system
from kith.kernel.errors import InvalidMany
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.models import Arrived
from kith.kernel.records import actions as records
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.queries import timeline
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    found = actor("ines")
    actions.be_there(True, by=found)
    return found


def test_the_bot_says_that_it_is_one_and_asks_what_was_set_up(ines):
    widget(bot=BOT)
    elin = Visitor()
    elin.say("We have wet cellars")
    first, question = elin.lines[1:3]
    assert first["side"] == "bot" and "I am a bot" in first["text"] and "person at any time" in first["text"]
    assert question["text"] == "What is it about?"
    assert [label for _value, label in question["ask"]["choices"]] == ["A leak, right now", "An offer", "A job"]
    assert elin.row.state == "bot" and elin.row.owner is None


def test_answers_fill_in_columns_and_the_colleague_reads_them(ines, client):
    widget(bot=BOT)
    elin = Visitor()
    for words in ("We have wet cellars", "An offer", "Caretaker", "Elin Sørensen", "elin@fjordheim.example"):
        assert elin.say(words).status_code == 200
    run_waiting_jobs()
    row = elin.row
    assert (row.state, row.owner, row.facts["person.job_title"]) == ("waiting", user("ines"), "Caretaker")
    person = Person.objects.get()
    assert (person.name, person.email, person.job_title) == ("Elin Sørensen", "elin@fjordheim.example", "Caretaker")
    assert row.person == person
    client.force_login(user("ines"))
    page = client.get(f"/conversations/{row.pk}/chat").content.decode()
    assert "Caretaker" in page and "We have wet cellars" in page and "An offer" in page


def test_an_answer_that_cannot_be_is_asked_again(ines):
    widget(bot=BOT)
    elin = Visitor()
    for words in ("Hello", "Something else"):
        elin.say(words)
    assert "choose one of these" in elin.said[-1].lower() and elin.row.step == "topic"
    for words in ("An offer", "Rather not", "Elin", "elin at fjordheim"):
        elin.say(words)
    assert elin.row.step == "email" and "person.job_title" not in elin.row.facts
    assert "Your e-mail?" in elin.said[-1]


def test_branches_lead_to_a_person_or_to_the_end(ines):
    widget(bot=BOT)
    leak, job = Visitor(), Visitor()
    for visitor, words in ((leak, "A leak, right now"), (job, "A job")):
        visitor.say("Hello")
        visitor.say(words)
    assert leak.row.state == "waiting" and leak.row.owner == user("ines")
    assert job.row.state == "closed" and "See tidewell.example/jobs." in job.said


def test_a_person_can_be_asked_for_at_any_time_and_a_colleague_can_take_over(ines):
    widget(bot=BOT)
    elin, marta = Visitor(), Visitor()
    elin.say("Hello")
    assert elin.post("human").json()["state"] == "waiting"
    marta.say("Hello")
    perform(actions.take, marta.row, {}, by=ines)
    before = len(marta.lines)
    marta.say("An offer")
    assert len(marta.lines) == before + 1  # the bot is silent


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([{"key": "a", "kind": "text", "say": {"en": "A?"}, "goto": "b"}], "which there is not"),
        ([{"key": "a", "kind": "text", "say": {"en": "A?"}, "goto": "a"}], "only goes on"),
        ([{"key": "a", "kind": "choice", "say": {"en": "A?"}}], "write its choices"),
        ([{"key": "a", "kind": "text", "say": {"en": "A?"}, "column": "person.shoe"}], "no field of people"),
        ([{"key": "a", "kind": "text"}], "says nothing"),
        ([{"key": "human", "kind": "text", "say": {"en": "A?"}}], "cannot be the key"),
    ],
)
def test_a_bot_that_leads_nowhere_is_refused_in_words(steps, says):
    with pytest.raises(InvalidMany, match=says):
        widget(bot={"on": True, "steps": steps})


def test_what_a_stopped_server_left_is_answered_by_a_job(ines, monkeypatch):
    made = widget(bot=BOT)
    elin = Visitor()
    with monkeypatch.context() as broken:
        broken.setattr(turns.bot, "go_on", lambda row: None)
        elin.say("Hello")
    assert len(elin.lines) == 1
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1)):
        turns.watch()
        turns.watch()
    assert Line.objects.filter(conversation=elin.row, side="bot").count() == 2 and made.open


def test_outside_working_hours_an_address_is_asked_for_and_a_mail_arrives_as_a_letter_would(ines, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    widget(hours=closed())
    elin = Visitor()
    elin.say("Do your sensors work in a cold attic?")
    assert elin.lines[-1]["ask"] == {"who": True} and "Leave your address" in elin.said[-1]
    done = elin.who().json()
    assert (done["state"], done["mail"]) == ("closed", True)
    run_waiting_jobs()
    person = Person.objects.get()
    arrived, message = Arrived.objects.get(), Message.objects.get()
    assert (arrived.state, arrived.record_id) == ("filed", person.pk)
    assert (message.state, message.thread.person) == (MessageState.RECEIVED, person)
    assert "cold attic" in message.text and message.sender == "Elin Sørensen <elin@fjordheim.example>"
    assert [m.to for m in mail.outbox] == [["elin@fjordheim.example"]]
    assert "cold attic" in mail.outbox[0].body and mail.outbox[0].extra_headers["Auto-Submitted"]
    turns.watch()
    run_waiting_jobs()
    assert Message.objects.count() == 1 and len(mail.outbox) == 1


def test_whoever_is_not_answered_within_the_minutes_goes_on_by_mail(ines):
    widget(wait_minutes=3)
    elin, quiet = Visitor(), Visitor()
    elin.say("Hello")
    elin.who()
    quiet.say("Hello, too")
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2)):
        turns.watch()
    assert elin.row.state == "waiting"
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=4)):
        turns.watch()
        turns.watch()
    run_waiting_jobs()
    assert elin.row.by_mail and Message.objects.get().thread.person == Person.objects.get()
    assert quiet.row.state == "waiting" and [line["ask"] for line in quiet.lines].count({"who": True}) == 1


def test_what_is_said_after_a_letter_makes_the_next_one(ines):
    widget(hours=closed())
    elin = Visitor()
    elin.say("The first thing")
    elin.who()
    run_waiting_jobs()
    elin.say("And a second thing")
    elin.say("and a third")
    assert Message.objects.count() == 1  # what comes in a row is one letter
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=6)):
        turns.watch()
    run_waiting_jobs()
    first, second = Message.objects.order_by("pk")
    assert "The first thing" not in second.text and "second thing" in second.text and "and a third" in second.text
    assert first.thread == second.thread and elin.row.by_mail


def test_nobody_can_use_a_chat_to_pester_somebody_else(ines, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    widget(hours=closed())
    for n in range(6):
        visitor = Visitor(address=f"198.51.100.{n}")
        visitor.say("Buy this")
        visitor.who(email="marta@bellevue.example")
        run_waiting_jobs()
        visitor.say("And this")
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=6)):
            turns.watch()
        run_waiting_jobs()
    assert len([one for one in mail.outbox if one.to == ["marta@bellevue.example"]]) <= 3
    for n in range(8):
        told = visitor.who(email=f"somebody@b{n}.example", name=f"Some Body{n}").status_code
        run_waiting_jobs()
    assert told == 422 and Person.objects.count() <= 6


def test_who_it_is_stays_in_the_queue_while_that_is_unsure_and_the_mail_is_filed_once_it_is_known(ines):
    for name in ("Elin", "Rolf"):  # an address that two people have
        values = {"given_name": name, "emails": entries(["elin@fjordheim.example"])}
        records.create(registry["person"], values, by=system("cli"))
    widget(hours=closed())
    elin = Visitor()
    elin.say("It is about the pumps")
    elin.who()
    run_waiting_jobs()
    row = Submission.objects.get()
    assert (row.state, row.through) == ("review", "chat") and "about the pumps" in row.reason
    assert not Message.objects.exists()
    perform(registry["submission"].actions[1], row, {"person": str(row.proposed_id)}, by=ines)
    run_waiting_jobs()
    assert elin.row.person_id == row.proposed_id and "about the pumps" in Message.objects.get().text


def test_one_entry_on_the_persons_story_holds_the_whole_thread(ines):
    widget()
    elin = Visitor()
    elin.say("Do your sensors work in a cold attic?")
    perform(actions.answer, elin.row, {"text": "Down to minus twenty."}, by=ines)
    elin.who()
    run_waiting_jobs()
    elin.who(name="Elin S.")  # said twice
    run_waiting_jobs()
    person = Person.objects.get()
    held = Event.objects.filter(verb="chat.held")
    assert held.count() == 1
    entries_, _cursor = timeline(ines, "person", person.pk)[:2]
    body = next(one.body for one in entries_ if one.event.verb == "chat.held")
    assert "cold attic" in body.text and "Ines Okafor: Down to minus twenty." in body.text


def test_what_was_agreed_to_is_kept_with_its_words_and_their_version(ines):
    purpose("Newsletter")
    widget(hours=closed(), consents=["newsletter"])
    elin = Visitor()
    assert Client().get("/c/site.json").json()["boxes"][0]["words"] == "Newsletter: write to me."
    elin.say("Hello")
    elin.who(consent=["newsletter", "made-up"])
    run_waiting_jobs()
    kept = Consent.objects.get()
    assert (kept.wording, kept.wording_number, kept.source) == ("Newsletter: write to me.", 1, "Website chat")


def test_names_and_addresses_cannot_add_headers_to_the_mail(ines):
    widget(hours=closed())
    elin = Visitor()
    elin.say("Subject line\r\nBcc: everybody@evil.example")
    refused = elin.who(email="elin@fjordheim.example\r\nBcc: everybody@evil.example")
    assert refused.status_code == 422 and "email" in refused.json()["errors"]
    elin.who(name="Elin\r\nBcc: everybody@evil.example")
    run_waiting_jobs()
    row = elin.row
    made = mailing.letter(Conversation.objects.get(pk=row.pk), list(Line.objects.filter(conversation=row)))
    head = made.decode().partition("\r\n\r\n")[0].lower()
    assert "\nbcc:" not in head and "\ncc:" not in head
    assert "\n" not in mailing.copy_of(row).subject


def test_without_a_script_a_letter_is_left_on_the_chats_own_page(ines):
    widget(bot=BOT)
    page = Client().get("/c/site").content.decode()
    assert "Talk to Tidewell" in page and "<textarea" in page and 'style="' not in page
    wrong = Client().post("/c/site", {"text": "Hello", "email": "nobody"})
    assert wrong.status_code == 422 and "Hello" in wrong.content.decode()
    sent = Client().post("/c/site", {"text": "Hello", "email": "elin@fjordheim.example", "name": "Elin Sørensen"})
    assert sent.status_code == 303
    run_waiting_jobs()
    assert "Hello" in Message.objects.get().text and Person.objects.get().email == "elin@fjordheim.example"


def test_a_robot_that_fills_in_everything_waits_for_a_person(ines):
    widget()
    Client().post("/c/site", {"text": "Hello", "email": "bot@spam.example", "homepage": "https://spam.example"})
    run_waiting_jobs()
    assert Submission.objects.get().state == "review" and not Person.objects.exists() and not Message.objects.exists()


def test_an_answer_in_the_chat_is_the_first_word_whenever_they_say_who_they_are(ines):
    widget()
    before, after = Visitor(), Visitor()
    before.say("Hello")
    before.who()
    run_waiting_jobs()
    perform(actions.answer, before.row, {"text": "Good morning."}, by=ines)
    after.say("Hello")
    perform(actions.answer, after.row, {"text": "Good morning."}, by=ines)
    after.who(email="rolf@berg.example", name="Rolf Berg")
    run_waiting_jobs()
    clocks = LeadClock.objects.order_by("person__email")
    assert [clock.reached_by for clock in clocks] == [user("ines")] * 2
    assert all(person.last_touch_at for person in Person.objects.all())


def test_an_open_deal_decides_before_the_owner_of_the_person(ines):
    from kith.deals.actions import install_defaults

    install_defaults(by=system("cli"))
    widget()
    for who in ("jonas", "priya"):
        actions.be_there(True, by=actor(who))
    values = {"given_name": "Elin", "emails": entries(["elin@fjordheim.example"]), "owner": user("priya")}
    person = records.create(registry["person"], values, by=system("cli"))
    deal = {"name": "Sensors", "contact": person, "owner": user("jonas")}
    records.create(registry["deal"], deal, by=system("cli"))
    elin = Visitor()
    elin.say("It is me")
    elin.who()
    run_waiting_jobs()
    assert elin.row.owner == user("jonas")
    assert "open deal" in Event.objects.filter(verb="conversation.routed").latest("id").payload["why"]


def test_who_left_no_address_and_fell_silent_does_not_stand_at_the_desk_for_ever(ines):
    widget(hours=closed())
    elin = Visitor()
    elin.say("Hello")
    with time_machine.travel(timezone.now() + dt.timedelta(hours=13)):
        turns.watch()
    assert elin.row.state == "closed" and "Hello" in elin.said


def test_where_a_visitor_came_from_stands_among_what_made_us_known_to_them(ines):
    from kith.awareness.models import Touch

    widget()
    elin = Visitor(
        page="https://tidewell.example/leaks?utm_source=fair", utm_source="fair", ref="https://news.example/"
    )
    elin.say("Hello")
    elin.who()
    elin.who(name="Elin S.")
    run_waiting_jobs()
    touch = Touch.objects.get()
    assert (touch.through, touch.source) == ("chat", "fair") and touch.person == Person.objects.get()
