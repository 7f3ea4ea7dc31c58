"""Gates and paces are asked for many at once; what passed is not asked again, and what the server refused does not count."""

import datetime as dt
from smtplib import SMTPException

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from kith.kernel.errors import Invalid
from kith.kernel.mail import clearing
from kith.kernel.mail.actions import suppress
from kith.kernel.mail.clearing import Later, NotNow, Outreach, Receiver, clear
from kith.kernel.mail.leaving import leave
from kith.kernel.mail.models import Reason, Suppressed
from tests.cast import actor
from tests.mailcast import smtp_server

pytestmark = pytest.mark.django_db
NEWS = Outreach("mailing", "Spring news")
MARTA, JAN = Receiver("Marta@bellevue.example", 1), Receiver("jan@other.example", 2)


@pytest.fixture
def asked(monkeypatch):
    """A pace that lets everybody have one mail; what it counted. A row stands for a count, so that rolling back tells."""
    times = []

    def pace(receivers, outreach):
        times.append([r.address for r in receivers])
        had = set(Suppressed.objects.filter(reason="test").values_list("address", flat=True))
        for r in receivers:
            if r.address not in had:
                Suppressed.objects.create(address=r.address, reason="test", archived_at=timezone.now())
        until = timezone.now() + dt.timedelta(days=1)
        return {r.address: Later("They had their mail.", until) for r in receivers if r.address in had}

    monkeypatch.setattr(clearing, "_paces", [pace])
    return times


def note(*to):
    return EmailMessage("Pumps", "Hello", "hello@tidewell.example", list(to) or ["marta@bellevue.example"])


def test_many_are_asked_for_at_once_and_each_has_its_answer(asked):
    suppress("jan@other.example", Reason.BY_HAND, "He asked", by=actor("astrid"))
    first, again = clear([MARTA, JAN], "", NEWS), clear([MARTA], "", NEWS)
    assert first.passed == {"marta@bellevue.example"} and "a colleague said so" in first.refused["jan@other.example"]
    assert again.passed == frozenset() and again.later["marta@bellevue.example"].why == "They had their mail."
    assert asked == [["marta@bellevue.example"]] * 2, "who is never written to is not counted"


def test_what_is_no_outreach_is_asked_of_no_pace(asked, settings):
    with smtp_server(settings) as box:
        leave(note())
        leave(note())
    assert len(box.kept) == 2 and asked == []


def test_outreach_that_is_too_much_says_when_to_try_again(asked, settings):
    with smtp_server(settings) as box:
        leave(note(), person=1, outreach=NEWS)
        with pytest.raises(NotNow, match="had their mail") as refused:
            leave(note(), person=1, outreach=NEWS)
    assert len(box.kept) == 1 and refused.value.until > timezone.now()


def test_what_the_server_did_not_take_does_not_count(asked, settings, monkeypatch):
    with smtp_server(settings) as box:
        mail = note()
        monkeypatch.setattr(mail, "send", lambda **_kw: (_ for _ in ()).throw(SMTPException("no")))
        with pytest.raises(SMTPException):
            leave(mail, person=1, outreach=NEWS)
        leave(note(), person=1, outreach=NEWS)
    assert len(box.kept) == 1


def test_who_was_cleared_with_many_is_not_counted_again_as_the_mail_leaves(asked, settings):
    found = clear([MARTA, JAN], "", NEWS)
    with smtp_server(settings) as box:
        leave(note(), person=1, outreach=NEWS, clearance=found)
    assert len(box.kept) == 1 and len(asked) == 1


def test_a_clearance_says_nothing_about_others_nor_for_long(asked, settings, time_machine):
    found = clear([JAN], "", NEWS)
    assert not found.covers(["marta@bellevue.example"], "") and not found.covers(["jan@other.example"], "news")
    suppress("jan@other.example", Reason.BY_HAND, "He asked", by=actor("astrid"))
    time_machine.move_to(timezone.now() + clearing.HOLDS_FOR)
    with smtp_server(settings), pytest.raises(Invalid, match="a colleague said so"):
        leave(note("jan@other.example"), outreach=NEWS, clearance=found)
