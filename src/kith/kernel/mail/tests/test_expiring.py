"""Messages as they came go when their mailbox's months are over; what was read of them stays, and their page says so."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.activities.models import Message
from kith.contacts.models import Person
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.files.models import StoredFile
from kith.kernel.mail import expiring, working
from kith.kernel.mail.arriving import bytes_of, take_in
from kith.kernel.mail.models import Arrived, Mailbox
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
RAW = b"From: Marta Kowalczyk <marta@bellevue.example>\r\nTo: hello@tidewell.example\r\nSubject: Risers\r\nMessage-ID: <%s@bellevue.example>\r\n\r\nThere are eleven.\r\n"


@pytest.fixture
def mailbox():
    values = {"name": "Hello", "address": "hello@tidewell.example", "host": "imap.tidewell.example", "keep_months": 6}
    return actions.create(registry["mailbox"], values, by=actor("astrid"))


@pytest.fixture(autouse=True)
def marta():
    values = {"given_name": "Marta", "emails": [{"value": "marta@bellevue.example", "label": ""}]}
    return actions.create(registry["person"], values, by=actor("ines"))


def came(mailbox, days_ago, key=b"one"):
    row = take_in(RAW % key)
    working.work(row.pk)
    Arrived.objects.filter(pk=row.pk).update(mailbox=mailbox, at=timezone.now() - dt.timedelta(days=days_ago))
    row.refresh_from_db()
    return row


def test_a_filed_message_is_cleared_after_its_months_and_its_words_stay(mailbox, marta):
    old, young = came(mailbox, 200), came(mailbox, 100, b"two")
    assert (old.state, young.state) == ("filed", "filed")
    assert expiring.clear() == 1 and expiring.clear() == 0
    old.refresh_from_db()
    young.refresh_from_db()
    assert old.file is None and old.cleared_at is not None and young.file is not None
    assert StoredFile.objects.filter(record_type="arrived").count() == 1
    assert "There are eleven." in Message.objects.get(arrived=old.pk).text
    assert Event.objects.filter(record="arrived", record_id=old.pk, verb="arrived.raw_cleared").exists()
    assert Person.objects.get(pk=marta.pk).last_touch_at is not None
    with pytest.raises(Invalid, match="^The whole message was cleared on"):
        bytes_of(old)


def test_its_page_and_that_of_its_arrival_say_so(mailbox, client):
    old = came(mailbox, 200)
    expiring.clear()
    message = Message.objects.get(arrived=old.pk)
    for path in (f"/arrived-mail/{old.pk}", f"/mail/{message.pk}"):
        client.force_login(user("astrid"))
        text = client.get(path).content.decode()
        assert "The whole message was cleared on" in text and "Download the whole message" not in text


def test_by_default_messages_are_kept_for_good_and_those_without_a_mailbox_as_the_installation_says(mailbox, settings):
    actions.edit(registry["mailbox"], Mailbox.objects.get(pk=mailbox.pk), {"keep_months": None}, by=actor("astrid"))
    came(mailbox, 3000)
    assert expiring.clear() == 0
    settings.KEEP_DAYS = {**settings.KEEP_DAYS, "RAW_MAIL": 365}
    came(None, 364, b"piped")
    assert expiring.clear() == 1


@pytest.mark.parametrize("state", ["waiting", "held", "failed"])
def test_what_nobody_has_filed_yet_is_never_cleared(mailbox, state):
    row = came(mailbox, 4000)
    Arrived.objects.filter(pk=row.pk).update(state=state)
    assert expiring.clear() == 0


def test_no_months_at_all_is_refused(mailbox):
    with pytest.raises(InvalidMany) as refused:
        actions.edit(registry["mailbox"], mailbox, {"keep_months": 0}, by=actor("astrid"))
    assert "1 to 600 months" in str(refused.value)
