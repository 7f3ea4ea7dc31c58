"""Clocks that warn or run out reach whoever looks after the customer: in the inbox once a stay, and on Today."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.activities.models import Notice
from kith.deals.actions import install_defaults
from kith.kernel.access.actor import system
from kith.kernel.accounts.models import User
from kith.kernel.organisation.models import bump
from kith.kernel.records.action import ACTIONS, perform
from kith.process.journeys.backfill import backfill
from kith.process.journeys.clocks import tell_clocks
from kith.process.models import Journey
from kith.process.tests.cast import call, company, in_force, journey_of, made
from kith.today.page import day_of
from kith.today.scope import scope_of
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)


def after(minutes):
    return time_machine.travel(timezone.now() + minutes * MINUTE, tick=False)


def told():
    return [(n.user, n.kind, n.text) for n in Notice.objects.order_by("pk")]


def test_the_owner_is_told_once_that_a_clock_warns_and_once_that_it_ran_out():
    in_force()
    row = company(actor("ines"), owner=user("ines"))
    with after(100):
        tell_clocks()
        tell_clocks()
        [(who, kind, words)] = told()
    assert (who, kind) == (user("ines"), "process") and words.startswith("Hotel Bellevue is to leave Capture by ")
    with after(150):
        tell_clocks()
        tell_clocks()
    assert [(w, t.split(" by ")[0]) for w, _kind, t in told()[1:]] == [
        (user("ines"), "Hotel Bellevue should have left Capture")
    ]
    assert Notice.objects.first().record_id == journey_of(row).pk


def test_a_relationship_nobody_looks_after_is_told_to_those_who_manage():
    in_force()
    helena = user("helena")
    User.objects.filter(pk=helena.pk).update(role="manager")
    bump()
    row = company(actor("ines"), owner=user("ines"))
    Journey.objects.filter(pk=journey_of(row).pk).update(owner=None)
    with after(150):
        tell_clocks()
    assert [who for who, *_rest in told()] == [helena]


def test_what_ran_out_long_ago_is_no_news():
    in_force()
    row = company(actor("ines"), owner=user("ines"))
    Journey.objects.filter(pk=journey_of(row).pk).update(due_at=timezone.now() - 9 * DAY)
    assert tell_clocks() == 1 and not told()


def test_what_ran_out_before_kith_knew_of_it_is_no_news_and_stands_on_today():
    install_defaults(system())
    ines = actor("ines")
    with after(-60 * 24 * 31):
        row = company(ines, owner=user("ines"))
        made("deal", ines, name="Sensors", company=row)
    in_force()
    assert backfill() == 1 and journey_of(row).stage == "deal"
    assert timezone.now() - 2 * DAY < journey_of(row).due_at < timezone.now()
    assert tell_clocks() == 0 and not told()
    assert steps(ines).count == 1


def test_many_at_once_are_one_line_and_cost_no_query_each():
    in_force()
    ines = actor("ines")
    counts = []
    for names in ("ABCDEFGH", "IJKLMNOPQRSTUVW"):
        for name in names:
            company(ines, name, owner=user("ines"))
        with after(150), CaptureQueriesContext(connection) as asked:
            assert tell_clocks() == len(names)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    texts = [text for *_who, text in told()]
    assert texts == [
        "8 relationships should have left their step by now.",
        "15 relationships should have left their step by now.",
    ]
    assert "filter=late.is" in Notice.objects.last().path


def steps(by, of="me"):
    return next((s for s in day_of(by, scope_of(by, of)).sections if s.key == "steps"), None)


def test_today_shows_clocks_of_every_step_what_ran_out_first_and_new_ones_in_their_own_section():
    in_force()
    ines = actor("ines")
    for name in ("Atlas", "Bellevue", "Calm"):
        row = company(ines, name, owner=user("ines"))
        call(ines, company=row)
        perform(ACTIONS["journey.move"], journey_of(row), {"stage": "deal", "reason": "They buy"}, by=ines)
        set_clock(row, {"Atlas": (-2, -3), "Bellevue": (1, -1), "Calm": (9, 5)}[name])
    company(ines, "New", owner=user("ines"))
    shown = steps(ines)
    assert [(i.name, i.tone, i.what, i.when) for i in shown.items] == [
        ("Atlas", "late", "Deal should be left by now", "2 days over"), ("Bellevue", "warn", "Deal is to be left soon", "23 h 59 m left"),
    ]  # fmt: skip
    assert shown.count == 2 and shown.items[0].href.startswith("/companies/")
    [leads] = [s for s in day_of(ines, scope_of(ines)).sections if s.key == "leads"]
    assert [i.name for i in leads.items] == ["New"]
    assert steps(actor("priya")) is None and steps(actor("priya"), "team").count == 2


def set_clock(row, days):
    due, warn = (timezone.now() + n * DAY for n in days)
    Journey.objects.filter(pk=journey_of(row).pk).update(due_at=due, warn_at=warn)


@pytest.mark.parametrize("of", ["me", "team"])
def test_clocks_of_all_steps_are_read_with_those_of_new_ones(of):
    """However many there are, the day asks no oftener than without any."""
    in_force()
    ines, counts = actor("ines"), []
    for n in (0, 2, 9):
        for i in range(n):
            row = company(ines, f"Firm {n} {i}", owner=user("ines"))
            perform(ACTIONS["journey.move"], journey_of(row), {"stage": "deal", "reason": "They buy"}, by=ines)
            set_clock(row, (-2, -3))
            company(ines, f"New {n} {i}", owner=user("ines"))
        day_of(ines, scope_of(ines, of))
        with CaptureQueriesContext(connection) as asked:
            day_of(ines, scope_of(ines, of))
        counts.append(len(asked))
    assert counts[1] == counts[2] <= 17
