"""How many relationships are in whose care is kept by the database, and always what counting them gives."""

from __future__ import annotations

from collections import Counter

import pytest

from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import archive, edit, restore
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from kith.process import queries
from kith.process.journeys.summing import fold, rebuild
from kith.process.models import InCare, Journey
from kith.process.tests.cast import call, company, in_force, journey_of
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    in_force()
    return actor("ines")


def kept() -> dict[tuple[int, str], int]:
    sums: Counter[tuple[int, str]] = Counter()
    for row in InCare.objects.all():
        sums[row.owner_id, row.stage] += row.n
    return {key: n for key, n in sums.items() if n}


def counted() -> dict[tuple[int, str], int]:
    running = Journey.objects.filter(owner__isnull=False, closed_at=None, archived_at=None)
    return dict(Counter(running.values_list("owner_id", "stage")))


def agrees() -> bool:
    return kept() == counted()


def test_the_sums_follow_everything_that_happens_to_relationships(ines):
    rows = [company(ines, name) for name in ("Atlas", "Bellevue", "Cumulus", "Dorn")]
    assert agrees() and sum(kept().values()) == 4
    call(ines, company=rows[0])
    moved = perform(ACTIONS["journey.move"], journey_of(rows[1]), {"stage": "deal", "reason": "They buy"}, by=ines)
    assert agrees()
    undo(moved.operation, by=ines)
    assert agrees()
    edit(registry["company"], rows[2], {"owner": user("jonas")}, by=actor("helena"))
    assert agrees() and {owner for owner, _stage in kept()} == {user("ines").pk, user("jonas").pk}
    archive(registry["company"], rows[3], by=ines)
    assert agrees() and sum(kept().values()) == 3
    restore(registry["company"], rows[3], by=ines)
    assert agrees() and sum(kept().values()) == 4
    merge(registry["company"], rows[0], [rows[3]], by=actor("helena"))
    assert agrees()
    Journey.objects.all().delete()
    assert agrees() and not kept()


def test_folding_and_counting_anew_change_no_sum(ines):
    for n in range(3):
        call(ines, company=company(ines, f"Atlas {n}"))
    before, several = kept(), InCare.objects.count()
    fold()
    fold()
    assert kept() == before and InCare.objects.count() < several
    InCare.objects.all().delete()
    rebuild()
    assert kept() == before == counted()


@pytest.mark.parametrize(("level", "reached"), [("own", 1), ("team", 2), ("all", 3)])
def test_whoever_sees_less_is_told_no_more(ines, level, reached):
    owners = ("ines", "priya", "jonas")
    for who in owners:
        company(actor(who), f"Kept by {who}")
    policy("member", "journey", see=level)
    reader = actor("ines")
    everybody = tuple(user(who).pk for who in owners)
    assert sum(queries.in_care(reader, everybody).values()) == reached
    assert sum(queries.in_care(reader, everybody[:1]).values()) == 1
