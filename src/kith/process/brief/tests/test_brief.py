"""The pick-up brief: sentences from what is known, each with its event, and nothing that its reader may not see."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.process.brief.sentences import brief_of
from kith.process.tests.cast import call, company, made, person
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
YESTERDAY = timezone.localdate() - dt.timedelta(days=1)


@pytest.fixture
def bellevue():
    """A hotel with a broken word, a ticket, and a call."""
    ines = actor("ines")
    row = company(ines)
    marta = person(ines, company=row)
    made("promise", ines, wording="A Polish manual", company=row, due_on=YESTERDAY)
    made("ticket", ines, subject="The alarm rings at night", company=row, person=marta)
    call(ines, company=row)
    return row


def texts(who: str, row, record="company"):
    actor_ = actor(who)
    return {one.part: one.text for one in brief_of(actor_, record, registry[record].get(actor_, row.pk))}


def test_it_says_what_was_promised_said_last_and_is_open(bellevue):
    found = texts("ines", bellevue)
    assert found["promised"].endswith("and not kept: A Polish manual")
    assert "The alarm rings at night" in found["open"]
    assert "Ines Okafor called" in found["contacts"] and "They called back." in found["contacts"]


def test_every_sentence_leads_to_an_event_that_is_there(bellevue, client):
    client.force_login(user("ines"))
    for one in brief_of(actor("ines"), "company", bellevue):
        event = Event.objects.get(pk=one.event)
        assert client.get(one.path.partition("#")[0]).status_code == 200, f"{event.verb} is not where {one.path} leads"


@pytest.mark.parametrize(("record", "part", "words"), [
    ("promise", "promised", "A Polish manual"), ("ticket", "open", "alarm"), ("activity", "contacts", "They called back."),
])  # fmt: skip
def test_what_somebody_may_not_see_is_not_in_their_brief(bellevue, record, part, words):
    assert words in texts("jonas", bellevue).get(part, "")
    policy("member", record, see="own")
    assert words not in " ".join(texts("jonas", bellevue).values())
    assert words in texts("ines", bellevue).get(part, ""), "its owner still reads it"


def test_a_promise_to_a_person_is_in_the_brief_of_their_company_and_not_in_a_colleagues(bellevue):
    ines = actor("ines")
    tom = person(ines, "Tom", company=bellevue)
    made("promise", ines, wording="A visit in May", person=tom)
    assert "A visit in May" in " ".join(one.text for one in brief_of(ines, "company", bellevue))
    marta = registry["person"].model.objects.get(given_name="Marta")
    assert "A visit in May" not in " ".join(texts("ines", marta, "person").values())


def test_whoever_waits_for_an_answer_is_said_first(bellevue):
    marta = registry["person"].model.objects.get(given_name="Marta")
    from kith.activities.events import MailReceived
    from kith.kernel.timeline.change import change

    with change(marta, by=system("mail", name="Marta")) as c:
        c.says(MailReceived(message=0, subject="Still ringing"))
    [late] = [one.text for one in brief_of(actor("ines"), "person", marta) if one.late]
    assert late.startswith("Theirs was the last word") and late.endswith("they wait for us.")


def test_what_was_taken_back_is_not_told(bellevue):
    from kith.activities.writing import log_call
    from kith.kernel.timeline.operations import undo

    outcome = perform(ACTIONS[log_call.name], bellevue, {"body": "Wrong number"}, by=actor("ines"))
    assert "Wrong number" in " ".join(one.text for one in brief_of(actor("ines"), "company", bellevue))
    undo(outcome.operation, by=actor("ines"))
    assert "Wrong number" not in " ".join(one.text for one in brief_of(actor("ines"), "company", bellevue))


def test_it_is_on_the_page_and_for_programs(bellevue, client):
    client.force_login(user("ines"))
    assert "A Polish manual" in client.get(f"/companies/{bellevue.pk}/panel/brief").text
    [part] = [one for one in registry["company"].parts if one.key == "brief"]
    told = part.dump(actor("ines"), bellevue)
    assert {"promised", "open", "contacts"} <= {one["part"] for one in told}


def test_a_private_mail_says_nothing_in_the_brief_of_others(bellevue):
    from kith.kernel.jobs.inline import run_waiting_jobs
    from kith.kernel.mail.arriving import take_in
    from kith.kernel.records import actions
    from tests.mailcast import letter

    ines, marta = actor("ines"), registry["person"].model.objects.get(given_name="Marta")
    actions.edit(registry["person"], marta, {"emails": [{"value": "marta@bellevue.example", "label": ""}]}, by=ines)
    given = {"name": "Own", "address": "ines.o@tidewell.example", "host": "imap.example.com", "holder": user("ines")}
    box = actions.create(registry["mailbox"], given, by=actor("astrid"))
    take_in(letter("I leave.", To=box.address, Subject="My salary").as_bytes(), mailbox=box)
    run_waiting_jobs(names=["mail.work"])
    mine, his = (" ".join(one.text for one in brief_of(actor(who), "person", marta)) for who in ("ines", "jonas"))
    assert "I leave." in mine and "My salary" in mine
    assert "a private mail" in his and "I leave." not in his and "salary" not in his
