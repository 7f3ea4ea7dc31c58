"""Everything is done from the page, with a script and without one."""

import datetime as dt
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kith.activities.models import Activity
from kith.api.tests.programs import Program
from kith.cli import commands, parser
from kith.contacts.models import Person
from kith.deals.tests.cast import deal
from kith.today.tests.cast import company, person, section, task, touched, words
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(ines):
    client = Client()
    client.force_login(user("ines"))
    return client


def test_a_tick_asks_what_comes_next_and_the_row_stays_struck_for_four_seconds(ines, client, page, morning):
    anders = person(ines, "Anders Holm")
    row = task(ines, "Call back", "2026-03-11T16:00", person=anders)
    assert f'hx-get="/activities/{row.pk}/do/finish"' in page()
    asked = client.get(f"/activities/{row.pk}/do/finish", headers=HTMX).content.decode()
    assert "And next" in words(asked)
    done = client.post(
        f"/activities/{row.pk}/do/finish",
        {"next_subject": "Send the offer", "next_due": "2026-03-13T10:00"},
        headers=HTMX,
    )
    told = json.loads(done["HX-Trigger"])
    assert told["kith:toast"]["undo"] and "activity" in told["record-changed"]["types"]
    assert (Person.objects.get(pk=anders.pk).next_step, done.status_code) == ("Send the offer", 204)
    part = page(part=True, path="/today")
    assert "data-done" in part and "Call back" in section(part, "late") and "load delay:4s" in part
    assert "Late 0" in section(part, "late") and section(part, "done") == ""
    morning.shift(dt.timedelta(seconds=5))
    part = page(part=True, path="/today")
    assert "data-done" not in part and "Done today 1 Anders Holm 08:56 Call back" in section(part, "done")


def test_without_a_script_a_tick_leads_to_the_question_and_back(ines, client):
    row = task(ines, "Call back", "2026-03-11T16:00", person=person(ines, "Anders Holm"))
    asked = client.get(f"/activities/{row.pk}/do/finish?next=/?of=team").content.decode()
    assert 'name="next" value="/?of=team"' in asked
    assert client.post(f"/activities/{row.pk}/do/finish", {"next": "/?of=team"})["Location"] == "/?of=team"
    assert client.get("/today?of=team")["Location"] == "/?of=team"


def test_later_offers_tomorrow_monday_and_in_a_week_at_the_same_hour(ines, client):
    row = task(ines, "Call back", "2026-03-11T16:00", person=person(ines, "Anders Holm"))
    asked = client.get(f"/activities/{row.pk}/do/postpone", headers=HTMX).content.decode()
    offers = [("2026-03-13T16:00", "Tomorrow"), ("2026-03-16T16:00", "Monday"), ("2026-03-19T16:00", "In a week")]
    assert all(f'name="due" value="{at}"' in asked and label in words(asked) for at, label in offers)
    assert (
        client.post(f"/activities/{row.pk}/do/postpone", {"due": ["", "2026-03-16T16:00"]}, headers=HTMX).status_code
        == 204
    )
    assert Activity.objects.get(pk=row.pk).due_at == dt.datetime(2026, 3, 16, 16, tzinfo=dt.UTC)


def test_on_a_sunday_tomorrow_and_monday_are_one_offer(ines, client, morning):
    morning.move_to("2026-03-15 10:00")
    row = task(ines, "Call back", "2026-03-11T16:00", person=person(ines, "Anders Holm"))
    asked = words(client.get(f"/activities/{row.pk}/do/postpone", headers=HTMX).content.decode())
    assert "Tomorrow" in asked and "In a week" in asked and "Monday" not in asked


def test_a_call_is_logged_with_the_next_step_over_the_page(ines, client):
    anders = person(ines, "Anders Holm")
    asked = words(client.get(f"/people/{anders.pk}/say/call", headers=HTMX).content.decode())
    assert "Log call" in asked and "Anders Holm" in asked and "What was said" in asked and "Next step" in asked
    nothing = client.post(f"/people/{anders.pk}/say/call", {"body": ""}, headers=HTMX)
    assert (nothing.status_code, "Write something first" in nothing.text) == (422, True)
    sent = {"body": "Wants three buildings.", "next_subject": "Send the price", "next_due": "2026-03-13T10:00"}
    said = client.post(f"/people/{anders.pk}/say/call", sent, headers=HTMX)
    assert (said.status_code, json.loads(said["HX-Trigger"])["kith:toast"]["message"]) == (204, "Call logged.")
    kept = Person.objects.get(pk=anders.pk)
    assert kept.next_step == "Send the price" and kept.last_touch_at is not None


def test_a_date_is_set_over_the_page_and_without_a_script_on_one_of_its_own(ines, client):
    merkur = company(ines, "Hotel Merkur")
    asked = client.get(f"/companies/{merkur.pk}/say/task?next=/").content.decode()
    assert "Set next step" in words(asked) and 'name="next" value="/"' in asked
    dateless = client.post(f"/companies/{merkur.pk}/say/task", {"subject": "Quarterly review"}, headers=HTMX)
    assert (dateless.status_code, "This is needed." in dateless.content.decode()) == (422, True)
    sent = {"subject": "Quarterly review", "due": "2026-03-20T10:00", "next": "/"}
    assert client.post(f"/companies/{merkur.pk}/say/task", sent)["Location"] == "/"
    assert type(merkur).objects.get(pk=merkur.pk).next_step == "Quarterly review"
    assert (
        client.post(f"/companies/{merkur.pk}/say/task", {**sent, "next": "https://evil.example/"})["Location"]
        == f"/companies/{merkur.pk}"
    )


def test_what_cannot_be_written_about_a_row_is_not_found(ines, client):
    assert client.get(f"/people/{person(ines, 'Ana Horvat').pk}/say/poem", headers=HTMX).status_code == 404


def busy(ines, n):
    for i in range(n):
        anders = person(ines, f"Anders Holm{i}", birthday=dt.date(1980, 3, 13))
        firm = company(ines, f"Firm {i}")
        sale = deal(ines, f"Sale {i}", company=firm, contact=anders, owner=user("ines"))
        type(sale).objects.filter(pk=sale.pk).update(stage_since=dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
        for day in ("11", "12"):
            task(ines, "Call", f"2026-03-{day}T16:00", person=anders, deal=sale, kind="call", body="Hm.")
        touched(firm, 90)


@pytest.mark.parametrize("path", ["/", "/?of=team"])
def test_the_page_asks_at_most_seventeen_times_however_many_rows_there_are(ines, client, path):
    counts = []
    for more in (2, 9):
        busy(ines, more)
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 17, [q["sql"][:120] for q in asked.captured_queries]


def test_programs_get_the_same_day(ines):
    actor("priya")  # somebody else in the team
    program = Program("ines")
    row = task(ines, "Call back", "2026-03-11T16:00", person=person(ines, "Anders Holm"))
    day = program("get", "today").json()
    assert (day["of"], day["date"], [(s["key"], s["count"]) for s in day["sections"]][0]) == (
        "me",
        "2026-03-12",
        ("late", 1),
    )
    first = day["sections"][0]["rows"][0]
    assert (first["type"], first["id"], first["name"], first["what"]) == (
        "activity",
        row.pk,
        "Anders Holm",
        "Call back",
    )
    assert first["about"] == {"type": "person", "id": row.person_id}
    assert program("get", "today?of=team").json()["of"] == "team"
    refused = program("get", "today?of=everybody")
    assert (refused.status_code, "me or team" in refused.content.decode()) == (422, True)


def test_a_day_is_printed_for_a_terminal(ines, capsys):
    task(ines, "Call back", "2026-03-11T16:00", person=person(ines, "Anders Holm"))
    args = parser(commands()).parse_args(["today", "ines@tidewell.example"])
    assert args.module.run(args) == 0
    said = capsys.readouterr().out
    assert said.startswith("One person expects something from you today; one has waited too long.")
    assert "Late 1\n  Anders Holm · Call back · Task · 16 h late" in said
    args.json = True
    assert args.module.run(args) == 0
    assert json.loads(capsys.readouterr().out)["sections"][0]["key"] == "late"
