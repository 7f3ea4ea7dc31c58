"""Figures that stand on every page are counted once in a while, not on each."""

import pytest

from kith.kernel.organisation.models import bump
from kith.ui import shortly

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands, and is put forward by hand."""
    now = [1000.0]
    monkeypatch.setattr(shortly.time, "monotonic", lambda: now[0])
    return now


def test_a_figure_is_counted_again_after_a_while_for_each_person_by_itself(clock):
    figures, asked = shortly.Shortly(), iter(range(10))

    def count():
        return next(asked)

    assert [figures.get(1, count), figures.get(1, count), figures.get(2, count)] == [0, 0, 1]
    clock[0] += shortly.FRESH + 0.1
    assert figures.get(1, count) == 2


def test_a_figure_is_counted_afresh_where_it_leads_to_and_after_settings_changed(clock):
    figures, asked = shortly.Shortly(), iter(range(10))

    def count():
        return next(asked)

    figures.get(1, count)
    assert figures.get(1, count, afresh=True) == 1
    bump()
    assert figures.get(1, count) == 2


def test_what_a_process_keeps_is_bounded(clock, monkeypatch):
    monkeypatch.setattr(shortly, "MOST", 3)
    figures = shortly.Shortly()
    for person in range(10):
        figures.get(person, lambda: 1)
    assert len(figures._kept) <= 3
