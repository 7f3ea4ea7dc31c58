"""When we speak with whom: who is at risk, whose year comes round, who is not covered, and whether care goes on."""

from __future__ import annotations

import datetime as dt
import html
from decimal import Decimal
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.utils import timezone

from kith.activities.events import CallLogged, MailReceived, MailSent
from kith.contacts.models import Company, Person
from kith.conversion.models import Order, OrderLine
from kith.deals.models import Product
from kith.kernel.accounts import tokens
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import operation, undo
from kith.retention.contact import continuity
from kith.retention.contact.coverage import by_tier, violations
from kith.retention.contact.occasions import comes_round
from kith.retention.contact.today import at_risk
from kith.retention.customers import batches
from kith.retention.health import sweeping
from kith.retention.health.parts import bring
from kith.retention.health.usage import Count
from kith.retention.health.usage import keep as count
from kith.retention.models import Care
from kith.retention.renewals.opening import open_for
from kith.retention.suggestions.proposing import ideas_of, keep_rules, learn
from kith.retention.tests.cast import BY, days_ago, firm, order, person, ticket, told
from kith.today.scope import scope_of
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


def mine(row: Any) -> Any:
    type(row).objects.filter(pk=row.pk).update(owner=user("ines"))
    return row


def test_today_names_my_customers_at_risk_with_why_and_what_is_at_stake() -> None:
    bring(BY)
    hafen, nord = mine(firm("Hafen Logistik")), firm("Nordwind")
    for _n in range(6):
        ticket(hafen, 3, kind="complaint")
        ticket(nord, 3, kind="complaint")
    sweeping.everybody()
    open_for(order(hafen, 27400, renews_on=timezone.localdate() + dt.timedelta(days=41)), by=BY)
    (line,) = at_risk(actor("ines"), scope_of(actor("ines")))
    assert line.name == "Hafen Logistik"
    assert "complaints" in line.what or "never spoken" in line.what
    assert line.small == "Renews in 41 days · €27,400 a year"
    assert line.mark.startswith("Health ")


def test_who_is_at_risk_goes_with_whoever_looks_after_them_and_comes_back_with_an_undo() -> None:
    bring(BY)
    hafen = mine(firm("Hafen Logistik"))
    for _n in range(6):
        ticket(hafen, 3, kind="complaint")
    sweeping.everybody()

    def whose_day() -> list[str]:
        return [who for who in ("ines", "jonas") if at_risk(actor(who), scope_of(actor(who)))]

    assert whose_day() == ["ines"]
    with operation("company.hand_over", "Handed over", by=actor("astrid")) as (op, by):
        actions.edit(registry["company"], hafen, {"owner": user("jonas")}, by=by)
    assert whose_day() == ["jonas"]
    undo(op, by=actor("astrid"))
    assert whose_day() == ["ines"]


def note_to(client: Any, row: Any, query: str = "") -> str:
    client.force_login(user("astrid"))
    slug = registry[row._meta.model_name].slug
    return html.unescape(client.get(f"/{slug}/{row.pk}/occasion{query}").content.decode())


def years_ago(years: int, ahead: int = 0) -> int:
    """Days since so many years ago, counted from some days ahead."""
    day = timezone.localdate() + dt.timedelta(days=ahead)
    return (timezone.localdate() - (day - relativedelta(years=years))).days


def test_a_year_that_comes_round_has_a_note_of_what_really_happened(client: Any) -> None:
    since = years_ago(3, ahead=5)
    hafen = firm("Hafen Logistik", since=since)
    order(hafen, days=since), order(hafen, days=10)
    ticket(hafen, 100, state="solved")
    note = note_to(client, hafen)
    assert "it is 3 years today that you are with us, since “Service”." in note
    assert "You have ordered from us 2 times since." in note
    assert "We solved 1 question of yours on the way." in note


def test_on_any_other_day_a_note_claims_no_anniversary(client: Any) -> None:
    for days in (3, 200, 400):
        note = note_to(client, firm(f"Firm {days}", since=days))
        assert "it is good to have you with us." in note
        assert "today" not in note[note.index("<textarea") : note.index("</textarea>")]


def test_a_birthday_has_a_note_of_its_own(client: Any) -> None:
    mara = person(since=400)
    note = note_to(client, mara, "?for=birthday")
    assert "Hello Mara," in note
    assert "all the best for your birthday!" in note


def test_nobody_is_congratulated_while_a_complaint_of_theirs_or_of_their_company_is_open(client: Any) -> None:
    hafen, mara = firm("Hafen Logistik", since=years_ago(3, ahead=2)), person(since=400)
    Person.objects.filter(pk=mara.pk).update(company=hafen)
    open_one = ticket(hafen, 3, kind="complaint")
    for row in (hafen, mara):
        assert "A complaint of theirs is open." in note_to(client, row)
        assert "<textarea" not in note_to(client, row)
    type(open_one).objects.update(state="solved")
    assert "it is 3 years today" in note_to(client, hafen)


@pytest.mark.parametrize(
    ("since", "today", "on"),
    [
        ("2023-01-02", "2025-12-29", "2026-01-02"), ("2024-02-29", "2026-02-25", "2026-02-28"), ("2024-02-29", "2028-02-25", "2028-02-29"),
        ("2026-03-01", "2026-03-01", None), ("2025-03-01", "2026-02-21", None),
    ],
)  # fmt: skip
def test_a_year_comes_round_within_a_week_over_new_year_and_leap_days(since: str, today: str, on: str | None) -> None:
    found = comes_round(dt.date.fromisoformat(since), dt.date.fromisoformat(today))
    assert found == (on and dt.date.fromisoformat(on))


def test_coverage_names_who_is_silent_or_has_no_dated_next_step() -> None:
    bring(BY)
    silent, dateless, fine = firm("Silent"), firm("Dateless"), firm("Fine")
    for row in (dateless, fine):
        told(row, CallLogged(minutes=5), 1)
    for row in (silent, fine):
        Company.objects.filter(pk=row.pk).update(next_step="Call", next_step_at=timezone.now() + dt.timedelta(days=3))
    sweeping.everybody()
    found = {care.company.name: (care.silent, care.dateless) for care in violations(BY)}
    assert found == {"Silent": (True, False), "Dateless": (False, True)}
    (tier,) = by_tier(BY)
    assert (tier.customers, tier.silent, tier.dateless) == (3, 1, 1)


def test_care_that_falls_after_payment_is_told_once() -> None:
    bring(BY)
    hafen = firm("Hafen Logistik", since=300)
    for n in range(4):
        told(hafen, MailReceived(message=1, subject="Hello"), 310 + 10 * n)
        told(hafen, MailSent(message=1, subject="Hello"), 310 + 10 * n - 1 / 24)
        told(hafen, MailReceived(message=1, subject="Where are you"), 20 + 10 * n)
        told(hafen, MailSent(message=1, subject="Here"), 20 + 10 * n - 2)
    sweeping.everybody()
    assert continuity.everybody() == 1
    assert continuity.everybody() == 0
    care = Care.objects.get()
    assert care.before["answer"] == [1.0, 48.0]
    event = Event.objects.get(verb="care.fell")
    assert event.payload["what"] == "answers took 1.0 hours before they paid and take 48.0 now"


def test_care_that_goes_on_is_no_alarm() -> None:
    bring(BY)
    hafen = firm("Hafen Logistik", since=300)
    for n in range(8):
        told(hafen, CallLogged(minutes=5), 310 + 10 * n)
        told(hafen, CallLogged(minutes=5), 20 + 10 * n)
    sweeping.everybody()
    assert continuity.everybody() == 0


def product(name: str) -> Product:
    made: Product = actions.create(registry["product"], {"name": name, "price": Decimal(10)}, by=BY)
    return made


def buys(row: Any, *products: Product) -> None:
    made = Order.objects.create(name="Order", total=10, **{row._meta.model_name: row})
    for one in products:
        OrderLine.objects.create(order=made, product=one, name=one.name, unit_price=10, total=10)


def test_what_similar_customers_bought_is_proposed_with_the_reason() -> None:
    gateway, sensor, lamp = product("Gateway"), product("Leak sensor"), product("Lamp")
    for n in range(20):
        buys(Person.objects.create(given_name=f"P{n}"), *((gateway, sensor) if n < 12 else (lamp,)))
    hafen = firm()
    buys(hafen, gateway)
    assert [(rule.has, rule.product) for rule in learn()] == [(gateway.pk, sensor.pk), (sensor.pk, gateway.pk)] or len(
        learn()
    ) == 2
    assert ideas_of(hafen) == [], "nobody's page waits until it is learned"
    assert (keep_rules(), keep_rules()) == (2, 2)
    (idea,) = ideas_of(hafen)
    assert idea.product == "Leak sensor"
    assert idea.words == "92 % of the customers with Gateway have Leak sensor too, 1.6 times as many as usual"


def test_what_they_asked_for_and_limits_reached_come_first() -> None:
    product("Leak sensor")
    hafen, today = firm(), timezone.localdate()
    asked = ticket(hafen, 3, kind="wish")
    actions.edit(registry["ticket"], asked, {"subject": "Do you have a leak sensor?"}, by=BY)
    count([Count(("company", hafen.pk), "seats", today, 25), Count(("company", hafen.pk), "seats_limit", today, 25)])
    told_of = {idea.product: idea.words for idea in ideas_of(hafen)}
    assert told_of["Leak sensor"] == "They asked about it: “Do you have a leak sensor?”"
    assert told_of["More seats"] == "25 of 25 seats are used"


def test_of_whatever_is_counted_beside_its_limit_they_could_use_more_once_it_is_reached() -> None:
    hafen, today = firm(), timezone.localdate()
    counts = {
        "api_calls": 1200,
        "api_calls_limit": 1000,
        "sites": 3,
        "sites_limit": 4,
        "rooms": 5,
        "seats_limit": 9,
        "doors": 2,
        "doors_limit": 0,
    }
    count([Count(("company", hafen.pk), counter, today, n) for counter, n in counts.items()])
    count([Count(("company", hafen.pk), "sites", today - dt.timedelta(days=9), 4)])
    assert [(idea.product, idea.words) for idea in ideas_of(hafen)] == [
        ("More api calls", "1200 of 1000 api calls are used")
    ]


@pytest.mark.parametrize(
    "asked",
    [
        "Do you have leak sensors?", "A sensor for a leak in the cellar", "What is TW-D1 for?", "Something that warns us of water",
        "Habt ihr Wassermelder?",
    ],
)  # fmt: skip
def test_a_product_is_found_by_its_words_its_number_and_what_customers_call_it(asked: str) -> None:
    values = {
        "name": "Leak sensor, per piece",
        "sku": "TW-D1",
        "also_called": "warns of water, Wassermelder",
        "price": Decimal(10),
    }
    actions.edit(registry["product"], product("Drop"), {"also_called": "droplet"}, by=BY)
    actions.create(registry["product"], values, by=BY)
    hafen = firm()
    actions.edit(registry["ticket"], ticket(hafen, 3, kind="question"), {"subject": asked}, by=BY)
    assert [(idea.product, idea.need) for idea in ideas_of(hafen)] == [("Leak sensor, per piece", True)]


@pytest.mark.parametrize(
    "asked", ["We dropped the price", "Pieces of a leaking thing", "Is 2024 over?", "It is a sensor"]
)
def test_words_that_only_look_like_a_product_propose_nothing(asked: str) -> None:
    product("Drop")
    actions.edit(
        registry["product"], product("Leak sensor, per piece"), {"sku": "2024", "also_called": " , ; it"}, by=BY
    )
    hafen = firm()
    actions.edit(registry["ticket"], ticket(hafen, 3, kind="question"), {"subject": asked}, by=BY)
    assert ideas_of(hafen) == []


def test_a_ticket_that_a_colleague_may_not_see_is_not_quoted_to_them() -> None:
    product("Leak sensor")
    hafen = firm()
    actions.edit(registry["ticket"], ticket(hafen, 3, kind="wish"), {"subject": "Do you have a leak sensor?"}, by=BY)
    policy("member", "ticket", see="none")
    assert ideas_of(hafen, actor("ines")) == []
    assert [idea.product for idea in ideas_of(hafen, actor("astrid"))] == ["Leak sensor"]


def test_nothing_is_proposed_to_whoever_is_not_well() -> None:
    hafen, today = firm(), timezone.localdate()
    count([Count(("company", hafen.pk), "seats", today, 25), Count(("company", hafen.pk), "seats_limit", today, 25)])
    assert ideas_of(hafen)
    complaint = ticket(hafen, 1, kind="complaint")
    assert ideas_of(hafen) == []
    type(complaint).objects.update(state="closed")
    Care.objects.create(company=hafen, health=20, band="poor")
    assert ideas_of(hafen) == []


def test_the_pages_stand_and_say_what_they_are(client: Any) -> None:
    client.force_login(user("astrid"))
    assert "Begin with what comes with Kith" in client.get("/settings/health/").content.decode()
    client.post("/settings/health/", {"do": "begin"})
    hafen = firm("Hafen Logistik")
    ticket(hafen, 2)
    sweeping.everybody()
    settings = client.get("/settings/health/").content.decode()
    assert "Use of the product" in settings
    assert "Everybody" in settings
    assert "Hafen Logistik" in client.get("/coverage/").content.decode()
    panel = client.get(f"/companies/{hafen.pk}/panel/care", HTTP_HX_REQUEST="true").content.decode()
    assert "Tickets" in panel
    assert "1 ticket" in panel
    assert "it is good to have you with us" in client.get(f"/companies/{hafen.pk}/occasion").content.decode()
    assert client.get("/renewals/").status_code == 200
    assert client.get("/churns/").status_code == 200


def test_batches_reach_every_customer_once() -> None:
    for n in range(5):
        firm(f"Firm {n}")
    found = [key for batch in batches(2) for key in batch.every()]
    assert len(found) == len(set(found)) == 5


def test_a_program_notes_use_over_the_api(client: Any) -> None:
    hafen = firm()
    secret = tokens.issue(user("astrid"), "Product")[1]
    sent = client.post(
        f"/api/v1/companies/{hafen.pk}/actions/count", {"counter": "sessions", "amount": 12}, content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {secret}",
    )  # fmt: skip
    assert sent.status_code == 200, sent.content
    assert days_ago(0).date() == hafen.usage.get().day
