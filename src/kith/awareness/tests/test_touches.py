"""Touches: kept as they were, only of whom consented, forgotten on demand; and what the organisation's site gets."""

import datetime as dt
import gzip
import json
import re
from functools import partial
from pathlib import Path

import pytest
from django.core.cache import caches
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from kith.awareness.models import Known, Member, Touch, Visit
from kith.awareness.touches import consenting, writing
from kith.awareness.touches.actions import delete_trail
from kith.awareness.touches.coming import bare, channel_of, read
from kith.contacts.consent import links
from kith.contacts.consent.models import Consent
from kith.contacts.events import Captured
from kith.contacts.models import entries
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.organisation.models import refresh
from kith.kernel.records.actions import create
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.queries import timeline
from kith.kernel.timeline.types import EVENTS
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
people, campaigns = registry["person"], registry["campaign"]
VISITOR = "a1b2c3d4" * 4


@pytest.fixture(autouse=True)
def _configured_as_it_is():
    """Which purposes there are is kept per process; the test before was rolled back behind its back."""
    refresh()


@pytest.fixture
def ines():
    return actor("ines")


class Consents:
    """What people said about the purpose `tracking`: `consents[person id] = since when`, `clear()` takes all back."""

    def __init__(self, by):
        self.purpose = create(
            registry["purpose"], {"name": "Tracking", "wording": "Know me again on your site."}, by=by
        )

    def __setitem__(self, person, since):
        Consent.objects.create(person_id=person, purpose=self.purpose, state="given", at=since, through="form")

    def clear(self):
        for line in list(Consent.objects.order_by("person_id").distinct("person_id")):
            Consent.objects.create(person_id=line.person_id, purpose=self.purpose, state="withdrawn", through="centre")


@pytest.fixture
def consents():
    caches["local"].clear()
    return Consents(actor("astrid"))


@pytest.fixture
def submitted():
    """The event that a form says, as whoever builds forms says it."""
    return partial(EVENTS["form.submitted"], submission=1, form="Demo")


def person(by, name="Marta"):
    return create(people, {"given_name": name}, by=by)


def say(row, event, by):
    with change(row, by=by) as c:
        c.says(event)


def trail(row):
    return list(Touch.objects.filter(person=row).order_by("at", "pk"))


def report(client, visitor=VISITOR, **said):
    body = {
        "c": 1,
        "v": visitor,
        "u": "https://tidewell.example/leaks?utm_source=news&utm_medium=email&email=m@x.example",
        **said,
    }
    return client.post("/t", json.dumps(body), content_type="text/plain")


# --- where somebody came from -----------------------------------------------------------------------------------------


def test_a_form_leaves_a_touch_with_its_words_and_without_what_addresses_tell_of_people(ines, submitted):
    marta = person(ines)
    say(marta, submitted(utm={"source": "Museum News", "medium": "email", "campaign": "spring"}, page="https://tidewell.example/demo?email=marta@bellevue.example#form", referrer="https://www.museumnews.example/letter?id=7"), ines)  # fmt: skip
    (touch,) = trail(marta)
    assert (touch.channel, touch.source, touch.word, touch.through) == ("email", "Museum News", "spring", "form")
    assert (touch.landing, touch.referrer) == ("https://tidewell.example/demo", "https://www.museumnews.example/letter")


def test_whoever_came_by_mail_chat_or_a_fair_has_a_touch_too_and_a_form_counts_once(ines, submitted):
    marta = person(ines)
    say(marta, Captured(through="chat", source="Site chat"), ines)
    with change(marta, by=ines) as c:
        c.says(Captured(through="form", source="Demo"))
        c.says(submitted(page="https://tidewell.example/demo"))
    assert [(t.channel, t.through) for t in trail(marta)] == [("chat", "chat"), ("direct", "form")]


def test_a_touch_of_a_campaign_makes_a_member_who_responded(ines, submitted):
    one = create(campaigns, {"name": "Museum fair", "channel": "fair", "words": ["mf26"]}, by=ines)
    marta = person(ines)
    say(marta, submitted(utm={"utm_campaign": "MF26", "utm_medium": "fair"}), ines)
    assert trail(marta)[0].campaign == one
    assert Member.objects.get(campaign=one, person=marta).state == "responded"


@pytest.mark.parametrize(
    ("words", "channel"),
    [
        (("cpc", "google", ""), "ads"), (("", "google", ""), "search"), (("", "", "https://www.google.de/"), "search"),
        (("", "", "https://lnkd.in/abc"), "social"), (("newsletter", "", ""), "email"), (("", "", ""), "direct"),
        (("", "", "https://partner.example/"), "referral"), (("stand", "", ""), "other"), (("", "linkedin", ""), "social"),
        (("", "", "https://netflix.com/"), "referral"),
    ],
)  # fmt: skip
def test_the_channel_follows_from_the_words_and_the_referrer(words, channel):
    assert channel_of(*words) == channel


def test_whatever_addresses_hold_is_read_without_a_fault():
    for odd in (None, 7, "javascript:alert(1)", "http://[::1", "https://user:secret@x.example/a", "\x00", "x" * 9000):
        assert bare(odd) in ("", "https://x.example/a")
        assert read({"source": odd}, odd, odd).channel in ("direct", "other")
    assert len(read({"source": "ä" * 900}).source) == 200


# --- kept as they were ------------------------------------------------------------------------------------------------


def test_the_database_refuses_to_change_or_delete_a_touch(ines, submitted):
    marta = person(ines)
    say(marta, submitted(page="https://tidewell.example/"), ines)
    for attempt in (lambda: trail(marta)[0].delete(), lambda: Touch.objects.update(source="somewhere else")):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            attempt()
    assert len(trail(marta)) == 1


def test_a_merge_brings_the_touches_along(ines, submitted):
    marta, double = person(ines), person(ines, "M.")
    say(double, submitted(page="https://tidewell.example/"), ines)
    merge(people, marta, [double], by=actor("helena"))
    assert len(trail(marta)) == 1


def test_a_trail_is_deleted_whole_and_only_its_number_is_told(ines, consents, submitted):
    marta = person(ines)
    consents[marta.pk] = timezone.now() - dt.timedelta(days=1)
    say(marta, submitted(page="https://tidewell.example/", visitor=VISITOR), ines)
    delete_trail(marta, by=ines)
    assert trail(marta) == [] and not Known.objects.exists()
    assert Event.objects.get(verb="person.trail_deleted").payload == {"count": 1}
    say(marta, submitted(page="https://tidewell.example/"), ines)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Touch.objects.all().delete()


def test_people_are_found_by_the_channel_they_first_came_by(ines, submitted):
    marta = person(ines)
    say(marta, submitted(utm={"medium": "email"}), ines)
    say(marta, submitted(utm={"medium": "social"}), ines)
    for text, n in (("came_by.is:email", 1), ("came_last.is:email", 0), ("came_last.is:social", 1)):
        assert compile_tree(people, parse(text), ines).apply(people.rows(ines)).count() == n


# --- visits -----------------------------------------------------------------------------------------------------------


def test_without_anybody_to_ask_for_consent_nothing_is_stored_and_the_script_is_empty(client):
    assert not consenting.asked()
    assert report(client).status_code == 204
    assert not Visit.objects.exists() and "sendBeacon" not in client.get("/t.js").content.decode()


def test_visits_before_consent_are_dropped_later_ones_kept_and_the_joining_is_logged(ines, client, consents, submitted):
    marta, now = person(ines), timezone.now()
    report(client)
    Visit.objects.update(at=now - dt.timedelta(days=3))
    Visit.objects.create(visitor=writing.digest(VISITOR), at=now - dt.timedelta(hours=5), channel="search", landing="https://tidewell.example/a")  # fmt: skip
    consents[marta.pk] = now - dt.timedelta(days=1)
    say(marta, submitted(page="https://tidewell.example/demo", visitor=VISITOR), ines)
    assert [(t.channel, t.through) for t in trail(marta)] == [("search", "visit"), ("direct", "form")]
    assert Event.objects.get(verb="person.visits_joined").payload == {"kept": 1, "dropped": 1}
    assert not Visit.objects.exists()
    Touch.objects.filter(through="visit").first()
    report(client)
    assert trail(marta)[-1].source == "news" and len(trail(marta)) == 3
    report(client)
    assert len(trail(marta)) == 3  # the same half hour


def test_visits_stand_on_the_story_and_its_filter_and_go_with_the_trail(ines, client, consents, submitted):
    marta, now = person(ines), timezone.now()
    consents[marta.pk] = now - dt.timedelta(days=1)
    before = now - dt.timedelta(hours=5)
    page = "https://tidewell.example/prices"
    Visit.objects.create(
        visitor=writing.digest(VISITOR), at=before, channel="search", source="search.example", landing=page
    )
    say(marta, submitted(page="https://tidewell.example/demo", visitor=VISITOR), ines)
    report(client)
    told = [
        one for one in timeline(ines, "person", marta.pk, chips=["visits"])[0] if one.event.verb == "person.visited"
    ]
    assert [one.sentence for one in told] == ["visited our site", "visited our site"]
    assert (told[-1].event.at, told[-1].event.actor_name) == (before, str(marta))
    assert (told[-1].body.text, told[-1].body.note) == (page, "from search.example")
    assert "prices" not in str(told[-1].event.payload)

    def asked(text):
        return compile_tree(people, parse(text), ines).apply(people.rows(ines)).count()

    assert asked("happened.at_least:person.visited|2|30") == 1
    assert asked(f"happened.at_least:person.visited|1|30|page={page}") == 1
    assert asked(f"happened.at_least:person.visited|2|30|page={page}") == 0
    delete_trail(people.get(ines, marta.pk), by=ines)
    assert not Event.objects.filter(verb="person.visited").exists()
    assert asked("happened.at_least:person.visited|1|30") == 0
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Event.objects.all().delete()


def test_whoever_takes_consent_back_is_not_followed_any_more(ines, client, consents, submitted):
    marta = person(ines)
    consents[marta.pk] = timezone.now() - dt.timedelta(days=1)
    say(marta, submitted(visitor=VISITOR), ines)
    consents.clear()
    report(client)
    assert [t.through for t in trail(marta)] == ["form"] and not Visit.objects.exists()


def test_without_a_persons_consent_a_form_does_not_tell_whose_visits_these_were(ines, client, consents, submitted):
    marta = person(ines)
    report(client)
    say(marta, submitted(visitor=VISITOR), ines)
    assert [t.through for t in trail(marta)] == ["form"] and not Known.objects.exists()


@pytest.mark.parametrize("header", ["HTTP_DNT", "HTTP_SEC_GPC"])
def test_a_browser_that_asks_not_to_be_tracked_is_not(client, consents, header):
    body = json.dumps({"c": 1, "v": VISITOR, "u": "https://tidewell.example/"})
    assert client.post("/t", body, content_type="text/plain", **{header: "1"}).status_code == 204
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"\xff\xfe", b'{"c": 1}', b'{"c": 0, "v": "' + VISITOR.encode() + b'"}', b'{"c": 1, "v": "<script>aaaaaaaaaaaaaa"}',
     b'{"c": 1, "v": 7}', b'{"c": 1, "v": "' + VISITOR.encode() + b'", "u": "' + b"x" * 3000 + b'"}', b"[" * 1500],
)  # fmt: skip
def test_reports_that_are_none_keep_nothing_and_tell_nothing(client, consents, body):
    sent = client.post("/t", body, content_type="text/plain")
    assert (sent.status_code, sent.content) == (204, b"") and not Visit.objects.exists()


def test_one_address_reports_so_much_a_minute_and_no_more(client, consents):
    for n in range(70):
        report(client, visitor=f"{n:032d}")
    assert Visit.objects.count() == 60


def test_any_site_may_report_but_without_cookies_and_by_post_alone(client, consents):
    asked = client.options(
        "/t", headers={"Origin": "https://tidewell.example", "Access-Control-Request-Method": "POST"}
    )
    assert (asked.status_code, asked["Access-Control-Allow-Origin"], asked["Access-Control-Allow-Methods"]) == (
        204,
        "*",
        "POST",
    )
    assert "Access-Control-Allow-Credentials" not in asked and not report(client).cookies
    assert client.get("/t").status_code == 405


def test_old_visits_of_nobody_are_forgotten(client, consents):
    report(client)
    Visit.objects.update(at=timezone.now() - dt.timedelta(days=91))
    assert writing.purge() == 1 and not Visit.objects.exists()


# --- the script -------------------------------------------------------------------------------------------------------


def test_the_script_weighs_less_than_three_kilobytes_and_knows_no_cookies(client, consents):
    body = client.get("/t.js").content
    assert len(body) < 3000 and len(gzip.compress(body)) < 1500
    assert b"cookie" not in body and b"doNotTrack" in body and b"globalPrivacyControl" in body
    assert Path(writing.__file__).with_name("t.js").read_bytes() == body


def test_the_page_of_a_person_shows_how_they_found_us(client, ines, submitted):
    marta = person(ines)
    say(marta, submitted(utm={"medium": "email", "source": "Museum News"}), ines)
    client.force_login(user("ines"))
    shown = client.get(f"/people/{marta.pk}/panel/reach").content.decode()
    assert "Museum News" in re.sub(r"<[^>]+>", " ", shown)


def test_people_see_how_they_found_us_on_their_own_page_and_delete_it_there(ines, client):
    elin = create(
        people, {"given_name": "Elin", "emails": entries(["elin@fjordheim.example"]), "language": "de"}, by=ines
    )
    other = create(people, {"given_name": "Oliver", "emails": entries(["oliver@grant.example"])}, by=ines)
    for row in (elin, other):
        Touch.objects.create(
            person=row, channel="fair", word="leipzig", landing="https://tidewell.example/leaks", through="form"
        )
    path = links.centre_path(elin.pk, elin.email)
    page = client.get(path).content.decode()
    assert "Wie Sie uns gefunden haben" in page and "Messe, leipzig (https://tidewell.example/leaks)" in page
    assert Touch.objects.count() == 2  # looking changes nothing
    answer = client.post(path, {"do": "trail"})
    assert answer.status_code == 303
    page = client.get(answer["Location"]).content.decode()
    assert "nicht mehr gespeichert" in page and "leipzig" not in page
    assert [touch.person for touch in Touch.objects.all()] == [other]
    told = Event.objects.get(verb="person.trail_deleted")
    assert (told.record_id, told.actor_name, told.payload) == (elin.pk, "Elin", {"count": 1})


def test_a_link_that_was_changed_and_a_button_there_is_not_delete_nothing(ines, client):
    elin = create(people, {"given_name": "Elin", "emails": entries(["elin@fjordheim.example"])}, by=ines)
    Touch.objects.create(person=elin, channel="fair", through="form")
    path = links.centre_path(elin.pk, elin.email)
    assert client.post(f"{path}x", {"do": "trail"}).status_code == 404
    assert client.post(path, {"do": "other"}).status_code == 303
    assert Client(enforce_csrf_checks=True).post(path, {"do": "trail"}).status_code == 403
    assert Touch.objects.count() == 1
