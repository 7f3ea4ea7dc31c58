"""Paths taken: shares, days, worth, kept after a year; and that their number stays bounded."""

import tracemalloc
from itertools import product

from kith.process.evidence.decisions import drawn
from kith.process.evidence.tests.stories import DAY, NOW, START, definition, walk, wanderings
from kith.process.evidence.variants import Paths, Taken, path_of, paths, taken_by


def test_paths_are_counted_with_the_most_frequent_first():
    walks = [walk("capture qualify deal"), walk("capture qualify deal"), walk("capture deal"), walk("capture")]
    found = paths(walks, "deal", NOW).top(5)
    assert [(v.path, v.share) for v in found] == [(("capture", "qualify", "deal"), 2 / 3), (("capture", "deal"), 1 / 3)]


def test_days_run_from_the_beginning_to_the_goal_and_worth_is_the_median():
    walks = [walk("capture deal onboard", days=d, facts={"value": v}) for d, v in ((4, 100), (10, 30), (30, 20_000))]
    taken = paths(walks, "deal", NOW).top(1)[0].taken
    assert taken.median_days == 10
    assert abs(taken.median_worth - 100) <= 2


def test_kept_is_said_of_those_who_were_won_a_year_ago():
    won_long_ago = walk("capture deal support")
    won_lately = walk("capture deal support", start=NOW - 60 * DAY)
    lost_within_the_year = walk("capture deal", closed=True, outcome="churned")
    ended_well = walk("capture deal", closed=True)
    assert paths([won_long_ago, won_lately], "deal", NOW).top(1)[0].taken.kept_share == 1
    found = paths([lost_within_the_year, ended_well], "deal", NOW).top(1)[0].taken
    assert (found.followed, found.kept) == (2, 1)
    assert taken_by(won_lately, "deal", NOW).kept_share is None


def test_lost_after_the_year_was_kept_in_it():
    lost = walk("capture deal", days=370, start=START - 900 * DAY, closed=True, outcome="churned")
    assert taken_by(lost, "deal", NOW).kept == 1
    sooner = walk("capture deal", days=364, start=START - 800 * DAY, closed=True, outcome="churned")
    assert taken_by(sooner, "deal", NOW).kept == 0


def test_a_stage_that_follows_itself_counts_once():
    assert path_of(walk("capture capture deal")) == ("capture", "deal")


def test_paths_of_parts_are_the_paths_of_the_whole():
    walks = wanderings(4, 600)
    whole = paths(walks, "deal", NOW)
    parts = paths(walks[:200], "deal", NOW)
    parts.merge(paths(walks[200:], "deal", NOW))
    assert parts.top(50) == whole.top(50)
    assert whole.short == 0


def test_a_hundred_thousand_different_paths_stay_bounded_with_exact_totals():
    found = Paths()
    different = product("abcdefghij", repeat=5)
    tracemalloc.start()
    for n, path in enumerate(different):
        found.add(path, Taken(1, followed=1, kept=n % 2))
        if n % 4 == 0:
            found.add(("capture", "deal"), Taken(1))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 60_000_000
    assert len(found.ways) <= found.most
    assert found.total == 125_000
    assert sum(t.kept for t in found.ways.values()) + found.rest.kept == 50_000
    first = found.top(1)[0]
    assert (first.path, first.taken.count) == (("capture", "deal"), 25_000)
    assert 0 < found.short < 25


def test_a_path_is_without_a_stage_only_where_it_was_meant_for_them_and_no_named_way_leads_past_it():
    way = definition(only={"engage": ("consulting",)}, forward={"capture": ("deal",)})
    past_engage, straight = ("capture", "qualify", "deal"), ("capture", "deal")
    assert drawn(way, past_engage)[1] == drawn(way, past_engage, "retail")[1] == "As designed"
    assert drawn(way, past_engage, "consulting")[1] == "Without Engage"
    assert drawn(way, straight, "consulting")[1] == "As designed"
    steps, name = drawn(way, ("capture", "qualify", "onboard"), "consulting")
    assert [(key, missed) for _step, key, missed in steps] == [
        ("Capture", False), ("Qualify", False), ("Engage", True), ("Deal", True), ("Onboard", False),
    ]  # fmt: skip
    assert name == "Without Engage, Deal"


def test_what_was_made_good_after_going_back_is_not_missed_twice():
    way = definition()
    assert drawn(way, ("capture", "engage", "capture", "deal"))[1] == "Without Qualify, and back from Engage to Capture"
