"""The time a report speaks of: calendar words, days, the edge of a day in each time zone, and the period before."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kith.insight.period import CUSTOM, PRESETS, Period, read_period
from kith.insight.tests.asking import behind, closed, report, table, values
from kith.kernel.errors import Invalid
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, user

NOW = dt.datetime(2026, 3, 12, 12, tzinfo=dt.UTC)
day = dt.date.fromisoformat


@pytest.fixture
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize(
    ("word", "first", "last", "title", "before"),
    [
        ("this_month", "2026-03-01", "2026-03-31", "March, so far", ("2026-02-01", "2026-02-28")),
        ("last_month", "2026-02-01", "2026-02-28", "February 2026", ("2026-01-01", "2026-01-31")),
        ("this_quarter", "2026-01-01", "2026-03-31", "First quarter, so far", ("2025-10-01", "2025-12-31")),
        ("last_quarter", "2025-10-01", "2025-12-31", "Fourth quarter 2025", ("2025-07-01", "2025-09-30")),
        ("this_year", "2026-01-01", "2026-12-31", "2026, so far", ("2025-01-01", "2025-12-31")),
        ("last_year", "2025-01-01", "2025-12-31", "2025", ("2024-01-01", "2024-12-31")),
        ("last_365_days", "2025-03-13", "2026-03-12", "Last 365 days", ("2024-03-13", "2025-03-12")),
        ("last_7_days", "2026-03-06", "2026-03-12", "Last 7 days", ("2026-02-27", "2026-03-05")),
        ("last_1_days", "2026-03-12", "2026-03-12", "Last 1 day", ("2026-03-11", "2026-03-11")),
        ("2024", "2024-01-01", "2024-12-31", "2024", ("2023-01-01", "2023-12-31")),
        ("2024-Q1", "2024-01-01", "2024-03-31", "First quarter 2024", ("2023-10-01", "2023-12-31")),
        ("2024-q4", "2024-10-01", "2024-12-31", "Fourth quarter 2024", ("2024-07-01", "2024-09-30")),
        ("2024-02", "2024-02-01", "2024-02-29", "February 2024", ("2024-01-01", "2024-01-31")),
        ("9998-12", "9998-12-01", "9998-12-31", "December 9998, so far", ("9998-11-01", "9998-11-30")),
        ("0001", "0001-01-01", "0001-12-31", "1", None),
    ],
)
def test_a_word_means_these_days_and_is_compared_with_those_before(today, word, first, last, title, before):
    found = read_period({"period": word})
    assert (found.start, found.end, found.title()) == (day(first), day(last), title)
    then = found.before()
    assert (then and (then.start, then.end)) == (before and (day(before[0]), day(before[1])))


def test_days_of_ones_own_choice_may_be_open_on_either_side(today):
    both = read_period({"from": "2026-01-10", "to": "2026-01-19"})
    assert (both.start, both.end, both.title()) == (
        day("2026-01-10"),
        day("2026-01-19"),
        "10 January to 19 January 2026",
    )
    assert (both.before().start, both.before().end) == (day("2025-12-31"), day("2026-01-09"))
    since = read_period({"from": "2026-01-10"})
    assert (since.name(), since.before()) == ("since 10 January 2026", None)
    assert read_period({"to": "2026-01-10"}).name() == "up to 10 January 2026"
    assert read_period({"from": "2026-01-01", "to": "2026-02-28"}).before().start == day("2025-11-01")


@pytest.mark.parametrize(
    ("params", "sentence", "field"),
    [
        ({"period": "soon"}, "“soon” is not a period; try this_month,", "period"),
        ({"period": "2026-13"}, "“2026-13” is not a period", "period"),
        ({"period": "2026-Q5"}, "“2026-Q5” is not a period", "period"),
        ({"period": "0000"}, "“0000” is not a period", "period"),
        ({"period": "9999"}, "“9999” is not a period", "period"),
        ({"period": "last_0_days"}, "“last_0_days” is not a period", "period"),
        ({"period": "next_7_days"}, "“next_7_days” is not a period", "period"),
        ({"period": "٢٠٢٦"}, "is not a period", "period"),
        ({"period": "last_٣_days"}, "is not a period", "period"),
        ({"from": "yesterdayish"}, "“yesterdayish” is not a date; write it as 2026-03-12.", "from"),
        ({"to": "03/04/2026"}, "“03/04/2026” can be read in two ways", "to"),
        ({"to": "2026-02-30"}, "“2026-02-30” is not a date", "to"),
        ({"to": "9999-01-01"}, "The last day that can be asked for is 9998-12-31.", "to"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "The period ends on 2026-01-01, before it begins on 2026-02-01.", "to"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_a_sentence(today, params, sentence, field):
    with pytest.raises(Invalid) as refused:
        read_period(params)
    assert sentence in refused.value.message
    assert refused.value.field == field


days = st.dates(dt.date(1, 1, 1), dt.date(9998, 12, 31))


@given(start=days, end=days, today=days)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_period_before_ends_the_day_before_and_every_address_reads_back(start, end, today):
    start, end = min(start, end), max(start, end)
    period = Period(CUSTOM, start, end, today)
    before = period.before()
    if before is not None:
        assert before.end == start - dt.timedelta(1)
        assert before.start <= before.end
        if before.start > dt.date(1, 1, 1):
            assert period.months or before.end - before.start == end - start
    back = read_period(period.params())
    assert (back.start, back.end) == (start, end)
    assert period.title() and period.days()


def test_every_word_that_is_offered_can_be_asked_for(today):
    assert [read_period({"period": word}).key for word in PRESETS] == list(PRESETS)


@pytest.mark.django_db
def test_a_period_takes_both_its_ends_and_nothing_beside_them():
    for name in ("2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01"):
        closed(name, "won", name)
    out = report(period="2026-01")
    assert behind(out.figures["won"]) == ["2026-01-01", "2026-01-31"]
    assert (out.figures["won"].value, out.before["won"].value) == (2, 1)


@pytest.mark.django_db
def test_a_period_that_runs_stands_beside_the_whole_one_before_it(today):
    closed("Autumn", "lost", "2025-11-03")
    closed("Late autumn", "won", "2025-12-31")
    closed("Winter", "won", "2026-03-11")
    out = report(period="this_quarter")
    assert (values(out, "won", "lost", "win_rate"), out.before["win_rate"].value) == ((1, 0, 1.0), 0.5)


@pytest.mark.django_db
def test_open_counts_what_was_open_at_the_end_of_a_period_behind_us(today):
    closed("Won later", "won", "2026-02-10", opened="2025-12-01")
    closed("Won in time", "won", "2025-12-31", opened="2025-12-01")
    closed("Opened later", "lost", "2026-02-20", opened="2026-01-01")
    out = report(period="2025")
    assert behind(out.figures["open"]) == ["Won later"]
    assert (out.figures["open"].value, report(period="this_quarter").figures["open"].value) == (1, 0)
    assert table(report(period="2026-01", by="month"), "month", "open") == {"Jan 2026": (2,)}


@pytest.mark.django_db
@pytest.mark.parametrize(("zone", "months"), [("Pacific/Auckland", ("Jan 2026", "2026-01-01")), ("America/Lima", ("Dec 2025", "2025-12-31"))])  # fmt: skip
def test_a_moment_belongs_to_the_day_it_is_where_the_reader_is(zone, months):
    ines = actor("ines")
    with time_machine.travel(dt.datetime(2026, 1, 1, 2, tzinfo=dt.UTC), tick=False), timezone.override(zone):
        actions.create(registry["activity"], {"kind": "note", "body": "Met at the fair"}, by=ines)
        out = report("ines", "activity", period="all", by="month")
        assert {k: v for k, v in table(out, "month", "notes").items() if v != (0,)} == {months[0]: (1,)}
        here = report("ines", "activity", **{"from": months[1], "to": months[1]})
        assert here.figures["notes"].value == 1
        assert behind(here.figures["notes"], "ines") == ["Met at the fair"]
        assert report("ines", "activity", period="this_month").figures["notes"].value == 1


@pytest.mark.django_db
def test_today_is_the_readers_day_on_the_page(client):
    late = user("ines")
    late.time_zone = "Pacific/Auckland"
    late.save()
    client.force_login(late)
    with time_machine.travel(dt.datetime(2025, 12, 31, 20, tzinfo=dt.UTC), tick=False):
        client.force_login(late)
        assert "January, so far" in client.get("/reports/deals/?period=this_month").content.decode()
