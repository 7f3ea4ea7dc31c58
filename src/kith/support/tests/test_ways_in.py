"""Every way in which a ticket comes to be: mail, form, chat, portal, program, hand; and one talk whatever the way."""

import datetime as dt

import pytest
from django.test import override_settings
from django.utils import timezone

from kith.capture.chat import saying
from kith.capture.events import FormSubmitted
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.arriving import take_in
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.models import Event
from kith.support.answering import answer_ticket
from kith.support.models import Entry, Ticket
from kith.support.opening import open_ticket
from kith.support.tests.cast import clocks, level, marta, ticket
from tests.cast import actor
from tests.conformance.samples import conversation
from tests.mailcast import letter

pytestmark = pytest.mark.django_db
HELP = "help@tidewell.example"


@pytest.fixture
def ines():
    return actor("ines")


@pytest.fixture
def door():
    return create(registry["way_in"], {"name": "Help", "through": "mail", "place": HELP}, by=system("cli"))


def arrive(text="Our night porter does not get the alerts.", **headers):
    given = {
        "From": "Marta Kowalczyk <marta@bellevue.example>",
        "To": HELP,
        "Subject": "Night porter cannot see alerts",
        **headers,
    }
    row = take_in(letter(text, **given).as_bytes())
    run_waiting_jobs(names=["mail.work"])
    row.refresh_from_db()
    return row


def test_mail_to_a_way_in_becomes_a_ticket_of_whoever_wrote(ines, door):
    level()
    person = marta(ines)
    row = arrive()
    made = Ticket.objects.get()
    assert (made.subject, made.person_id, made.company_id, made.channel) == (
        "Night porter cannot see alerts",
        person.pk,
        person.company_id,
        "mail",
    )
    assert (row.state, row.record, row.record_id) == ("filed", "ticket", made.pk)
    assert made.entries.get().text.startswith("Our night porter")
    assert clocks(made)["first"].state == "running"
    assert (made.said, made.last_side) == (1, "them")


def test_mail_to_somewhere_else_stays_mail(ines, door):
    marta(ines)
    arrive(To="ines@tidewell.example")
    assert not Ticket.objects.exists()


def test_a_reply_to_our_answer_joins_the_talk_and_the_same_mail_twice_is_once(ines, door):
    marta(ines)
    arrive()
    made = Ticket.objects.get()
    perform(ACTIONS["ticket.answer"], made, {"body": "Shall I move him to the night team?", "then": "wait"}, by=ines)
    sent = made.entries.get(side="us").message
    assert sent.in_reply_to and sent.to == ["marta@bellevue.example"]
    for _twice in range(2):
        arrive(
            "Yes please.",
            **{
                "In-Reply-To": sent.message_id,
                "References": sent.message_id,
                "Message-ID": "<yes@bellevue.example>",
                "To": "anything@tidewell.example",
            },
        )
    made.refresh_from_db()
    assert made.state == "open"
    assert list(made.entries.order_by("at", "pk").values_list("side", flat=True)) == ["them", "us", "them"]


def test_a_stranger_is_taken_in_and_has_a_ticket_at_once(door):
    arrive(From="Elin Sørensen <elin@fjordheim.example>")
    made = Ticket.objects.get()
    assert made.person is not None and made.person.email == "elin@fjordheim.example"
    assert made.entries.get().message is not None


def test_a_mail_that_answers_two_tickets_stands_in_the_nearest_and_the_other_names_it(ines, door):
    marta(ines)
    arrive(**{"Message-ID": "<one@bellevue.example>"})
    arrive("The invoice names the old company.", Subject="Invoice", **{"Message-ID": "<two@bellevue.example>"})
    first, second = Ticket.objects.order_by("pk")
    sent = []
    for row in (first, second):
        perform(ACTIONS["ticket.answer"], row, {"body": "We look into it."}, by=ines)
        sent.append(row.entries.get(side="us").message.message_id)
    arrive(
        "Both are done, thank you.",
        **{"In-Reply-To": sent[0], "References": f"{sent[0]} {sent[1]}", "Message-ID": "<both@bellevue.example>"},
    )
    assert Entry.objects.latest("pk").ticket_id == first.pk
    named = Event.objects.get(verb="ticket.also_named")
    assert (named.record_id, named.payload["ticket"]) == (second.pk, first.pk)


def test_files_of_a_mail_stand_in_the_talk(ines, door):
    marta(ines)
    sent = letter("Here is what he sees.", From="Marta Kowalczyk <marta@bellevue.example>", To=HELP, Subject="Alerts")
    sent.add_attachment(b"\x89PNG picture", maintype="image", subtype="png", filename="app-jakub.png")
    take_in(sent.as_bytes())
    run_waiting_jobs(names=["mail.work"])
    [one] = Ticket.objects.get().entries.get().files.all()
    assert one.name == "app-jakub.png" and one.file is not None


def test_a_reply_to_a_ticket_that_was_merged_stands_in_the_one_it_became(ines, door):
    person = marta(ines)
    arrive(**{"Message-ID": "<one@bellevue.example>"})
    first = Ticket.objects.get()
    perform(ACTIONS["ticket.answer"], first, {"body": "We look into it."}, by=ines)
    answer = first.entries.get(side="us").message.message_id
    kept = ticket(ines, person, subject="All alerts of the night")
    merge(registry["ticket"], kept, [first], by=ines)
    arrive("It happened again.", **{"In-Reply-To": answer, "Message-ID": "<again@bellevue.example>"})
    assert Entry.objects.latest("pk").ticket_id == kept.pk
    assert Ticket.objects.filter(archived_at=None).count() == 1


def test_an_answer_that_comes_before_what_it_answers_is_one_talk_with_it(ines, door):
    marta(ines)
    arrive(
        "It is the third floor.", **{"In-Reply-To": "<one@bellevue.example>", "Message-ID": "<two@bellevue.example>"}
    )
    arrive(**{"Message-ID": "<one@bellevue.example>"})
    made = Ticket.objects.get()
    assert (made.said, made.entries.count()) == (2, 2)


def test_a_machines_mail_opens_nothing_and_in_a_talk_moves_no_clock(ines, door):
    level()
    marta(ines)
    arrive(**{"Auto-Submitted": "auto-replied"})
    assert not Ticket.objects.exists()
    arrive(**{"Message-ID": "<one@bellevue.example>"})
    made = Ticket.objects.get()
    perform(ACTIONS["ticket.answer"], made, {"body": "We look into it.", "then": "wait"}, by=ines)
    sent = made.entries.get(side="us").message.message_id
    arrive(
        "I am away.", **{"In-Reply-To": sent, "Auto-Submitted": "auto-replied", "Message-ID": "<away@bellevue.example>"}
    )
    made.refresh_from_db()
    assert (made.state, made.entries.count()) == ("waiting", 3)
    assert "next" not in clocks(made)


def test_a_number_in_the_subject_finds_the_ticket_only_for_whoever_it_is_from(ines, door):
    person = marta(ines)
    made = ticket(ines, person)
    arrive("Any news?", Subject=f"Re: Night porter [#{made.pk}]", **{"Message-ID": "<n1@bellevue.example>"})
    assert Entry.objects.latest("pk").ticket_id == made.pk
    arrive(
        "Let me in.",
        Subject=f"Re: Night porter [#{made.pk}]",
        From="Piotr <piotr@nowhere.example>",
        **{"Message-ID": "<n2@nowhere.example>"},
    )
    assert Entry.objects.latest("pk").ticket_id != made.pk


def test_a_colleague_who_answers_from_their_own_program_stops_the_clock(ines, door):
    level()
    marta(ines)
    arrive(**{"Message-ID": "<one@bellevue.example>"})
    arrive("He is on the night team now.", From="Ines Okafor <ines@tidewell.example>", To=f"marta@bellevue.example, {HELP}",
           **{"In-Reply-To": "<one@bellevue.example>", "Message-ID": "<two@tidewell.example>"})  # fmt: skip
    made = Ticket.objects.get()
    assert list(made.entries.order_by("pk").values_list("side", flat=True)) == ["them", "us"]
    assert clocks(made)["first"].state == "met"


def test_a_form_that_is_a_way_in_opens_one_ticket_for_each_submission(ines):
    form = create(registry["form"], {"name": "Ask us"}, by=system("cli"))
    create(
        registry["way_in"],
        {"name": "Ask us", "through": "form", "place": form.key, "kind": "problem"},
        by=system("cli"),
    )
    person = marta(ines)
    for _twice in range(2):
        with change(person, by=system("web"), verb="see") as c:
            c.says(
                FormSubmitted(
                    submission=4711, form="Ask us", form_id=form.pk, version_number=1, reason="Sensor 14 is offline"
                )
            )
    made = Ticket.objects.get()
    assert (made.subject, made.channel, made.kind, made.person_id) == (
        "Sensor 14 is offline",
        "form",
        "problem",
        person.pk,
    )


def test_a_chat_becomes_a_ticket_with_all_that_was_said(ines):
    talk = conversation(ines)
    made = perform(ACTIONS["conversation.make_ticket"], talk, {}, by=ines).result
    assert made.channel == "chat" and made.entries.get().text == "Do your sensors work in a cold attic?"
    again = perform(ACTIONS["conversation.make_ticket"], talk, {}, by=ines).result
    assert again.pk == made.pk and made.entries.count() == 1


@pytest.mark.parametrize("channel", ["mail", "form", "chat", "portal", "phone", "api", "hand"])
def test_the_same_clocks_run_however_it_came_to_be(ines, channel):
    level(kinds=["problem"])
    made = open_ticket(
        subject="Sensor 14 is offline",
        text="Since Sunday.",
        channel=channel,
        by=system("web"),
        person=marta(ines),
        kind="problem",
    )
    assert {kind: clock.state for kind, clock in clocks(made).items()} == {"first": "running", "resolution": "running"}
    perform(ACTIONS["ticket.answer"], made, {"body": "Its battery is empty."}, by=ines)
    answer_ticket(made, "And now?", person=made.person, by=system("web"))
    assert {kind: clock.state for kind, clock in clocks(made).items()} == {
        "first": "met",
        "resolution": "running",
        "next": "running",
    }


@override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
def test_what_came_is_said_to_have_come_once_and_never_to_a_machine(ines, door, mailoutbox):
    marta(ines)
    arrive()
    run_waiting_jobs(names=["support.acknowledge"])
    assert [mail.to for mail in mailoutbox] == [["marta@bellevue.example"]]
    assert f"[#{Ticket.objects.get().pk}]" in mailoutbox[0].subject
    assert timezone.now() - Ticket.objects.get().opened_at < dt.timedelta(minutes=5)


@override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
def test_a_swedish_customer_is_told_in_swedish_that_it_came(ines, door, mailoutbox):
    marta(ines, language="sv")
    arrive()
    run_waiting_jobs(names=["support.acknowledge"])
    assert f"det har nummer #{Ticket.objects.get().pk}" in mailoutbox[0].body


def test_what_is_said_in_a_chat_after_its_ticket_was_made_is_a_reply(ines):
    level()
    talk = conversation(ines)
    made = perform(ACTIONS["conversation.make_ticket"], talk, {}, by=ines).result
    perform(ACTIONS["ticket.answer"], made, {"body": "They do."}, by=ines)
    perform(ACTIONS["ticket.solve"], made, {}, by=ines)
    for n, words in enumerate(("And in a wet one?", "In the cellar, I mean.")):
        saying.say(talk, words, f"again {n}")
    talk.refresh_from_db()
    perform(ACTIONS["conversation.close"], talk, {}, by=ines)
    made.refresh_from_db()
    assert (made.state, made.reopened, made.last_words) == ("open", 1, "In the cellar, I mean.")
    assert clocks(made)["next"].state == "running"
    assert Event.objects.filter(verb="ticket.customer_replied").count() == 1, "lines in a row are one reply"
    assert made.entries.filter(side="them").count() == 3


def test_what_a_colleague_answers_in_a_chat_after_its_ticket_was_made_stops_its_clock(ines):
    level()
    talk = conversation(ines)
    made = perform(ACTIONS["conversation.make_ticket"], talk, {}, by=ines).result
    perform(ACTIONS["ticket.answer"], made, {"body": "They do."}, by=ines)
    saying.say(talk, "And in a wet one?", "again")
    talk.refresh_from_db()
    perform(ACTIONS["conversation.answer"], talk, {"text": "There too."}, by=ines)
    perform(ACTIONS["conversation.close"], talk, {}, by=ines)
    assert {kind: clock.state for kind, clock in clocks(made).items()} == {
        "first": "met", "next": "met", "resolution": "running"
    }  # fmt: skip


def test_a_chat_whose_ticket_was_merged_goes_on_in_the_one_it_became(ines):
    talk = conversation(ines)
    made = perform(ACTIONS["conversation.make_ticket"], talk, {}, by=ines).result
    kept = ticket(ines, marta(ines), subject="Cold attics")
    merge(registry["ticket"], kept, [made], by=actor("astrid"))
    saying.say(talk, "And in a wet one?", "again")
    talk.refresh_from_db()
    perform(ACTIONS["conversation.close"], talk, {}, by=ines)
    assert Entry.objects.latest("pk").ticket_id == kept.pk


def test_a_ticket_that_came_through_somebodys_own_mailbox_is_its_agents_and_not_its_holders_alone(ines, door):
    from kith.activities.models import Message
    from kith.activities.privacy import level_of
    from kith.kernel.files.queries import files_of

    marta(ines)
    given = {"name": "Ines", "address": "ines.o@tidewell.example", "host": "imap.example.com", "holder": ines.user}
    box = create(registry["mailbox"], given, by=actor("astrid"))
    message = letter(From="Marta Kowalczyk <marta@bellevue.example>", To="ines.o@tidewell.example", Cc=HELP)
    message.add_attachment(b"%PDF-1.4 plan", maintype="application", subtype="pdf", filename="Plan.pdf")
    take_in(message.as_bytes(), mailbox=box)
    run_waiting_jobs(names=["mail.work"])
    got, jonas = Message.objects.get(), actor("jonas")
    assert Ticket.objects.count() == 1 and level_of(jonas, [got]) == {got.pk: "full"}
    assert [f.name for f in files_of("person", got.thread.person_id, by=jonas)] == ["Plan.pdf"]
