"""Service levels: which one a ticket falls under, what its clocks do as time passes, and who is told."""

import datetime as dt
import time

import psycopg
import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from kith.activities.models import Notice
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create, edit
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.support import levelpage
from kith.support.clocks.looking import be_there, sweep
from kith.support.models import Clock, Policy, Ticket
from kith.support.tests.cast import clocks, level, marta, moment, office, ticket
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    return actor("ines")


def test_the_first_level_that_fits_customer_priority_and_kind_is_promised(ines):
    level(position=100)
    level(name="Gold", position=10, customers="tags.any:gold", first="1 business hour")
    level(name="Urgent complaints", position=5, priorities=["urgent"], kinds=["complaint"], first="30 business minutes")
    person = marta(ines)
    plain = ticket(ines, person)
    edit(registry["company"], person.company, {"tags": ["gold"]}, by=ines)
    gold = ticket(ines, person, subject="Sensor 14 is offline")
    urgent = ticket(ines, person, subject="Water in the cellar", priority="urgent", kind="complaint")
    assert [clocks(t)["first"].target for t in (plain, gold, urgent)] == [
        "4 business hours",
        "1 business hour",
        "30 business minutes",
    ]
    edit(registry["ticket"], plain, {"priority": "urgent", "kind": "complaint"}, by=ines)
    assert clocks(plain)["first"].target == "30 business minutes"


def test_a_level_promises_something_and_its_chain_can_be_read(ines):
    with pytest.raises(InvalidMany, match="at least one time"):
        level(first="", next="", resolution="")
    for chain in ("75 % nobody", "at once the owner"):
        with pytest.raises(Invalid):
            registry["service_level"].columns()["chain"].kind.parse(chain)


def test_the_chain_is_told_once_at_each_share_and_the_time_over_is_an_event(ines):
    level(chain="50 % owner\n100 % managers\n150 % priya@tidewell.example", next="", resolution="")
    user("helena"), user("priya")
    with time_machine.travel(moment("2026-03-12 09:00"), tick=False):
        row = ticket(ines, marta(ines))
    told = []
    for at in ("10:30", "11:05", "11:30", "14:05", "14:06", "16:05"):
        with time_machine.travel(moment(f"2026-03-12 {at}"), tick=False):
            sweep()
            told.append(Notice.objects.filter(record="ticket", record_id=row.pk, kind="ticket_clock").count())
    assert told == [0, 1, 1, 2, 2, 3]
    assert [e.verb for e in Event.objects.filter(record="ticket", verb__startswith="ticket.clock").order_by("at", "id")] == [
        "ticket.clock_warned", "ticket.clock_broken", "ticket.clock_warned",
    ]  # fmt: skip
    clock = clocks(row)["first"]
    assert (clock.state, clock.broke_at, clock.look_at) == ("broken", moment("2026-03-12 14:00"), None)
    assert sweep(moment("2026-03-13 16:05")) == 0


def test_a_clock_that_rests_warns_nobody(ines):
    level(first="", next="", resolution="4 business hours")
    with time_machine.travel(moment("2026-03-12 09:00"), tick=False):
        row = ticket(ines, marta(ines))
        perform(ACTIONS["ticket.wait"], row, {"until": "2026-03-20T09:00"}, by=ines)
    assert sweep(moment("2026-03-13 16:00")) == 0
    assert clocks(row)["resolution"].state == "paused"


def test_a_holiday_added_later_moves_what_runs_and_leaves_what_ended(ines):
    level(next="", resolution="")
    with time_machine.travel(moment("2026-03-12 16:00"), tick=False):
        done, row = ticket(ines, subject="Export"), ticket(ines, marta(ines))
    with time_machine.travel(moment("2026-03-12 16:30"), tick=False):
        perform(ACTIONS["ticket.answer"], done, {"body": "Here it is."}, by=ines)
    before = clocks(done)["first"]
    run_waiting_jobs(names=["support.follow_all"])
    with time_machine.travel(moment("2026-03-12 16:40"), tick=False):
        edit(
            registry["business_calendar"],
            office(),
            {"days_off": [{"day": "2026-03-13", "name": "Staff outing"}]},
            by=system("cli"),
        )
        run_waiting_jobs(names=["support.follow_all"])
    assert clocks(row)["first"].due_at == moment("2026-03-16 12:00")
    after = clocks(done)["first"]
    assert (after.state, after.used, after.budget, after.ended_at) == (
        before.state,
        before.used,
        before.budget,
        before.ended_at,
    )


def test_a_clock_over_the_night_in_which_clocks_change_counts_hours_that_passed(ines):
    level(first="8 h", next="", resolution="")
    with time_machine.travel(moment("2026-03-28 22:00"), tick=False):
        row = ticket(ines, marta(ines))
    assert clocks(row)["first"].due_at == moment("2026-03-29 07:00")


def test_a_level_that_changes_is_measured_from_the_beginning_for_what_runs(ines):
    made = level(next="", resolution="")
    with time_machine.travel(moment("2026-03-12 09:00"), tick=False):
        row = ticket(ines, marta(ines))
        edit(registry["service_level"], made, {"first": "2 business hours"}, by=system("cli"))
        run_waiting_jobs(names=["support.follow_all"])
    assert clocks(row)["first"].due_at == moment("2026-03-12 11:00")


def test_each_stretch_says_why_it_began(ines):
    level(first="", next="")
    row = ticket(ines, marta(ines))
    perform(ACTIONS["ticket.wait"], row, {"why": "the name of the porter"}, by=ines)
    from kith.support.clocks.shown import clocks_of

    assert [(s.state, s.why) for s in clocks_of(row)[0].stretches] == [
        ("running", "it was opened"),
        ("paused", "Ines Okafor waits for them"),
    ]


def test_no_level_means_no_clock_and_still_a_day_to_look_at_it(ines):
    row = ticket(ines, marta(ines))
    row.refresh_from_db()
    assert not row.clocks.exists()
    assert (row.next_step, row.next_step_at is not None) == ("Look at it", True)


def test_thousands_of_clocks_that_are_due_are_looked_at_in_batches(ines):
    level(first="1 h", next="", resolution="", chain="100 % owner")
    now = timezone.now()
    by = system("automation")
    with time_machine.travel(now - dt.timedelta(hours=2)):
        rows = [
            create(registry["ticket"], {"subject": f"Sensor {n} is offline", "owner": user("ines")}, by=by)
            for n in range(40)
        ]
    assert sweep() == 40
    assert Clock.objects.filter(state="broken", ticket__in=[r.pk for r in rows]).count() == 40
    assert Notice.objects.filter(user=user("ines"), kind="ticket_clock").count() == 1  # forty at once are one line
    assert sweep() == 0
    assert Ticket.objects.filter(next_step_at__lt=now).count() == 40


def test_a_clock_that_is_due_soon_is_acted_on_at_its_second(ines):
    made = level(first="1 min", next="", resolution="", chain="")
    row = ticket(ines, marta(ines), opened_at=timezone.now() - dt.timedelta(seconds=58))
    due = clocks(row)["first"].look_at
    assert timezone.now() < due
    be_there()
    late = timezone.now() - due
    clock = clocks(row)["first"]
    assert (clock.state, clock.policy_id) == ("broken", made.pk)
    assert dt.timedelta() <= late < dt.timedelta(seconds=5)


def test_one_worker_waits_for_clocks_and_years_of_tickets_ask_for_one_look(ines, database_url):
    level(first="1 min", next="", resolution="", chain="")
    person = marta(ines)
    for days in range(1, 9):
        ticket(ines, person, opened_at=timezone.now() - dt.timedelta(days=days))
    asked = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'support.look_at_clocks'"
    with psycopg.connect(database_url, autocommit=True) as other, connection.cursor() as cursor:
        assert cursor.execute(asked).fetchone()[0] <= 2, "their moments are gone by"
        other.execute("SELECT pg_advisory_lock(hashtextextended('kith.support.clocks', 0))")
        ticket(ines, person, opened_at=timezone.now() - dt.timedelta(seconds=54))
        began = time.monotonic()
        assert be_there() == 0 and time.monotonic() - began < 2
        other.execute("SELECT pg_advisory_unlock(hashtextextended('kith.support.clocks', 0))")
    assert be_there() == 9


def test_a_level_is_given_its_customers_in_the_editor_of_filters_which_counts_them(client, ines):
    astrid = actor("astrid")
    gold = create(registry["company"], {"name": "Fort Louvain", "tags": ["gold"]}, by=ines)
    create(registry["company"], {"name": "Fjordheim"}, by=ines)
    row = level(name="Gold")
    client.force_login(astrid.user)
    path = f"/service-levels/{row.pk}/customers"
    assert client.get(path).status_code == 200
    edit(registry["service_level"], row, {"customers": "tags.any:gold"}, by=astrid)
    shown = client.get(path).text
    assert "gold" in shown and "<b>1</b>" in shown
    told = ticket(ines, marta(ines))
    assert clocks(told) == {}, "nobody of theirs is gold"
    mine = ticket(ines, company=gold)
    assert clocks(mine)["first"].policy_id == row.pk
    whom = levelpage.whom(astrid, Policy.objects.get(pk=row.pk))
    (asks,) = whom["asks"]
    assert (asks["record"], asks["count"], whom["held"]) == ("company", 1, 1) and "gold" in asks["words"]
    client.force_login(actor("rolf").user)
    assert client.get(path).status_code in (403, 404)


def private(by, **more):
    """Edda Nyström, who belongs to no company."""
    return create(registry["person"], {"given_name": "Edda", "family_name": "Nyström", **more}, by=by)


def test_a_level_names_customers_who_belong_to_no_company(ines):
    level(position=100)
    level(name="Gold", position=10, people="company.empty,tags.any:gold", first="1 business hour")
    gold, plain = private(ines, tags=["gold"]), private(ines)
    held = marta(ines, tags=["gold"])
    assert [clocks(ticket(ines, person))["first"].target for person in (gold, plain, held)] == [
        "1 business hour", "4 business hours", "4 business hours",
    ]  # fmt: skip
    assert clocks(ticket(ines))["first"].target == "4 business hours", "nobody's ticket is no customer's"


def test_a_level_of_companies_and_of_people_is_for_whoever_is_either(ines):
    level(name="Gold", customers="tags.any:gold", people="tags.any:gold")
    bellevue = marta(ines).company
    golden = create(registry["company"], {"name": "Fort Louvain", "tags": ["gold"]}, by=ines)
    told = [
        ticket(ines, private(ines, company=company, tags=tags))
        for company in (None, bellevue, golden) for tags in ([], ["gold"])
    ]  # fmt: skip
    assert [bool(clocks(row)) for row in told] == [False, True, False, True, True, True]


def test_a_level_may_ask_for_the_people_of_a_segment(ines):
    person = private(ines)
    made = create(
        registry["segment"], {"name": "Care at home", "subject": "person", "how": "static"}, by=actor("astrid")
    )
    level(people=f"segment.is:{made.key}")
    assert clocks(ticket(ines, person)) == {}
    perform(ACTIONS["person.put_on_list"], person, {"segment": str(made.pk)}, by=actor("astrid"))
    run_waiting_jobs()
    assert "first" in clocks(ticket(ines, person, subject="Sensor 14 is offline"))


def test_the_people_of_a_level_are_chosen_on_its_page_which_counts_them(client, ines):
    private(ines, tags=["gold"])
    row, astrid = level(name="Gold"), actor("astrid")
    client.force_login(astrid.user)
    path = f"/service-levels/{row.pk}/people"
    assert "For tickets of people where" in client.get(path).text
    edit(registry["service_level"], row, {"people": "tags.any:gold"}, by=astrid)
    assert "<b>1</b>" in client.get(path).text
    panel = client.get(f"/service-levels/{row.pk}/panel/whom").text
    assert "For people where" in panel and "1 person" in panel and "companies where" not in panel
    with pytest.raises((Invalid, InvalidMany)):
        level(name="Wrong", people="shoe_size.is:42")


@pytest.mark.parametrize("wrong", ["shoe_size.is:42", "tags.any", "("])
def test_a_filter_of_customers_that_asks_for_what_is_not_there_is_refused(wrong):
    with pytest.raises((Invalid, InvalidMany)):
        level(customers=wrong)


def test_a_clock_that_is_looked_at_in_its_last_moments_is_over_all_the_same_when_its_time_comes(ines):
    level(first="4 h", next="", resolution="", chain="75 % owner\n100 % owner")
    with time_machine.travel(moment("2026-03-12 09:00"), tick=False):
        row = ticket(ines, marta(ines))
    with time_machine.travel(moment("2026-03-12 12:59"), tick=False):  # 99.6 % of it is used
        sweep()
    assert not Event.objects.filter(verb="ticket.clock_broken").exists() and clocks(row)["first"].look_at is not None
    for second in (0, 1, 2):  # at its very moment it is kept still
        with time_machine.travel(moment("2026-03-12 13:00") + dt.timedelta(seconds=second), tick=False):
            sweep()
    assert Event.objects.filter(verb="ticket.clock_broken", record_id=row.pk).count() == 1
    assert clocks(row)["first"].state == "broken"
