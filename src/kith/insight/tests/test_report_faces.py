"""A report on its faces: page, API, command line and file say the same; who may see what; what a wrong address gets."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from kith.contacts.models import Company
from kith.deals.actions import move_to_stage
from kith.deals.tests.cast import deal, stage
from kith.insight.reports import as_json, make, read_ask
from kith.insight.tests.asking import behind, closed, report, table, values
from kith.kernel.accounts import tokens
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.ui.pages.tests.helpers import text_of
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


@pytest.fixture
def sign_in(client):
    def do(who):
        client.force_login(user(who))
        actor(who)
        return client

    return do


def program(who, path):
    header = {"HTTP_AUTHORIZATION": "Bearer " + tokens.issue(user(who), "figures")[1]}
    return Client().get(f"/api/v1/reports/{path}", **header)


def some_deals():
    closed("Hers, won", "won", "2025-03-01", 100, opened="2025-02-01")
    closed("Hers, lost", "lost", "2025-03-02", 50, opened="2025-02-01")
    closed("His, won", "won", "2025-03-03", 7000, opened="2025-02-20", owner="jonas")


# --- nothing there --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["deals", "activity"])
@pytest.mark.parametrize("period", ["", "all", "2025", "this_month"])
def test_an_empty_database_gives_an_empty_page_and_no_error(sign_in, name, period):
    page = sign_in("astrid").get(f"/reports/{name}/?period={period}")
    assert page.status_code == 200
    said = text_of(page)
    assert ("Figures come by themselves" in said) == (period in ("", "all")) and "nan" not in said.casefold()
    data = program("astrid", f"{name}?period={period}").json()
    assert all(f["count"] == 0 and f["value"] in (0, None, "0.00") for f in data["figures"].values())


def test_a_page_nobody_chose_a_period_for_shows_all_time_where_nothing_ended_lately(sign_in):
    some_deals()
    said = text_of(sign_in("astrid").get("/reports/deals/"))
    assert "yet, so this is all time." in said and "€7,100" in said


def test_a_filter_that_nothing_meets_says_so_and_offers_to_clear_it(sign_in):
    some_deals()
    page = sign_in("astrid").get("/reports/deals/?period=2025&filter=amount.over:9999999")
    assert page.status_code == 200
    assert "Nothing matches this filter here" in text_of(page)


# --- who sees what --------------------------------------------------------------------------------------------------


def test_who_sees_own_deals_gets_figures_of_own_deals_on_every_face(sign_in):
    some_deals()
    policy("member", "deal", see="own", edit="own")
    mine = report("ines", period="2025", by="owner,month")
    assert values(mine, "won", "lost", "won_value") == (1, 1, 100)
    assert table(mine, "owner", "won") == {"Ines Okafor": (1,)}
    assert behind(mine.figures["won"], "ines") == ["Hers, won"]
    assert program("ines", "deals?period=2025").json()["figures"]["won_value"]["value"] == "100.00"
    body = text_of(sign_in("ines").get("/reports/deals/?period=2025"))
    assert "€100" in body and "7,000" not in body and "Jonas" not in body
    assert values(report(period="2025"), "won", "won_value") == (2, 7100)


def test_a_hidden_amount_gives_no_figure_made_of_it_anywhere(sign_in):
    some_deals()
    policy("member", "deal", see="all", edit="own", hidden=["amount"])
    out = report("ines", period="2025", by="owner")
    assert "won_value" not in out.figures and "won_value" not in json.dumps(as_json(out))
    assert values(out, "won", "cycle_median") == (2, 19.5)
    body = text_of(sign_in("ines").get("/reports/deals/?period=2025"))
    assert "Won value" not in body and "7,000" not in body
    assert program("ines", "deals?sort=-won_value").status_code == 422


def test_a_hidden_dimension_cannot_be_compared_by():
    some_deals()
    policy("member", "deal", see="all", edit="own", hidden=["source", "product"])
    assert not {"source", "product"} & set(report("ines", period="2025").tables)
    refused = program("ines", "deals?by=product")
    assert refused.status_code == 422 and "cannot compare by “product”" in refused.json()["detail"]


def test_without_the_days_of_deals_the_report_says_what_it_needs(sign_in):
    some_deals()
    policy("member", "deal", see="all", edit="own", hidden=["closed_on"])
    refused = program("ines", "deals")
    assert refused.status_code == 403 and "Closed" in refused.json()["detail"]
    assert sign_in("ines").get("/reports/deals/").status_code == 403


def test_a_company_out_of_reach_has_no_name_and_stands_with_the_others_out_of_reach():
    ines, astrid = actor("ines"), actor("astrid")
    companies = registry["company"]
    hers = actions.create(companies, {"name": "Bellevue Hotels", "industry": "Hotels"}, by=ines)
    his = actions.create(companies, {"name": "Secret Holdings", "industry": "Arms", "owner": user("jonas")}, by=astrid)
    closed("One", "won", "2025-03-01", 1, company=hers)
    closed("Two", "won", "2025-03-01", 2, company=his)
    policy("member", "company", see="own", edit="own")
    out = report("ines", period="2025", by="account,sector")
    assert table(out, "account", "won") == {"Bellevue Hotels": (1,), "Not yours to see": (1,)}
    assert table(out, "sector", "won") == {"Hotels": (1,), "Not yours to see": (1,)}
    assert not {"Secret", "Arms"} & set(re.findall(r"\w+", json.dumps(as_json(out))))


def test_rows_without_a_team_count_for_the_first_team_of_whoever_looks_after_them():
    some_deals()
    astrid = actor("astrid", "import")
    closed("Hers for the north", "won", "2025-03-05", 1, team=user("jonas").teams.get())
    closed("Of somebody without a team", "won", "2025-03-05", 1, owner="astrid")
    out = report(period="2025", by="team", sort="name")
    assert [(r.label, r.figures["won"].value) for r in out.tables["team"].rows] == [
        ("North", 2),
        ("South", 1),
        ("No team", 1),
    ]
    assert [behind(r.figures["won"]) for r in out.tables["team"].rows] == [
        ["Hers for the north", "His, won"],
        ["Hers, won"],
        ["Of somebody without a team"],
    ]
    assert astrid.user_id


def test_archived_deals_count_nowhere_and_come_back_with_a_restore():
    some_deals()
    deals = registry["deal"]
    row = deals.model.objects.get(name="His, won")
    actions.archive(deals, row, by=actor("astrid"))
    assert values(report(period="2025"), "won", "won_value") == (1, 100)
    actions.restore(deals, deals.model.objects.get(pk=row.pk), by=actor("astrid"))
    assert values(report(period="2025"), "won", "won_value") == (2, 7100)


# --- wrong addresses ------------------------------------------------------------------------------------------------


def test_without_a_token_the_api_tells_nothing():
    some_deals()
    for path in ("", "/deals", "/activity"):
        refused = Client().get(f"/api/v1/reports{path}")
        assert (refused.status_code, refused["Content-Type"]) == (401, "application/problem+json")
        assert b"7000" not in refused.content


WRONG = {
    "period=soon": "“soon” is not a period",
    "from=2026-02-30": "is not a date",
    "from=2026-02-01&to=2026-01-01": "before it begins",
    "by=weather": "cannot compare by “weather”",
    "by=owner,weather": "cannot compare by “weather”",
    "sort=beauty": "cannot be sorted by “beauty”",
    "limit=0": "limit is a whole number from 1 to 1000",
    "limit=many": "limit is a whole number",
    "limit=99999999999999999999": "limit is a whole number",
    "offset=-1": "offset is a whole number",
    "filter=weather.is:wet": "There is no field “weather”",
    "filter=amount.over:lots": "",
    "filter=((((": "",
    "period=%00": "is not a period",
    "from=%ED%A0%80": "is not a date",
}


@pytest.mark.parametrize("query", WRONG)
def test_a_wrong_parameter_is_a_problem_in_words_and_never_an_error_of_ours(sign_in, query):
    some_deals()
    refused = program("astrid", f"deals?{query}")
    assert (refused.status_code, refused["Content-Type"]) == (422, "application/problem+json")
    assert WRONG[query] in refused.json()["detail"]
    page = sign_in("astrid").get(f"/reports/deals/?{query}")
    assert page.status_code == 200
    said = text_of(page)
    assert WRONG[query] in said or "lost" in said.casefold()


def test_a_report_that_does_not_exist_is_named_with_those_that_do(sign_in):
    refused = program("astrid", "weather")
    assert refused.status_code == 404
    assert refused.json()["detail"] == "There is no report “weather”; there are deals, activity."
    assert sign_in("astrid").get("/reports/weather/").status_code == 404


@pytest.mark.parametrize("dimension", ["owner", "team", "product", "account", "sector", "source", "pipeline", "month", "quarter"])  # fmt: skip
def test_every_head_of_every_table_sorts_it_both_ways(sign_in, dimension):
    some_deals()
    client = sign_in("astrid")
    every = report(period="2025").figures if dimension in ("owner", "month") else ("won_value",)
    for key in ("name", *every):
        for sort in (key, f"-{key}"):
            assert client.get(f"/reports/deals/?period=2025&by={dimension}&sort={sort}", headers={"HX-Request": "true"}).status_code == 200  # fmt: skip


# --- the file -------------------------------------------------------------------------------------------------------


def exported(client, format, query="period=2025&by=owner", name="deals"):
    answer = client.post(f"/reports/{name}/export?{query}", {"format": format})
    assert answer.status_code == 200, answer.content[:300]
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_the_exported_file_holds_the_figures_of_the_page(sign_in):
    some_deals()
    client, out = sign_in("astrid"), report(period="2025", by="owner")
    heads, *rows = list(csv.reader(io.StringIO(exported(client, "csv").decode("utf-8-sig"))))
    found = {row[0]: dict(zip(heads, row, strict=True)) for row in rows}
    assert list(found) == [r.label for r in out.tables["owner"].rows]
    for row in out.tables["owner"].rows:
        told = found[row.label]
        assert (int(told["Won"]), int(told["Lost"])) == (row.figures["won"].value, row.figures["lost"].value)
        assert float(told["Win rate"]) == row.figures["win_rate"].value
        assert float(told["Won value"]) == float(row.figures["won_value"].value) and told["Currency"] == "EUR"
        assert float(told["Median days to win"]) == row.figures["cycle_median"].value
    sheet = load_workbook(io.BytesIO(exported(client, "xlsx"))).active
    assert [cell.value for cell in sheet[1]] == heads
    assert {row[0].value: row[heads.index("Won")].value for row in sheet.iter_rows(min_row=2)} == {"Ines Okafor": 1, "Jonas Lindqvist": 1}  # fmt: skip
    data = json.loads(exported(client, "json"))
    shown = as_json(make("deals", actor("astrid"), read_ask({"period": "2025", "by": "owner"})))
    assert data["tables"] == shown["tables"]
    assert Event.objects.filter(verb="deal.exported").count() == 3


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1+2", "-1+2", "@sum", "\t=1"])
def test_a_name_that_is_a_formula_is_harmless_in_the_file(sign_in, name):
    house = actions.create(registry["company"], {"name": "House"}, by=actor("astrid"))
    Company.objects.filter(pk=house.pk).update(name=name)
    closed("One", "won", "2025-03-01", 1, company=Company.objects.get(pk=house.pk))
    body = exported(sign_in("astrid"), "csv", "period=2025&by=account").decode("utf-8-sig")
    _heads, row = list(csv.reader(io.StringIO(body)))
    assert row[0][0] == "'" and name.strip() in row[0]
    sheet = load_workbook(io.BytesIO(exported(sign_in("astrid"), "xlsx", "period=2025&by=account"))).active
    assert sheet["A2"].data_type == "s"


def test_a_script_in_a_name_is_text_on_the_page(sign_in):
    house = actions.create(registry["company"], {"name": "<script>alert(1)</script>"}, by=actor("astrid"))
    closed("One", "won", "2025-03-01", 1, company=house)
    body = sign_in("astrid").get("/reports/deals/?period=2025&by=account").content.decode()
    assert "<script>alert" not in body and "&lt;script&gt;alert" in body


def test_exporting_needs_the_right_and_a_known_format(sign_in):
    some_deals()
    assert sign_in("astrid").post("/reports/deals/export?period=2025", {"format": "pdf"}).status_code in (400, 422)
    assert sign_in("astrid").get("/reports/deals/export?period=2025").status_code == 405
    policy("member", "deal", see="all", edit="own", rights=[])
    assert sign_in("ines").post("/reports/deals/export?period=2025", {"format": "csv"}).status_code == 403
    assert not Event.objects.filter(verb="deal.exported").exists()


# --- definitions ----------------------------------------------------------------------------------------------------


def test_every_figure_on_every_face_carries_its_definition(sign_in):
    some_deals()
    data = program("astrid", "deals?period=2025").json()
    keys = set(data["figures"])
    for row in [
        *data["stages"]["rows"],
        *data["snapshot"]["rows"],
        *(r for t in data["tables"].values() for r in t["rows"]),
        *data["trend"],
    ]:
        keys |= set(row["figures"])
    assert keys == set(data["definitions"])
    assert all(len(d["definition"]) > 20 and d["formula"] and d["unit"] for d in data["definitions"].values())
    body = sign_in("astrid").get("/reports/deals/?period=2025").content.decode()
    for key in keys:
        assert f'id="what-{key}"' in body, key
    for target in re.findall(r'href="#(what-[a-z_]+)"', body):
        assert f'id="{target}"' in body


def test_the_page_fetches_who_stood_where_and_its_figures_open_as_many_deals(sign_in):
    with time_machine.travel("2025-02-03T09:00:00Z", tick=False):
        first, *_others = [deal(actor("ines"), name=f"Deal {n}", stage="Proposal") for n in range(3)]
    with time_machine.travel("2025-03-12T09:00:00Z", tick=False):
        move_to_stage(first, stage=stage("Negotiation"), by=actor("ines"))
    client = sign_in("astrid")
    body = client.get("/reports/deals/?period=2025-03").content.decode()
    assert "Cohort: deals opened" in body
    [where] = re.findall(r'hx-get="(/reports/deals/standing/[^"]+)"', body)
    part = client.get(html.unescape(where), headers={"HX-Request": "true"}).content.decode()
    assert "Snapshot: deals open as" in part and "<html" not in part
    found = re.findall(r'<a[^>]*href="(/deals/[^"]+)"[^>]*>(\d+)</a>', part)
    assert {words for _href, words in found} == {"3", "2", "1"}, "stood, still here, moved on"
    for href, words in found:
        assert len(behind(SimpleNamespace(rows=html.unescape(href)))) == int(words), href
    assert "/standing/" not in client.get("/reports/deals/?period=all").content.decode(), "all time has no beginning"


# --- what it costs --------------------------------------------------------------------------------------------------


def cost(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return [q["sql"][:140] for q in captured.captured_queries]


@pytest.mark.parametrize("address", ["/reports/deals/?period=2025", "/reports/deals/?period=2025&by=account", "/reports/deals/?period=all&by=month", "/reports/activity/?period=all"])  # fmt: skip
def test_the_page_costs_few_queries_and_no_more_when_there_are_more_rows(sign_in, address):
    some_deals()
    client, astrid = sign_in("astrid"), actor("astrid")
    closed("Named", "won", "2025-03-01", 1, company=actions.create(registry["company"], {"name": "House"}, by=astrid))
    few = cost(client, address)
    for n in range(12):
        house = actions.create(registry["company"], {"name": f"House {n}"}, by=astrid)
        closed(
            f"Deal {n}",
            ("won", "lost")[n % 2],
            f"2025-{n + 1:02}-10",
            n,
            owner=("ines", "priya", "jonas")[n % 3],
            company=house,
        )
        actions.create(
            registry["activity"],
            {"kind": "note", "body": f"Note {n}", "owner": user(("ines", "priya")[n % 2])},
            by=astrid,
        )
    many = cost(client, address)
    assert len(few) <= MOST_QUERIES, few
    assert len(many) <= len(few), many
