"""The calendar face: rows on their days, the rest of a full day behind a link, and months that do not exist."""

import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
activities = registry["activity"]


@pytest.fixture
def ines(client):
    client.force_login(user("ines"))
    with time_machine.travel("2026-03-12 09:00", tick=False):
        yield actor("ines")


def add(by, subject, due, **raw):
    raw = {"subject": subject, "due_at": due, "kind": "meeting", **raw}
    return actions.create(activities, actions.parse_values(activities, raw, by=by), by=by)


def day(response, date):
    body = response.content.decode()
    found = re.search(rf'<td id="day-{date}".*?</td>', body, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])) if found else None


def test_rows_stand_on_their_days_with_their_times(client, ines):
    add(ines, "Front-desk training", "2026-03-17T09:30")
    response = client.get("/activities/?face=calendar")
    assert response.status_code == 200
    assert "09:30 Front-desk training" in day(response, "2026-03-17")
    assert "March 2026" in response.content.decode()
    assert "aria-current" in re.search(r'<td id="day-2026-03-12"[^>]*>', response.content.decode())[0]


def test_a_full_day_shows_a_few_and_leads_to_the_list_of_that_day(client, ines):
    for hour in range(9, 16):
        add(ines, f"Call {hour}", f"2026-03-17T{hour:02}:00")
    response = client.get("/activities/?face=calendar")
    assert "4 more" in day(response, "2026-03-17")
    href = re.search(r'<li class="more"><a href="([^"]+)"', response.content.decode())[1].replace("&amp;", "&")
    listed = client.get("/activities/" + href).content.decode()
    assert "Call 15" in listed
    assert "<table" in listed


def test_a_month_costs_few_queries_however_much_is_in_it(client, ines):
    for n in range(40):
        add(ines, f"Call {n}", f"2026-03-{n % 28 + 1:02}T10:00")
    client.get("/activities/?face=calendar")
    with CaptureQueriesContext(connection) as captured:
        client.get("/activities/?face=calendar&month=2026-03")
    assert len(captured) <= 12


@pytest.mark.parametrize("month", ["2026-13", "yesterday", "0001-01", "9999-12", "2026-3", "%00", "2026-03-04"])
def test_a_month_that_does_not_exist_is_this_month_with_a_sentence(client, ines, month):
    response = client.get(f"/activities/?face=calendar&month={month}")
    assert response.status_code == 200
    assert 'class="list-problem"' in response.content.decode()


@pytest.mark.parametrize("month", ["1900-01", "2024-02", "9000-01"])
def test_any_other_month_can_be_looked_at(client, ines, month):
    response = client.get(f"/activities/?face=calendar&month={month}")
    assert response.status_code == 200
    assert f'id="day-{month}-01"' in response.content.decode()


def test_filter_and_scope_hold_in_the_calendar_too(client, ines):
    add(ines, "Secret lunch", "2026-03-17T09:30")
    add(ines, "A task", "2026-03-17T10:30", kind="task")
    assert "A task" not in day(client.get("/activities/?face=calendar&filter=kind.is:meeting"), "2026-03-17")
    policy("member", "activity", see="own", edit="own")
    client.force_login(user("jonas"))
    assert "Secret lunch" not in client.get("/activities/?face=calendar").content.decode()
