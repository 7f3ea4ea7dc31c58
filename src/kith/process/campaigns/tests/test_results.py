"""What campaigns brought: counted by the filters that open the rows, from journeys and deals."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.utils import timezone

from kith.awareness.campaigns import actions as do
from kith.awareness.models import Touch
from kith.deals.actions import win
from kith.deals.tests.cast import deal, reason
from kith.insight.models import Lifetime
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.process.campaigns.results import results_of
from kith.process.tests.cast import company, in_force, person
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
people, deals = registry["person"], registry["deal"]


@pytest.fixture
def ines():
    in_force()
    return actor("ines")


def sale(by, amount, **values):
    made = deal(by, amount=Decimal(amount), currency="EUR", stage="Verbal yes", **values)
    return win(made, reason=reason("Speed", "won"), by=by)


def counts(found):
    return {c.key: c.n for c in found.counts}


def fair(by):
    """Three leads: one bought and is served, one has an open deal, one only came by; and one who was only invited."""
    bellevue = company(by)
    marta, oliver = person(by, "Marta", company=bellevue), person(by, "Oliver")
    wanda, zofia = person(by, "Wanda"), person(by, "Zofia")
    one = create(registry["campaign"], {"name": "Museum fair", "channel": "fair"}, by=by)
    do.set_state(one, [marta.pk, oliver.pk], "attended", by=by, at=timezone.now() - dt.timedelta(days=2))
    do.set_state(one, [zofia.pk], "invited", by=by)
    Touch.objects.create(person=wanda, campaign=one, channel="fair", through="form")
    sale(by, "5000.00", contact=marta, company=bellevue)
    deal(by, name="Second", contact=oliver)
    sale(by, "900.00", name="Not theirs", contact=zofia)
    do.add_cost(one, amount=Decimal(1000), currency="EUR", by=by)
    return one


def test_leads_qualified_customers_and_those_who_stay_with_what_each_cost(ines):
    found = results_of(ines, fair(ines))
    assert counts(found) == {"leads": 3, "qualified": 2, "customers": 1, "retained": 1}
    assert [c.each for c in found.counts] == [Decimal("333.33"), Decimal(500), Decimal(1000), Decimal(1000)]
    assert (found.won, found.deals, found.returned) == (Decimal(5000), 1, Decimal(4))


def test_each_number_opens_as_many_rows_as_it_says(ines):
    found = results_of(ines, fair(ines))
    for c in found.counts:
        tree = compile_tree(people, parse(c.href.partition("filter=")[2]), ines)
        assert not tree.broken and tree.apply(people.rows(ines)).count() == c.n
    tree = compile_tree(deals, parse(found.href.partition("filter=")[2]), ines)
    assert not tree.broken and tree.apply(deals.rows(ines)).count() == found.deals


def test_a_campaign_that_cost_nothing_has_no_cost_of_each_and_no_return(ines):
    one = create(registry["campaign"], {"name": "Letter"}, by=ines)
    found = results_of(ines, one)
    assert counts(found)["leads"] == 0 and found.returned is None and {c.each for c in found.counts} == {None}


def test_the_page_shows_it_and_readers_see_what_they_may(ines, client):
    one = fair(ines)
    client.force_login(user("ines"))
    shown = re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(f"/campaigns/{one.pk}/panel/results").content.decode())
    )
    assert "€5,000" in shown and "€333.33" in shown and "400%" in shown.replace(" %", "%")
    policy("member", "person", see="own")
    assert counts(results_of(actor("jonas"), one))["leads"] == 0


def test_the_return_counts_what_its_customers_ordered_and_are_expected_to_bring(ines, client):
    one = fair(ines)
    bellevue = registry["company"].model.objects.get(name="Hotel Bellevue")
    Lifetime.objects.all().delete()
    values = {"spent": Decimal(6000), "expected": Decimal(2000), "low": Decimal(1500), "high": Decimal(2600)}
    Lifetime.objects.create(company=bellevue, **values)
    Lifetime.objects.create(person=people.model.objects.get(given_name="Zofia"), spent=Decimal(900))  # never reached
    found = results_of(ines, one)
    assert (found.worth.customers, found.worth.spent, found.worth.expected) == (1, Decimal(6000), Decimal(2000))
    assert found.lasting == Decimal(7)
    client.force_login(user("ines"))
    shown = re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(f"/campaigns/{one.pk}/panel/results").content.decode())
    )
    assert "Its 1 customer ordered €6,000 so far, and are expected to bring €2,000" in shown
    assert "700%" in shown.replace(" %", "%")


def test_whoever_may_not_see_orders_is_not_told_what_customers_are_worth(ines):
    one = fair(ines)
    policy("member", "order", see="none")
    assert results_of(actor("ines"), one).worth is None
