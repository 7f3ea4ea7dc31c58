"""The share still there, against an example that was published and can be worked by hand.

Freireich and others (Blood 21, 1963): weeks of remission of 21 children under 6-mercaptopurine, + still in remission when last
seen. The table of the estimate and its errors is in every textbook on the subject.
"""

import random

from kith.process.evidence.survival import FEW, MONTH, by_month, interval, kept

WEEKS = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
REMISSION = [(float(word.rstrip("+")), not word.endswith("+")) for word in WEEKS.split()]
PUBLISHED = [  # week, still at risk, relapsed, share in remission, standard error
    (6, 21, 3, 0.857, 0.0764), (7, 17, 1, 0.807, 0.0869), (10, 15, 1, 0.753, 0.0963), (13, 12, 1, 0.690, 0.1068),
    (16, 11, 1, 0.627, 0.1141), (22, 7, 1, 0.538, 0.1282), (23, 6, 1, 0.448, 0.1346),
]  # fmt: skip


def test_the_remissions_of_freireich_give_the_published_table():
    found = kept(REMISSION)
    assert [(d.at, d.at_risk, d.ended, round(d.share, 3), round(d.error, 4)) for d in found] == PUBLISHED


def test_the_intervals_are_those_of_the_published_table():
    low, high = interval(kept(REMISSION)[0])
    assert (round(low, 3), round(high, 3)) == (0.620, 0.952)


def test_the_placebo_group_without_anybody_lost_to_sight_is_the_plain_share():
    weeks = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    found = kept([(float(w), True) for w in weeks])
    for drop in found:
        assert abs(drop.share - sum(w > drop.at for w in weeks) / 21) < 1e-12
    assert found[-1].share == 0


def test_who_was_lost_to_sight_is_neither_kept_nor_gone():
    truth, rng = 0.85, random.Random(4)  # of a year, evenly over its days
    seen = []
    for _ in range(6_000):
        ends = rng.uniform(0, 365 / (1 - truth))
        watched = rng.uniform(30, 365)
        seen.append((min(ends, watched), ends <= watched))
    taken_as_kept = 1 - sum(over for _at, over in seen) / len(seen)
    assert taken_as_kept > truth + 0.05, "as if all had been watched for a year"
    assert abs(kept(seen)[-1].share - truth) < 0.02


def test_months_say_the_share_and_how_many_are_still_followed():
    seen = [(10.0, True)] * 5 + [(MONTH + 5, True)] * 5 + [(80.0, False)] * 40
    found = by_month(seen, 3)
    assert found["at_risk"] == [50, 45, 40, 0]
    assert found["kept"] == [1.0, 0.9, 0.8, None]
    assert found["low"][1] < 0.9 < found["high"][1]


def test_with_few_still_followed_nothing_is_drawn():
    assert by_month([(400.0, False)] * (FEW - 1), 1)["kept"] == [None, None]
    assert by_month([], 1) == {"kept": [None, None], "low": [None, None], "high": [None, None], "at_risk": [0, 0]}
