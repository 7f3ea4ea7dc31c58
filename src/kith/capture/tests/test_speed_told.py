"""How long people waited, for programs and at the terminal: who waits now, and the figures of a period."""

import argparse
import json

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.api.tests.programs import Program
from kith.capture.models import LeadClock
from kith.capture.telling import speed_json
from kith.capture.tests.forms import checklist, send
from kith.cli import report
from kith.contacts.models import Person
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.lookups.look import look_at
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
ASKED_AT = "2026-03-12T09:00:00Z"  # a Thursday


@pytest.fixture
def ines():
    """Two came in March, of whom Rolf was answered within forty minutes; now it is noon of that day."""
    by = actor("ines")
    with time_machine.travel(ASKED_AT, tick=False):
        checklist()
        send(_t=None)
        send(_t=None, name="Rolf Berg", email="rolf@berg.example", company="Berg")
        run_waiting_jobs()
    with time_machine.travel("2026-03-12T09:40:00Z", tick=False):
        perform(ACTIONS["activity.log_call"], Person.objects.get(given_name="Rolf"), {"body": "Down to -20."}, by=by)
    with time_machine.travel("2026-03-12T12:00:00Z", tick=False):
        yield by


def speed(**asked):
    return Program("ines")("get", "reports/speed" + "".join(f"?{key}={value}" for key, value in asked.items())).data


def printed(capsys, *arguments):
    parser = argparse.ArgumentParser()
    report.arguments(parser)
    assert report.run(parser.parse_args(["speed", *arguments])) == 0
    return capsys.readouterr().out


def test_who_waits_too_long_now_and_how_long_others_did(ines):
    told = speed()
    (elin,) = told["late"]
    assert elin["person"]["name"] == "Elin Sørensen" and elin["waited_minutes"] == 180
    clock = LeadClock.objects.get(pk=elin["clock"])
    assert elin["over_minutes"] == 180 - clock.target_minutes
    assert (told["late_count"], told["in_time_count"]) == (1, 0)
    (source,) = told["sources"]
    assert (source["source"], source["target_minutes"]) == ("Leak-risk checklist", clock.target_minutes)
    assert (source["came"], source["answered"], source["within"]) == (2, 1, 1)
    assert (source["median_minutes"], source["ninety_percent_minutes"]) == (40, 40)
    assert [(month["month"], month["came"]) for month in told["months"]] == [("2026-03", 2)]


def test_a_period_counts_those_who_came_in_it_and_its_rows_are_these(ines):
    assert speed(period="2026-02")["sources"] == [] == speed(period="2026-02")["months"]
    assert speed(period="2026-02")["late_count"] == 1, "who waits now waits whatever is asked"
    told = speed(period="2026-03")
    assert (told["from"], told["to"], told["sources"][0]["came"]) == ("2026-03-01", "2026-03-31", 2)
    LeadClock.objects.filter(person__given_name="Rolf").update(started_at="2026-02-12T09:00:00Z")
    for line in (*speed(period="2026-03")["sources"], *speed(period="2026-03")["months"]):
        assert line["came"] == 1
        assert rows_of(line["rows"], ines) == 1
    assert speed(**{"from": "2026-02-01"})["sources"][0]["came"] == 2
    assert speed(to="9998-12-31")["sources"][0]["came"] == 2


def rows_of(address, by):
    """How many rows an address opens."""
    from urllib.parse import parse_qsl, urlsplit

    parts = urlsplit(address)
    assert parts.path == "/lead-clocks/"
    return look_at(registry["lead_clock"], by, dict(parse_qsl(parts.query))).matched.count()


def test_every_source_is_told_however_many_there_are(ines):
    first = LeadClock.objects.get(person__given_name="Rolf")
    with CaptureQueriesContext(connection) as few:
        speed_json(ines)
    LeadClock.objects.bulk_create(
        LeadClock(person_id=first.person_id, event=f"00000000-0000-4000-8000-{n:012d}", source=f"Fair {n}", started_at=first.started_at,
                  due_at=first.due_at, target_minutes=30)
        for n in range(60)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        told = speed_json(ines)
    assert len(told["sources"]) == 61 and told["late_count"] == 61
    assert len(many) == len(few)


def test_the_page_says_how_many_sources_it_leaves_to_the_list(client, ines):
    from tests.cast import user

    first = LeadClock.objects.get(person__given_name="Rolf")
    LeadClock.objects.bulk_create(
        LeadClock(person_id=first.person_id, event=f"00000000-0000-4000-8000-{n:012d}", source=f"Fair {n}", started_at=first.started_at,
                  due_at=first.due_at, target_minutes=30)
        for n in range(60)
    )  # fmt: skip
    client.force_login(user("ines"))
    assert "11 more sources stand in the list" in client.get("/speed-to-lead/").content.decode()


def test_nobody_out_of_reach_is_told_and_who_may_not_see_clocks_is_refused(ines):
    policy("member", "person", see="own")
    assert speed()["late"] == [] == speed()["sources"]
    policy("member", "lead_clock", see="none")
    assert Program("ines")("get", "reports/speed").status_code == 403
    assert "speed" not in {one["name"] for one in Program("ines")("get", "reports").data["data"]}


def test_the_terminal_prints_the_same(capsys, ines):
    told = printed(capsys)
    assert "1 wait longer than promised, 0 within their time." in told and "Elin Sørensen (Leak-risk checklist)" in told
    assert "40 min" in told and "2026-03" in told
    assert json.loads(printed(capsys, "--json", "--period", "2026-03"))["sources"] == speed(period="2026-03")["sources"]
