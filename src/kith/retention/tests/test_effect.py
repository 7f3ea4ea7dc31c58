"""Whether plays help is said only where it can be, and finds the effect that was put in."""

from __future__ import annotations

import random

from kith.retention.churn.training import backtest
from kith.retention.plays.effect import Case, effect_of


def cases(n: int, helps: float, seed: int = 1) -> list[Case]:
    """Plays go to those likelier to leave, as they do; each lowers the chance by so much."""
    rng = random.Random(seed)
    out = []
    for _n in range(n):
        chance = rng.random()
        treated = rng.random() < 0.2 + 0.6 * chance
        out.append(Case(chance, treated, rng.random() < max(chance - helps * treated, 0)))
    return out


def test_the_effect_put_in_lies_within_the_interval_though_plays_go_to_those_at_risk() -> None:
    found = effect_of(cases(4000, helps=0.15))
    assert found.low is not None
    assert found.high is not None
    assert found.low < -0.13 < found.high
    assert found.helps


def test_no_effect_is_not_called_one() -> None:
    assert not effect_of(cases(4000, helps=0.0)).helps


def test_the_interval_holds_the_truth_about_nineteen_times_of_twenty() -> None:
    held = 0
    for seed in range(200):
        found = effect_of(
            [
                Case(0.35, n % 2 == 0, random.Random(f"{seed}-{n}").random() < (0.25 if n % 2 == 0 else 0.35))
                for n in range(400)
            ]
        )
        assert found.low is not None
        assert found.high is not None
        held += found.low <= -0.1 <= found.high
    assert 180 <= held <= 199


def test_few_customers_are_silent() -> None:
    assert effect_of(cases(40, helps=0.5)).silent in ("few_treated", "few_others")
    assert effect_of([]).silent == "few_treated"


def test_the_backtest_is_one_where_health_told_everything_and_a_half_where_nothing() -> None:
    told = backtest([10, 20, 80, 90], [True, True, False, False])
    assert told is not None
    assert told["auc"] == 1.0
    nothing = backtest([50, 50, 50, None], [True, False, False, True])
    assert nothing is not None
    assert (nothing["auc"], nothing["unknown"]) == (0.5, 1)
    assert backtest([50], [True]) is None
