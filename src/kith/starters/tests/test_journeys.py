"""The relationships of the sample company: what was planted in them is what the audit and the map find, no more, no less."""

import datetime as dt
import math
from collections import Counter
from types import SimpleNamespace

import pytest

from kith.kernel.access.actor import system
from kith.process.evidence.auditing import audit
from kith.process.evidence.counting import rebuild
from kith.process.evidence.reading import counted
from kith.process.evidence.walks import WELL
from kith.process.journeys.telling import Under
from kith.process.models import Journey, Process, Stay
from kith.process.starters import starter
from kith.starters.actions import install_sample
from kith.starters.tidewell.journeys import CHURN, PROCESS, SKIPS_ONBOARD, TIMES_AS_OFTEN, Guide
from kith.starters.tidewell.load import COLLEAGUES, SEED, Role, Teller

NOW = dt.datetime(2026, 3, 11, 14, 20, tzinfo=dt.UTC)


def planted(people, now=NOW, seed=SEED):
    """(walk, what was planted) of every company of a story."""
    owners = {t: [i for i, c in enumerate(COLLEAGUES) if c[3] == t and c[2] == Role.MEMBER] for t in ("South", "North")}
    leads = {c[3]: i for i, c in enumerate(COLLEAGUES) if c[2] != Role.MEMBER}
    stories = Teller(seed=seed, now=now, owners=owners, leads=leads).companies(people)
    guide = Guide(seed, now, Under(Process(), 1, starter(PROCESS)))
    return [guide.walk(story, SimpleNamespace(pk=n)) for n, story in enumerate(stories)]


def test_a_way_goes_forward_in_time_and_ends_before_now():
    order = starter(PROCESS).order
    for walk, _plan in planted(4_000):
        moments = [e.at for e in walk.entries]
        assert moments == sorted(moments) and moments[-1] <= NOW
        assert [order[e.stage] for e in walk.entries] == sorted({order[e.stage] for e in walk.entries})
        assert walk.ended is None or moments[-1] <= walk.ended[0] <= NOW


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


@pytest.mark.django_db
def test_the_audit_finds_exactly_the_skips_and_delays_that_were_planted():
    install_sample(by=system("cli"), people=500, now=NOW)
    told = planted(500)
    journeys = Journey.objects.count()
    assert journeys == len(told) == len(set(Journey.objects.values_list("company", flat=True)))
    found = audit(Process.objects.get(), now=NOW).found
    skips = Counter(stage for _w, plan in told for stage in plan.skipped)
    assert {key: tally.skipped for key, tally in found.stages.items() if tally.skipped} == dict(skips)
    assert all(tally.repeated == tally.out_of_order == 0 for tally in found.stages.values())
    late = sum(onboarded_late(walk) for walk, _plan in told)
    assert found.stages["onboard"].late == late > 5
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

    assert cells("came") == Counter((stage, "") for way in ways for stage in way)
    assert cells("here") == Counter((walk.entries[-1].stage, "") for walk, _plan in told if not walk.ended)
    moves = Counter((a, b) for way in ways for a, b in zip(["", *way], way, strict=False))
    assert cells("move") == moves
    assert cells("left") == Counter((stage, "") for stage in gone)


def onboarded_late(walk) -> bool:
    """Fourteen days were promised; what is still going on is late when they are over, what was ended when it ended."""
    entered = {e.stage: e.at for e in walk.entries}
    if "onboard" not in entered:
        return False
    until = entered.get("support") or (walk.ended[0] if walk.ended else NOW)
    return until - entered["onboard"] > dt.timedelta(days=14)


@pytest.mark.django_db
def test_stays_are_what_the_ways_say():
    install_sample(by=system("cli"), people=60, now=NOW)
    for journey in Journey.objects.all():
        stays = list(Stay.objects.filter(journey=journey).order_by("entered_at", "id"))
        assert [s.left_at for s in stays[:-1]] == [s.entered_at for s in stays[1:]]
        assert stays[-1].left_at == journey.closed_at and stays[-1].stage == journey.stage
