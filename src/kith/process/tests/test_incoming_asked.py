"""What came in and waits is asked of whom the rules of assignment would give its sender to."""

from __future__ import annotations

import pytest

from kith.capture import incoming
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


def test_without_a_colleague_it_goes_to_whom_the_rules_would_choose_and_nobody_is_made_for_it():
    values = {"name": "Everybody", "user": user("jonas"), "position": 1}
    create(registry["assignment_rule"], values, by=actor("astrid"))
    row = incoming.hold(through="mail", sender="new@somewhere.example", name="New", text="Hello", ref=7)
    before = registry["person"].model.objects.count()
    perform(ACTIONS["submission.route"], row, {}, by=actor("ines"))
    row.refresh_from_db()
    assert row.owner == user("jonas") and registry["person"].model.objects.count() == before
