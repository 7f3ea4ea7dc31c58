"""Invitations as mail programs get them, over a real mail server; what calendars answer comes back to the meeting."""

import datetime as dt
import email
import email.policy

import pytest
from icalendar import Calendar

from kith.activities.models import Notice
from kith.engagement.meetings import actions as do
from kith.engagement.meetings import booking
from kith.engagement.meetings.links import own_path
from kith.engagement.meetings.models import Booking, Told
from kith.engagement.meetings.tests.making import book, moment, page, tell
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.actions import suppress
from kith.kernel.mail.arriving import take_in
from kith.kernel.mail.models import Arrived, Mailbox, Reason
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from tests.cast import actor, user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def letters(box, to="marta@bellevue.example"):
    found = [email.message_from_bytes(one.as_bytes(), policy=email.policy.default) for one in box.kept]
    return [one for one in found if to in one["To"]]


def parts(letter):
    return [part for part in letter.walk() if not part.is_multipart()]


def calendar_in(letter):
    part = next(p for p in parts(letter) if p.get_content_type() == "text/calendar")
    return part, Calendar.from_ical(part.get_payload(decode=True))


def event_in(letter):
    return calendar_in(letter)[1].walk("VEVENT")[0]


def test_the_invitation_is_one_that_mail_programs_take(postbox):
    row = book(page())
    tell()
    (letter,) = letters(postbox)
    kinds = [p.get_content_type() for p in parts(letter)]
    assert kinds == ["text/plain", "text/html", "text/calendar", "application/ics"]
    assert (
        letter.get_content_type() == "multipart/mixed"
        and letter.get_payload()[0].get_content_type() == "multipart/alternative"
    )
    part, read = calendar_in(letter)
    assert part.get_param("method") == "REQUEST" and part.get_content_charset() == "utf-8"
    assert (str(read["method"]), str(read["version"])) == ("REQUEST", "2.0")
    event = read.walk("VEVENT")[0]
    assert (str(event["uid"]), event["sequence"], str(event["status"])) == (f"{row.uid}@kith", 0, "CONFIRMED")
    assert str(event["organizer"]) == "mailto:" + letter["From"].addresses[0].addr_spec
    guest = next(a for a in event["attendee"] if str(a) == "mailto:marta@bellevue.example")
    assert (guest.params["PARTSTAT"], guest.params["RSVP"], guest.params["ROLE"]) == (
        "NEEDS-ACTION",
        "TRUE",
        "REQ-PARTICIPANT",
    )
    assert (event["dtstart"].dt, event["dtend"].dt) == (row.starts_at, row.ends_at)
    assert (
        letter["Auto-Submitted"] == "auto-generated" and own_path(row.pk) in letter.get_body(("plain",)).get_content()
    )


def test_times_name_a_zone_whose_rules_come_along(postbox):
    ines = user("ines")
    ines.time_zone = "Europe/Berlin"
    ines.save()
    row = book(page())
    tell()
    raw = calendar_in(letters(postbox)[0])[1]
    event = raw.walk("VEVENT")[0]
    assert event["dtstart"].params["TZID"] == "Europe/Berlin" and event["dtstart"].to_ical() == b"20261124T100000"
    (rules,) = raw.walk("VTIMEZONE")
    offsets = {one.name: one["tzoffsetto"].td for one in rules.subcomponents}
    assert str(rules["tzid"]) == "Europe/Berlin"
    assert offsets == {"STANDARD": dt.timedelta(hours=1), "DAYLIGHT": dt.timedelta(hours=2)}
    assert row.starts_at == moment("2026-11-24 09:00")


def test_words_are_on_the_readers_clocks(postbox):
    book(page(), time_zone="America/New_York")
    tell()
    assert (
        "Tuesday, 24 November 2026, 04:00 to 04:30 (America/New_York, UTC-5)"
        in letters(postbox)[0].get_body(("plain",)).get_content()
    )


def test_the_colleague_gets_it_too_with_what_was_answered(postbox):
    book(page(), answers=[{"question": "What about?", "answer": "Two floods"}], phone="+48585550142")
    tell()
    (letter,) = letters(postbox, "ines@tidewell.example")
    assert "Two floods" in letter.get_body(("plain",)).get_content() and event_in(letter)["sequence"] == 0


def test_a_move_is_the_same_meeting_with_the_next_number(postbox):
    row = book(page())
    tell()
    booking.move(row, moment("2026-11-25 09:00"), by=actor("ines"))
    tell()
    first, second = letters(postbox)
    assert second["Subject"].startswith("Moved: First talk, Wednesday, 25 November")
    a, b = event_in(first), event_in(second)
    assert (
        a["uid"] == b["uid"]
        and (a["sequence"], b["sequence"]) == (0, 1)
        and b["dtstart"].dt == moment("2026-11-25 09:00")
    )


def test_only_the_last_word_leaves_where_several_wait(postbox):
    row = book(page())
    booking.move(row, moment("2026-11-25 09:00"), by=actor("ines"))
    tell()
    (letter,) = letters(postbox)
    assert event_in(letter)["sequence"] == 1


def test_a_cancelled_meeting_is_taken_out_of_calendars(postbox):
    row = book(page())
    tell()
    booking.cancel(row, "The train does not go", by=actor("ines"))
    tell()
    letter = letters(postbox)[-1]
    part, read = calendar_in(letter)
    event = read.walk("VEVENT")[0]
    assert (part.get_param("method"), str(read["method"]), str(event["status"]), event["sequence"]) == (
        "CANCEL",
        "CANCEL",
        "CANCELLED",
        1,
    )
    assert "The train does not go" in letter.get_body(("plain",)).get_content()


def test_taking_a_cancelling_back_invites_them_again(postbox):
    row = book(page())
    done = perform(do.cancel, row, {}, by=actor("ines"))
    tell()
    undo(done.operation, by=actor("ines"))
    tell()
    read = calendar_in(letters(postbox)[-1])[1]
    assert str(read["method"]) == "REQUEST" and read.walk("VEVENT")[0]["sequence"] == 2


def test_whoever_it_is_taken_from_is_told_that_it_ends(postbox):
    row = book(page())
    tell()
    actions.edit(registry["activity"], row.activity, {"owner": user("priya")}, by=actor("ines"))
    tell()
    assert event_in(letters(postbox, "ines@tidewell.example")[-1])["status"] == "CANCELLED"
    assert event_in(letters(postbox, "priya@tidewell.example")[-1])["status"] == "CONFIRMED"


def test_it_leaves_once_however_often_the_job_runs(postbox):
    from kith.engagement.meetings.letters import tell as send

    row = book(page())
    tell()
    send(row.pk, 0, "person")
    assert len(letters(postbox)) == 1 and Told.objects.get().sent_at is not None


def test_an_address_that_bounced_is_not_written_to_and_the_meeting_says_so(postbox):
    suppress("marta@bellevue.example", Reason.BOUNCED, "", by=actor("astrid"))
    book(page())
    tell()
    assert letters(postbox) == [] and "does not exist" in Told.objects.get().problem
    assert len(letters(postbox, "ines@tidewell.example")) == 1


def test_what_strangers_call_themselves_adds_no_line_to_the_calendar(postbox):
    book(
        page(), name="Marta\r\nATTENDEE:mailto:evil@else.example", answers=[{"question": "?", "answer": "a\nX-EVIL:1"}]
    )
    tell()
    for letter in (*letters(postbox), *letters(postbox, "ines@tidewell.example")):
        read = calendar_in(letter)[1]
        assert (
            "evil@else.example" not in [str(a) for a in read.walk("VEVENT")[0]["attendee"]]
            and "X-EVIL" not in read.walk("VEVENT")[0]
        )


# --- what calendars answer -------------------------------------------------------------------------------------------


def reply(row, answer="ACCEPTED", sender="marta@bellevue.example", number=0, uid=""):
    return (
        f"From: Marta <{sender}>\r\nTo: hello@tidewell.example\r\nSubject: Accepted\r\nMessage-ID: <r{answer}{number}{sender}>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nYes\r\n"
        "--b\r\nContent-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\n"
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:{uid or row.uid}@kith\r\nSEQUENCE:{number}\r\n"
        f"DTSTAMP:20261123T100000Z\r\nATTENDEE;PARTSTAT={answer};CN=Marta:mailto:Marta@bellevue.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--b--\r\n"
    ).encode()


def arrive(raw):
    Mailbox.objects.get_or_create(name="Hello", address="hello@tidewell.example", host="imap.example")
    found = take_in(raw)
    run_waiting_jobs(names=["mail.work"])
    return Arrived.objects.get(pk=found.pk)


@pytest.mark.parametrize(
    ("answer", "kept"), [("ACCEPTED", "accepted"), ("DECLINED", "declined"), ("TENTATIVE", "tentative")]
)
def test_an_answer_is_noted_on_the_meeting(answer, kept):
    row = book(page())
    arrived = arrive(reply(row, answer))
    row.refresh_from_db()
    assert (row.reply, arrived.state, arrived.record, arrived.record_id) == (kept, "filed", "booking", row.pk)
    assert (
        Event.objects.filter(verb="meeting.answered", links__record="person", links__record_id=row.person_id).count()
        == 1
    )
    assert Notice.objects.filter(user=row.host, text__contains="declined").exists() == (kept == "declined")


def test_only_the_guest_answers_and_only_what_is_asked_now():
    row = book(page())
    arrive(reply(row, sender="jan@other.example"))
    arrive(reply(row, uid="0e0e0e0e-0000-4000-8000-000000000000"))
    booking.move(row, moment("2026-11-25 09:00"), by=actor("ines"))
    arrive(reply(row, "DECLINED", number=0))
    assert Booking.objects.get().reply == ""
    arrive(reply(row, "ACCEPTED", number=1))
    assert Booking.objects.get().reply == "accepted"


def test_a_broken_calendar_is_ordinary_mail():
    row = book(page())
    arrived = arrive(
        reply(row).replace(b"METHOD:REPLY\r\nBEGIN", b"METHOD:REPLY\r\n\xff\xfeBEGIN").replace(b"UID:", b"UI")
    )
    assert arrived.state in ("filed", "held") and Booking.objects.get().reply == ""
