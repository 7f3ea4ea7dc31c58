"""Each process that Kith ships, run on the sample company: its past is told under it, and a new customer goes all the way."""

import datetime as dt

import pytest

from kith.contacts.models import Company, Person
from kith.kernel.access.actor import system
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.process.evidence import counting
from kith.process.evidence.auditing import audit
from kith.process.evidence.flow import flow
from kith.process.evidence.reading import counted
from kith.process.evidence.walks import SKIP
from kith.process.forgotten import looking as forgotten
from kith.process.forgotten.proving import check
from kith.process.journeys.backfill import backfill
from kith.process.journeys.customers import running_of
from kith.process.models import Journey, Process, Stay
from kith.process.publishing import bring
from kith.process.starters import NAMES, starter
from kith.starters.actions import install_sample
from tests.cast import actor, user

NOW = dt.datetime(2026, 3, 11, 14, 20, tzinfo=dt.UTC)


def published(name, by):
    """The process of this starter, where new customers begin."""
    process = Process.objects.filter(key=name).first()
    if process is None:
        process = bring(starter(name), by=by)
        perform(ACTIONS["process.publish"], process, {"default": True}, by=by)
    process.refresh_from_db()
    assert process.is_default
    return process


def go_on(journey, to, by):
    """To the next stage as people go: what they see to is ticked, what is handed over is accepted."""

    def do(verb, **raw):
        perform(ACTIONS[f"journey.{verb}"], journey, raw, by=by)

    for need in starter(journey.process.key).by_key[journey.stage].needs:
        if need.by == "hand":
            do("tick", need=need.key)
    if to.handover:
        do("hand_over", to=user("priya").pk, says="They were promised a Polish manual.")
        perform(ACTIONS["journey.accept_handover"], journey, {}, by=actor("priya"))
        journey.refresh_from_db()
    if journey.stage != to.key:
        do("move", stage=to.key, reason="They asked for it")
    journey.refresh_from_db()


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_a_starter_tells_the_past_and_takes_a_new_customer_from_its_first_stage_to_its_last(name):
    install_sample(by=system("cli"), people=30, now=NOW)
    Journey.objects.all().delete()  # as if no process had been published so far
    counting.rebuild()
    forgotten.rebuild()
    ines = actor("ines")
    process, definition = published(name, actor("astrid")), starter(name)
    backfill()
    customers = Company.objects.count() + Person.objects.filter(company=None).count()
    assert Journey.objects.filter(process=process, held_to=process.in_force).count() == customers > 5
    found = audit(process).found
    assert found.journeys == sum(tally.here + tally.ended for tally in found.stages.values()) == customers
    assert sum(tally.done > 0 for tally in found.stages.values()) > 1, "its past is more than everybody's first stage"
    the_map_agrees(process, found)
    nobody_is_forgotten()

    journey = running_of("company", create(registry["company"], {"name": "Hotel Bellevue"}, by=ines).pk)
    walked = [journey.stage]
    while to := definition.next_of(journey.stage, journey.segment):
        go_on(journey, to, ines)
        walked.append(journey.stage)
    assert walked == [stage.key for stage in definition.way(journey.segment)] and journey.skipped == []
    assert list(Stay.objects.filter(journey=journey).order_by("id").values_list("stage", flat=True)) == walked
    counting.refresh()
    the_map_agrees(process, audit(process).found)
    nobody_is_forgotten()


def the_map_agrees(process, found):
    """What the map counted of each stage is what the audit judged, stage by stage."""
    counting.refresh()
    figures = flow(counted(process.pk)).stages
    assert {key: one.came for key, one in figures.items()} == {
        key: came for key, one in found.stages.items() if (came := one.done + one.here + one.ended)
    }
    for key, one in figures.items():
        assert (one.here, one.left, one.late) == (
            found.stages[key].here,
            found.stages[key].ended,
            found.stages[key].late,
        )
    skips = {stage for arc in flow(counted(process.pk)).arcs if arc.kind == SKIP for stage in passed_over(process, arc)}
    assert skips == {key for key, one in found.stages.items() if one.skipped}


def passed_over(process, arc):
    return starter(process.key).skipped(arc.of, arc.to)


def nobody_is_forgotten():
    found = check()
    assert found.totals["checked"] > 5 and not found.violations, found.rows
