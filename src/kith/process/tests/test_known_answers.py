"""The best answer to what somebody asks again stands beside their mail, their chat and their ticket, to be put into ours."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.activities.models import Message
from kith.api.tests.programs import Program
from kith.capture.chat.tests.chats import Visitor, widget
from kith.contacts.models import entries
from kith.engagement import asking
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.arriving import take_in
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.process.known import MOST, of_conversation, of_ticket, offered
from kith.support import saying
from kith.support.models import Side
from kith.ui.pages.tests.helpers import HTMX, text_of
from tests.cast import actor, user
from tests.mailcast import letter

pytestmark = pytest.mark.django_db
ASKED = "What if the power is cut?"
ANSWER = "Drop and valve have batteries of their own."
WORDS = "Dear Ines,\n\nthank you for the plan. Our insurer wants to know what happens if the power is cut at night.\n\nMarta"


@pytest.fixture
def ines():
    return actor("ines")


@pytest.fixture
def marta(ines):
    return actions.create(
        registry["person"], {"given_name": "Marta", "emails": entries(["marta@bellevue.example"])}, by=ines
    )


def known(ines, question=ASKED, answer=ANSWER):
    row = actions.create(registry["objection"], {"question": question}, by=ines)
    if answer:
        perform(asking.answer, row, {"text": answer}, by=ines)
    return row


def ticket(ines, marta, text):
    row = actions.create(registry["ticket"], {"subject": "Valves", "person": marta}, by=ines)
    saying.put(row, Side.THEM, text, person=marta.pk)
    return registry["ticket"].get(ines, row.pk)


def test_a_mail_that_came_in_fetches_what_was_answered_before_and_begins_the_answer_with_it(client, ines, marta):
    known(ines)
    known(ines, "Who is called at night?")
    row = take_in(letter(WORDS, From="marta@bellevue.example", Subject="The plan").as_bytes())
    run_waiting_jobs(names=["mail.work"])
    message = Message.objects.get(arrived=row.pk)
    client.force_login(user("ines"))
    address = f"/known-answers/mail/{message.pk}"
    assert f'hx-get="{address}"' in client.get(f"/mail/{message.pk}").content.decode()
    told = text_of(client.get(address, headers=HTMX))
    assert ASKED in told and ANSWER in told and "Put into an answer" in told
    begun = text_of(client.get(f"/people/{marta.pk}/say/mail?answers={message.pk}&body=Drop+and+valve", headers=HTMX))
    assert "Drop and valve" in begun
    assert client.get(f"/known-answers/mail/{message.pk + 1}").status_code == 404


def test_a_ticket_and_a_chat_go_by_the_last_words_of_the_customer(client, ines, marta):
    known(ines)
    row = ticket(ines, marta, WORDS)
    [one] = of_ticket(ines, row)["known"]
    into = urlsplit(one["into"])
    assert into.path == f"/tickets/{row.pk}/do/answer" and parse_qs(into.query) == {"body": [ANSWER]}
    client.force_login(user("ines"))
    assert ANSWER in text_of(client.get(one["into"], headers=HTMX))
    [part] = Program("ines")("get", f"tickets/{row.pk}/known_answers").data["data"]
    assert (part["question"], part["answer"], part["asked"]) == (ASKED, ANSWER, 0)
    saying.put(row, Side.THEM, "Thank you, and a good day.", person=marta.pk)
    assert of_ticket(ines, row) is None


def test_a_chat_has_them_at_the_desk(client, ines):
    known(ines)
    widget()
    visitor = Visitor()
    visitor.say("Hello, what if the power is cut?")
    row = visitor.row
    [one] = of_conversation(ines, row)["known"]
    assert one["best"].text == ANSWER and one["into"].startswith(f"/conversations/{row.pk}/do/answer?text=")
    client.force_login(user("ines"))
    assert f"/conversations/{row.pk}/panel/known" in client.get(f"/conversations/{row.pk}/chat").content.decode()
    assert ANSWER in text_of(client.get(f"/conversations/{row.pk}/panel/known", headers=HTMX))


def test_three_at_most_and_none_without_an_answer_in_as_many_queries_however_many_there_are(ines):
    known(ines, "What if the power is cut at night?", "")
    known(ines)
    assert len(offered(ines, WORDS, "/x", "body")["known"]) == 1

    def asked():
        with CaptureQueriesContext(connection) as told:
            offered(ines, WORDS, "/x", "body")
        return len(told)

    few = asked()
    for n in range(5):
        known(ines, f"What if the power is cut in house {n}?")
    assert asked() == few and len(offered(ines, WORDS, "/x", "body")["known"]) == MOST


def test_an_answer_too_long_for_an_address_is_read_and_copied(ines):
    known(ines, answer="Batteries. " * 900)
    [one] = offered(ines, WORDS, "/x", "body")["known"]
    assert one["into"] == ""


def test_whoever_sees_no_questions_is_offered_none(ines):
    known(ines)
    assert offered(system("cli"), WORDS, "", "body")["known"][0]["into"] == ""
    assert offered(ines, "", "/x", "body") is None
