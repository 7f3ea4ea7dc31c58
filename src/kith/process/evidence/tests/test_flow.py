"""The figures of the map: what they count, and that tallies of parts are the tally of the whole."""

import datetime as dt
import statistics

from hypothesis import given, settings
from hypothesis import strategies as st

from kith.process.evidence.bins import EDGES, WIDTH, amount_of, bin_of, quantile
from kith.process.evidence.flow import Cell, cells, flow, tally
from kith.process.evidence.tests.stories import DAY, NOW, START, definition, walk, wanderings

WAY = definition()


def figures(*walks):
    return flow(tally(WAY, walks, NOW))


def test_each_journey_counts_once_in_a_stage_however_often_it_comes():
    found = figures(walk("capture qualify engage qualify engage qualify engage deal"))
    assert found.stages["qualify"].came == 1
    assert found.arc("engage", "qualify", "back").count == 1


def test_moved_on_left_and_in_it_now():
    found = figures(
        walk("capture qualify engage"), walk("capture qualify"), walk("capture qualify", closed=True, outcome="lost"),
        walk("capture qualify", closed=True), walk("capture qualify capture"),
    ).stages["qualify"]  # fmt: skip
    assert (found.came, found.on, found.left, found.here) == (5, 2, 1, 1), "one went back and is neither"
    assert found.on_share == 0.4


def test_arcs_tell_designed_ways_skips_and_returns_apart():
    found = figures(walk("capture qualify deal qualify deal"), walk("capture deal"))
    assert found.arc("capture", "qualify", "flow").count == 1
    assert found.arc("qualify", "deal", "skip").count == 1
    assert found.arc("capture", "deal", "skip").count == 1
    assert found.arc("deal", "qualify", "back").count == 1
    assert found.arc("", "capture", "flow").count == 2


def test_a_promise_is_counted_once_it_is_decided():
    kept = walk("capture qualify engage", within={"qualify": 5})
    broken = walk("capture qualify engage", within={"qualify": 1})
    running = walk("capture qualify", within={"qualify": 900})
    overdue = walk("capture qualify", within={"qualify": 9})
    found = figures(kept, broken, running, overdue).stages["qualify"]
    assert (found.due, found.late) == (3, 2)
    assert abs(found.broken - 2 / 3) < 1e-9


def test_times_are_of_all_stays_of_a_journey_together_and_of_those_that_ended():
    found = figures(walk("capture qualify capture qualify engage"), walk("capture qualify")).stages["qualify"]
    assert sum(found.bins.values()) == 1
    assert abs(found.median / (6 * 86_400) - 1) < WIDTH


def test_a_period_counts_those_who_first_came_to_the_stage_within_it():
    late = walk("capture qualify engage", days=20)
    counted = flow(tally(WAY, [late], NOW, START + 10 * DAY, START + 30 * DAY))
    assert set(counted.stages) == {"qualify"}
    assert counted.arcs == (counted.arc("qualify", "engage", "flow"),)


def test_every_figure_is_the_number_of_journeys_its_cell_is_true_of():
    walks = wanderings(3, 300)
    found = flow(tally(WAY, walks, NOW))
    true = [{cell for _at, cell in cells(WAY, w, NOW)} for w in walks]
    checked = 0
    for figure in found.stages.values():
        for what in ("came", "on", "left", "here", "due", "late"):
            assert getattr(figure, what) == sum(figure.cell(what) in one for one in true)
            checked += 1
    for arc in found.arcs:
        assert arc.count == sum(arc.cell in one for one in true) > 0
    assert checked == 36


@given(seed=st.integers(0, 10**6), parts=st.lists(st.integers(0, 2), min_size=40, max_size=40), cut=st.integers(0, 330))
@settings(max_examples=150, deadline=None)
def test_the_tallies_of_parts_are_the_tally_of_the_whole(seed, parts, cut):
    walks = wanderings(seed, 40)
    whole = tally(WAY, walks, NOW)
    by_journey = [tally(WAY, [w for w, p in zip(walks, parts, strict=True) if p == n], NOW) for n in range(3)]
    assert by_journey[0] + by_journey[1] + by_journey[2] == whole
    middle = START + cut * DAY
    by_day = tally(WAY, walks, NOW, until=middle) + tally(WAY, walks, NOW, since=middle)
    assert by_day == whole
    assert flow(by_day) == flow(whole)


def test_no_cell_comes_twice_in_one_journey():
    for one in wanderings(11, 300):
        found = [cell for _at, cell in cells(WAY, one, NOW)]
        assert len(found) == len(set(found))


@given(st.lists(st.integers(0, 10**8), min_size=1, max_size=200), st.sampled_from([0.5, 0.9]))
@settings(deadline=None)
def test_a_quantile_of_bins_is_within_a_bin_of_the_exact_one(amounts, share):
    bins = {}
    for amount in amounts:
        bins[bin_of(amount)] = bins.get(bin_of(amount), 0) + 1
    exact = sorted(amounts)[max(1, -int(-share * len(amounts) // 1)) - 1]
    assert abs(quantile(bins, share) - exact) <= max(0.5, exact * WIDTH)


def test_small_whole_numbers_are_exact_and_bins_are_no_wider_than_said():
    assert [amount_of(bin_of(n)) for n in range(40)] == list(range(40))
    assert all(b - a <= max(1, a * WIDTH + 1) for a, b in zip(EDGES, EDGES[1:], strict=False))
    assert quantile({}, 0.5) is None


def test_medians_agree_with_those_of_the_library():
    walks = wanderings(5, 500)
    took = []
    for one in walks:
        stays = [s for s in one.steps if s.stage == "qualify"]
        if stays and all(s.left for s in stays):
            took.append(sum((s.left - s.entered for s in stays), dt.timedelta()).total_seconds())
    found = flow(tally(WAY, walks, NOW)).stages["qualify"]
    assert len(took) == sum(found.bins.values()) > 100
    assert abs(found.median / statistics.median_low(took) - 1) < WIDTH


def test_nothing_gives_an_empty_map():
    assert flow(tally(WAY, [walk("")], NOW)).stages == {}
    assert Cell("came", "deal") not in tally(WAY, [], NOW)
