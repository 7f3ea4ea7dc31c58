"""Exports: what leaves is what the list shows, to whom it may be shown, with a trace, in constant memory."""

import csv
import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.kernel.lookups import exporting
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.types import type_of
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
people, companies, deals = registry["person"], registry["company"], registry["deal"]


def add(by, record=people, **raw):
    return actions.create(record, actions.parse_values(record, raw, by=by), by=by)


@pytest.fixture
def ines(client):
    client.force_login(user("ines"))
    return actor("ines")


def send(client, slug="people", **form):
    response = client.post(f"/{slug}/export", {"format": "csv", "columns": "shown", **form})
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def table(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_list_leaves_as_it_is_shown_in_its_order_with_its_columns(client, ines):
    for name, title in (("Zoë", "Director"), ("Ana", "Director"), ("Bea", "Head")):
        add(ines, given_name=name, job_title=title)
    rows = table(send(client, state="filter=job_title.is:Director&sort=name&cols=job_title,owner"))
    assert [r[1:] for r in rows] == [
        ["Name", "Job title", "Owner"],
        ["Ana", "Director", "Ines Okafor"],
        ["Zoë", "Director", "Ines Okafor"],
    ]


def test_words_limit_an_export_without_the_cap_of_searching(client, ines, monkeypatch):
    monkeypatch.setattr("kith.kernel.lookups.finding.matching.__defaults__", (2,))
    for n in range(5):
        add(ines, given_name=f"Marta {n}")
    add(ines, given_name="Yusuf")
    assert len(table(send(client, state="q=marta"))) == 1 + 5


def test_picked_rows_alone_leave(client, ines):
    marta, _yusuf = add(ines, given_name="Marta"), add(ines, given_name="Yusuf")
    assert [r[1] for r in table(send(client, pick=[marta.pk]))] == ["Name", "Marta"]


def test_formulas_are_neutralised_and_telephone_numbers_are_not(client, ines):
    add(ines, given_name='=HYPERLINK("http://x")', job_title="@SUM(A1)", phones="+48 58 555 01 42")
    row = table(send(client, state="cols=job_title,phones"))[1]
    assert row[1].startswith("'=")
    assert row[2] == "'@SUM(A1)"
    assert row[3] == "+48585550142"


def test_an_amount_never_leaves_without_its_currency(client, ines):
    from kith.deals.actions import install_defaults
    from kith.kernel.access.actor import system

    install_defaults(by=system("cli"))
    add(ines, deals, name="Sensors", amount="12400.50", currency="PLN")
    head, row = table(send(client, "deals", state="cols=amount&view=all"))
    assert row[head.index("Amount")] == "12400.50"
    assert row[head.index("Currency")] == "PLN"


def test_who_exported_what_is_an_event(client, ines):
    add(ines, given_name="Marta", job_title="Director")
    send(client, state="filter=job_title.is:Director&cols=job_title")
    event = Event.objects.get(verb="person.exported")
    assert (event.actor_id, event.payload["count"], event.payload["filter"]) == (
        ines.user_id,
        1,
        "job_title.is:Director",
    )
    assert type_of(event.verb).say(event.payload) == "exported 1 rows as csv"
    assert not Operation.objects.filter(kind__contains="export").exists()


def test_who_may_not_export_gets_nothing_and_leaves_no_trace(client, ines):
    add(ines, given_name="Marta")
    client.force_login(user("rolf"))
    for call in (client.get, client.post):
        assert call("/people/export", {"format": "csv"}).status_code == 403
    assert 'href="/people/export' not in client.get("/people/").content.decode()
    assert not Event.objects.filter(verb="person.exported").exists()


def test_hidden_columns_and_names_of_unseen_rows_stay_inside(client, ines):
    house = add(ines, companies, name="Secret House", industry="Spies")
    add(actor("jonas"), given_name="Marta", job_title="Director", company=house.pk)
    policy("member", "company", see="own", edit="own")
    policy("member", "person", hidden=["job_title"])
    client.force_login(user("jonas"))
    for format in ("csv", "jsonl"):
        content = send(client, format=format, columns="all").decode()
        assert "Marta" in content
        assert "Secret House" not in content
        assert "Spies" not in content
        assert "Director" not in content


def test_a_filter_that_means_nothing_is_not_exported(client, ines):
    add(ines, given_name="Marta")
    for state in ("filter=shoe.is:4", "filter=(("):
        response = client.post("/people/export", {"format": "csv", "state": state})
        assert response.status_code == 422
        assert "nothing was exported" in response.content.decode()


@pytest.mark.parametrize(
    "form", [{"format": "exe"}, {"format": ""}, {"format": "csv", "pick": ["x"]}, {"format": "csv", "state": "%00=&&&"}]
)
def test_nonsense_is_refused_in_words(client, ines, form):
    assert client.post("/people/export", form).status_code in (200, 422)


def test_json_lines_keep_types_and_links(client, ines):
    house = add(ines, companies, name="Bellevue")
    add(ines, given_name="Marta", company=house.pk, tags="vip")
    record = json.loads(send(client, format="jsonl", columns="all"))
    assert record["company"] == {"id": house.pk, "name": "Bellevue"}
    assert record["tags"] == ["vip"]
    assert record["owner"]["name"] == "Ines Okafor"


def test_rows_are_fetched_a_chunk_at_a_time_and_cost_no_query_each(client, ines, monkeypatch):
    monkeypatch.setattr(exporting, "CHUNK", 10)
    house = add(ines, companies, name="Bellevue")
    people.model._default_manager.bulk_create(
        people.model(given_name=f"P{n}", name=f"P{n}", owner_id=ines.user_id, company=house) for n in range(95)
    )
    send(client)
    with CaptureQueriesContext(connection) as captured:
        assert len(table(send(client))) == 96
    assert len(captured) < 20


def test_the_command_line_writes_the_same(ines, tmp_path, capfdbinary):
    import argparse

    from kith.cli import export

    add(ines, given_name="Marta", job_title="Director")
    parser = argparse.ArgumentParser()
    export.arguments(parser)
    target = tmp_path / "people.jsonl"
    assert (
        export.run(
            parser.parse_args(
                ["people", "--format", "jsonl", "--output", str(target), "--filter", "job_title.is:Director"]
            )
        )
        == 0
    )
    assert json.loads(target.read_text())["name"] == "Marta"
    assert not target.with_suffix(".jsonl.part").exists()
    assert export.run(parser.parse_args(["person", "--columns", "shown"])) == 0
    assert b"Marta" in capfdbinary.readouterr().out


def test_the_command_line_names_what_there_is_when_asked_for_something_else(ines):
    import argparse

    from kith.cli import export
    from kith.kernel.errors import Invalid, NotFound

    parser = argparse.ArgumentParser()
    export.arguments(parser)
    with pytest.raises(NotFound, match="people"):
        export.run(parser.parse_args(["unicorns"]))
    with pytest.raises(NotFound, match="All people"):
        export.run(parser.parse_args(["people", "--view", "Nonsense"]))
    with pytest.raises(Invalid):
        export.run(parser.parse_args(["people", "--filter", "shoe.is:4"]))
