"""`kith insight clv` as somebody in a terminal gets it."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from kith.cli import commands, parser
from kith.contacts.models import Person
from kith.conversion.models import Order

pytestmark = pytest.mark.django_db
FIRST = dt.date(2025, 1, 6)


@pytest.fixture
def clv(capsys):
    def run(*words):
        args = parser(commands()).parse_args(["insight", "clv", *words])
        code = args.module.run(args)
        return code, capsys.readouterr().out

    return run


@pytest.fixture
def shop():
    """Sixty people who came back now and then, and forty who did not."""
    people = Person.objects.bulk_create(Person(given_name="Mara", family_name=f"Vogt {n}") for n in range(100))
    days = [
        (person, FIRST + dt.timedelta(days=n + 17 * k)) for n, person in enumerate(people) for k in range(1 + (n % 5))
    ]
    Order.objects.bulk_create(
        Order(name="Order", person=person, placed_on=day, total=Decimal(20 + (person.pk * 7 + day.day) % 60))
        for person, day in days
    )
    Order.objects.create(name="Twice a day", person=people[4], placed_on=FIRST + dt.timedelta(days=4), total=Decimal(5))


def test_it_prints_parameters_and_likelihoods_of_the_orders_up_to_a_day(shop, clv):
    code, out = clv("--until", "2025-06-30", "--json")
    told = json.loads(out)
    assert code == 0
    assert set(told["parameters"]) == {"r", "alpha", "a", "b", "p", "q", "gamma"}
    assert set(told["log_likelihood"]) == {"bg_nbd", "gamma_gamma"}
    assert (told["until"], told["time_unit"], told["customers"], told["repeat_customers"]) == (
        "2025-06-30",
        "week",
        100,
        80,
    )
    Order.objects.create(name="Later", person=Person.objects.first(), placed_on=dt.date(2025, 7, 1), total=Decimal(900))
    assert json.loads(clv("--until", "2025-06-30", "--json")[1]) == told
    assert json.loads(clv("--json")[1])["until"] == "2025-07-01"


def test_in_words_and_with_every_customer(shop, clv):
    assert "customers, 80 of whom bought again" in clv("--until", "2025-06-30")[1]
    rows = json.loads(clv("--json", "--customers")[1])["data"]
    assert len(rows) == 100 and {"spent", "expected", "low", "high"} <= set(rows[0])
