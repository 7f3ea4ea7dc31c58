"""Leads that come with a file: whose they are, and that dealing many of them out floods nobody."""

import datetime as dt
import json
from collections import Counter

import pytest
import time_machine

from kith.activities.models import Notice
from kith.kernel.accounts.models import Role
from kith.kernel.intake import actions as intake
from kith.kernel.intake.engine import begin
from kith.kernel.intake.mapping import load
from kith.kernel.intake.models import State
from kith.kernel.intake.targets import find_target
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
from kith.qualification.assigning.clocks import sweep
from kith.qualification.assigning.deciding import assign_many, deal_out
from kith.qualification.models import Decision
from kith.qualification.tests.cast import NAMES, person, pool, rule
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
MANY = 250
MONDAY = dt.datetime(2026, 3, 9, 10, tzinfo=dt.UTC)


@pytest.fixture
def bring(tmp_path):
    def brought(**parts):
        path = tmp_path / "leads.csv"
        path.write_text("First name,Last name\n" + "".join(f"Lead,Number {n}\n" for n in range(MANY)))
        by = actor("ines")
        run = intake.take_file(find_target("person"), path, path.name, by=by)
        intake.set_mapping(run, load(json.loads(json.dumps({**run.mapping, **parts}))), by=by)
        begin(run, State.RUNNING)
        intake.carry_out(run)
        run_waiting_jobs(names=list(NAMES))
        return registry["person"].model.objects.filter(given_name="Lead").order_by("pk")

    return brought


def test_people_of_a_file_belong_to_whoever_brought_it_and_no_clock_runs_for_them(bring):
    rule(pool=pool("ines", "jonas"), answer_within="4 hours")
    people = bring()
    assert Counter(people.values_list("owner__name", flat=True)) == {"Ines Okafor": MANY}
    assert not Decision.objects.exists() and not Notice.objects.filter(kind="lead").exists()


def test_without_an_owner_they_wait_for_the_rules_which_share_them_evenly_and_tell_of_them_together(bring, client):
    people = bring(constants={})
    assert set(people.values_list("owner", flat=True)) == {None} and not Decision.objects.exists()
    rule(pool=pool("ines", "jonas"), answer_within="4 hours")
    problems = []
    given = ACTIONS["person.assign_by_rules"].many(
        list(people), by=actor("helena"), refused=lambda row, why: problems.append(why)
    )
    assert (given, problems) == (MANY, [])
    assert Counter(people.values_list("owner__name", flat=True)) == {
        "Ines Okafor": MANY / 2,
        "Jonas Lindqvist": MANY / 2,
    }
    assert Decision.objects.filter(due_at__isnull=False).count() == MANY, "the clock begins with the assignment"
    told = Notice.objects.filter(kind="lead", user=user("jonas"))
    assert told.count() <= 3 and "50 new leads for you, Lead Number " in told.order_by("pk")[0].text
    client.force_login(user("jonas"))
    assert client.get(told[0].path).status_code == 200


def test_many_that_nobody_was_found_for_are_told_by_their_reason_and_few_by_name(bring):
    people, managers = list(bring(constants={})), [user("helena"), user("astrid")]
    deal_out([row.pk for row in people])
    told = Notice.objects.filter(kind="lead", user__in=managers)
    assert Decision.objects.filter(kind="unrouted").count() == MANY
    assert told.filter(user=user("helena")).count() <= 3
    assert all("Nobody looks after" in one.text and "leads: " in one.text for one in told)
    assert all(one.user.role in (Role.MANAGER, Role.ADMINISTRATOR) for one in told)


def test_many_that_nobody_answers_are_passed_on_and_told_of_once_in_an_hour():
    with time_machine.travel(MONDAY, tick=False):
        rule(pool=pool("ines", "jonas"), answer_within="4 hours", when_late="reassign")
        helena, people = user("helena"), [person(f"Lead {n}") for n in range(8)]
        assign_many([row.pk for row in people], now=MONDAY)
        told = Notice.objects.filter(kind="lead")
        before = told.count()
        assert sweep(MONDAY + dt.timedelta(days=1)) == 8
        assert Decision.objects.filter(kind="reassigned").count() == 8
        assert told.count() == before + 2 and told.filter(user=user("jonas"), key__startswith="passed-on:").count() == 1
        assert sweep(MONDAY + dt.timedelta(days=3)) == 8
        assert Decision.objects.filter(kind="escalated").count() == 8
        assert told.filter(user=helena, key__startswith="escalated:").count() == 1
