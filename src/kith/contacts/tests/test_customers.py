"""Who is a customer: from when, until when, again; said for many at once, told as events and taken back whole."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.contacts.actions import become_customer, end_customer
from kith.kernel.errors import Invalid
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import operation, undo
from tests.cast import actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    return actor("ines")


def hotel(by, name="Hotel Bellevue"):
    return actions.create(registry["company"], {"name": name}, by=by)


def days(row):
    row.refresh_from_db()
    return row.customer_since, row.customer_until


def ago(n):
    return timezone.localdate() - dt.timedelta(days=n)


def verbs(row):
    return list(
        Event.objects.filter(record="company", record_id=row.pk).order_by("at", "id").values_list("verb", flat=True)
    )


def customers(by, text="customer.is:1"):
    record = registry["company"]
    return {row.name for row in compile_tree(record, parse(text), by).apply(record.rows(by))}


def test_many_become_customers_at_once_and_undo_takes_it_back(ines):
    both = [hotel(ines), hotel(ines, "Seaside Clinic")]
    with operation("test", "Won two", by=ines) as (op, by):
        assert become_customer(both, since=ago(3), by=by) == 2
    assert [days(row) for row in both] == [(ago(3), None)] * 2
    assert customers(ines) == {"Hotel Bellevue", "Seaside Clinic"}
    assert "company.became_customer" in verbs(both[0])
    undo(op, by=ines)
    assert days(both[0]) == (None, None)


def test_an_earlier_first_day_stays_and_saying_it_twice_says_nothing(ines):
    bellevue = hotel(ines)
    become_customer([bellevue], since=ago(30), by=ines)
    assert become_customer([bellevue], since=ago(3), by=ines) == 0
    assert days(bellevue) == (ago(30), None)
    assert become_customer([bellevue], since=ago(90), by=ines) == 1  # an older purchase is found
    assert days(bellevue) == (ago(90), None)


def test_who_left_and_comes_back_keeps_the_first_day(ines):
    bellevue = hotel(ines)
    become_customer([bellevue], since=ago(300), by=ines)
    end_customer([bellevue], until=ago(40), reason="Sold the house", by=ines)
    assert days(bellevue) == (ago(300), ago(40))
    assert customers(ines) == set()
    assert become_customer([bellevue], since=ago(100), by=ines) == 0  # told later, bought before they left
    assert days(bellevue) == (ago(300), ago(40))
    become_customer([bellevue], since=ago(2), by=ines)
    assert days(bellevue) == (ago(300), None)
    assert Event.objects.filter(verb="company.became_customer", payload__again=True).count() == 1


def test_an_end_to_come_leaves_them_a_customer_until_then(ines):
    bellevue = hotel(ines)
    become_customer([bellevue], since=ago(10), by=ines)
    end_customer([bellevue], until=ago(-20), by=ines)
    assert customers(ines) == {"Hotel Bellevue"}


def test_nobody_stops_being_a_customer_before_becoming_one(ines):
    bellevue = hotel(ines)
    become_customer([bellevue], since=ago(10), by=ines)
    with pytest.raises(Invalid, match="before becoming one"):
        end_customer([bellevue], until=ago(20), by=ines)
    with pytest.raises(Invalid, match="is no customer"):
        perform(ACTIONS["company.end_customer"], hotel(ines, "Seaside Clinic"), {}, by=ines)


def test_a_colleague_says_it_by_hand_of_a_person(ines):
    marta = actions.create(registry["person"], {"given_name": "Marta"}, by=ines)
    perform(ACTIONS["person.become_customer"], marta, {"since": ago(5).isoformat()}, by=ines)
    assert days(marta) == (ago(5), None)
    assert Event.objects.filter(verb="person.became_customer", record_id=marta.pk).exists()
