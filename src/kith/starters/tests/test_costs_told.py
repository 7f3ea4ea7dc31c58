"""What skipping a step costs in the sample company: the study finds what was planted where it was planted, and nothing elsewhere."""

import datetime as dt
import re
from statistics import fmean
from types import SimpleNamespace

import pytest

from kith.contacts.models import Company
from kith.deals.actions import install_defaults
from kith.deals.models import Deal
from kith.kernel.records.registry import registry
from kith.process.evidence.cost import Case, share_cost
from kith.process.evidence.counting import rebuild
from kith.process.evidence.study import ARRIVED, KEPT, study
from kith.process.journeys.telling import Under, tell
from kith.process.models import Process
from kith.process.publishing import bring, publish
from kith.process.starters import starter
from kith.starters.tests.ways import NOW, stories
from kith.starters.tidewell.journeys import PROCESS, Guide
from kith.starters.tidewell.load import SEED
from kith.ui.pages.tests.helpers import text_of
from tests.cast import actor, user

PEOPLE = 20_000


def costs(plans, of):
    """The planted cost: in how many more of these `of` their fate is true were none of them onboarded than were they all."""
    return fmean(of(plan.fates["skipped"]) - of(plan.fates["onboarded"]) for plan in plans)


@pytest.fixture
def told(db):
    """A large sample: its process, and [(walk, plan)]."""
    return tell_sample(PEOPLE)


def tell_sample(people):
    """(process, [(walk, plan)]) of a sample of so many of which only the ways and the deals are written: all that the study looks at."""
    by = actor("astrid")
    process = bring(starter(PROCESS), by=by)
    guide = Guide(SEED, NOW, Under(process, 1, starter(PROCESS)))
    pipeline = install_defaults(by)
    stage = registry["stage"].model.objects.filter(pipeline=pipeline).first()
    companies = list(stories(people))
    rows = Company.objects.bulk_create(Company(name=one.name, created_at=one.created) for one in companies)
    Deal.objects.bulk_create(
        Deal(name=deal.name, company=row, amount=deal.amount, currency=deal.currency, status=deal.outcome, stage=stage,
             pipeline=pipeline, opened_on=deal.stages[0].date(), closed_on=deal.closed, source=deal.source)
        for one, row in zip(companies, rows, strict=True) for deal in one.deals
    )  # fmt: skip
    out = [guide.walk(one, row) for one, row in zip(companies, rows, strict=True)]
    tell([walk for walk, _plan in out], guide.under, by=by)
    publish.run(process, note="How we work", default=True, by=by)
    rebuild(NOW)
    return process, out


def test_the_study_covers_the_planted_cost_of_skipping_onboarding_and_claims_none_where_none_was_planted(told):
    process, ways = told
    found = {(one["stage"], one["outcome"]): one for one in study(process, starter(PROCESS), NOW)}
    for outcome, of in ((KEPT, "kept"), (ARRIVED, "recommended")):
        one = found["onboard", outcome]
        since, until = (dt.date.fromisoformat(one[key]) for key in ("since", "until"))
        plans = [plan for walk, plan in ways if (at := beyond(walk)) and since <= at.date() <= until]
        true = costs(plans, lambda fate, of=of, days=one["followed"]: getattr(fate, of)(days))
        assert true < 0 and one["cost"]["low"] <= true <= one["cost"]["high"]
    for stage, outcome in found.keys() - {("onboard", KEPT), ("onboard", ARRIVED)}:
        cost = found[stage, outcome].get("cost")
        assert cost is None or cost["low"] <= cost["neutral"] <= cost["high"], (stage, outcome)
    assert {stage for stage, _outcome in found} == {"qualify", "engage", "onboard"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("people", "said"),
    [
        (1_200, r"7 Onboard Too few skipped it and can be compared to say what it costs: \d+, at least 30 are needed, \d+ more\."),
        (10_000, r"What skipping 7 Onboard costs .* Came to the last step \d+ % \d+ % −\d+ points \(−\d+ to −\d+\)"),
    ],
)  # fmt: skip
def test_of_the_usual_sample_the_map_says_how_many_are_missing_and_of_a_larger_one_what_it_costs(client, people, said):
    process, _ways = tell_sample(people)
    study(process, starter(PROCESS), NOW)
    client.force_login(user("astrid"))
    words = text_of(client.get("/process/map?period=all"))
    assert re.search(said, words)
    assert ("Skipping Onboard costs value." in words) == (people > 1_200)


def beyond(walk):
    """When somebody came past Onboard; None for who has not."""
    return next((one.at for one in walk.entries if one.stage == "support"), None)


def test_told_over_and_over_the_interval_covers_the_planted_cost_as_often_as_it_says():
    days, covered = 180, []
    companies = [one for one in stories(20_000) if any(deal.outcome == "won" for deal in one.deals)]
    for seed in range(40):
        guide = Guide(seed, NOW, Under(Process(), 1, starter(PROCESS)))
        told = (guide.walk(one, SimpleNamespace(pk=one.number)) for one in companies)
        ways = [(walk, plan) for walk, plan in told if (at := beyond(walk)) and NOW - at > dt.timedelta(days)]
        found = share_cost(Case("onboard" in plan.skipped, kept(walk, days), plan.small) for walk, plan in ways)
        true = costs([plan for _walk, plan in ways], lambda fate: fate.kept(days))
        covered.append(found.low <= true <= found.high)
    assert sum(covered) >= 0.9 * len(covered)


def kept(walk, days):
    lost = walk.ended is not None and walk.ended[1] == "churned"
    return float(not (lost and walk.ended[0] - beyond(walk) < dt.timedelta(days)))
