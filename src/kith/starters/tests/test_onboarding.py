"""The onboardings of the sample company: what was planted in the relationships is what the product says of them."""

import datetime as dt
import statistics

import pytest
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.timeline.models import Event
from kith.onboarding.models import Plan, Step
from kith.onboarding.queries import times
from kith.process.handovers.measures import passed
from kith.process.models import Handover, Journey, Stay
from kith.starters.actions import install_sample
from kith.starters.tidewell.onboarding import first_result, ways

NOW = dt.datetime(2026, 3, 11, 14, 20, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_whoever_was_onboarded_has_a_plan_that_says_what_happened_and_nobody_else_has():
    install_sample(by=system("cli"), people=500, now=NOW)
    found = ways()
    assert len(found) > 20
    assert {way.journey.company_id for way in found} == set(Plan.objects.values_list("company", flat=True))
    skipped = Journey.objects.filter(skipped__contains=["onboard"]).values_list("company", flat=True)
    assert skipped and not Plan.objects.filter(company__in=skipped).exists()
    settled = [way for way in found if way.settled is not None]
    assert Plan.objects.filter(state="done").count() == len(settled)
    assert Event.objects.filter(verb="onboarding.completed").count() == len(settled)
    days = [(timezone.localdate(first_result(way)) - timezone.localdate(way.won)).days for way in settled]
    told = {one.name: one for one in times(system(), "template", days=10_000)}["Sensors in a building"]
    assert (told.all, told.reached, told.median) == (len(found), len(settled), statistics.median(days))
    late = sum(1 for plan in Plan.objects.filter(state="done") if plan.completed_on > plan.first_due_on)
    assert 0 < late < len(settled), "some were on time and some were not"
    for plan in Plan.objects.filter(state="done"):
        assert not Step.objects.filter(plan=plan).exclude(state="done").exists()
    accepted = Stay.objects.filter(stage="onboard").count()
    assert Handover.objects.filter(stage="onboard").exclude(accepted_at=None).count() == accepted
    assert (
        sum(one.asked_back for one in passed(system(), 10_000))
        == Handover.objects.exclude(returned_at=None).count()
        > 0
    )
