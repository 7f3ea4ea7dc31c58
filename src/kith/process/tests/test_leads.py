"""What qualifying says of a lead brings the relationship on, or ends it; who comes to us again begins anew."""

from __future__ import annotations

import pytest

from kith.contacts.events import Captured
from kith.kernel.timeline.change import change
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation, undo
from kith.process.journeys.customers import running_of
from kith.process.models import Journey
from kith.process.tests.cast import SMALL, company, in_force, journey_of, person
from kith.qualification.events import LeadNotAFit, LeadQualified
from tests.cast import actor

pytestmark = pytest.mark.django_db
WITH_LEADS = SMALL.replace("enters_on: [activity.called]", "enters_on: [activity.called, lead.qualified]")


@pytest.fixture
def ines():
    in_force(WITH_LEADS)
    return actor("ines")


def say(row, event, by) -> Operation:
    with operation("lead", "Decided", by=by) as (op, by), change(row, by=by) as c:
        c.says(event)
    return op


def not_a_fit(row, by, reason="Too small for us"):
    return say(row, LeadNotAFit(reason=reason), by)


def test_a_qualified_lead_moves_on_and_undo_takes_it_back(ines):
    tom = person(ines, "Tom")
    op = say(tom, LeadQualified(), ines)
    assert journey_of(tom).stage == "qualify"
    undo(op, by=ines)
    assert journey_of(tom).stage == "capture"


def test_who_is_not_a_fit_is_on_no_journey_any_more_and_undo_brings_it_back(ines):
    tom = person(ines, "Tom")
    op = not_a_fit(tom, ines)
    journey = Journey.objects.get(person=tom)
    assert (journey.outcome, journey.reason, journey.is_running) == ("disqualified", "Too small for us", False)
    undo(op, by=ines)
    assert running_of("person", tom.pk) == journey


def test_a_company_goes_on_while_somebody_else_there_may_be_a_fit(ines):
    bellevue = company(ines)
    marta, tom = (person(ines, name, company=bellevue) for name in ("Marta", "Tom"))
    not_a_fit(marta, ines)
    assert running_of("company", bellevue.pk)
    atlas = company(ines, "Atlas")
    not_a_fit(person(ines, "Elin", company=atlas), ines)
    assert running_of("company", atlas.pk) is None
    assert tom.company_id == bellevue.pk


def test_a_customer_does_not_stop_being_one(ines):
    bellevue = company(ines)
    marta = person(ines, "Marta", company=bellevue)
    Journey.objects.filter(company=bellevue).update(stage="service", step=8)
    not_a_fit(marta, ines)
    assert running_of("company", bellevue.pk)


def test_who_comes_to_us_again_begins_a_new_journey_that_knows_the_earlier_one(ines):
    tom = person(ines, "Tom")
    not_a_fit(tom, ines)
    earlier = Journey.objects.get(person=tom)
    say(tom, Captured(through="form", source="Leak-risk checklist"), ines)
    again = running_of("person", tom.pk)
    assert again is not None and again.pk != earlier.pk and again.earlier_id == earlier.pk and again.stage == "capture"
