"""Several workers at once: every step of everybody is done once."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.activities.models import Activity, Message
from kith.engagement.engine import advance_due
from kith.engagement.models import Enrolment, Step
from kith.engagement.tests.making import add, enrol, sequence, template
from kith.kernel.errors import Invalid
from tests.cast import actor
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def people(ines, n):
    return [add(ines, "person", given_name=f"P{i}", emails=f"p{i}@bellevue.example") for i in range(n)]


def test_four_workers_write_every_mail_and_plan_every_task_once():
    ines = actor("ines")
    template()
    made = sequence([{"do": "mail", "template": "Welcome"}, {"do": "task", "subject": "Look them up"}])
    for person in people(ines, 12):
        enrol(person, made)
    Enrolment.objects.update(due_at=timezone.now() - dt.timedelta(minutes=1))
    assert together(advance_due) == []
    assert {row.state for row in Enrolment.objects.all()} == {"done"}
    assert (Message.objects.count(), Activity.objects.count(), Step.objects.count()) == (12, 12, 24)


def test_four_colleagues_who_enrol_the_same_person_at_once_enrol_her_once():
    ines = actor("ines")
    template()
    made = sequence([{"do": "mail", "template": "Welcome"}])
    [marta] = people(ines, 1)
    problems = together(lambda: enrol(type(marta).objects.get(pk=marta.pk), made, by=ines))
    assert Enrolment.objects.count() == 1
    assert len(problems) == 3 and all(isinstance(problem, Invalid) for problem in problems), problems
