"""Who writes to us and is nobody we know: their files, their further mails, and that an answer reaches them or says that it cannot."""

import pytest
from django.test import override_settings

from kith.activities.models import Thread
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.arriving import take_in
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.support.aloud import said_aloud
from kith.support.models import Entry, Ticket
from kith.support.tests.cast import marta, ticket
from kith.ui.pages.tests.helpers import text_of
from tests.cast import actor, user
from tests.mailcast import letter

pytestmark = pytest.mark.django_db
HELP = "help@tidewell.example"
SENDS = {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}
PERHAPS = "Marta Kowalczyk <m.kowalczyk@bellevue.example>"  # who may be the Marta of the same hotel, so that somebody looks first


@pytest.fixture(autouse=True)
def door():
    return create(registry["way_in"], {"name": "Help", "through": "mail", "place": HELP}, by=system("cli"))


@pytest.fixture
def ines(client):
    client.force_login(user("ines"))
    return actor("ines")


def arrive(text="Our night porter does not get the alerts.", attached="", **headers):
    sent = letter(text, **{"From": "Elin <elin@fjordheim.example>", "To": HELP, "Subject": "Alerts", **headers})
    if attached:
        sent.add_attachment(b"\x89PNG picture", maintype="image", subtype="png", filename=attached)
    row = take_in(sent.as_bytes())
    run_waiting_jobs(names=["mail.work"])
    row.refresh_from_db()
    return row


def held():
    """What waits in "Came in"."""
    return registry["submission"].model._default_manager.filter(through="ticket", person=None)


def take_in_as(person, ines):
    perform(ACTIONS["submission.merge"], held().get(), {"person": str(person.pk)}, by=ines)


def test_files_of_a_strangers_first_mail_stand_in_their_ticket():
    arrive(attached="sensor.png")
    made = Ticket.objects.get()
    assert [(one.name, one.file is not None) for one in made.entries.get().files.all()] == [("sensor.png", True)]
    assert [file.name for file in said_aloud(made)[0].files] == ["sensor.png"]


def test_files_of_somebody_who_had_to_wait_come_once_with_who_they_are(ines):
    person = marta(ines)
    arrive(attached="sensor.png", From=PERHAPS)
    made = Ticket.objects.get()
    assert (made.person, made.entries.get().files.count(), held().count()) == (None, 0, 1)
    take_in_as(person, ines)
    made.refresh_from_db()
    assert (made.person, made.entries.get().files.count()) == (person, 1)


def test_somebody_who_waits_and_writes_again_has_one_ticket(ines):
    person = marta(ines)
    arrive(From=PERHAPS, **{"Message-ID": "<one@bellevue.example>"})
    arrive("It is the third floor.", From=PERHAPS, **{"In-Reply-To": "<one@bellevue.example>"})
    made = Ticket.objects.get()
    assert (made.said, held().count()) == (2, 2)
    for one in held().order_by("pk"):
        perform(ACTIONS["submission.merge"], one, {"person": str(person.pk)}, by=ines)
    made.refresh_from_db()
    assert made.person == person and all(entry.message for entry in made.entries.all())


def test_who_answers_a_ticket_from_an_address_nobody_knows_is_taken_in_and_hears_from_us(ines):
    person = marta(ines)
    arrive(From="Marta <marta@bellevue.example>", **{"Message-ID": "<one@bellevue.example>"})
    made = Ticket.objects.get()
    Thread.objects.update(person=None, company=None)  # whom the conversation was about is gone
    arrive(
        "I look after it now.", From="Jakub Nowak <jakub@nowak.example>", **{"In-Reply-To": "<one@bellevue.example>"}
    )
    entry = made.entries.latest("pk")
    assert (str(entry.person), entry.message is not None) == ("Jakub Nowak", True)
    made.refresh_from_db()
    assert made.person == person, "it is still of whom it was"
    perform(ACTIONS["ticket.answer"], made, {"body": "Welcome."}, by=ines)
    assert made.entries.latest("pk").message.to == ["jakub@nowak.example"]


def test_what_somebody_nobody_knows_writes_in_a_customers_talk_is_not_put_into_their_mouth(ines):
    marta(ines)
    arrive(From="Marta <marta@bellevue.example>", **{"Message-ID": "<one@bellevue.example>"})
    arrive(
        "I look after it now.", From="Jakub Nowak <jakub@nowak.example>", **{"In-Reply-To": "<one@bellevue.example>"}
    )
    entry = Ticket.objects.get().entries.latest("pk")
    assert (entry.person, entry.name) == (None, "Jakub Nowak")


def test_nobody_is_answered_before_somebody_says_who_they_are(client, ines):
    person = marta(ines)
    arrive(From=PERHAPS)
    made = Ticket.objects.get()
    with pytest.raises(Invalid, match="Say first who this is"):
        perform(ACTIONS["ticket.answer"], made, {"body": "We look into it."}, by=ines)
    refused = client.post(f"/tickets/{made.pk}/talk", {"body": "We look into it.", "then": "wait"})
    assert refused.status_code == 422 and 'href="/incoming/"' in refused.content.decode()
    made.refresh_from_db()
    assert (made.state, made.first_answered_at, made.said) == ("new", None, 1)
    take_in_as(person, ines)
    assert client.post(f"/tickets/{made.pk}/talk", {"body": "We look into it."}).status_code == 303
    assert made.entries.latest("pk").message.to == ["m.kowalczyk@bellevue.example"]


def test_an_answer_that_no_mail_carries_says_so(client, ines):
    row = ticket(ines, create(registry["person"], {"given_name": "Elin"}, by=ines))
    page = client.post(f"/tickets/{row.pk}/talk", {"body": "It works now."}, follow=True)
    assert "Kept in the talk; no mail left." in text_of(page)
    row = ticket(ines, marta(ines))
    assert "Sent." in text_of(client.post(f"/tickets/{row.pk}/talk", {"body": "It works now."}, follow=True))


@override_settings(**SENDS)
def test_that_it_came_is_said_once_they_are_somebody(ines, mailoutbox):
    person = marta(ines)
    arrive(From=PERHAPS)
    run_waiting_jobs(names=["support.acknowledge"])
    assert not mailoutbox
    take_in_as(person, ines)
    run_waiting_jobs(names=["support.acknowledge"])
    assert [mail.to for mail in mailoutbox] == [["m.kowalczyk@bellevue.example"]]
    arrive(From="Elin <elin@fjordheim.example>")
    run_waiting_jobs(names=["support.acknowledge"])
    assert [mail.to for mail in mailoutbox[1:]] == [["elin@fjordheim.example"]]


def test_a_reply_whose_message_id_was_rewritten_on_the_way_joins_its_ticket(ines):
    marta(ines)
    arrive(From="Marta <marta@bellevue.example>")
    made = Ticket.objects.get()
    perform(ACTIONS["ticket.answer"], made, {"body": "We look into it.", "then": "wait"}, by=ines)
    ours = made.entries.get(side="us").message.message_id
    rewritten = ours.partition("@")[0] + "@relay.bellevue.example>"
    arrive(
        "Thank you.", From="Marta <marta@bellevue.example>", To="ines@tidewell.example", **{"In-Reply-To": rewritten}
    )
    made.refresh_from_db()
    assert (Ticket.objects.count(), Entry.objects.latest("pk").ticket_id, made.state) == (1, made.pk, "open")
