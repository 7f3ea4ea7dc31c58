"""Around the desk: effort of customers, files that go along, merged tickets and who is told, programs and the terminal."""

import datetime as dt
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from kith.cli import commands, parser
from kith.cli.ticket import run
from kith.kernel.access.actor import system
from kith.kernel.accounts import tokens
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.files.storage import store
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from kith.support import merging
from kith.support.answering import customer_said
from kith.support.similar import causes
from kith.support.tests.cast import level, marta, ticket
from kith.ui.pages.tests.helpers import HTMX, text_of
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
SENDS = {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}


@pytest.fixture
def ines(client):
    client.force_login(user("ines"))
    return actor("ines")


def test_the_effort_of_a_customer_is_counted_on_a_column_and_shown_on_their_pages(client, ines):
    person = marta(ines)
    row = ticket(ines, person)
    perform(ACTIONS["ticket.hand"], row, {"owner": str(user("jonas").pk)}, by=ines)
    perform(ACTIONS["ticket.mark_reasked"], row, {"what": "the phone of the porter"}, by=ines)
    perform(ACTIONS["ticket.solve"], row, {}, by=ines)
    customer_said(row, "It is back.", by=ines, channel="portal", person=person)
    perform(ACTIONS["ticket.solve"], row, {}, by=ines)
    ticket(ines, person)  # the same once more
    for record, one in ((registry["person"], person), (registry["company"], person.company)):
        found = compile_tree(record, parse("effort.over:2"), ines).apply(record.rows(ines))
        assert [r.pk for r in found] == [one.pk]
        panel = text_of(client.get(f"{record.url(one.pk)}/panel/tickets", headers=HTMX))
        assert "handed on 1, asked again 1, opened again 1" in panel and "#" in panel
    header = {"HTTP_AUTHORIZATION": "Bearer " + tokens.issue(user("ines"), "test")[1]}
    for path in (f"people/{person.pk}", f"companies/{person.company_id}"):
        told = client.get(f"/api/v1/{path}/effort", **header).json()["data"]
        counts = ("repeats", "transfers", "reasked", "reopened", "effort")
        assert [tuple(one[key] for key in counts) for one in told] == [(True, 0, 0, 0, 1), (False, 1, 1, 1, 3)]
        assert told[1]["id"] == row.pk


@override_settings(**SENDS)
def test_files_go_with_the_answer_and_stand_in_the_talk(client, ines, mailoutbox):
    row = ticket(ines, marta(ines))
    drawing = SimpleUploadedFile("drawing.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")
    assert client.post(f"/tickets/{row.pk}/talk", {"body": "Here it is.", "files": drawing}).status_code == 303
    run_waiting_jobs(names=["activities.send_mail"])
    assert [a[0] for a in mailoutbox[0].attachments] == ["drawing.pdf"]
    assert "drawing.pdf" in text_of(client.get(f"/tickets/{row.pk}/talk"))


def test_whoever_asked_a_ticket_that_was_merged_is_told_once_unless_it_is_taken_back(ines):
    first = ticket(ines, marta(ines))
    values = {"given_name": "Jakub", "emails": [{"value": "jakub@bellevue.example", "label": ""}]}
    second = ticket(ines, create(registry["person"], values, by=ines), subject="No alerts")
    _kept, operation = merge(registry["ticket"], first, [second], by=actor("astrid"))
    undo(operation, by=actor("astrid"))
    assert merging.tell_merged(first.pk) == 0
    merge(registry["ticket"], first, [second], by=actor("astrid"))
    assert [merging.tell_merged(first.pk), merging.tell_merged(first.pk)] == [1, 0]
    assert first.entries.latest("pk").message.to == ["jakub@bellevue.example"]


def test_programs_open_answer_and_read_tickets(client, ines):
    level()
    person = marta(ines)
    header = {"HTTP_AUTHORIZATION": "Bearer " + tokens.issue(user("ines"), "test")[1]}

    def call(path, values):
        response = client.post(f"/api/v1/tickets{path}", json.dumps(values), content_type="application/json", **header)
        assert response.status_code in (200, 201), response.content
        return response.json()

    pk = call("", {"subject": "Sensor 14 is offline", "request": "Since Sunday.", "person": person.pk})["id"]
    call(f"/{pk}/actions/they_said", {"body": "It blinks twice."})
    call(f"/{pk}/actions/answer", {"body": "Its battery is empty.", "then": "solve"})
    told = {part: client.get(f"/api/v1/tickets/{pk}/{part}", **header).json()["data"] for part in ("entries", "clocks")}
    said = [(one["side"], one["channel"], one["name"]) for one in told["entries"]]
    assert said[:2] == [("them", "api", "Marta Kowalczyk")] * 2 and said[2][0] == "us"
    assert {one["kind"]: one["state"] for one in told["clocks"]} == {"first": "met", "resolution": "met"}
    assert registry["ticket"].model._default_manager.get(pk=pk).channel == "api"


def test_the_terminal_lists_shows_and_opens(capsys, ines, monkeypatch):
    level()
    row = ticket(ines, marta(ines))

    def kith(*words):
        code = run(parser(commands()).parse_args(["ticket", *words]))
        return code, capsys.readouterr().out

    assert f"#{row.pk}" in kith("list")[1] and "Marta Kowalczyk" in kith("list")[1]
    assert "first answer within 4 business hours: runs" in kith("show", str(row.pk))[1]
    monkeypatch.setattr("sys.stdin", io.StringIO("Since Sunday."))
    code, said = kith("open", "Sensor 14 is offline", "--person", "marta@bellevue.example", "--priority", "urgent")
    made = registry["ticket"].model._default_manager.get(pk=int(said))
    assert (code, made.priority, made.person.name, made.entries.get().text) == (
        0,
        "urgent",
        "Marta Kowalczyk",
        "Since Sunday.",
    )
    assert json.loads(kith("show", said.strip(), "--json")[1])["clocks"][0]["state"] == "running"
    assert kith("list", "--late") == (0, "Nothing to do.\n")


def test_colleagues_who_may_only_read_see_the_desk_and_no_box(client):
    row = ticket(actor("ines"), marta(actor("ines")))
    client.force_login(user("rolf"))
    page = client.get(f"/tickets/{row.pk}/talk")
    assert page.status_code == 200 and "ticket-composer" not in page.content.decode().replace("css/desk.css", "")
    assert client.post(f"/tickets/{row.pk}/talk", {"body": "x"}).status_code in (403, 404)


def test_a_program_sends_files_of_the_ticket_with_its_answer_and_no_others(ines):
    row, other = ticket(ines, marta(ines)), ticket(ines, subject="The invoice")
    kept, foreign = (
        store(SimpleUploadedFile("drawing.pdf", b"%PDF-1.4\n%%EOF\n"), record_type="ticket", record_id=one.pk, by=ines)
        for one in (row, other)
    )
    act = ACTIONS["ticket.answer"]
    with pytest.raises(Invalid, match=f"has no file {foreign.pk}"):
        perform(act, row, {"body": "Here it is.", "files": [kept.pk, foreign.pk]}, by=ines, json=True)
    with pytest.raises(NeedsInput, match="not the number of a file"):
        perform(act, row, {"body": "Here it is.", "files": ["drawing"]}, by=ines, json=True)
    perform(act, row, {"body": "Here it is.", "files": [kept.pk]}, by=ines, json=True)
    assert [one.file for one in row.entries.get(side="us").files.all()] == [kept]


def test_what_comes_again_says_what_its_customers_bring_a_year(client, ines):
    person = marta(ines)
    for subject in ("Alerts", "Alerts again"):
        row = ticket(ines, person, subject=subject)
        perform(ACTIONS["ticket.solve"], row, {"cause": "An old app"}, by=ines)
    perform(ACTIONS["ticket.solve"], ticket(ines, subject="Of nobody"), {"cause": "A dead battery"}, by=ines)
    order = {
        "company": person.company,
        "total": 1200,
        "yearly": 1200,
        "currency": "EUR",
        "placed_on": dt.date(2026, 3, 1),
    }
    create(registry["order"], {"name": "Care plan", **order}, by=system("cli"))
    create(registry["order"], {"name": "Till spring", **order, "ended_on": dt.date(2026, 4, 1)}, by=system("cli"))
    found = {one["cause"]: one["yearly"] for one in causes(ines)}
    assert found == {"An old app": {"EUR": 1200}, "A dead battery": {}}
    assert "1,200" in text_of(client.get("/agents/fairness/"))
