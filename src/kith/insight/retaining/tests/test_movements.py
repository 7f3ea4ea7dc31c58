"""Recurring revenue by month adds up to the cent whatever happens, and cohorts add up to the list of customers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kith.insight.retaining.cohorts import cohorts
from kith.insight.retaining.movements import Book, months, retained

BEGIN, END = dt.date(2025, 1, 1), dt.date(2026, 3, 15)

BUSY = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # the machine may be shared


@dataclass(frozen=True)
class Brings:
    order: int
    customer: str
    since: dt.date
    yearly: Decimal


days = st.dates(dt.date(2024, 6, 1), dt.date(2026, 6, 1))
money = st.sampled_from(
    [Decimal(0), Decimal(0), Decimal("120.10"), Decimal("1200"), Decimal("99999.99"), Decimal("0.01")]
)
books = st.lists(st.builds(Brings, st.integers(1, 12), st.just(""), days, money), max_size=20).map(
    lambda some: [Brings(one.order, f"firm {one.order % 5}", one.since, one.yearly) for one in some]
)


@BUSY
@given(books)
def test_movements_add_up_exactly_and_months_join_without_a_seam(some: list[Brings]) -> None:
    told = months(Book(sorted(some, key=lambda one: one.since)), BEGIN, END)
    assert len(told) == 15
    for month in told:
        assert month.start + month.net == month.end
        assert all(amount >= 0 for amount in month.moved.values())
        assert all(sum((a for _c, a in month.who[kind]), Decimal(0)) == amount for kind, amount in month.moved.items())
    for before, after in zip(told, told[1:], strict=False):
        assert before.end == after.start


@BUSY
@given(books)
def test_gross_retention_is_never_above_net_nor_above_all(some: list[Brings]) -> None:
    told = retained(Book(sorted(some, key=lambda one: one.since)), BEGIN, END)
    if told.net is not None and told.gross is not None:
        assert told.gross <= min(told.net, 1.0)


def _book(*rows: tuple[int, str, str, int]) -> Book:
    return Book([Brings(o, c, dt.date.fromisoformat(d), Decimal(y)) for o, c, d, y in sorted(rows, key=lambda r: r[2])])


def test_each_movement_has_its_name() -> None:
    book = _book(
        (1, "Hafen", "2025-01-10", 1000), (1, "Hafen", "2025-02-10", 1500), (1, "Hafen", "2025-03-10", 900),
        (1, "Hafen", "2025-04-10", 0), (2, "Hafen", "2025-06-01", 700),
    )  # fmt: skip
    told = months(book, dt.date(2025, 1, 1), dt.date(2025, 6, 30))
    named = [{kind: int(amount) for kind, amount in month.moved.items() if amount} for month in told]
    assert named == [{"new": 1000}, {"expansion": 500}, {"contraction": 600}, {"churn": 900}, {}, {"returned": 700}]


def test_one_contract_that_follows_another_is_no_leaving() -> None:
    book = _book((1, "Hafen", "2024-01-10", 1000), (1, "Hafen", "2025-01-10", 0), (2, "Hafen", "2025-01-10", 1100))
    (month,) = months(book, dt.date(2025, 1, 1), dt.date(2025, 1, 31))
    assert {k: v for k, v in month.moved.items() if v} == {"expansion": Decimal(100)}


def test_net_counts_growth_and_gross_does_not() -> None:
    book = _book(
        (1, "Hafen", "2024-01-10", 1000),
        (1, "Hafen", "2025-06-10", 1500),
        (2, "Nord", "2024-01-10", 1000),
        (2, "Nord", "2025-06-10", 0),
    )
    told = retained(book, dt.date(2024, 12, 31), dt.date(2025, 12, 31))
    assert (told.net, told.gross, told.heads, told.customers) == (0.75, 0.5, 0.5, 2)


people = st.lists(st.tuples(st.integers(), days, st.none() | days), max_size=30).map(
    lambda some: [
        (n, since, until if until is None or until > since else None) for n, (_k, since, until) in enumerate(some)
    ]
)


@BUSY
@given(people, st.sampled_from(["month", "quarter", "year"]))
def test_cohorts_add_up_to_the_list_of_customers(some: list[tuple[int, dt.date, dt.date | None]], by: str) -> None:
    found = cohorts(some, by, END)
    assert sum(c.customers for c in found) == sum(since <= END for _w, since, _u in some)
    assert sum(c.now for c in found) == sum(
        since <= END and (until is None or until > END) for _w, since, until in some
    )
    for cohort in found:
        assert cohort.kept == sorted(cohort.kept, reverse=True)
        assert all(cohort.now <= n <= cohort.customers for n in cohort.kept)
