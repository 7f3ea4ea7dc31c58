"""Accepting a submission is taken back whole: how they came to us, and what they are said to have agreed to."""

import pytest

from kith.capture.models import Submission
from kith.capture.tests.forms import ELIN, checklist, purpose, send
from kith.contacts.consent.models import Consent
from kith.contacts.consent.queries import may
from kith.contacts.models import Person, entries
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions as records
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from tests.cast import actor

pytestmark = pytest.mark.django_db


def elin(**more):
    values = {"given_name": "Elin", "family_name": "Sørensen", "emails": entries([ELIN["email"]])}
    return records.create(registry["person"], values | more, by=system("cli"))


def waiting(**fields):
    """A submission that a colleague has to look at."""
    send(homepage="filled in", **fields)
    run_waiting_jobs()
    return Submission.objects.order_by("pk").last()


def take_in(row, how="submission.accept", **inputs):
    return perform(ACTIONS[how], row, inputs, by=actor("ines")).operation


def test_how_they_came_is_taken_back_with_the_accepting():
    checklist()
    row = waiting(utm_source="fair")
    operation = take_in(row)
    person = Person.objects.get()
    assert person.touches.count() == 1
    undo(operation, by=actor("ines"))
    assert not person.touches.exists()
    again = take_in(Submission.objects.get())
    assert Person.objects.latest("pk").touches.count() == 1 and again.pk != operation.pk


def test_touches_of_before_stay():
    checklist()
    person = elin()
    send(utm_source="search")
    run_waiting_jobs()
    operation = take_in(waiting(utm_source="fair"), "submission.merge", person=str(person.pk))
    assert person.touches.count() == 2
    undo(operation, by=actor("ines"))
    assert [touch.source for touch in person.touches.all()] == ["search"]


def test_a_campaign_that_brought_them_forgets_that_they_answered():
    checklist()
    fair = records.create(registry["campaign"], {"name": "Fair"}, by=system("cli"))
    operation = take_in(waiting(utm_campaign="fair"))
    assert fair.members.count() == 1
    undo(operation, by=actor("ines"))
    assert not fair.members.exists()


def test_what_they_are_said_to_have_agreed_to_gets_a_line_that_says_so():
    news = purpose()
    checklist(consents=[news.key])
    operation = take_in(waiting(consent=news.key))
    person = Person.objects.get()
    assert may([person.pk], news.key)
    undo(operation, by=actor("ines"))
    assert not may([person.pk], news.key)
    last = Consent.objects.latest("pk")
    assert Consent.objects.count() == 2 and (last.state, last.reason) == ("withdrawn", "what was taken in was undone")


def test_what_they_agreed_to_before_holds_again():
    news = purpose()
    checklist(consents=[news.key])
    person = elin()
    send(consent=news.key)
    run_waiting_jobs()
    first = Consent.objects.get()
    operation = take_in(waiting(consent=news.key), "submission.merge", person=str(person.pk))
    undo(operation, by=actor("ines"))
    last = Consent.objects.latest("pk")
    assert (
        may([person.pk], news.key) and last.state == "given" and last.proof["submission"] == first.proof["submission"]
    )


def test_what_was_said_since_stands():
    news = purpose()
    checklist(consents=[news.key])
    person = elin()
    operation = take_in(waiting(consent=news.key), "submission.merge", person=str(person.pk))
    perform(
        ACTIONS["person.give_consent"],
        person,
        {"purpose": str(news.pk), "reason": "said so at the fair"},
        by=actor("ines"),
    )
    undo(operation, by=actor("ines"))
    assert may([person.pk], news.key) and Consent.objects.latest("pk").reason == "said so at the fair"
