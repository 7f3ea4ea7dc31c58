import datetime as dt
from decimal import Decimal

import pytest

from kith.deals.bulk import create_deals
from kith.deals.models import Deal
from kith.deals.tests.cast import company, deal, deals, stage
from kith.kernel.errors import InvalidMany
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.lookups.finding import matching
from kith.kernel.lookups.tree import parse, to_json
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import finish, start, undo
from kith.kernel.timeline.queries import timeline
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


def rows(n, **values):
    return [{"name": f"Deal {i}", "amount": Decimal(100 + i), **values} for i in range(n)]


def test_many_deals_are_what_one_by_one_they_would_be():
    ines = actor("ines", "import")
    atlas = company(ines)
    values = {
        "name": "Leak map", "company": atlas, "amount": Decimal("96000.50"), "status": "won", "competitor": "Dripless",
        "opened_on": dt.date(2024, 1, 2), "closed_on": dt.date(2024, 3, 1), "owner": user("jonas"),
        "history": [(stage("Discovery"), dt.date(2024, 1, 2)), (stage("Proposal"), dt.date(2024, 2, 1))],
    }  # fmt: skip
    one = deal(ines, **values)
    (many,) = create_deals([values], by=ines)
    many.refresh_from_db()
    one.refresh_from_db()
    skip = {"id", "created_at", "updated_at", "tsv"}
    fields = [f.attname for f in Deal._meta.concrete_fields if f.name not in skip]
    assert {f: getattr(one, f) for f in fields} == {f: getattr(many, f) for f in fields}

    def told(pk):
        events = Event.objects.filter(record="deal", record_id=pk).order_by("at", "id")
        return [(e.verb, e.at, e.payload, e.changes, e.actor_name, e.channel) for e in events]

    assert told(one.pk) == told(many.pk)
    assert len(told(one.pk)) == 3
    assert [d.pk for d in matching(deals.rows(ines), "dripless")]
    # The company was added and became a customer; each deal tells three things, and made an order.
    assert len(timeline(ines, "company", atlas.pk)[0]) == 10


def test_a_row_that_is_refused_does_not_stop_the_others():
    ines = actor("ines", "import")
    values = rows(5)
    values[1]["name"] = ""
    values[3] |= {"status": "won", "opened_on": dt.date(2024, 2, 1), "closed_on": dt.date(2024, 1, 1)}
    told = {}
    stage("Discovery")
    made = create_deals(values, by=ines, refused=lambda n, problem: told.update({n: problem.message}))
    assert [d and d.name for d in made] == ["Deal 0", None, "Deal 2", None, "Deal 4"]
    assert told[1] == "Name is needed."
    assert "before it was opened" in told[3]
    assert Event.objects.filter(verb="deal.created").count() == 3


def test_the_exit_rule_holds_for_every_row_of_a_file():
    ines = actor("ines", "import")
    stage("Discovery", required=["source"])
    stage("Site survey", exit_rule=to_json(parse("amount.over:101")))
    values = rows(4, stage=stage("Proposal"), source="Fair")
    values[0]["source"] = ""
    values[3] = {**values[3], "status": "lost", "closed_on": dt.date(2024, 1, 1), "amount": Decimal(1)}
    told = {}
    made = create_deals(values, by=ines, refused=lambda n, problem: told.update({n: problem.errors}))
    assert [d is not None for d in made] == [False, False, True, True]
    assert list(told[0]) == ["source"]
    assert told[1] == {"stage": ["Site survey is left only when this holds: Amount is over €101."]}
    assert set(Deal.objects.values_list("name", flat=True)) == {"Deal 2", "Deal 3"}
    excused = create_deals([{**values[1], "override_reason": "Old system"}], by=ines)
    assert excused[0].stage.name == "Proposal"


def test_without_anybody_to_tell_the_first_refusal_stops_everything():
    ines = actor("ines", "import")
    stage("Discovery")
    with pytest.raises(InvalidMany):
        create_deals([*rows(2), {"name": ""}], by=ines)


def test_rows_outside_the_importers_reach_are_refused_one_by_one():
    ines = actor("ines", "import")
    stage("Discovery")
    policy("member", "deal", see="own", edit="own")
    ines = actor("ines", "import")
    told = {}
    values = [{"name": "Mine", "owner": user("ines")}, {"name": "Theirs", "owner": user("jonas")}]
    made = create_deals(values, by=ines, refused=lambda n, problem: told.update({n: problem.message}))
    assert [d and d.name for d in made] == ["Mine", None]
    assert "out of what you may change" in told[1]
    assert list(Deal.objects.values_list("name", flat=True)) == ["Mine"]


def test_an_import_of_many_batches_is_one_operation_that_can_be_taken_back():
    ines = actor("ines", "import")
    stage("Discovery")
    op = start("deal.create", "Deals", by=ines, record="deal")
    made = create_deals(rows(1100), by=ines.within(op.pk), authors=["Moses Frase"] * 1100)
    finish(op)
    assert (len(made), op.count) == (1100, 1100)
    assert Event.objects.filter(actor_name="Moses Frase").count() == 1100
    undo(op, by=ines)
    run_waiting_jobs(names=["timeline.undo"])
    assert not Deal.objects.filter(archived_at=None).exists()


def test_the_registry_hands_over_to_it():
    assert registry["deal"].create_many is create_deals
