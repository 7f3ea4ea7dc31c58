"""The sample company with all that it has set up goes out and comes in elsewhere as it was."""

import pytest

from kith.automation.shipped import offered, standing
from kith.configuration.actions import apply, roll_back
from kith.configuration.exporting import files_of
from kith.configuration.reviewing import review
from kith.kernel.access.actor import system
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.process.publishing import bring
from kith.process.starters import NAMES, starter
from kith.starters.actions import install_sample
from tests.cast import actor

pytestmark = pytest.mark.django_db


def test_a_whole_company_goes_out_and_comes_in_as_it_was(emptied):
    install_sample(by=system("cli"), people=30)
    astrid = actor("astrid", "cli")
    for name in NAMES:
        if not registry["process"].rows(astrid, archived=False).filter(key=starter(name).key).exists():
            perform(ACTIONS["process.publish"], bring(starter(name), by=astrid), {}, by=astrid)
    for one in offered(astrid):
        row = standing(one.key, astrid)
        actions.create(
            registry["workflow"], {"name": row.name, "description": row.description, "draft": row.draft}, by=astrid
        )
    files = files_of(by=astrid)
    assert len(files) > 100
    assert len(review(files, by=astrid).of("added", "changed", "missing")) == 0
    emptied()
    assert len(files_of(by=astrid)) == 1
    apply(files, by=astrid, publish=True)
    assert files_of(by=astrid) == files
    assert apply(files, by=astrid).operation is None
    _op, undone = roll_back(None, by=astrid)
    assert undone.conflicts == []
    assert len(files_of(by=astrid)) == 1
