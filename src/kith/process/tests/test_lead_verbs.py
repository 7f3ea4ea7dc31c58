"""A stage may name what is decided about leads: qualifying somebody moves the relationship on, and undoing it moves it back."""

from dataclasses import replace

import pytest

from kith.kernel.access.actor import system
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from kith.process.journeys.customers import running_of
from kith.process.publishing import bring
from kith.process.starters import starter
from tests.cast import actor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("employed", [False, True], ids=["a person", "somebody at a company"])
def test_qualifying_somebody_moves_their_relationship_to_the_stage_that_names_it(employed):
    definition = starter("lead-to-loyalty")
    stages = tuple(replace(s, enters_on=("lead.qualified",)) if s.key == "engage" else s for s in definition.stages)
    ACTIONS["process.publish"].run(bring(replace(definition, stages=stages), by=system("cli")), by=system("cli"))
    company = actions.create(registry["company"], {"name": "Bellevue Group"}, by=system("cli")) if employed else None
    marta = actions.create(registry["person"], {"given_name": "Marta", "company": company}, by=system("cli"))
    bearer = ("company", company.pk) if employed else ("person", marta.pk)
    before = running_of(*bearer).stage
    done = perform(ACTIONS["person.qualify"], marta, {}, by=actor("ines"))
    assert running_of(*bearer).stage == "engage"
    undo(done.operation, by=actor("ines"))
    assert running_of(*bearer).stage == before
