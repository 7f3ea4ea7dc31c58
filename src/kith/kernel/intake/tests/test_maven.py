"""A real company's sales, as they are handed over: four files that refer to each other and are spelt carelessly."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest

from kith.kernel.accounts.models import Team, User
from kith.kernel.intake.models import PendingLink, Unresolved
from kith.kernel.intake.readers.tests.shared import FOLDER, needs_shared_data
from kith.kernel.intake.shipped import shipped
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event

pytestmark = [pytest.mark.django_db, needs_shared_data]
MAVEN = FOLDER / "maven_crm"
FILES = {"colleague": ("colleagues", "sales_teams"), "product": ("products", "products"),
         "company": ("accounts", "accounts"), "deal": ("pipeline", "sales_pipeline")}  # fmt: skip


def take(bring, kind, **more):
    mapping, file = FILES[kind]
    return bring(kind, MAVEN / f"{file}.csv", by="astrid", mapping=shipped()[f"maven/{mapping}"].dump(), **more)


def rows(kind):
    with open(MAVEN / f"{FILES[kind][1]}.csv", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("order", [("colleague", "product", "company", "deal"), ("deal", "company", "product", "colleague")],
                         ids=["deals last", "deals first"])  # fmt: skip
def test_everything_comes_in_whatever_the_order_of_the_files(bring, order):
    for kind in order:
        run = take(bring, kind)
        assert run.state == "done" and not run.counts.get("reject"), (kind, run.counts, run.problem)
    deals = registry["deal"].model.objects
    source = rows("deal")
    assert deals.count() == 8800 and not PendingLink.objects.filter(tied=None).exists()
    assert User.objects.filter(email__endswith="@placeholder.invalid").count() == 35 + 6
    assert Team.objects.get(name="Cara Losch").lead.name == "Cara Losch"
    assert Team.objects.get(name="Cara Losch").members.count() == 7
    companies = registry["company"].model.objects
    assert companies.count() == 85
    assert companies.get(name="Cheers").parent.name == "Massive Dynamic"
    assert companies.filter(parent__isnull=False).count() == sum(bool(r["subsidiary_of"]) for r in rows("company"))
    assert companies.get(name="Acme Corporation").revenue == Decimal("1100040000.00")
    assert companies.get(name="Bioholding").country == "PH" and companies.filter(industry="technolgy").count() == 0
    won = deals.filter(status="won")
    assert won.count() == 4238 and sum(d.amount for d in won) == sum(
        int(r["close_value"]) for r in source if r["deal_stage"] == "Won"
    )
    by_owner = Counter(r["sales_agent"] for r in source)
    assert Counter(deals.values_list("owner__name", flat=True)) == by_owner
    assert (
        Counter(deals.values_list("product__name", flat=True))["GTX Pro"]
        == Counter(r["product"] for r in source)["GTXPro"]
    )
    assert deals.filter(company__isnull=True).count() == sum(not r["account"] for r in source)
    first = deals.get(
        pk=registry["deal"].model.objects.filter(name="Cancity: GTX Plus Basic").order_by("opened_on")[0].pk
    )
    assert (first.opened_on, first.closed_on) == (dt.date(2016, 10, 20), dt.date(2017, 3, 1))
    events = Event.objects.filter(record="deal", record_id=first.pk).order_by("at")
    assert [e.at.date() for e in events if e.verb in ("deal.created", "deal.won")] == [
        dt.date(2016, 10, 20),
        dt.date(2017, 3, 1),
    ]


def test_without_translations_each_spelling_trap_is_reported_and_nothing_is_guessed(bring):
    take(bring, "product")
    plain = shipped()["maven/pipeline"].dump()
    plain["columns"]["product"] = {"to": "product"}
    run = bring("deal", MAVEN / "sales_pipeline.csv", by="astrid", mapping=plain, write=False)
    assert run.counts["reject"] == 1480
    trap = Unresolved.objects.get(run=run, column="product")
    assert (trap.value, trap.rows, trap.suggestions[0]) == ("GTXPro", 1480, "GTX Pro")
    plain = shipped()["maven/accounts"].dump()
    plain["columns"]["sector"] = {"to": "industry"}
    plain["columns"]["office_location"] = {"to": "addresses.country"}
    run = bring("company", MAVEN / "accounts.csv", by="astrid", mapping=plain, write=False)
    odd = {(o.column, o.value): (o.why, o.rows, o.suggestions) for o in Unresolved.objects.filter(run=run)}
    assert odd["sector", "technolgy"] == ("spelling", 12, ["technology", "biotechnology"])
    assert odd["office_location", "Philipines"] == ("choice", 1, ["Philippines"])
    assert set(odd["office_location", "Korea"][2]) == {"North Korea", "South Korea"}
    assert run.counts["reject"] == 2


def test_the_pipeline_is_made_before_its_stages_in_whatever_order_the_mapping_names_them(bring):
    """A mapping that was kept comes back from the database in an order of the database's own."""
    plan = shipped()["maven/pipeline"].dump()
    plan["ensure"] = dict(sorted(plan["ensure"].items(), reverse=True))
    assert list(plan["ensure"]) == ["stage", "pipeline"]
    run = bring("deal", "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
                "X1,Moses Frase,GTX Basic,,Won,2017-01-05,2017-03-01,550\n", by="astrid", mapping=plan)  # fmt: skip
    assert run.state == "done" and run.counts["create"] == 1, run.problem


def test_a_mapping_is_proposed_from_the_files_themselves(bring):
    proposed = {kind: {e["to"] if isinstance(e, dict) else None for e in bring.begin(kind, MAVEN / f"{file}.csv", by="astrid").mapping["columns"].values()}
                for kind, (_m, file) in FILES.items()}  # fmt: skip
    assert proposed["company"] == {"name", "industry", "founded", "revenue", "employees", "addresses.country", "parent"}
    assert proposed["product"] == {"name", "family", "price"}
    assert proposed["colleague"] == {"name", "lead", "office"}
    assert proposed["deal"] == {
        "external_id",
        "owner",
        "product",
        "company",
        "stage",
        "opened_on",
        "closes_on",
        "amount",
    }
