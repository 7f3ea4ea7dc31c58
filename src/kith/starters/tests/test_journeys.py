"""The relationships of the sample company: what was planted in them is what the audit and the map find, no more, no less."""

import math
from collections import Counter

import pytest

from kith.kernel.access.actor import system
from kith.process.evidence.auditing import audit
from kith.process.evidence.counting import rebuild
from kith.process.evidence.reading import counted
from kith.process.evidence.walks import WELL
from kith.process.models import Journey, Process, Stay
from kith.process.starters import starter
from kith.starters.actions import install_sample
from kith.starters.tests.ways import NOW, planted
from kith.starters.tidewell.journeys import CHURN, PROCESS, SKIPS_ONBOARD, TIMES_AS_OFTEN
from kith.starters.tidewell.truth import LEVELS


def test_a_way_goes_forward_in_time_and_ends_before_now_and_goes_back_only_where_that_was_planted():
    order = starter(PROCESS).order
    gone_back = Counter()
    for walk, plan in planted(4_000):
        moments, way = [e.at for e in walk.entries], [e.stage for e in walk.entries]
        assert moments == sorted(moments) and moments[-1] <= NOW
        assert walk.ended is None or moments[-1] <= walk.ended[0] <= NOW
        forward = sorted(set(way), key=order.get)
        if not plan.repeated:
            assert way == forward and not plan.astray
            continue
        gone_back[plan.repeated, plan.astray] += 1
        deal = way.index("deal")
        assert way[deal + 1 : deal + 3] == ["engage", "deal"] and way[:deal] + way[deal + 2 :] == sorted(
            [*(set(way) - set(plan.astray))], key=order.get
        )
    assert set(gone_back) == {(("engage", "deal"), ()), (("deal",), ("engage",))}


def test_small_first_deals_are_more_often_left_without_onboarding_and_then_leave_more_often():
    told = [(w, p) for w, p in planted(30_000) if {"support"} & {e.stage for e in w.entries}]
    share = {}
    for small in (True, False):
        fates = Counter("onboard" in p.skipped for _w, p in told if p.small is small)
        share[small] = fates[True] / sum(fates.values())
    assert abs(share[True] - SKIPS_ONBOARD["small"]) < 0.05 and abs(share[False] - SKIPS_ONBOARD["large"]) < 0.03
    assert CHURN["skipped"] > 3 * CHURN["onboarded"]
    left = {skipped: [p.churned for _w, p in told if ("onboard" in p.skipped) is skipped] for skipped in (True, False)}
    assert sum(left[True]) / len(left[True]) > 2 * sum(left[False]) / len(left[False])


def test_who_skipped_onboarding_leaves_three_and_a_half_times_as_often():
    """The stated amount, over many customers; chance may move it by three standard errors of its logarithm."""
    left, here = Counter(), Counter()
    for seed in range(4):
        for walk, plan in planted(60_000, seed=seed):
            if any(entry.stage == "support" for entry in walk.entries):
                fate = "skipped" if "onboard" in plan.skipped else "onboarded"
                here[fate] += 1
                left[fate] += plan.churned
    found = math.log(left["skipped"] / here["skipped"]) - math.log(left["onboarded"] / here["onboarded"])
    error = math.sqrt(sum(1 / left[fate] - 1 / here[fate] for fate in left))
    assert error < 0.15
    assert pytest.approx(3.5, abs=0.1) == TIMES_AS_OFTEN
    assert abs(found - math.log(TIMES_AS_OFTEN)) < 3 * error


def test_promises_that_the_plan_counts_with_are_those_of_the_process():
    promised = {stage.key: stage.within for stage in starter(PROCESS).stages if stage.within}
    assert promised == LEVELS


@pytest.mark.django_db
def test_the_audit_finds_exactly_the_skips_delays_and_ways_back_that_were_planted():
    install_sample(by=system("cli"), people=500, now=NOW)
    told = planted(500)
    journeys = Journey.objects.count()
    assert journeys == len(told) == len(set(Journey.objects.values_list("company", flat=True)))
    stages = audit(Process.objects.get(), now=NOW).found.stages
    for found, plan in (("skipped", "skipped"), ("late", "late"), ("repeated", "repeated"), ("out_of_order", "astray")):
        by_stage = Counter(stage for _w, one in told for stage in getattr(one, plan))
        assert {key: n for key, tally in stages.items() if (n := getattr(tally, found))} == dict(by_stage), found
        assert by_stage, f"the sample has some that are {found}"
    assert {stage for _w, one in told for stage in one.late} == set(LEVELS), (
        "some are late at every stage with a promise"
    )
    the_map_tells(told)
    assert Journey.objects.filter(outcome="churned").count() == sum(plan.churned for _w, plan in told)


def the_map_tells(told) -> None:
    """Who came to each stage, who is in it, who left from it, and every move: as planned, no more, no less."""
    rebuild(NOW)
    tally = counted(Process.objects.get().pk)
    ways = [[e.stage for e in walk.entries] for walk, _plan in told]
    gone = [walk.entries[-1].stage for walk, _plan in told if walk.ended and walk.ended[1] != WELL]

    def cells(what):
        return Counter({(cell.stage, cell.to): n for cell, n in tally.items() if cell.what == what})

    assert cells("came") == Counter((stage, "") for way in ways for stage in set(way))
    assert cells("late") == Counter((stage, "") for _walk, plan in told for stage in plan.late)
    assert cells("here") == Counter((walk.entries[-1].stage, "") for walk, _plan in told if not walk.ended)
    moves = Counter(move for way in ways for move in {*zip(["", *way], way, strict=False)})
    assert cells("move") == moves
    assert cells("left") == Counter((stage, "") for stage in gone)


@pytest.mark.django_db
def test_stays_are_what_the_ways_say():
    install_sample(by=system("cli"), people=60, now=NOW)
    for journey in Journey.objects.all():
        stays = list(Stay.objects.filter(journey=journey).order_by("entered_at", "id"))
        assert [s.left_at for s in stays[:-1]] == [s.entered_at for s in stays[1:]]
        assert stays[-1].left_at == journey.closed_at and stays[-1].stage == journey.stage
