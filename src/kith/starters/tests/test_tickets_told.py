"""What Tidewell's customers asked, read back through the product: the planted share of first replies in time, by priority."""

import datetime as dt
from collections import Counter

import pytest
from django.utils import timezone

from kith.activities.models import Notice
from kith.kernel.access.actor import system
from kith.kernel.records.registry import registry
from kith.process.forgotten.proving import check
from kith.starters.actions import install_sample, remove_sample
from kith.starters.tidewell.tickets import KEPT
from kith.support.models import Clock, Entry, Ticket
from kith.support.queries import talk

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 11, 14, 20, tzinfo=dt.UTC)


def test_tickets_are_told_with_their_talks_clocks_and_planted_shares_and_go_without_a_trace():
    install_sample(by=system("cli"), people=1200, now=NOW)
    rows = registry["ticket"].rows(system("cli"))
    assert rows.count() > 400 and rows.exclude(state="solved").count() > 20
    states = Counter(
        Clock.objects.filter(kind="first", ended_at__isnull=False).values_list("ticket__priority", "state")
    )
    for priority, share in KEPT.items():
        met, broken = states[priority, "met"], states[priority, "broken"]
        assert abs(100 * met / (met + broken) - share) < 9, (priority, met, broken)
    assert not Ticket.objects.filter(state__in=["new", "open", "waiting"], next_step_at=None).exists()
    assert not [one for one in check().rows if one["record"] == "ticket"]
    assert not Clock.objects.filter(look_at__lte=timezone.now()).exists()  # what ran over was told then
    assert not Notice.objects.filter(kind="ticket_clock").exists()
    longest = Ticket.objects.filter(state="solved").order_by("-said").first()
    lines, before = talk(longest, system("cli"))
    assert before == "" and [line.side for line in lines if line.side != "event"][:2] == ["them", "us"]
    assert longest.said == Entry.objects.filter(ticket=longest).count()
    remove_sample(by=system("cli"))
    assert not Ticket.objects.exists() and not Clock.objects.exists()
