"""What skipping cost, found again where it was planted, and not where it was not."""

import random

import pytest

from kith.activities.models import Activity
from kith.process.evidence.counting import rebuild
from kith.process.evidence.models import Study
from kith.process.evidence.patience import waiting
from kith.process.evidence.study import study
from kith.process.evidence.tests.lives import DONE, SKIPPED, customers, of, stored
from kith.process.evidence.tests.stories import DAY, KEYS, NOW, definition, walk
from kith.process.models import Handover, Journey

pytestmark = pytest.mark.django_db
WAY = definition()


def found_in(process, walks):
    stored(process, walks)
    rebuild(NOW)
    return study(process, WAY, NOW)


def test_a_planted_cost_is_found_and_claimed(process):
    rng = random.Random(1)
    found = found_in(process, customers(110, DONE, 0.92, rng) + customers(60, SKIPPED, 0.5, rng))
    one = of("onboard", found)
    assert one["claim"] and one["followed"] == 365
    assert one["cost"]["low"] < -0.42 < one["cost"]["high"] < 0
    assert (one["cost"]["skipped"]["count"], one["cost"]["others"]["count"]) == (60, 110)
    assert Study.objects.get(process=process).findings == found
    assert found[0]["stage"] == "onboard", "the largest effect stands first"


def test_a_segment_that_skips_more_and_leaves_more_is_no_cost(process):
    rng = random.Random(2)
    walks = [
        *customers(20, DONE, 0.4, rng, "retail"), *customers(70, SKIPPED, 0.4, rng, "retail"),
        *customers(90, DONE, 0.95, rng), *customers(20, SKIPPED, 0.95, rng),
    ]  # fmt: skip
    one = of("onboard", found_in(process, walks))
    crude = one["cost"]["skipped"]["mean"] - one["cost"]["others"]["mean"]
    assert crude < -0.25
    assert not one["claim"]
    assert one["cost"]["low"] < 0 < one["cost"]["high"]


def test_few_who_skipped_are_nothing_to_speak_of(process):
    rng = random.Random(3)
    found = found_in(process, customers(60, DONE, 0.9, rng) + customers(12, SKIPPED, 0.1, rng))
    assert of("onboard", found)["silent"]["reason"] == "few_skipped"
    assert not any(one.get("claim") for one in found)


def test_who_passed_too_lately_to_be_followed_is_left_out(process):
    lately = [walk(SKIPPED, days=1, start=NOW - 20 * DAY, version=1) for _ in range(5)]
    assert found_in(process, lately) == []


def test_stages_that_nobody_skipped_have_no_finding(process):
    assert found_in(process, customers(8, DONE, 0.9, random.Random(4))) == []
    assert KEYS[0] == "capture"


def test_who_was_waited_for_is_told_by_what_was_said(process):
    [pk] = stored(process, [walk("capture qualify", days=10, start=NOW - 20 * DAY, version=1)])
    row = Journey.objects.get(pk=pk)
    began = row.opened_at
    for day, incoming in ((2, False), (6, True)):
        Activity.objects.create(kind="call", company=row.company, done_at=began + day * DAY, incoming=incoming)
    Handover.objects.create(journey=row, stage="capture", offered_at=began + 8 * DAY, accepted_at=began + 9 * DAY)
    found = waiting(process, NOW)["capture"]
    assert {who: seconds / 86_400 for who, seconds in found.items()} == {"us": 5, "them": 4, "handover": 1}
