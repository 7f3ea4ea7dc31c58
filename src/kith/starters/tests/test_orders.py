"""What Tidewell's customers bought and were promised: the ledger finds the planted truth again."""

import pytest

from kith.conversion.keeping import keeping
from kith.kernel.access.actor import system
from kith.kernel.organisation.models import current
from kith.kernel.records.registry import registry
from kith.starters.tests.ways import NOW
from kith.starters.tidewell.load import Loader
from kith.starters.tidewell.orders import BROKEN
from tests.cast import actor

pytestmark = pytest.mark.django_db


def test_the_ledger_finds_what_each_colleague_broke_and_orders_run_on():
    loader = Loader(by=system("cli"), now=NOW)
    loader.run(300)
    astrid = actor("astrid")
    found = {one.name: (one.broken, one.settled) for one in keeping(astrid, "owner")}
    assert found == loader.promised.broken
    for name, (broken, settled) in found.items():
        if settled >= 10 and name in BROKEN:
            assert broken / settled == pytest.approx(BROKEN[name], abs=0.5 / settled + 1e-9)
    orders = registry["order"].model.objects.filter(archived_at=None)
    won = registry["deal"].model.objects.filter(status="won")
    assert orders.filter(source="won deal").count() == won.count() > 20
    told = orders.filter(source="won deal").exclude(billing="")
    late = told.filter(billing="overdue")
    assert 0 < late.count() < 0.2 * told.count() and set(told.values_list("billing", flat=True)) == {"paid", "overdue"}
    assert all(order.placed_on < order.late_since < NOW.date() for order in late)
    assert not told.filter(billing="paid").exclude(late_since=None).exists()
    running = orders.filter(yearly__gt=0, ended_on=None)
    assert running.exists()
    assert all(order.renews_on > NOW.date() >= order.placed_on for order in running)
    assert set(orders.values_list("currency", flat=True)) <= {"EUR", "SEK", "GBP", current().currency}
    customers = registry["company"].model.objects.filter(customer_since__isnull=False)
    assert set(orders.exclude(company=None).values_list("company", flat=True)) == set(
        customers.values_list("pk", flat=True)
    )
