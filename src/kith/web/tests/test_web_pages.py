"""The pages that are no record's: first run, settings, background work, inbox, calendar feed."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from kith.activities.models import Message, Notice, Thread
from kith.awareness.models import Fit, Member, Touch
from kith.capture.models import LeadClock
from kith.contacts.consent.models import Consent
from kith.engagement.models import Occurrence, Step
from kith.kernel.accounts.models import User
from kith.kernel.organisation.models import Organisation, current, refresh
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import Membership
from kith.kernel.timeline.models import Event, EventLink
from kith.process.forgotten.proving import check
from kith.process.review.models import Rhythm
from kith.qualification.models import Changed, Lead
from kith.starters.actions import HAPPENED, SET_UP, SHARED, SOLD, install_sample, remove_sample
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


def browser(who):
    actor(who)
    client = Client()
    client.force_login(user(who))
    return client


def test_an_administrator_of_a_new_kith_is_guided_through_three_steps():
    astrid = browser("astrid")
    assert astrid.get("/", follow=True).request["PATH_INFO"] == "/welcome/"
    wrong = astrid.post("/welcome/", {"name": "", "currency": "GOLD", "country": "PL", "time_zone": "Europe/Warsaw"})
    assert wrong.status_code == 422 and "GOLD" in wrong.content.decode()
    right = astrid.post(
        "/welcome/", {"name": "Nordlys", "currency": "SEK", "country": "SE", "time_zone": "Europe/Stockholm"}
    )
    assert right["Location"] == "/welcome/colleague/"
    nobody = astrid.post("/welcome/colleague/", {"name": "Nils Ek", "email": " "})
    assert (nobody.status_code, "Write an e-mail address" in nobody.text) == (422, True)
    invited = astrid.post("/welcome/colleague/", {"name": "Nils Ek", "email": "nils@nordlys.example"})
    assert "/accounts/password/reset/key/" in invited.content.decode()
    assert User.objects.get(email="nils@nordlys.example").role == "member"
    assert astrid.post("/welcome/data/", {"next": "import"})["Location"] == "/people/import/"
    assert (refresh().name, current().currency, current().set_up_at is not None) == ("Nordlys", "SEK", True)
    assert astrid.get("/", follow=True).request["PATH_INFO"] != "/welcome/"


def test_everybody_lands_on_their_day_and_with_the_people_where_activities_are_none_of_their_business():
    Organisation.objects.update(set_up_at=timezone.now())
    page = browser("ines").get("/")
    assert (page.status_code, "Ines</h1>" in page.text) == (200, True)
    policy("member", "activity", see="none")
    assert browser("ines").get("/")["Location"] == "/people/"


def test_others_are_not_asked_to_set_anything_up():
    ines = browser("ines")
    assert ines.get("/", follow=True).request["PATH_INFO"] != "/welcome/"
    for path in (
        "/welcome/",
        "/settings/jobs/",
        "/settings/fields/",
        "/settings/roles/",
        "/settings/organisation/",
        "/settings/sample/",
    ):
        assert ines.get(path).status_code == 403, path


@pytest.mark.parametrize(
    "path",
    ["/settings/", "/settings/jobs/", "/settings/jobs/?state=done", "/settings/fields/", "/settings/fields/new", "/settings/roles/",
     "/settings/roles/member/person", "/settings/organisation/", "/settings/sample/", "/settings/api/", "/inbox/", "/welcome/", "/welcome/colleague/", "/welcome/data/"],
)  # fmt: skip
def test_every_settings_page_opens_within_its_budget(path, django_assert_max_num_queries):
    astrid = browser("astrid")
    with django_assert_max_num_queries(12):
        assert astrid.get(path).status_code == 200


def test_a_field_is_added_changed_and_put_away_in_the_browser():
    astrid = browser("astrid")
    refused = astrid.post("/settings/fields/new", {"record": "person", "label": "", "kind": "text"})
    assert refused.status_code == 422
    astrid.post(
        "/settings/fields/new", {"record": "person", "label": "Tier", "kind": "choice", "choices": "Gold\nSilver"}
    )
    column = registry["person"].columns()["custom.tier"]
    assert dict(column.kind.options) == {"gold": "Gold", "silver": "Silver"}
    assert "Tier" in astrid.get("/people/new").content.decode()


def test_a_role_is_narrowed_in_the_browser_and_holds_at_once():
    astrid = browser("astrid")
    form = {"see": "own", "edit": "own", "archive": "none", "right:create": "1", "column:source": "hidden"}
    assert astrid.post("/settings/roles/member/person", {**form, "edit": "all"}).status_code == 422
    assert astrid.post("/settings/roles/member/person", form).status_code == 302
    ines = actor("ines")
    assert ines.level("person", "see") == "own"
    assert "source" not in registry["person"].columns(ines)
    assert not ines.can("person.export")
    assert astrid.post("/settings/roles/administrator/person", form).status_code == 404


def test_the_sample_company_goes_without_a_trace_and_leaves_what_people_added():
    astrid = actor("astrid")
    mine = actions.create(registry["company"], {"name": "Own firm"}, by=astrid)
    before = (Event.objects.count(), EventLink.objects.count())
    counts = install_sample(by=astrid, people=40, seed=7, now=timezone.now())
    assert counts["people"] == 40
    theirs = registry["company"].model.objects.exclude(pk=mine.pk).first()
    kept = actions.create(registry["person"], {"given_name": "Own", "company": theirs}, by=astrid)
    assert Organisation.objects.get().sample["people"] == 40
    remove_sample(by=astrid)
    assert not Rhythm.objects.exists() and not Notice.objects.exists()
    for name in (*HAPPENED, *SOLD, *SET_UP, *SHARED):
        left = registry[name].model.objects.exclude(pk__in=[mine.pk, kept.pk] if name in ("person", "company") else [])
        assert not left.exists(), name
    for model in (Touch, Member, Consent, Thread, Message, LeadClock, Lead, Changed, Membership, Fit, Occurrence, Step):
        assert not model.objects.exists(), model.__name__
    kept.refresh_from_db()
    assert kept.company is None
    assert check().violations == 0 and check().totals["listed"] == 0
    assert Event.objects.count() == before[0] + 1
    assert (
        not User.objects.filter(email__endswith="@tidewell.example", is_active=True)
        .exclude(pk=astrid.user_id)
        .filter(email__startswith="jonas")
        .exists()
    )


def test_the_same_seed_tells_the_same_story():
    from kith.starters.tidewell.story import Teller

    now = dt.datetime(2026, 3, 12, 12, tzinfo=dt.UTC)
    one, two = (list(Teller(seed=5, now=now, owners={"South": [0], "North": [1]}).companies(60)) for _n in range(2))
    assert one == two
    assert one != list(Teller(seed=6, now=now, owners={"South": [0], "North": [1]}).companies(60))


def test_the_inbox_shows_who_names_me_and_mail_that_did_not_leave(settings):
    from kith.activities.mail import DUMMY
    from kith.activities.writing import compose_mail, write_note
    from kith.kernel.records.action import perform

    settings.EMAIL_BACKEND = DUMMY
    priya, ines = actor("priya"), actor("ines")
    marta = actions.create(
        registry["person"], {"given_name": "Marta", "emails": [{"value": "m@b.example", "label": ""}]}, by=ines
    )
    perform(write_note, marta, {"body": "@Priya bring <b>keys</b>"}, by=ines)
    perform(compose_mail, marta, {"subject": "Offer", "body": "x"}, by=ines)
    page = browser("priya").get("/inbox/").content.decode()
    assert "Ines Okafor names you" in page and "&lt;b&gt;keys" in page
    mine = browser("ines")
    assert "No mail server is set up" in mine.get("/inbox/").content.decode()
    pk = Message.objects.get().pk
    assert browser("priya").post(f"/inbox/mail/{pk}/discard").status_code == 404
    mine.post(f"/inbox/mail/{pk}/discard")
    assert "Discarded" in Message.objects.get().problem
    assert priya.user_id


def test_the_calendar_feed_is_read_by_its_address_until_another_is_made():
    ines = actor("ines")
    activities = registry["activity"]
    soon = timezone.now() + dt.timedelta(days=2)
    actions.create(
        activities, {"subject": "Site survey; bring, keys", "kind": "meeting", "due_at": soon, "minutes": 45}, by=ines
    )
    mine = browser("ines")
    address = next(line for line in mine.get("/inbox/").content.decode().split('"secret">') if ".ics" in line).split(
        "<"
    )[0]
    path = address.removeprefix("http://testserver")
    answer = Client().get(path)
    assert answer["Content-Type"].startswith("text/calendar")
    event = Calendar.from_ical(answer.content).walk("VEVENT")[0]
    assert str(event["summary"]) == "Site survey; bring, keys"
    assert event.end - event.start == dt.timedelta(minutes=45)
    assert Client().get("/calendar/forged.ics").status_code == 404
    mine.post("/inbox/calendar/new")
    assert Client().get(path).status_code == 404
