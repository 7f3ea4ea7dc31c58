"""Questions of one process are asked of those whose journey goes on in it, people of companies included."""

import pytest

from kith.kernel.access.actor import system
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.process.questioning import process_of
from kith.qualification.checklist.questions import asked_of
from tests.conformance.samples import process

pytestmark = pytest.mark.django_db


def make(record, **values):
    return actions.create(registry[record], values, by=system("cli"))


def test_people_are_in_the_process_of_their_own_journey_or_their_company_s():
    row = process(system("cli"))
    bellevue = make("company", name="Bellevue Group")
    marta, oliver = make("person", given_name="Marta", company=bellevue), make("person", given_name="Oliver")
    assert process_of([marta.pk, oliver.pk]) == {marta.pk: row.key, oliver.pk: row.key}
    make("criterion", name="Roof", question="Who looks after the roof?", process=row.key)
    make("criterion", name="Lift", question="Who looks after the lift?", process="another")
    assert [c.name for c in asked_of([marta.pk])[marta.pk]] == ["Roof"]
