"""Spans of time in words: read, shown, kept as they were said, and when they are over."""

import datetime as dt

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kith.kernel.calendars.kinds import SpanWords
from kith.kernel.calendars.span import Span, parse_span
from kith.kernel.calendars.tests.made import H, at, calendar, shown
from kith.kernel.errors import Invalid

OFFICE = calendar()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("2 h", "2 h"), ("2h", "2 h"), ("1 hour", "1 h"), ("90 min", "90 min"), ("90 minutes", "90 min"),
        ("14 days", "14 days"), ("1 Day", "1 day"), ("2 weeks", "2 weeks"), ("1w", "1 week"),
        ("3 business days", "3 business days"), ("1 working day", "1 business day"),
        ("10  business   hours", "10 business hours"), ("10 business h", "10 business hours"),
        ("30 business minutes", "30 business minutes"),
    ],
)  # fmt: skip
def test_spans_are_read_however_they_are_said(said, kept):
    assert str(parse_span(said)) == kept
    assert SpanWords().parse(said) == kept


@given(
    st.integers(1, 7000),
    st.sampled_from([("min", False), ("h", False), ("days", False), ("min", True), ("h", True), ("days", True)]),
)
def test_a_span_comes_back_from_a_file_as_it_was(n, unit):
    span = Span(n, *unit)
    assert parse_span(str(span)) == span
    assert yaml.safe_load(yaml.safe_dump({"within": str(span)})) == {"within": str(span)}


@pytest.mark.parametrize(
    "text", ["", "soon", "2", "h", "1.5 h", "-2 h", "2 business", "2 months of rain", "2 fortnights", "x" * 5000]
)
def test_what_is_no_span_is_refused_with_examples(text):
    with pytest.raises(Invalid) as refused:
        parse_span(text)
    assert "write it as 90 min, 2 h, 14 days, 10 business hours or 3 business days." in refused.value.message
    assert len(refused.value.message) < 200


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("0 h", "at least 1"), ("2 business weeks", "say business days"), ("999999 days", "longer than 20 years")],
)
def test_spans_that_cannot_be_are_refused_in_one_sentence(text, sentence):
    with pytest.raises(Invalid, match=sentence):
        parse_span(text)


@pytest.mark.parametrize(
    ("span", "start", "due"),
    [
        ("2 h", "2026-03-13 16:00", "Fri 2026-03-13 18:00"),
        ("2 business hours", "2026-03-13 16:00", "Mon 2026-03-16 10:00"),
        ("90 business minutes", "2026-03-12 16:00", "Fri 2026-03-13 09:30"),
        ("3 business days", "2026-03-13 16:00", "Wed 2026-03-18 16:00"),
        ("14 days", "2026-03-20 10:00", "Fri 2026-04-03 10:00"),
        ("2 weeks", "2026-10-20 10:00", "Tue 2026-11-03 10:00"),
        ("24 h", "2026-03-28 10:00", "Sun 2026-03-29 11:00"),
        ("1 day", "2026-03-28 02:30", "Sun 2026-03-29 03:00"),
    ],
)
def test_a_span_is_over_when_its_own_clock_says_so(span, start, due):
    assert shown(parse_span(span).after(at(start), OFFICE)) == due


def test_a_warning_begins_as_long_before():
    assert shown(parse_span("4 business hours").before(at("2026-03-16 11:00"), OFFICE)) == "Fri 2026-03-13 15:00"
    assert shown(parse_span("1 business day").before(at("2026-03-16 11:00"), OFFICE)) == "Fri 2026-03-13 11:00"
    assert shown(parse_span("1 day").before(at("2026-03-16 11:00"), OFFICE)) == "Sun 2026-03-15 11:00"


def test_what_has_passed_is_counted_by_its_own_clock():
    friday, monday = at("2026-03-13 16:00"), at("2026-03-16 10:00")
    assert parse_span("4 business hours").elapsed(friday, monday, OFFICE) == 2 * H
    assert parse_span("4 h").elapsed(friday, monday, OFFICE) == 66 * H


def test_a_span_that_leads_out_of_the_calendar_is_refused():
    last = dt.datetime(9999, 12, 30, tzinfo=dt.UTC)
    for words in ("3 days", "72 h", "3 business days"):
        with pytest.raises(Invalid):
            parse_span(words).after(last, OFFICE)
