"""Mail of strangers: it waits in the queue or becomes a person at once, and then stands on their story."""

from __future__ import annotations

import pytest

from kith.activities.models import Message, MessageState
from kith.capture.models import State, Submission
from kith.contacts.models import Person
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.arriving import take_in
from kith.kernel.mail.models import Arrived, ArrivedState, Mailbox, Strangers
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import timeline
from tests.cast import actor
from tests.mailcast import letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    return actor("ines")


def mailbox(strangers):
    return Mailbox.objects.create(
        name="Hello", address="hello@tidewell.example", host="imap.tidewell.example", strangers=strangers
    )


def arrive(box, text="Do you mend old pumps?", **headers):
    row = take_in(letter(text, **headers).as_bytes(), mailbox=box)
    run_waiting_jobs(names=["mail.work"])
    row.refresh_from_db()
    return row


def test_a_strangers_mail_waits_in_the_queue_and_stands_on_their_story_once_accepted(ines):
    arrived = arrive(mailbox(Strangers.QUEUE))
    waiting = Submission.objects.get()
    assert (arrived.state, waiting.state, waiting.through) == (ArrivedState.HELD, State.REVIEW, "mail")
    assert waiting.reason == "Do you mend old pumps?" and not Person.objects.exists()
    perform(ACTIONS["submission.accept"], waiting, {}, by=ines)
    marta, message = Person.objects.get(), Message.objects.get()
    assert (marta.name, marta.email) == ("Marta Kowalska", "marta@bellevue.example")
    assert (message.state, message.thread.person) == (MessageState.RECEIVED, marta)
    arrived.refresh_from_db()
    assert (arrived.state, arrived.record, arrived.record_id) == (ArrivedState.FILED, "person", marta.pk)
    told = set(Event.objects.filter(record="person", record_id=marta.pk).values_list("verb", flat=True))
    assert {"person.created", "person.captured", "mail.received"} <= told


def test_where_the_mailbox_says_so_they_are_somebody_at_once_and_their_next_mail_is_theirs(ines):
    box = mailbox(Strangers.LEAD)
    assert arrive(box).state == ArrivedState.FILED
    marta = Person.objects.get()
    assert Submission.objects.get().person == marta
    arrive(box, "One more thing.", Message_ID="<2@bellevue.example>")
    assert Person.objects.count() == 1 and Submission.objects.count() == 1
    assert Message.objects.filter(thread__person=marta).count() == 2


def test_what_a_machine_wrote_and_who_may_be_known_waits_whatever_the_mailbox_says(ines):
    box = mailbox(Strangers.LEAD)
    assert arrive(box, Auto_Submitted="auto-generated").state == ArrivedState.HELD
    create(registry["company"], {"name": "Fjordheim", "domain": "fjordheim.example"}, by=ines)
    assert not Person.objects.exists()
    assert Arrived.objects.filter(state=ArrivedState.FILED).count() == 0


def test_a_mail_that_is_merged_stands_on_the_story_of_whom_it_is_from(ines):
    marta = create(registry["person"], {"given_name": "Marta", "family_name": "K."}, by=ines)
    arrive(mailbox(Strangers.QUEUE))
    waiting = Submission.objects.get()
    perform(ACTIONS["submission.merge"], waiting, {"person": str(marta.pk)}, by=ines)
    assert Message.objects.get().thread.person == marta
    marta.refresh_from_db()
    assert marta.email == "marta@bellevue.example"


def test_what_was_accepted_taken_back_and_accepted_again_stands_on_the_story_of_the_second(ines):
    arrive(mailbox(Strangers.QUEUE))
    first = perform(ACTIONS["submission.accept"], Submission.objects.get(), {}, by=ines)
    undo(first.operation, by=ines)
    assert Submission.objects.get().state == State.REVIEW
    perform(ACTIONS["submission.accept"], Submission.objects.get(), {}, by=ines)
    marta = Person.objects.get(archived_at=None)
    assert Message.objects.get().thread.person == marta
    told = Event.objects.filter(record="person", record_id=marta.pk).values_list("verb", flat=True)
    assert "mail.received" in told


def test_a_mail_that_is_discarded_waits_no_more_among_the_mailboxes_and_again_when_that_is_undone(ines):
    arrived = arrive(mailbox(Strangers.QUEUE))
    done = perform(ACTIONS["submission.discard"], Submission.objects.get(), {"reason": "Spam"}, by=ines)
    arrived.refresh_from_db()
    assert (arrived.state, arrived.problem) == (ArrivedState.IGNORED, "Discarded by Ines Okafor among what came in.")
    undo(done.operation, by=ines)
    arrived.refresh_from_db()
    assert (arrived.state, arrived.problem) == (ArrivedState.HELD, "Nobody knows this sender.")


def test_a_strangers_mail_to_a_mailbox_of_ones_own_waits_without_its_words(ines):
    given = {"name": "Ines", "address": "ines.o@tidewell.example", "host": "imap.example.com", "holder": ines.user}
    box = create(registry["mailbox"], given, by=actor("astrid"))
    arrive(box, "I would rather not say.", Subject="My salary")
    waiting = Submission.objects.get()
    assert (waiting.subject, waiting.reason, waiting.email) == ("Mail to Ines", "", "marta@bellevue.example")
    perform(ACTIONS["submission.accept"], waiting, {}, by=actor("jonas"))
    message, marta = Message.objects.get(), Person.objects.get()
    assert message.subject == "My salary"
    told = {who: [e.sentence + (e.body.text if e.body else "") for e in timeline(actor(who), "person", marta.pk)[0]]
            for who in ("ines", "jonas")}  # fmt: skip
    assert "salary" in str(told["ines"]) and "rather not say" in str(told["ines"])
    assert "salary" not in str(told["jonas"]) and "rather not say" not in str(told["jonas"])
