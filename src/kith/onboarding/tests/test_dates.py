"""When steps are due: business time after what they wait for, pushed on by what is late, never in a circle."""

from __future__ import annotations

import datetime as dt

import pytest

from kith.kernel.calendars.hours import Calendar
from kith.kernel.errors import Invalid
from kith.kernel.zones import zone
from kith.onboarding.dates import Node, end_of, in_order, schedule

NINE_TO_FIVE = ((9 * 60, 17 * 60),)
MONDAY = dt.date(2026, 3, 2)
OFFICE = Calendar(
    zone("Europe/Stockholm"), (*[NINE_TO_FIVE] * 5, (), ()), lambda year: {dt.date(2026, 3, 5): "Day off"}
)


def day(n: int) -> dt.date:
    return dt.date(2026, 3, n)


PLAN = (
    Node("kick-off", (), "3 business days"), Node("papers", ("kick-off",), "2 business days"), Node("set-up", ("kick-off",), "1 business days"),
    Node("train", ("papers", "set-up"), "1 business days"), Node("result", ("train",)),
)  # fmt: skip


def test_days_are_business_days_and_the_later_of_two_steps_counts():
    assert schedule(PLAN, MONDAY, MONDAY, OFFICE) == {
        "kick-off": day(6), "papers": day(10), "set-up": day(9), "train": day(11), "result": day(11),
    }  # fmt: skip


def test_what_is_done_early_brings_what_waits_for_it_forward():
    done = [Node("kick-off", (), "3 business days", ended_on=day(3)), *PLAN[1:]]
    assert schedule(done, MONDAY, day(3), OFFICE)["papers"] == day(6)


def test_what_should_be_done_and_is_not_pushes_on_with_every_day():
    assert schedule(PLAN, MONDAY, day(12), OFFICE)["papers"] == day(16)
    assert schedule(PLAN, MONDAY, day(13), OFFICE)["papers"] == day(17)
    assert schedule(PLAN, MONDAY, day(12), OFFICE)["kick-off"] == day(6), (
        "its own day stays, so that it is seen to be late"
    )


def test_a_day_that_somebody_set_counts_whatever_it_waits_for():
    fixed = [*PLAN[:3], Node("train", ("papers", "set-up"), "1 business days", fixed_on=day(30)), PLAN[4]]
    assert schedule(fixed, MONDAY, MONDAY, OFFICE)["result"] == day(30)


def test_steps_that_wait_for_something_that_is_gone_begin_with_the_signature():
    assert schedule([Node("train", ("vanished",), "1 business days")], MONDAY, MONDAY, OFFICE) == {"train": day(3)}


def test_a_circle_is_refused_by_name():
    with pytest.raises(Invalid, match="a, b"):
        in_order([Node("a", ("b",)), Node("b", ("a",)), Node("c")])


def test_the_end_is_the_last_day_on_which_something_is_done():
    assert end_of(PLAN, schedule(PLAN, MONDAY, MONDAY, OFFICE), MONDAY) == day(11)
    assert end_of([], {}, MONDAY) is None
