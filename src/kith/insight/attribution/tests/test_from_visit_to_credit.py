"""From the site's own pages to the money: visits after the banner's yes, a form, the touches of a person, attribution."""

import datetime as dt
import json
import re
from decimal import Decimal

import pytest
from django.core import mail
from django.core.cache import caches
from django.utils import timezone

from kith.awareness.models import Known, Touch, Visit
from kith.capture.elsewhere import snippet
from kith.capture.models import Submission
from kith.capture.queries import published
from kith.capture.tests.forms import checklist, purpose, send
from kith.contacts.consent.models import Consent
from kith.contacts.models import Person
from kith.deals.actions import win
from kith.deals.tests.cast import deal, reason
from kith.insight.attribution.report import make, read_ask
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.organisation.models import refresh
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from tests.cast import actor

pytestmark = pytest.mark.django_db
VISITOR = "0a1b2c3d" * 4
WORDS = "Remember which pages I read."


@pytest.fixture(autouse=True)
def _nothing_kept_of_other_tests():
    refresh()
    caches["local"].clear()


def visit(client, days=0.0, *, c=1, visitor=VISITOR, agreed=True, **said):
    """The script's report, so many days ago; the banner was agreed to with the first."""
    page = "https://tidewell.example/leaks?utm_source=news&utm_medium=email"
    body = {"c": c, "v": visitor, "u": page, "r": "", **said}
    if agreed:
        moment = timezone.now() - dt.timedelta(days=days)
        body = {"a": int(moment.timestamp() * 1000), "w": WORDS, **body}
    assert client.post("/t", json.dumps(body), content_type="text/plain").status_code == 204
    if days:
        Visit.objects.filter(pk=Visit.objects.latest("pk").pk).update(at=timezone.now() - dt.timedelta(days=days))


def form(**consents):
    checklist(**consents)


def elin():
    return Person.objects.get()


def through(person):
    return [(touch.through, touch.channel) for touch in person.touches.order_by("at", "pk")]


def won(person):
    made = deal(system(), amount=Decimal("100.00"), currency="EUR", stage="Verbal yes", contact=person,
                opened_on=timezone.localdate() - dt.timedelta(days=1))  # fmt: skip
    return win(made, reason=reason("Speed", "won"), closed_on=timezone.localdate(), by=system())


def test_visits_after_the_banners_yes_count_for_whoever_then_sends_a_form(client):
    purpose("Tracking")
    form()
    visit(client, days=3)
    visit(client, days=1, a=int((timezone.now() - dt.timedelta(days=3)).timestamp() * 1000))
    assert send(kith_visitor=VISITOR, utm_medium="cpc").status_code == 303
    run_waiting_jobs()
    assert through(elin()) == [("visit", "email"), ("visit", "email"), ("form", "ads")]
    assert not Visit.objects.exists() and Known.objects.get().person == elin()
    line = Consent.objects.get()
    assert (line.person, line.wording, line.source, line.page) == (
        elin(), WORDS, "the banner of our site", "https://tidewell.example/leaks",
    )  # fmt: skip
    assert timezone.now() - line.at > dt.timedelta(days=2, hours=23)
    assert Event.objects.get(verb="person.visits_joined").payload == {"kept": 2, "dropped": 0}
    won(elin())
    first = make(actor("ines"), read_ask({"model": "first"}))
    assert {row.label: row.cents for row in first.rows if row.cents} == {"E-mail": 10000}


def test_without_a_yes_there_are_no_visits_and_the_form_joins_nothing(client):
    purpose("Tracking")
    form()
    visit(client, c=0)
    assert not Visit.objects.exists()
    send(kith_visitor=VISITOR)
    run_waiting_jobs()
    assert [way for way, _channel in through(elin())] == ["form"]
    assert not Known.objects.exists() and not Consent.objects.exists()


def test_a_yes_that_comes_with_the_form_joins_from_then_on(client):
    tracking = purpose("Tracking")
    form(consents=[tracking.key])
    visit(client, days=2, agreed=False)  # a site whose banner says neither when nor to what
    send(consent=tracking.key, kith_visitor=VISITOR)
    run_waiting_jobs()
    assert Event.objects.get(verb="person.visits_joined").payload == {"kept": 0, "dropped": 1}
    assert [way for way, _channel in through(elin())] == ["form"] and Known.objects.get().person == elin()
    visit(client)
    assert [way for way, _channel in through(elin())] == ["form", "visit"]


def test_a_no_since_the_banner_stands(client):
    tracking = purpose("Tracking")
    form()
    visit(client, days=3)
    send()
    run_waiting_jobs()
    for verb in ("give", "withdraw"):
        inputs = {"purpose": str(tracking.pk), "reason": "on the phone"}
        perform(ACTIONS[f"person.{verb}_consent"], elin(), inputs, by=actor("ines"))
    send(kith_visitor=VISITOR)
    run_waiting_jobs()
    assert not elin().touches.filter(through="visit").exists() and not Known.objects.exists()
    assert Consent.objects.latest("pk").state == "withdrawn"


def test_what_is_confirmed_by_mail_joins_when_it_is_confirmed(client):
    purpose("Tracking", double_opt_in=True)
    form(ack={"on": False})
    visit(client, days=3)
    send(kith_visitor=VISITOR)
    run_waiting_jobs()
    assert Consent.objects.get().state == "asked" and not Known.objects.exists()
    (asked,) = [one for one in mail.outbox if "/consent/confirm/" in one.body]
    client.post(re.search(r"https?://[^/]+(/consent/confirm/\S+)", asked.body)[1])
    assert through(elin())[0] == ("visit", "email") and Known.objects.get().person == elin()
    assert not Visit.objects.exists()


def test_a_visit_that_was_joined_by_mistake_waits_again_with_its_yes(client):
    purpose("Tracking")
    form()
    visit(client, days=3)
    send(kith_visitor=VISITOR, homepage="filled in")
    run_waiting_jobs()
    taken = perform(ACTIONS["submission.accept"], Submission.objects.get(), {}, by=actor("ines")).operation
    agreed = Consent.objects.get().at
    assert Touch.objects.filter(through="visit").count() == 1
    undo(taken, by=actor("ines"))
    assert not Touch.objects.exists() and not Known.objects.exists()
    assert Consent.objects.latest("pk").state == "withdrawn"
    assert (Visit.objects.get().agreed_at, Visit.objects.get().wording) == (agreed, WORDS)


def test_many_forms_at_once_are_joined_in_a_fixed_number_of_queries(client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    purpose("Tracking")
    form()

    def batch(numbers):
        for n in numbers:
            visit(client, visitor=f"{n:032d}")
            send(kith_visitor=f"{n:032d}", name=f"Person {n}", email=f"p{n}@b{n}.example", company=None)
        with CaptureQueriesContext(connection) as made:
            run_waiting_jobs(names=["capture.process"])
        return sum("awareness_" in q["sql"] or "consent_" in q["sql"] for q in made.captured_queries)

    few, many = batch(range(2)), batch(range(10, 22))
    assert Touch.objects.filter(through="visit").count() == 14
    assert many <= few


def test_the_plain_html_of_a_form_has_the_field_that_the_sites_script_fills():
    form()
    assert '<input type="hidden" name="kith_visitor" value="">' in snippet(published("leak-risk-checklist"))
