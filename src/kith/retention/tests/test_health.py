"""Customers' health: parts that explain themselves, what is not known, what moves it, and who is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from kith.activities.events import CallLogged
from kith.contacts.actions import become_customer, end_customer, is_customer
from kith.kernel.errors import InvalidMany
from kith.kernel.records import actions, merge
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.types import EVENTS, EventType
from kith.retention.customers import batch_of
from kith.retention.health import dirty, sweeping
from kith.retention.health.computing import keep, work_out
from kith.retention.health.usage import Count
from kith.retention.health.usage import keep as count
from kith.retention.models import Care, Dirty, HealthMoved, HealthPart, HealthVersion, Source, Tier, Usage
from kith.retention.tests.cast import BY, batch, days_ago, firm, order, person, ticket, told

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Answered(EventType):
    """As surveys say it."""

    sentence = "answered"
    score: int = 0
    top: int = 10

    def verb_for(self, record: str) -> str:
        return "survey.answered"


def part(**values: Any) -> HealthPart:
    made: HealthPart = actions.create(registry["health_part"], {"name": "Part", **values}, by=BY)
    return made


def tier(days: int = 30, **values: Any) -> Tier:
    made: Tier = actions.create(registry["tier"], {"name": "Everybody", "days": days, **values}, by=BY)
    return made


def health(row: Any, now: dt.datetime | None = None) -> Any:
    return work_out(batch(row), now or timezone.now())[row._meta.model_name, row.pk]


def test_each_part_says_what_it_saw_and_health_is_their_weighted_mean() -> None:
    tier(30)
    part(name="Contact", source=Source.CONTACT, weight=30, poor=3, good=1)
    part(name="Tickets", source=Source.TICKETS, weight=10, poor=4, good=0)
    hafen = firm()
    told(hafen, CallLogged(minutes=10), 60)
    ticket(hafen, 5)
    found = health(hafen)
    assert [(line["name"], line["points"]) for line in found.lines] == [("Contact", 50), ("Tickets", 75)]
    assert found.points == round((30 * 50 + 10 * 75) / 40)
    assert found.confidence == 100
    assert found.lines[0]["words"] == "60 days since we spoke, every 30 asked for"
    assert found.lines[1]["words"] == "1 ticket"


def test_what_is_not_known_lowers_how_sure_we_are_and_not_the_points() -> None:
    tier(30)
    part(name="Contact", source=Source.CONTACT, weight=30, poor=3, good=1)
    part(name="Use", source=Source.USAGE, weight=70, poor=40, good=90, counter="sessions")
    hafen = firm()
    told(hafen, CallLogged(minutes=10), 3)
    found = health(hafen)
    assert (found.points, found.confidence) == (100, 30)
    assert found.lines[1]["points"] is None


def test_of_whom_nothing_is_known_health_is_not_known_either() -> None:
    part(name="Use", source=Source.USAGE, weight=70, poor=40, good=90, counter="sessions")
    found = health(firm())
    assert (found.points, found.band, found.confidence) == (None, "", 0)


def test_without_a_single_ticket_anywhere_tickets_say_nothing() -> None:
    part(name="Tickets", source=Source.TICKETS, weight=10, poor=4, good=0)
    hafen = firm()
    assert health(hafen).points is None
    ticket(person(), 2)
    assert health(hafen).points == 100


def test_complaints_weigh_double() -> None:
    part(name="Tickets", source=Source.TICKETS, weight=10, poor=4, good=0)
    hafen = firm()
    ticket(hafen, 2, kind="complaint")
    found = health(hafen)
    assert found.points == 50
    assert found.lines[0]["words"] == "1 ticket, 1 complaint among them"


def test_use_counts_against_what_was_usual_and_the_last_count_of_a_day_holds() -> None:
    part(name="Use", source=Source.USAGE, weight=10, poor=0, good=100, counter="sessions")
    hafen, today = firm(), timezone.localdate()
    key = ("company", hafen.pk)
    count([Count(key, "sessions", today - dt.timedelta(days=n), 10) for n in range(28, 84)])
    count([Count(key, "sessions", today - dt.timedelta(days=n), 99) for n in range(28)])
    count([Count(key, "sessions", today - dt.timedelta(days=n), 5) for n in range(28)])
    assert Usage.objects.count() == 84
    assert health(hafen).points == pytest.approx(50, abs=2)


def test_a_counter_speaks_by_its_last_value_and_only_while_it_is_fresh() -> None:
    part(name="Payment", source=Source.COUNTER, weight=10, poor=30, good=0, counter="days_overdue", days=45)
    hafen, today = firm(), timezone.localdate()
    count([Count(("company", hafen.pk), "days_overdue", today - dt.timedelta(days=60), 30)])
    assert health(hafen).points is None
    count([Count(("company", hafen.pk), "days_overdue", today, 15)])
    assert health(hafen).points == 50


def reported(row: Any, state: str, late_since: dt.date | None = None) -> None:
    """What invoicing says of an order, as its verb writes it."""
    given = {"state": state, **({"since": late_since.isoformat()} if late_since else {})}
    perform(ACTIONS["order.report_status"], row, given, by=BY)


def test_payment_is_what_invoicing_says_of_orders_the_longest_overdue_first() -> None:
    part(name="Payment", source=Source.PAYMENT, weight=10, poor=30, good=0)
    hafen, plain = firm(), firm("Kontor Elbe")
    one, other, third = order(hafen), order(hafen), order(hafen)
    order(plain)
    today = timezone.localdate()
    assert (health(hafen).points, health(hafen).confidence) == (None, 0), "invoicing never spoke"
    reported(one, "paid")
    assert (health(hafen).points, health(hafen).lines[0]["words"]) == (100, "nothing overdue")
    reported(other, "overdue", today - dt.timedelta(days=15))
    reported(third, "overdue", today - dt.timedelta(days=3))
    assert (health(hafen).points, health(hafen).lines[0]["words"]) == (50, "2 orders overdue, for 15 days")
    reported(other, "paid"), reported(third, "paid")
    assert health(hafen).points == 100
    assert health(plain).points is None
    past = work_out(batch(hafen), timezone.now(), past=True)["company", hafen.pk]
    assert past.lines == [], "of a day gone by it knows nothing"


def test_a_counter_of_days_overdue_holds_beside_what_invoicing_says() -> None:
    part(name="Payment", source=Source.PAYMENT, weight=10, poor=30, good=0, counter="days_overdue", days=45)
    hafen = firm()
    count([Count(("company", hafen.pk), "days_overdue", timezone.localdate(), 21)])
    assert health(hafen).points == 30
    reported(order(hafen), "paid")
    assert health(hafen).points == 30, "the program knows of more"
    reported(order(hafen), "overdue", timezone.localdate() - dt.timedelta(days=30))
    assert health(hafen).points == 0


def test_what_invoicing_says_brings_health_up_to_date() -> None:
    part(name="Payment", source=Source.PAYMENT, weight=10, poor=30, good=0)
    hafen = firm()
    dirty.work_off()
    reported(order(hafen), "overdue", timezone.localdate() - dt.timedelta(days=30))
    dirty.work_off()
    assert Care.objects.get(company=hafen).health == 0


def test_surveys_count_by_their_last_three_answers() -> None:
    part(name="Surveys", source=Source.SURVEY, weight=10, poor=0, good=100, days=365)
    hafen = firm()
    for days, score in ((300, 0), (30, 9), (20, 9), (10, 9)):
        told(hafen, Answered(score=score), days)
    assert health(hafen).points == 90


def test_a_filter_of_companies_fits_or_does_not() -> None:
    part(name="Size", source=Source.FILTER, weight=10, where="industry.is:Transport")
    assert health(firm("Hafen", industry="Transport")).points == 100
    assert health(firm("Nordwind", industry="Energy")).points == 0
    assert health(person()).points is None


def test_health_of_a_day_gone_by_knows_nothing_that_came_later() -> None:
    tier(30)
    part(name="Contact", source=Source.CONTACT, weight=30, poor=3, good=1)
    part(name="Tickets", source=Source.TICKETS, weight=30, poor=4, good=0)
    hafen = firm()
    told(hafen, CallLogged(minutes=10), 100)
    told(hafen, CallLogged(minutes=10), 1)
    ticket(hafen, 200)
    ticket(hafen, 2)
    found = health(hafen, days_ago(40))
    assert found.lines[0]["figure"] == 2.0
    assert found.lines[1]["figure"] == 0


def test_what_happens_marks_the_customer_and_the_job_brings_health_up_to_date() -> None:
    tier(30)
    part(name="Contact", source=Source.CONTACT, weight=30, poor=3, good=1)
    hafen = firm()
    sweeping.everybody()
    Dirty.objects.all().delete()
    assert Care.objects.get(company=hafen).health == 0
    told(hafen, CallLogged(minutes=10), 0)
    assert Dirty.objects.filter(record="company", row=hafen.pk).exists()
    assert dirty.work_off() == 1
    care = Care.objects.get(company=hafen)
    assert (care.health, care.band) == (100, "good")
    assert care.due_on == timezone.localdate() + dt.timedelta(days=30)


def test_a_move_into_another_band_is_told_once_and_kept_with_its_reason() -> None:
    tier(30)
    part(name="Contact", source=Source.CONTACT, weight=30, poor=3, good=1)
    hafen = firm()
    told(hafen, CallLogged(minutes=10), 0)
    keep(batch(hafen))
    assert not Event.objects.filter(verb__startswith="health.").exists()
    keep(batch(hafen), timezone.now() + dt.timedelta(days=80))
    keep(batch(hafen), timezone.now() + dt.timedelta(days=80))
    fell = Event.objects.get(verb="health.fell")
    assert (fell.record, fell.record_id) == ("company", hafen.pk)
    assert EVENTS["health.fell"].say(fell.payload) == "saw health fall from 100 to 17: Contact"
    moves = list(HealthMoved.objects.filter(company=hafen).order_by("at").values_list("before", "after", "band"))
    assert moves == [(None, 100, "good"), (100, 17, "poor")]


def test_a_second_sweep_changes_nothing() -> None:
    tier(30)
    part(name="Contact", source=Source.CONTACT, weight=30, poor=3, good=1)
    firm(), person()
    assert sweeping.everybody() == 2
    assert sweeping.everybody() == 0


def test_people_of_a_company_stand_for_it_and_those_without_for_themselves() -> None:
    hafen, mara = firm(), person()
    ella = actions.create(registry["person"], {"given_name": "Ella", "company": hafen}, by=BY)
    found = batch_of([("person", ella.pk), ("person", mara.pk)])
    assert (list(found.companies), list(found.people)) == ([hafen.pk], [mara.pk])


def test_whoever_leaves_has_no_health_any_more_and_keeps_the_history() -> None:
    tier(30)
    part(name="Contact", source=Source.CONTACT, weight=30, poor=3, good=1)
    hafen = firm()
    sweeping.everybody()
    end_customer([hafen], by=BY)
    dirty.work_off()
    assert not Care.objects.exists()
    assert HealthMoved.objects.filter(company=hafen).exists()


def test_other_parts_are_another_version_and_the_same_ones_are_not() -> None:
    tier(30)
    one = part(name="Contact", source=Source.CONTACT, weight=20, poor=3, good=1)
    one = actions.edit(registry["health_part"], one, {"weight": 30}, by=BY)
    assert list(HealthVersion.objects.values_list("number", flat=True)) == [1]  # nobody was worked out by it meanwhile
    keep(batch(firm()))
    actions.edit(registry["health_part"], one, {"weight": 40}, by=BY)
    one.refresh_from_db()
    actions.edit(registry["health_part"], one, {"position": 3}, by=BY)
    assert list(HealthVersion.objects.values_list("number", flat=True)) == [2, 1]


def test_a_part_that_cannot_be_asked_is_refused_with_a_sentence() -> None:
    with pytest.raises(InvalidMany) as refused:
        part(name="Wrong", source=Source.COUNTER, poor=1, good=1)
    assert set(refused.value.errors) == {"good", "counter"}


def test_two_companies_that_become_one_keep_one_row_and_their_counts() -> None:
    tier(30)
    part(name="Contact", source=Source.CONTACT, weight=30, poor=3, good=1)
    hafen, other, today = firm("Hafen"), firm("Hafen AG"), timezone.localdate()
    count([Count(("company", hafen.pk), "sessions", today, 1), Count(("company", other.pk), "sessions", today, 2)])
    count([Count(("company", other.pk), "sessions", today - dt.timedelta(days=1), 3)])
    sweeping.everybody()
    merge.merge(registry["company"], hafen, [other], by=BY)
    dirty.work_off()
    assert Care.objects.filter(company=hafen).count() == 1
    assert sorted(Usage.objects.filter(company=hafen).values_list("amount", flat=True)) == [1, 3]


@dataclass(frozen=True)
class Onboarding(EventType):
    """As onboarding says it."""

    sentence = "reached it"
    verb_said: str = ""

    def verb_for(self, record: str) -> str:
        return self.verb_said


def test_onboarding_counts_by_the_first_value_and_by_what_slipped() -> None:
    part(name="Onboarding", source=Source.ONBOARDING, weight=10, poor=0, good=100)
    hafen = firm()
    assert health(hafen).points is None
    told(hafen, Onboarding(verb_said="onboarding.slipped"), 50)
    assert health(hafen).points == 30
    told(hafen, Onboarding(verb_said="onboarding.first_value"), 40)
    assert health(hafen).points == 80
    told(hafen, Onboarding(verb_said="onboarding.first_value_withdrawn"), 30)
    assert health(hafen).points == 30


def test_a_customer_won_where_it_is_tomorrow_already_has_health_at_once(time_machine: Any) -> None:
    """At half past eleven at night, by the clock of whoever won them an hour further east."""
    tier(30)
    part(name="Contact", source=Source.CONTACT, weight=30, poor=3, good=1)
    time_machine.move_to(dt.datetime(2026, 6, 3, 22, 30, tzinfo=dt.UTC), tick=False)
    made = actions.create(registry["company"], {"name": "Hafen Logistik"}, by=BY)
    with timezone.override("Europe/Stockholm"):
        become_customer([made], by=BY)
    made.refresh_from_db()
    assert made.customer_since == dt.date(2026, 6, 4)
    assert is_customer(made)
    sweeping.everybody()
    assert Care.objects.get(company=made).health == 100
    dirty.work_off()
    assert Care.objects.filter(company=made).exists()
