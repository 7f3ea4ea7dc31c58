"""New customers begin in the process that is for them; whom none is for, in the standard one, and nobody is lost."""

from __future__ import annotations

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.kernel.access.actor import system
from kith.kernel.customfields.actions import archive_field, define
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import operation, undo
from kith.process import queries
from kith.process.definition.document import Faults
from kith.process.definition.files import from_yaml
from kith.process.journeys.backfill import backfill
from kith.process.models import Journey, Process, Version
from kith.process.publishing import bring, current_of
from kith.process.tests.cast import company, in_force, journey_of, person
from kith.process.versions import standard
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


def variant(key: str, name: str, where: str, of: str = "company", capture: str = "Welcome") -> str:
    return (
        f'key: {key}\nname: {name}\nfor: {{of: {of}, where: "{where}"}}\n'
        f"stages:\n  - {{key: welcome, name: {capture}, within: 1 h}}\n  - {{key: sold, name: Sold, step: 5}}\n"
    )


RETAIL = variant("retail", "Retail cycle", "industry.has:retail")
LARGE = variant("large", "Large accounts", "employees.over:100")


@pytest.fixture
def astrid():
    return actor("astrid")


@pytest.fixture
def small(astrid):
    return in_force(by=astrid)


def process_of(row):
    return journey_of(row).process.key


def text(answer):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_a_new_customer_begins_in_the_process_that_is_for_them(astrid, small):
    in_force(RETAIL, by=astrid)
    assert standard().process == small, "one that says whom it is for takes nobody's place"
    shop = company(astrid, name="Blumen Anna", industry="retail")
    assert (process_of(shop), journey_of(shop).stage, journey_of(shop).due_at is not None) == (
        "retail",
        "welcome",
        True,
    )
    assert process_of(company(astrid)) == "small"


def test_who_fits_two_begins_in_the_one_whose_name_comes_first(astrid, small):
    in_force(RETAIL, by=astrid)
    in_force(LARGE, by=astrid)
    both = company(astrid, name="Kaufhaus Kerber", industry="retail", employees=900)
    assert process_of(both) == "large"


def test_what_is_known_of_a_person_counts_as_much(astrid, small):
    in_force(variant("press", "Press", "job_title.has:editor", of="person"), by=astrid)
    assert process_of(person(astrid, job_title="Chief editor")) == "press"
    assert process_of(person(astrid, given_name="Jonas", job_title="Baker")) == "small"


def test_an_import_asks_each_rule_once_however_many_come(astrid, small):
    in_force(RETAIL, by=astrid)

    def brought(n):
        items = [New({"name": f"Shop {n} {i}", "industry": "retail" if i % 2 else ""}) for i in range(n)]
        with CaptureQueriesContext(connection) as told, operation("import", "Import", by=astrid) as (_op, by):
            bulk_create(registry["company"], items, by=by, refused=lambda *_: None)
        return len(told)

    brought(4)
    assert brought(220) - brought(120) <= 2  # both by COPY, which few rows are not worth
    assert Journey.objects.filter(process__key="retail").count() == 172


def test_undoing_the_customer_undoes_their_journey_there(astrid, small):
    in_force(RETAIL, by=astrid)
    with operation("company.create", "Shop", by=astrid) as (op, by):
        shop = company(by, industry="retail")
    assert process_of(shop) == "retail"
    undo(op, by=astrid)
    assert not Journey.objects.filter(company=shop, archived_at=None).exists()


def test_a_rule_whose_field_is_gone_cannot_be_published_and_loses_nobody(astrid, small, client):
    field = define(record="company", label="Trade", kind="text", by=astrid)
    in_force(variant("trades", "Trades", f"custom.{field.key}.has:baker"), by=astrid)
    assert process_of(company(astrid, name="Backhaus", **{f"custom.{field.key}": "baker"})) == "trades"
    archive_field(field, by=astrid)
    assert process_of(company(astrid)) == "small"
    client.force_login(user("astrid"))
    page = text(client.get("/settings/process/"))
    assert "Its rule cannot be asked" in page and "may begin in Small." in page
    with pytest.raises(Faults, match="“for”, whom it is for: custom"):
        bring(current_of(Process.objects.get(key="trades")), by=astrid)


def test_the_first_process_there_is_takes_everybody_even_if_it_is_for_some(astrid):
    in_force(RETAIL, by=astrid)
    assert process_of(company(astrid)) == "retail"


def test_customers_from_before_are_told_in_the_process_that_is_for_them(astrid):
    shop, hotel = company(astrid, name="Blumen Anna", industry="retail"), company(astrid)
    in_force(by=astrid)
    in_force(RETAIL, by=astrid)
    assert backfill(by=system()) == 2
    assert (process_of(shop), process_of(hotel)) == ("retail", "small")


def test_new_ones_of_every_process_whose_clock_runs_are_seen_to(astrid, small):
    in_force(RETAIL, by=astrid)
    company(astrid, name="Blumen Anna", industry="retail")
    company(astrid)
    assert sorted(j.process.key for j in queries.with_clock(astrid)) == ["retail", "small"]


def test_settings_say_whom_each_is_for_and_who_comes_first(astrid, small, client):
    in_force(RETAIL, by=astrid)
    in_force(LARGE, by=astrid)
    client.force_login(user("astrid"))
    page = text(client.get("/settings/process/"))
    order = [
        page.index(words) for words in ("Large accounts Company:", "Retail cycle Company:", "Small Everybody else")
    ]
    assert order == sorted(order)
    page = text(client.get("/settings/process/retail/"))
    assert "For new customers where this holds: Company: Industry" in page
    assert "Whoever also fits Large accounts begins there" in page
    assert "whom no other process is for" in text(client.get("/settings/process/small/"))
    assert "For new customers where this holds" in text(client.get("/process/guide/retail/"))


def test_whom_it_is_for_is_said_in_the_editor_and_published(astrid, small, client):
    in_force(RETAIL.replace('for: {of: company, where: "industry.has:retail"}\n', ""), by=astrid)
    assert standard().process.key == "retail"
    client.force_login(user("astrid"))
    sent = {
        "of": "company", "of-before": "company", "g-r": "all", "c-r-0": "industry", "o-r-0": "has", "v-r-0": "retail",
        "do": "apply",
    }  # fmt: skip
    address = "/settings/process/small/-/for/"
    answer = client.post(address, sent)
    assert answer.status_code == 303, text(answer)
    assert current_of(small).whom.where == "industry.has:retail"
    assert "Small" in text(client.get("/settings/process/small/-/publish/"))
    client.post("/settings/process/small/-/publish/", {"note": "Shops"})
    assert standard().process.key == "retail"
    assert process_of(company(astrid, industry="retail")) == "small"


def test_a_file_with_a_rule_is_brought_in_and_published(astrid, small):
    process = bring(from_yaml(RETAIL), by=astrid)
    perform(ACTIONS["process.publish"], process, {}, by=astrid)
    assert Version.objects.get(process=process).document["for"] == {"of": "company", "where": "industry.has:retail"}
