"""Who gets a ticket: skill, weight, availability, turns; and what the page on fairness makes of it."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.accounts.models import Team
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.support import given
from kith.support.models import Agent, Given, Ticket
from kith.support.opening import open_ticket
from kith.support.routing import PAGE, deal_out, fairness, give, held
from kith.support.tests.cast import moment, office, ticket
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


def agent(who, **values):
    return create(registry["agent"], {"user": user(who), **values}, by=system("cli"))


def come(**values):
    return ticket(system("mail"), **values)


def test_turns_go_by_share_and_weigh_what_is_heavy():
    agent("ines", share=2, capacity=1000)
    agent("jonas", share=1, capacity=1000)
    for n in range(60):
        come(subject=f"Ticket {n}", priority="urgent" if n % 3 == 0 else "low")
    load = held([user("ines").pk, user("jonas").pk])
    whole = sum(load.values())
    assert abs(load[user("ines").pk] - whole * 2 / 3) <= 10
    rows = {row["user"].name: row for row in fairness()}
    assert abs(rows["Ines Okafor"]["dealt"] - rows["Ines Okafor"]["due"]) <= 10


def test_a_tag_that_somebody_knows_goes_to_those_who_know_it():
    agent("ines", skills=["app"])
    agent("jonas", skills=["valves"])
    assert [come(tags=["Valves"]).owner_id for _n in range(3)] == [user("jonas").pk] * 3
    assert come(tags=["nobody knows this"]).owner_id is not None


def test_who_is_full_or_takes_no_turns_gets_nothing_and_the_ticket_waits_for_somebody():
    agent("ines", capacity=4)
    agent("jonas", active=False)
    owners = [come(subject=f"Ticket {n}").owner_id for n in range(3)]
    assert owners == [user("ines").pk, user("ines").pk, None]


def test_what_nobody_could_take_is_dealt_out_once_somebody_can_and_what_was_put_back_is_not():
    mine = agent("ines", capacity=2)
    first, waits = come(subject="One"), come(subject="Two")
    assert (first.owner_id, waits.owner_id, deal_out()) == (user("ines").pk, None, 0)
    actions.edit(registry["agent"], mine, {"capacity": 40}, by=system("cli"))
    assert deal_out() == 1
    waits.refresh_from_db()
    assert (waits.owner_id, waits.given.get().how) == (user("ines").pk, "turn")
    actions.edit(registry["ticket"], waits, {"owner": None}, by=actor("ines"))
    assert deal_out() == 0


def test_many_whom_nobody_can_help_keep_nobody_behind_them_waiting(django_assert_max_num_queries):
    mine = agent("ines", skills=["valves"], active=False)
    long_ago = timezone.now() - dt.timedelta(days=3)
    stuck = [
        Ticket(subject=f"Ticket {n}", tags=["Valves", f"Room {n}"], opened_at=long_ago + dt.timedelta(seconds=n // 7))
        for n in range(2 * PAGE + 1)
    ]
    Ticket.objects.bulk_create(stuck)
    agent("jonas")
    Ticket.objects.bulk_create([Ticket(subject="Behind them", opened_at=long_ago + dt.timedelta(days=1))])
    with django_assert_max_num_queries(60):
        assert deal_out() == 1
    assert Ticket.objects.get(subject="Behind them").owner_id == user("jonas").pk
    actions.edit(registry["agent"], mine, {"active": True, "capacity": 8}, by=system("cli"))
    assert deal_out() == 4
    taken = Ticket.objects.filter(owner=user("ines").pk).order_by("opened_at", "pk")
    assert [row.subject for row in taken] == [f"Ticket {n}" for n in range(4)]


def test_waiting_tickets_make_room():
    agent("ines", capacity=4)
    first, _second = come(subject="One"), come(subject="Two")
    perform(ACTIONS["ticket.wait"], first, {}, by=actor("ines"))
    assert come(subject="Three").owner_id == user("ines").pk


def test_a_teams_tickets_go_to_its_members():
    agent("ines")
    agent("jonas")
    north = Team.objects.get(name="North")
    assert [come(team=north).owner_id for _n in range(3)] == [user("jonas").pk] * 3


def test_who_is_away_today_gets_nothing():
    from django.utils import timezone

    agent("ines")
    agent("jonas")
    today = timezone.localdate()
    create(registry["absence"], {"user": user("ines"), "first_day": today, "last_day": today}, by=system("cli"))
    assert [come(subject=f"Ticket {n}").owner_id for n in range(2)] == [user("jonas").pk] * 2


def test_picking_the_easy_ones_past_older_ones_is_seen():
    for n in range(3):
        come(subject=f"Hard one {n}", priority="urgent")
    easy = come(subject="Easy one", priority="low")
    agent("ines")
    perform(ACTIONS["ticket.take"], easy, {}, by=actor("ines"))
    row = next(row for row in fairness() if row["user"].name == "Ines Okafor")
    assert (row["taken"], row["light"], row["picked"]) == (1, 1, 3.0)
    assert Given.objects.get(how="taken").waited == 3


def test_a_ticket_says_why_somebody_has_it_and_why_nobody_does():
    ines = actor("ines")
    create(registry["agent"], {"user": ines.user, "capacity": 2}, by=system("cli"))
    jonas = actor("jonas")
    first = open_ticket(subject="Sensor 14", text="It is offline.", channel="mail", by=system("mail"))
    assert given.whose(ines, first)["rows"][0].why == "By turn; nobody else could take it."
    second = open_ticket(subject="The invoice", text="It names the old company.", channel="mail", by=system("mail"))
    assert given.whose(ines, second) == {"rows": [], "stuck": [("Ines Okafor", "holds 2 of 2")]}
    give(second, jonas.user, how="handed", why="Jonas knows invoices", by=ines)
    told = given.came(ines, second)
    assert [(one.who, one.how, one.why) for one in told] == [
        ("Jonas Lindqvist", "handed", "Was handed it by a colleague.")
    ]


def test_a_turn_among_several_says_the_share():
    ines = actor("ines")
    create(registry["agent"], {"user": ines.user, "share": 3}, by=system("cli"))
    create(registry["agent"], {"user": actor("jonas").user, "share": 1}, by=system("cli"))
    made = open_ticket(subject="Sensor 14", text="It is offline.", channel="mail", by=system("mail"))
    assert given.came(ines, made)[0].why == "By turn: one of 2 who could take it, with a share of 75 %, and owed most."


def test_who_is_off_at_this_hour_takes_no_turn():
    agent("ines", calendar=office(), capacity=1000)
    agent("jonas")
    with time_machine.travel(moment("2026-03-12 20:00"), tick=False):
        late = [come(subject=f"Late {n}") for n in range(2)]
        assert {row.owner_id for row in late} == {user("jonas").pk}
        actions.edit(registry["agent"], Agent.objects.get(user=user("jonas")), {"active": False}, by=system("cli"))
        waits = come(subject="Nobody is there")
        assert dict(given.whose(actor("ines"), waits)["stuck"])["Ines Okafor"] == "is off now"
    with time_machine.travel(moment("2026-03-13 09:30"), tick=False):
        assert deal_out() == 1
    waits.refresh_from_db()
    assert waits.owner_id == user("ines").pk
