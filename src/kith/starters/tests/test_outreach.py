"""What Tidewell wrote to many, said in its chat and met for: read back through the product, in an order that can have happened."""

import re
from collections import Counter
from html import unescape

import pytest
from django.core import mail

from kith.awareness.models import AssetUse, Member
from kith.capture.chat.models import Conversation, Line, Presence
from kith.contacts.consent.models import Consent
from kith.engagement.mailings import results
from kith.engagement.meetings.availability import times
from kith.engagement.meetings.models import Booking, BookingPage
from kith.engagement.models import Mailing, Recipient
from kith.kernel.access.actor import system
from kith.kernel.jobs.queries import list_jobs
from kith.kernel.timeline.models import Event
from kith.starters.actions import install_sample
from kith.starters.tests.ways import NOW
from kith.starters.tidewell.outreach_words import DRAFT, MAILINGS
from tests.cast import user

PEOPLE = 600


@pytest.fixture(scope="module")
def sample(django_db_setup, django_db_blocker):
    """One company for all tests that only read."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        install_sample(by=system("cli"), people=PEOPLE, now=NOW)
        yield
        transaction.set_rollback(True)


def test_nothing_of_it_is_sent(sample):
    waits = {row.name for row in list_jobs("waiting", limit=1000)}
    assert not mail.outbox and not {one for one in waits if re.match(r"meetings\.tell|engagement\.mailing|chat\.", one)}


def test_letters_reached_those_who_had_asked_for_them_and_nobody_else(sample):
    letters = {row.name: row for row in Mailing.objects.all()}
    assert set(letters) == {DRAFT, *(name for name, *_words in MAILINGS)} and letters[DRAFT].state == "draft"
    for row in (letters[name] for name, *_words in MAILINGS):
        got = Recipient.objects.filter(mailing=row)
        for one in got:
            lines = Consent.objects.filter(person=one.person_id, purpose=row.purpose, at__lt=row.began_at).order_by(
                "at", "pk"
            )
            last = lines.last()
            assert (one.state == "sent") is bool(last and last.said_yes)
            assert (
                one.unsubscribed_at is None
                or Consent.objects.filter(person=one.person_id, at=one.unsubscribed_at, state="withdrawn").exists()
            )
        found = results.total(system(), row).n
        told = Event.objects.filter(verb="mailing.reached", payload__mailing=row.pk)
        assert told.count() == found["sent"] > 20 and found["held"] > 0
        assert set(told.values_list("at", flat=True)) == {row.ended_at}
        asset = row.frozen["assets"][0][0]
        assert AssetUse.objects.filter(ref=f"mailing:{row.pk}", asset=asset).count() == found["sent"]
        answered = Event.objects.filter(verb="mailing.answered", payload__mailing=row.pk)
        assert (
            answered.count()
            == found["replied"]
            == AssetUse.objects.filter(ref=f"mailing:{row.pk}", answered_at__isnull=False).count()
        )
        assert results.afterwards(system(), row)["deal"] >= 0
    whole = Counter()
    for row in letters.values():
        whole.update(results.total(system(), row).n)
    assert whole["replied"] > 3 and whole["bounced"] > 0 and whole["unsubscribed"] > 0
    members = Member.objects.filter(campaign=letters[MAILINGS[0][0]].campaign)
    assert not members.filter(since__gt=NOW).exists() and members.filter(state="sent").exists()


def test_chats_are_whole_conversations_and_one_goes_on_now(sample):
    rows = Conversation.objects.all()
    assert Counter(rows.values_list("state", flat=True))["open"] == 1 and len(rows) > 5
    for row in rows:
        said = list(Line.objects.filter(conversation=row).order_by("number"))
        assert [one.number for one in said] == list(range(1, row.said + 1)) and row.last_words == said[-1].text
        assert [one.at for one in said] == sorted(one.at for one in said) and said[-1].at <= NOW
        assert Event.objects.filter(verb="chat.held", payload__conversation=row.pk).count() == (
            row.person_id is not None
        )
    assert not Presence.objects.exists()


def test_what_was_booked_is_what_stands_in_the_calendar(sample):
    rows = list(Booking.objects.select_related("activity"))
    states = Counter(row.state for row in rows)
    assert states["held"] > 10 and states["booked"] > 0 and states["missed"] + states["cancelled"] > 0
    for row in rows:
        assert row.created_at <= row.starts_at
        if row.activity is not None:
            one = row.activity
            assert (one.due_at, one.owner_id, one.person_id) == (row.starts_at, row.host_id, row.person_id)
            assert (one.done_at is not None) is (row.state == "held")
        else:
            assert row.state in ("missed", "cancelled")
        assert row.told.sent_at is not None, "what an invitation would say counts as said"
    assert times(BookingPage.objects.get(), 30, NOW, NOW.replace(day=NOW.day + 6)).users, "somebody can be met"


def test_the_pages_look_alive(sample, client):
    client.force_login(user("helena"))
    going = Conversation.objects.get(state="open")
    pages = (
        ("/mailings/", MAILINGS[-1][0]), ("/chats/", going.last_words), ("/conversations/", "Website chat"), ("/bookings/", "A first talk"),
        (f"/conversations/{going.pk}/chat", "Tidewell’s bot"), ("/chat-widgets/", "Website chat"), ("/booking-pages/", "A first talk"),
        (f"/mailings/{Mailing.objects.filter(state='sent').latest('began_at').pk}", "The tide letter"),
    )  # fmt: skip
    for path, words in pages:
        page = client.get(path, follow=True)
        assert page.status_code == 200 and words in unescape(page.content.decode()), path
