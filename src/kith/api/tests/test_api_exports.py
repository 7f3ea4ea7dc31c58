"""Rows as a file for programs."""

import datetime as dt
import json

import pytest
from django.test import Client

from kith.api.tests.programs import Program
from kith.kernel.records.registry import registry
from tests.cast import policy, user

pytestmark = pytest.mark.django_db
people = registry["person"]


def export(program, query):
    answer = Client().get(f"/api/v1/people/export?{query}", **program.header)
    return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_rows_leave_as_a_file_of_the_rows_and_columns_asked_for(ines, five):
    _answer, lines = export(ines, "format=jsonl&filter=name.starts:T&columns=given_name,tags")
    (row,) = [json.loads(line) for line in lines.splitlines()]
    assert (row["given_name"], row["tags"]) == ("Tom", ["north"]) and "job_title" not in row
    answer, table = export(ines, "format=csv&sort=-name&columns=given_name")
    assert answer["Content-Disposition"] == 'attachment; filename="people.csv"'
    assert [line.split(",")[1] for line in table.decode("utf-8-sig").splitlines()[1:]] == [
        "Yusuf",
        "Tom",
        "Marta",
        "Elin",
        "Ana",
    ]
    key = ines("post", "people/views", {"name": "A", "filter": "name.starts:A"}).data["id"]
    assert export(ines, f"format=jsonl&view={key}")[1].count(b"\n") == 1
    assert export(ines, "format=xlsx")[1].startswith(b"PK")


@pytest.mark.parametrize("query", ["format=pdf", "columns=nope", "filter=gone.is:1", "filter=((", "sort=emails"])
def test_an_export_that_cannot_be_is_refused_before_it_begins(ines, query):
    answer, content = export(ines, query)
    assert answer.status_code == 422 and json.loads(content)["detail"]


def test_what_leaves_is_what_one_may_see_and_leaves_a_trace(ines, five):
    from kith.kernel.timeline.models import Event

    policy("member", "person", see="own", edit="own")
    assert export(Program("jonas"), "format=jsonl")[1] == b""
    assert Event.objects.filter(verb__endswith="exported", actor_id=user("jonas").pk, channel="api").count() == 1
    policy("member", "person", rights=["create"])
    assert export(Program("jonas"), "format=jsonl")[0].status_code == 403


def test_moments_in_a_workbook_are_in_the_time_zone_of_whoever_asks(ines, five):
    import io

    from openpyxl import load_workbook

    colleague, made = user("ines"), people.model.objects.get(pk=five[0]).created_at
    colleague.time_zone = "Asia/Tokyo"
    colleague.save()
    _answer, content = export(ines, "format=xlsx&filter=name.is:Marta&columns=created_at")
    (_head, (_pk, shown)) = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    assert abs((made + dt.timedelta(hours=9)).replace(tzinfo=None) - shown) < dt.timedelta(seconds=2)
