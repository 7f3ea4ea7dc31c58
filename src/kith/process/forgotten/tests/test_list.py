"""Who is open and attended to by nobody stands on the list, from the same moment; and the proof agrees."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from kith.activities.actions import finish, postpone, reopen, set_next_step
from kith.activities.models import Activity
from kith.deals.actions import install_defaults
from kith.kernel.access.actor import system
from kith.kernel.accounts import actions as accounts
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import archive, create, edit, restore
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from kith.process.forgotten.models import Unattended
from kith.process.forgotten.proving import check
from kith.process.tests.cast import call, company, in_force, journey_of, made, person
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
SOON = dt.timedelta(days=3)


@pytest.fixture
def ines():
    in_force()
    return actor("ines")


@pytest.fixture(autouse=True)
def _the_proof_agrees():
    """After every story, whatever it was about."""
    yield
    assert check().rows == []


def why(row) -> str:
    """Why this row stands on the list; "" when it does not."""
    found = Unattended.objects.filter(record=row._meta.model_name, record_id=row.pk).first()
    return found.why if found else ""


def kind(row) -> str:
    return Unattended.objects.get(record=row._meta.model_name, record_id=row.pk).kind


def plan(row, by, days: int = 3, subject: str = "Call back") -> Activity:
    due = timezone.now() + dt.timedelta(days=days)
    return set_next_step(registry[row._meta.model_name], row, subject=subject, due=due, by=by)


def do(name, row, by, **raw):
    return perform(ACTIONS[name], row, raw, by=by)


def reason(status: str = "lost") -> int:
    return registry["reason"].model.objects.filter(outcome=status).first().pk


def test_a_new_lead_stands_on_the_list_until_it_has_a_date(ines):
    bellevue = company(ines)
    assert (why(bellevue), kind(bellevue)) == ("no_step", "lead")
    plan(bellevue, ines)
    assert why(bellevue) == ""


def test_a_deal_without_a_date_stands_there_too_and_its_step_serves_the_company(ines):
    bellevue = company(ines)
    deal = made("deal", ines, name="Sensors", company=bellevue)
    assert (why(deal), kind(deal)) == ("no_step", "deal")
    plan(deal, ines)
    assert (why(deal), why(bellevue)) == ("", "")


def test_without_a_process_open_deals_and_whose_they_are_count():
    install_defaults(system())
    ines = actor("ines")
    quiet, bellevue, tom = company(ines, "Quiet"), company(ines), person(ines, "Tom")
    deal = made("deal", ines, name="Sensors", company=bellevue)
    own = made("deal", ines, name="Lamp", contact=tom)
    assert why(quiet) == "" and [why(row) for row in (bellevue, tom, deal, own)] == ["no_step"] * 4
    do("deal.win", deal, ines, reason=reason("won"))
    assert (kind(bellevue), kind(tom), why(deal)) == ("customer", "lead", "")
    do("deal.lose", own, ines, reason=reason())
    assert why(tom) == ""


def test_without_a_process_a_deal_that_moves_to_another_company_takes_the_duty_with_it():
    install_defaults(system())
    ines = actor("ines")
    one, two = company(ines, "One"), company(ines, "Two")
    deal = made("deal", ines, name="Sensors", company=one)
    edit(registry["deal"], deal, {"company": two}, by=ines)
    assert (why(one), why(two)) == ("", "no_step")


def test_a_won_deal_makes_a_customer_of_a_lead(ines):
    bellevue = company(ines)
    deal = made("deal", ines, name="Sensors", company=bellevue)
    do("deal.win", deal, ines, reason=reason("won"))
    plan = registry["onboarding_plan"].model.objects.get(company=bellevue)
    do("onboarding.stop", plan, ines, reason="They begin by themselves")  # its tasks were next steps
    assert (why(deal), kind(bellevue)) == ("", "customer")
    do("deal.reopen", deal, ines)
    assert why(deal) == "no_step"


def test_a_customer_by_an_order_alone_is_on_the_list_until_they_have_a_date():
    ines = actor("ines")
    row, alone = company(ines), person(ines, "Tom")
    assert (why(row), why(alone)) == ("", "")
    create(registry["order"], {"name": "Sensors", "company": row, "total": 100}, by=system("import"))
    create(registry["order"], {"name": "Lamp", "person": alone, "total": 10}, by=system("import"))
    assert [(why(one), kind(one)) for one in (row, alone)] == [("no_step", "customer")] * 2
    plan(row, ines)
    assert why(row) == ""


def test_a_file_that_says_since_when_they_are_customers_puts_them_on_the_list():
    values = {"name": "Harbour", "owner": user("ines"), "customer_since": dt.date(2025, 1, 1)}
    bulk_create(registry["company"], [New(values)], by=system("import"), refused=lambda *_: None)
    assert why(registry["company"].model.objects.get()) == "no_step"


def test_whoever_is_a_customer_no_more_needs_no_next_step():
    install_defaults(system())
    ines = actor("ines")
    row, alone = company(ines), person(ines, "Tom")
    do("deal.win", made("deal", ines, name="Sensors", company=row), ines, reason=reason("won"))
    do("deal.win", made("deal", ines, name="Lamp", contact=alone), ines, reason=reason("won"))
    assert (kind(row), kind(alone)) == ("customer", "customer")
    for one in (row, alone):
        do(f"{one._meta.model_name}.end_customer", type(one).objects.get(pk=one.pk), ines)
    assert (why(row), why(alone)) == ("", "")
    made("deal", ines, name="Again", company=row)
    assert kind(row) == "lead"


def test_finishing_the_last_activity_brings_it_back_and_so_does_taking_the_step_away(ines):
    bellevue = company(ines)
    step = plan(bellevue, ines)
    finish(step, by=ines)
    assert why(bellevue) == "no_step"
    reopen(step, by=ines)
    assert why(bellevue) == ""
    postpone(step, due=timezone.now() + SOON, by=ines)
    edit(registry["activity"], step, {"due_at": None}, by=ines)
    assert why(bellevue) == "no_step"
    edit(registry["activity"], step, {"due_at": timezone.now() + SOON}, by=ines)
    archive(registry["activity"], step, by=ines)
    assert why(bellevue) == "no_step"
    restore(registry["activity"], step, by=ines)
    assert why(bellevue) == ""


def test_a_call_that_is_over_is_no_next_step(ines):
    bellevue = company(ines)
    call(ines, company=bellevue)
    assert why(bellevue) == "no_step"


def test_a_step_that_belongs_to_nobody_attends_to_nobody(ines):
    bellevue = company(ines)
    step = plan(bellevue, ines)
    edit(registry["activity"], step, {"owner": None}, by=actor("helena"))
    assert why(bellevue) == "nobodys_step"
    edit(registry["activity"], step, {"owner": user("priya")}, by=actor("helena"))
    assert why(bellevue) == ""


def test_a_row_without_an_owner_says_so_first(ines):
    bellevue = company(ines)
    plan(bellevue, ines)
    edit(registry["company"], bellevue, {"owner": None}, by=actor("helena"))
    assert why(bellevue) == "no_owner"
    edit(registry["company"], bellevue, {"owner": user("jonas")}, by=actor("helena"))
    assert why(bellevue) == ""


def test_when_a_colleague_leaves_all_they_looked_after_is_on_the_list_at_once(ines):
    bellevue, tom = company(ines), person(ines, "Tom")
    deal = made("deal", ines, name="Sensors", company=bellevue)
    other = company(actor("jonas"), "Jonas and sons")
    for row in (bellevue, tom, deal):
        plan(row, ines)
    plan(other, ines)
    accounts.deactivate(user("ines"), by=actor("astrid"))
    assert [why(row) for row in (bellevue, tom, deal, other)] == ["owner_left"] * 3 + ["nobodys_step"]
    accounts.reactivate(user("ines"), by=actor("astrid"))
    assert not Unattended.objects.exists()


def test_handing_rows_over_together_takes_them_off(ines):
    from kith.kernel.lookups.bulk import bulk_change
    from kith.kernel.lookups.selection import Selection
    from kith.kernel.lookups.wishes import wish_of

    rows = [company(ines, name) for name in ("One", "Two", "Three")]
    for row in rows:
        plan(row, actor("jonas"))
    accounts.deactivate(user("ines"), by=actor("astrid"))
    assert {why(row) for row in rows} == {"owner_left"}
    helena = actor("helena")
    wish = wish_of(registry["company"], "edit", 3, {"owner": str(user("jonas").pk)}, named="owner")
    bulk_change(registry["company"], Selection(ids=tuple(r.pk for r in rows)), wish, by=helena)
    assert {why(row) for row in rows} == {""}


def test_an_import_puts_those_it_brings_without_a_date_on_the_list(ines):
    importer = actor("ines", "import")
    items = [New({"name": f"Hotel {n}"}) for n in range(60)]
    bulk_create(registry["company"], items, by=importer, refused=lambda n, problem: pytest.fail(str(problem)))
    assert set(Unattended.objects.values_list("kind", "why")) == {("lead", "no_owner")}
    assert Unattended.objects.count() == 60


def test_a_merge_leaves_one_and_taking_it_back_brings_both(ines):
    one, two = company(ines, "Bellevue"), company(ines, "Hotel Bellevue")
    plan(two, ines)
    assert (why(one), why(two)) == ("no_step", "")
    _kept, op = merge(registry["company"], one, [two], by=ines)
    assert not Unattended.objects.exists()
    undo(op, by=ines)
    assert (why(one), why(two)) == ("no_step", "")


def test_what_is_put_away_or_has_ended_needs_nobody(ines):
    bellevue = company(ines)
    archive(registry["company"], bellevue, by=ines)
    assert why(bellevue) == ""
    restore(registry["company"], bellevue, by=ines)
    assert why(bellevue) == "no_step"
    closed = do("journey.close", journey_of(bellevue), ines, outcome="dormant", reason="Not now")
    assert why(bellevue) == ""
    undo(closed.operation, by=ines)
    assert why(bellevue) == "no_step"


def test_taking_back_what_made_it_open_takes_it_off(ines):
    bellevue = company(ines)
    outcome = do("deal.lose", made("deal", ines, name="Sensors", company=bellevue), ines, reason=reason())
    undo(outcome.operation, by=ines)
    assert why(registry["deal"].model.objects.get()) == "no_step"


def test_a_person_who_joins_a_company_is_looked_after_with_it(ines):
    marta, bellevue = person(ines, "Marta"), company(ines)
    assert why(marta) == "no_step"
    edit(registry["person"], marta, {"company": bellevue}, by=ines)
    assert (why(marta), why(bellevue)) == ("", "no_step")


def test_since_is_kept_while_the_reason_changes(ines):
    bellevue = company(ines)
    before = Unattended.objects.get().since
    edit(registry["company"], bellevue, {"owner": None}, by=actor("helena"))
    assert (why(bellevue), Unattended.objects.get().since) == ("no_owner", before)


def test_changing_what_does_not_matter_asks_nothing_of_the_list(ines):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    bellevue = company(ines)
    with CaptureQueriesContext(connection) as asked:
        edit(registry["company"], bellevue, {"industry": "Hotels"}, by=ines)
        call(ines, company=bellevue)
        call(ines, company=bellevue)
    said = [q["sql"] for q in asked if "forgotten_unattended" in q["sql"]]
    assert len(said) == 1  # the first call moved its journey on


def test_a_hundred_rows_are_looked_at_in_one_statement(ines):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    items = [New({"name": f"Hotel {n}", "owner": ines.user}) for n in range(100)]
    with CaptureQueriesContext(connection) as asked:
        bulk_create(registry["company"], items, by=actor("ines", "import"), refused=lambda n, problem: None)
    assert sum("INSERT INTO forgotten_unattended" in q["sql"] for q in asked) == 1


def test_create_leaves_a_company_of_nobody_on_the_list(ines):
    row = create(registry["company"], {"name": "Post"}, by=system())
    assert why(row) == "no_owner"
