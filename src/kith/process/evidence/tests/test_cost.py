"""What skipping costs, checked by simulation: a thousand companies whose truth is known.

A share seen in 1,000 tries lies within 1.4 points of the true one in 95 of 100 cases, so that is what is allowed for.
"""

import random

import pytest

from kith.process.evidence.cost import (
    Case,
    Cost,
    Silent,
    amount_cost,
    band_of,
    bands,
    hold_together,
    ratio_cost,
    share_cost,
)  # fmt: skip
from kith.process.evidence.normal import t_quantile

TRIES = 1_000
CHANCE = 0.014


def company(rng, journeys, outcome, confounded):
    """Journeys of one company; with `confounded`, small deals are skipped more often and their outcomes differ."""
    rows = []
    for _ in range(journeys):
        size = rng.gauss(0, 1)
        source = rng.choice(("referral", "fair", "web"))
        likely = 0.25 + (0.05 if source == "referral" else 0) - (0.18 * size if confounded else 0)
        skipped = rng.random() < min(0.9, max(0.05, likely))
        rows.append((skipped, outcome(rng, size if confounded else 0, skipped), size, source))
    cuts = bands([size for _s, _o, size, _f in rows], sum(row[0] for row in rows))
    return [Case(skipped, result, (band_of(size, cuts), source)) for skipped, result, size, source in rows]


def stays(effect):
    """Does the customer stay? Larger ones do more often."""

    def outcome(rng, size, skipped):
        return float(rng.random() < min(0.95, max(0.05, 0.7 + 0.14 * size + (effect if skipped else 0))))

    return outcome


def takes(effect):
    """Days to the goal; larger deals take longer, and those that skipped vary more."""

    def outcome(rng, size, skipped):
        return 40 + 6 * size + (effect if skipped else 0) + rng.gauss(0, 12 if skipped else 8)

    return outcome


def tried(cost, outcome, truth, *, journeys=400, confounded=True, seed=2026):
    """(share of intervals that hold the truth, share that claim an effect) over a thousand companies."""
    rng = random.Random(seed)
    found = [cost(company(rng, journeys, outcome, confounded)) for _ in range(TRIES)]
    assert all(isinstance(one, Cost) for one in found)
    return sum(one.low <= truth <= one.high for one in found) / TRIES, sum(one.claims for one in found) / TRIES


@pytest.mark.parametrize("effect", [-0.25, -0.1])
def test_the_interval_of_a_share_holds_the_true_effect_at_its_nominal_rate(effect):
    held, claims = tried(share_cost, stays(effect), effect, confounded=False)
    assert 0.93 <= held <= 0.97
    assert claims > 0.3


def test_without_an_effect_on_a_share_claims_stay_at_five_in_a_hundred():
    held, claims = tried(share_cost, stays(0), 0, confounded=False)
    assert 0.93 <= held <= 0.97
    assert claims <= 0.05 + CHANCE


def test_small_deals_that_skip_more_and_leave_more_are_no_effect_of_skipping():
    held, claims = tried(share_cost, stays(0), 0)
    assert claims <= 0.05 + CHANCE
    rng = random.Random(2026)
    crude = [share_cost([Case(c.skipped, c.outcome) for c in company(rng, 500, stays(0), True)]) for _ in range(200)]
    assert sum(one.claims for one in crude) / 200 > 0.4, "without strata it would have been claimed"


def test_a_true_effect_is_found_in_confounded_journeys_too():
    held, claims = tried(amount_cost, takes(6), 6)
    assert 0.93 <= held <= 0.97
    assert claims > 0.8


@pytest.mark.parametrize("confounded", [False, True])
def test_without_an_effect_on_an_amount_claims_stay_at_five_in_a_hundred(confounded):
    held, claims = tried(amount_cost, takes(0), 0, confounded=confounded)
    assert claims <= 0.05 + CHANCE


def test_few_journeys_give_honest_intervals_as_well():
    held, claims = tried(share_cost, stays(0), 0, journeys=220)
    assert claims <= 0.05 + CHANCE


def test_values_far_from_even_are_compared_as_a_ratio():
    rng = random.Random(8)

    def worth(effect):
        return lambda r, size, skipped: r.lognormvariate(9 + size / 3, 1.2) * (effect if skipped else 1)

    found = ratio_cost(company(rng, 4_000, worth(0.5), True))
    assert found.low <= 0.5 <= found.high
    assert found.claims
    none = [ratio_cost(company(rng, 400, worth(1), False)) for _ in range(300)]
    assert sum(one.claims for one in none) / 300 <= 0.05 + 0.026


def test_under_the_minimum_nothing_is_said_and_why():
    few = [Case(n < 29, float(n % 2)) for n in range(400)]
    found = share_cost(few)
    assert isinstance(found, Silent)
    assert (found.reason, found.skipped.count, found.others.count) == ("few_skipped", 29, 371)
    assert isinstance(share_cost([Case(n < 30, float(n % 2)) for n in range(400)]), Cost)
    assert share_cost([Case(n < 300, float(n % 2)) for n in range(320)]).reason == "few_others"
    assert share_cost([Case(n < 100, float(n in (1, 150))) for n in range(320)]).reason == "few_outcomes"
    assert share_cost([]).reason == "few_skipped"
    assert amount_cost(few).reason == "few_skipped"


def test_journeys_without_their_like_are_left_out_and_counted():
    alike = [Case(n % 2 == 0, float(n % 3 == 0), "web") for n in range(200)]
    only_skipped = [Case(True, 1.0, "fair")] * 40
    found = share_cost(alike + only_skipped)
    assert (found.strata, found.alone) == (1, 1)
    assert (found.skipped.count, found.skipped.compared) == (140, 100)
    assert found.difference == share_cost(alike).difference


def test_one_stratum_gives_the_plain_difference_and_its_usual_error():
    found = share_cost([Case(n < 100, float(n % 100 < (40 if n < 100 else 55))) for n in range(200)])
    assert abs(found.difference + 0.15) < 1e-12
    assert -0.29 < found.low < -0.27
    assert -0.02 < found.high < 0
    assert abs(found.chance - 0.034) < 0.01


def test_several_claims_side_by_side_are_held_to_more():
    rng = random.Random(3)
    any_claimed = 0
    for _ in range(200):
        costs = [share_cost(company(rng, 300, stays(0), False)) for _ in range(4)]
        any_claimed += any(hold_together(costs))
    assert any_claimed / 200 <= 0.05 + 0.031
    strong = share_cost(company(rng, 900, stays(-0.4), False))
    assert hold_together([strong, share_cost(company(rng, 300, stays(0), False))]) == [True, False]


def test_quantiles_of_student_are_those_of_the_tables():
    for freedom, known in ((3, 3.18245), (5, 2.57058), (10, 2.22814), (30, 2.04227), (float("inf"), 1.95996)):
        assert abs(t_quantile(0.975, freedom) - known) < 1e-4
