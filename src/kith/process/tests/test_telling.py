"""Ways that are told afterwards read as those that were walked."""

from __future__ import annotations

import datetime as dt

import pytest

from kith.kernel.access.actor import system
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.process import events
from kith.process.events import StageEntered
from kith.process.journeys.telling import Entry, Under, Walk, tell
from kith.process.models import Stay
from kith.process.tests.cast import company, in_force
from kith.process.versions import standard
from tests.cast import actor

pytestmark = pytest.mark.django_db
BEGUN = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def told(*entries):
    row = company(actor("ines"))
    in_force()
    running = standard()
    walk = Walk(("company", row.pk), row, entries)
    tell([walk], Under(running.process, running.number, running.definition), by=system())
    return list(Event.objects.filter(verb="journey.moved").order_by("at").values_list("payload", flat=True))


def entry(stage, day, **more):
    return Entry(stage, BEGUN + dt.timedelta(days=day), **more)


def test_a_return_that_is_told_says_that_it_went_back_and_why_and_nothing_else():
    _there, back, again = told(
        entry("capture", 0),
        entry("qualify", 1),
        entry("capture", 3, reason="It was the wrong house"),
        entry("qualify", 4),
    )
    assert StageEntered.say(back) == "moved this relationship from Qualify to Capture: “It was the wrong house”"
    assert (back["back"], back.get("met"), again["back"]) == (True, None, False)
    assert list(Stay.objects.order_by("entered_at").values_list("stage", flat=True)) == [
        "capture", "qualify", "capture", "qualify",
    ]  # fmt: skip


def test_what_was_told_of_time_in_a_form_that_is_no_sentence_is_not_said():
    [there] = told(entry("capture", 0), entry("qualify", 1))
    assert StageEntered.say(there | {"met": True}) == StageEntered.say(there)
    assert StageEntered.say(there | {"met": "renews in 30 days"}).endswith(
        ", since time made it true: renews in 30 days"
    )


def test_whatever_is_told_of_a_journey_can_be_listed_and_waited_for():
    told = {kind for kind in vars(events).values() if str(getattr(kind, "verb", "")).startswith("journey.")}
    assert told == set(registry["journey"].events)
