"""What is owed to customers stands on Today: tickets, promises, first results, and who may leave."""

import datetime as dt
import re
from urllib.parse import unquote

import pytest
import time_machine
from django.utils import timezone

from kith.kernel.lookups.compile import filtered
from kith.kernel.lookups.tree import parse
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.today.page import day_of
from kith.today.scope import scope_of
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def priya():
    return actor("priya")


def section(by, key):
    return next((one for one in day_of(by, scope_of(by)).sections if one.key == key), None)


def bellevue(by):
    return create(registry["company"], {"name": "Hotel Bellevue", "owner": user("priya")}, by=by)


def test_tickets_to_be_answered_today_stand_there_whose_clock_runs_out_first(priya):
    with time_machine.travel(dt.datetime(2026, 3, 12, 8, tzinfo=dt.UTC)):
        company = bellevue(priya)
        for n, subject in enumerate(("Alarm text in Dutch", "Night porter cannot see alerts")):
            ticket = create(
                registry["ticket"],
                {"subject": subject, "request": "?", "company": company, "owner": user("priya")},
                by=priya,
            )
            ticket.__class__.objects.filter(pk=ticket.pk).update(
                next_step_at=timezone.now() + dt.timedelta(hours=4 - 5 * n)
            )
        told = section(priya, "tickets")
        assert [(i.what, i.tone) for i in told.items] == [
            ("Night porter cannot see alerts", "late"),
            ("Alarm text in Dutch", ""),
        ]
        assert told.items[0].href.endswith("/talk") and told.items[0].name == "Hotel Bellevue"


def test_a_ticket_is_answered_over_the_day_with_what_they_wrote_before_one(priya, client):
    ticket = create(
        registry["ticket"],
        {"subject": "Alarm text", "request": "In Dutch, please", "company": bellevue(priya), "owner": user("priya")},
        by=priya,
    )
    ticket.__class__.objects.filter(pk=ticket.pk).update(next_step_at=timezone.now())
    (item,) = section(priya, "tickets").items
    (answer,) = item.actions
    assert (item.small, answer.asks) == ("In Dutch, please", True)
    client.force_login(user("priya"))
    assert 'name="body"' in client.get(answer.href, headers={"hx-request": "true"}).content.decode()
    assert client.post(answer.href, {"body": "It is on its way."}, headers={"hx-request": "true"}).status_code in (
        200,
        204,
    )
    ticket.refresh_from_db()
    assert ticket.said == 2


def test_promises_that_are_due_stand_there_until_they_are_kept(priya):
    company, today = bellevue(priya), timezone.localdate()
    due = {"Manual in Polish": -2, "All sensors live": 0, "A named night contact": 3}
    for wording, days in due.items():
        values = {
            "wording": wording,
            "company": company,
            "due_on": today + dt.timedelta(days=days),
            "owner": user("priya"),
        }
        create(registry["promise"], values, by=priya)
    assert [i.what for i in section(priya, "promises").items] == ["All sensors live"]
    assert [(i.what, i.tone) for i in section(priya, "late_promises").items] == [("Manual in Polish", "late")]


@time_machine.travel(dt.datetime(2026, 3, 12, 8, tzinfo=dt.UTC), tick=False)
def test_late_promises_come_first_then_what_else_is_late_and_then_what_is_due_today():
    priya = actor("priya")
    company, today = bellevue(priya), timezone.localdate()
    for n in range(7):
        values = {
            "wording": f"Manual {n}",
            "company": company,
            "due_on": today - dt.timedelta(days=n),
            "owner": user("priya"),
        }
        create(registry["promise"], values, by=priya)
    for hours in (-30, 0.2):
        due = timezone.now() + dt.timedelta(hours=hours)
        values = {"kind": "task", "subject": "Call", "company": company, "due_at": due, "owner": user("priya")}
        create(registry["activity"], values, by=priya)
    day = day_of(priya, scope_of(priya))
    keys = [one.key for one in day.sections if one.key in ("late_promises", "late", "promises", "due")]
    assert keys == ["late_promises", "late", "promises", "due"]
    late = section(priya, "late_promises")
    assert (late.total, [i.what for i in late.items]) == (6, [f"Manual {n}" for n in (6, 5, 4, 3, 2)])
    record, where = registry["promise"], re.search(r"filter=([^&]+)", late.more[0].href)[1]
    listed = filtered(record, parse(unquote(where)), priya, record.rows(priya, archived=False))
    assert listed.count() == 6, "the list behind it shows the same"
    assert day.sentence == "9 steps are due today or late; the longest overdue stand first."


def test_whoever_waits_for_a_late_promise_has_waited_too_long(priya):
    values = {
        "wording": "Manual",
        "company": bellevue(priya),
        "due_on": timezone.localdate() - dt.timedelta(days=2),
        "owner": user("priya"),
    }
    create(registry["promise"], values, by=priya)
    assert (
        day_of(priya, scope_of(priya)).sentence
        == "One person expects something from you today; one has waited too long."
    )


def test_who_may_not_see_tickets_or_promises_has_no_such_sections(priya):
    company = bellevue(priya)
    values = {"wording": "Manual in Polish", "company": company, "due_on": timezone.localdate(), "owner": user("priya")}
    create(registry["promise"], values, by=priya)
    for record in ("ticket", "promise"):
        policy("member", record, see="none", edit="none")
    assert section(actor("priya"), "promises") is None and section(actor("priya"), "tickets") is None


def test_a_discount_that_somebody_asks_for_waits_for_whoever_may_approve_it():
    from kith.deals.quotes.tests.cast import do, draft, offered

    ines, helena = actor("ines"), actor("helena")
    quote = draft(offered(ines, discount="20"), ines)
    assert section(helena, "approvals") is None  # nobody asked yet
    do("ask_approval", quote, ines, reason="They sign for three houses")
    [item] = section(helena, "approvals").items
    assert (item.name, item.under, item.what, item.small, item.mark) == (
        "Main building", quote.number, "They sign for three houses", "From Ines Okafor", "20 % off")  # fmt: skip
    assert [one.href for one in item.actions] == [f"/quotes/{quote.pk}/do/approve", f"/quotes/{quote.pk}/do/refuse"]
    assert section(ines, "approvals") is None  # more than a member may offer
    do("approve", quote, helena)
    assert section(helena, "approvals") is None


def test_a_discount_beyond_ones_own_limit_waits_for_somebody_else():
    from kith.deals.quotes.tests.cast import do, draft, offered

    ines = actor("ines")
    do("ask_approval", draft(offered(ines, discount="40"), ines), ines, reason="They sign for three houses")
    assert section(actor("helena"), "approvals") is None
    assert len(section(actor("astrid"), "approvals").items) == 1


def test_the_day_is_asked_for_again_when_a_review_or_a_discount_that_waits_changes(client):
    client.force_login(user("priya"))
    [topics] = re.findall(r'id="today"[^>]*data-live="([^"]*)"', client.get("/").text)
    assert {"review", "quote", "activity", "deal", "person", "company"} == set(topics.split())
