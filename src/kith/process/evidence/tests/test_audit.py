"""The audit says of all journeys what single judgements say of each."""

import datetime as dt

import pytest

from kith.process.evidence.auditing import audit
from kith.process.evidence.conformance import conformance
from kith.process.evidence.counting import rebuild
from kith.process.evidence.tests.stories import NOW, START
from kith.process.evidence.tests.test_counting import held, process, some_walks, stored  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(4))
def test_all_journeys_are_judged_as_each_of_them_would_be(process, seed):  # noqa: F811
    walks = some_walks(seed, 60)
    stored(process, walks)
    found = audit(process, now=NOW).found
    assert found == conformance(held(process), walks, NOW)


def test_since_a_day_only_journeys_opened_from_then_on_are_judged(process):  # noqa: F811
    walks = some_walks(8, 60)
    stored(process, walks)
    since = START + dt.timedelta(days=150)
    late = [one for one in walks if one.opened >= since]
    assert 0 < len(late) < len(walks)
    assert audit(process, since, NOW).found == conformance(held(process), late, NOW)


def test_bottlenecks_stand_with_most_broken_promises_first(process):  # noqa: F811
    walks = some_walks(8, 60)
    stored(process, walks)
    rebuild(NOW)
    found = audit(process, now=NOW).bottlenecks
    assert [b.late for b in found] == sorted((b.late for b in found), reverse=True)
    assert found[0].late > 0 and found[0].broken == found[0].late / found[0].due


def test_alike_journeys_are_judged_once(process):  # noqa: F811
    [one] = some_walks(8, 1) or some_walks(9, 1)
    stored(process, [one] * 7)
    found = audit(process, now=NOW)
    assert (found.sorts, found.found.journeys) == (1, 7)
