"""Booking a time, whoever wants it at once; who it is from; moving, cancelling, taking place, not coming."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from kith.contacts.consent.models import Consent
from kith.engagement.meetings import actions as do
from kith.engagement.meetings import booking
from kith.engagement.meetings.models import Booking, State
from kith.engagement.meetings.tests.making import at, book, host, meeting_of, moment, page, wanted
from kith.engagement.tests import making as sequences
from kith.kernel.errors import Invalid
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from tests.cast import actor, user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def verbs(record, pk):
    rows = Event.objects.filter(links__record=record, links__record_id=pk).order_by("at", "id")
    return list(dict.fromkeys(rows.values_list("verb", flat=True)))


def person(**more):
    return sequences.marta(actor("ines"), **more)


def test_a_stranger_who_books_is_a_person_with_a_meeting_on_their_story():
    row = book(page(), answers=[{"question": "What about?", "answer": "Two floods"}])
    assert (row.person.name, row.person.email, row.host.name) == (
        "Marta Kowalska",
        "marta@bellevue.example",
        "Ines Okafor",
    )
    assert {"person.captured", "meeting.booked", "activity.planned"} <= set(verbs("person", row.person_id))
    meeting = row.activity
    assert (meeting.kind, meeting.due_at, meeting.minutes, meeting.owner) == ("meeting", row.starts_at, 30, row.host)
    assert "Two floods" in meeting.body and meeting.location == "https://meet.tidewell.example/ines"


def test_who_belongs_to_nobody_belongs_to_whoever_they_meet_and_others_stay_where_they_are():
    marta = person(owner=user("priya").pk)
    book(page())
    marta.refresh_from_db()
    assert marta.owner == user("priya")
    assert book(
        page(name="Other talk"), "2026-11-24 12:00", name="Jan Nowak", email="jan@other.example"
    ).person.owner == user("ines")


def test_somebody_we_know_is_recognised_by_their_address():
    marta = person(company=None)
    assert book(page(), name="M. Kowalska").person_id == marta.pk


def test_whoever_comes_by_their_own_link_is_themselves_whatever_they_write():
    marta = person()
    assert book(page(), name="Kowalska", email="private@marta.example", known=marta.pk).person_id == marta.pk


def test_who_is_unsure_waits_for_a_colleague_and_the_time_is_taken():
    person()
    person(given_name="Piotr")
    row = book(page())
    assert row.person_id is None and row.activity is not None and "meeting.booked" not in verbs("booking", row.pk)
    waiting = registry["submission"].model._default_manager.get(through="booking", ref=row.pk)
    assert waiting.state == "review" and "2 people" in waiting.why
    perform(registry["submission"].actions[1], waiting, {}, by=actor("ines"))
    row.refresh_from_db()
    assert row.person_id == waiting.proposed_id and row.activity.person_id == row.person_id
    assert "meeting.booked" in verbs("person", row.person_id)


def test_a_time_that_is_taken_is_refused_and_nothing_is_left_of_the_try():
    made = page()
    book(made)
    with pytest.raises(Invalid, match="taken a moment ago"):
        book(made, name="Jan Nowak", email="jan@other.example")
    assert (
        Booking.objects.count() == 1 and not registry["person"].model._default_manager.filter(given_name="Jan").exists()
    )


@pytest.mark.parametrize("when", ["2026-11-24 09:10", "2026-11-24 03:00", "2026-11-22 09:00", "2028-11-24 09:00"])
def test_only_a_time_that_is_offered_can_be_booked(when):
    with pytest.raises(Invalid, match="taken a moment ago"):
        book(page(), when)


def test_a_length_that_the_page_does_not_have_is_refused():
    with pytest.raises(Invalid, match="cannot have that length"):
        book(page(), minutes=90)


def test_the_database_itself_refuses_two_meetings_of_one_colleague_at_once():
    row = book(page())
    with pytest.raises(IntegrityError, match="booking_one_at_a_time"), transaction.atomic():
        Booking.objects.create(
            page=row.page, host=row.host, name="Jan", email="jan@other.example", starts_at=row.starts_at + dt.timedelta(minutes=15),
            ends_at=row.ends_at + dt.timedelta(minutes=15),
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_want_the_same_time_at_once_each_host_gets_one():
    made = page()
    host(made, "ines")
    host(made, "priya")
    start, results = threading.Barrier(10), []

    def want(n):
        try:
            start.wait()
            with at():
                results.append(
                    booking.book(made, wanted(name=f"Guest {n}", email=f"guest{n}@hotel{n}.example")).host_id
                )
        except Invalid:
            results.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=want, args=(n,)) for n in range(10)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(r for r in results if r) == sorted([user("ines").pk, user("priya").pk]) and len(results) == 10


def test_turns_follow_shares():
    made = page()
    host(made, "ines", share=2)
    host(made, "priya", share=1)
    days = [f"2026-11-{day} {hour:02}:00" for day in (24, 25) for hour in (9, 11, 13)]
    hosts = [book(made, day, email=f"g{n}@h{n}.example", name=f"Guest {n}").host.name for n, day in enumerate(days)]
    assert sorted(hosts) == ["Ines Okafor"] * 4 + ["Priya Nair"] * 2


def test_booking_stops_their_sequence_and_says_so(postbox):
    marta = person()
    going = sequences.enrol(
        marta, sequences.sequence([{"do": "wait", "for": "3 days"}, {"do": "call", "subject": "Call"}])
    )
    book(page())
    going.refresh_from_db()
    assert (going.state, going.outcome, going.why) == ("stopped", "met", "They booked a meeting.")
    assert Event.objects.get(verb="enrolment.stopped").payload["on"] == "meeting.booked"


def test_what_they_agree_to_is_in_the_log_with_its_words():
    actions.create(registry["purpose"], {"name": "Newsletter", "wording": "Write to me."}, by=actor("astrid"))
    row = book(page(purpose="newsletter"), consent={"purpose": "newsletter", "wording": "Write to me.", "number": 1})
    line = Consent.objects.get(person=row.person_id)
    assert (line.state, line.wording, line.source, line.proof["booking"]) == (
        "given",
        "Write to me.",
        "First talk",
        row.pk,
    )


def test_moving_frees_one_time_and_takes_another():
    made = page()
    row = book(made)
    booking.move(row, moment("2026-11-24 09:30"), by=actor("ines"))
    row.refresh_from_db()
    assert row.activity.due_at == row.starts_at == moment("2026-11-24 09:30")
    assert "meeting.moved" in verbs("person", row.person_id)
    book(made, name="Jan Nowak", email="jan@other.example")


def test_moving_by_half_its_own_length_is_not_in_its_own_way():
    made = page(every=15)
    row = book(made)
    booking.move(row, moment("2026-11-24 09:15"), by=actor("ines"))
    assert Booking.objects.get().starts_at == moment("2026-11-24 09:15")


def test_a_guest_moves_to_what_is_offered_and_a_colleague_to_any_time_that_is_not_taken():
    made = page()
    row, other = book(made), book(made, "2026-11-24 11:00", name="Jan Nowak", email="jan@other.example")
    with pytest.raises(Invalid, match="taken a moment ago"):
        booking.move(row, moment("2026-11-24 20:00"), by=actor("ines"))
    perform(do.move, row, {"start": "2026-11-24T20:00"}, by=actor("ines"))
    with pytest.raises(Invalid, match="taken a moment ago"):
        perform(do.move, row, {"start": "2026-11-24T11:15"}, by=actor("ines"))
    assert {b.starts_at for b in Booking.objects.all()} == {moment("2026-11-24 20:00"), other.starts_at}


def test_cancelling_puts_the_meeting_away_and_frees_the_time():
    made = page()
    row = book(made)
    booking.cancel(row, "I am ill", by=actor("ines"))
    row.refresh_from_db()
    assert (row.state, row.why) == (State.CANCELLED, "I am ill") and row.activity.archived_at is not None
    assert Event.objects.get(verb="meeting.cancelled").payload["why"] == ": I am ill"
    book(made, name="Jan Nowak", email="jan@other.example")


def test_cancelling_is_taken_back_whole_unless_somebody_else_took_the_time():
    made = page()
    row = book(made)
    done = perform(do.cancel, row, {}, by=actor("ines"))
    undo(done.operation, by=actor("ines"))
    row.refresh_from_db()
    row.activity.refresh_from_db()
    assert row.state == State.BOOKED and row.activity.archived_at is None
    done = perform(do.cancel, row, {}, by=actor("ines"))
    book(made, name="Jan Nowak", email="jan@other.example")
    taken_back = undo(done.operation, by=actor("ines"))
    row.refresh_from_db()
    row.activity.refresh_from_db()
    assert row.state == State.CANCELLED and row.activity.archived_at is not None
    assert all("taken a moment ago" in words for words in taken_back.conflicts) and len(taken_back.conflicts) == 2


def test_what_a_colleague_does_with_it_in_the_calendar_is_done_with_the_booking():
    row = book(page())
    perform(registry["activity"].actions[2], row.activity, {"due": "2026-11-25T15:00"}, by=actor("ines"))
    row.refresh_from_db()
    assert row.starts_at == moment("2026-11-25 15:00") and row.minutes == 30
    actions.edit(registry["activity"], row.activity, {"owner": user("priya")}, by=actor("ines"))
    row.refresh_from_db()
    assert row.host == user("priya") and "meeting.handed" in verbs("booking", row.pk)
    actions.archive(registry["activity"], row.activity, by=actor("helena"))
    row.refresh_from_db()
    assert row.state == State.CANCELLED


def test_it_cannot_be_moved_in_the_calendar_onto_another_booked_meeting():
    made = page()
    row = book(made)
    book(made, "2026-11-24 11:00", name="Jan Nowak", email="jan@other.example")
    with pytest.raises(Invalid, match="taken a moment ago"):
        perform(registry["activity"].actions[2], row.activity, {"due": "2026-11-24T11:00"}, by=actor("ines"))


def test_it_took_place_when_it_is_ticked_off_and_not_when_that_is_taken_back():
    row = book(page())
    done = perform(do.met, row, {"outcome": "They want an offer"}, by=actor("ines"))
    row.refresh_from_db()
    assert row.state == State.HELD and row.activity.outcome == "They want an offer"
    assert {"meeting.held", "activity.met"} <= set(verbs("person", row.person_id))
    undo(done.operation, by=actor("ines"))
    row.refresh_from_db()
    assert row.state == State.BOOKED


def test_who_does_not_come_was_not_talked_to():
    row = book(page())
    perform(do.no_show, row, {}, by=actor("ines"))
    row.refresh_from_db()
    marta = row.person
    marta.refresh_from_db()
    assert row.state == State.MISSED and marta.last_touch_at is None and marta.next_step_at is None
    with pytest.raises(Invalid, match="they did not come already"):
        perform(do.cancel, row, {}, by=actor("ines"))


def test_a_colleague_elsewhere_sees_only_meetings_within_reach():
    meeting_of("ines", "2026-11-24 15:00")
    row = book(page())
    assert registry["booking"].rows(actor("ines")).filter(pk=row.pk).exists()
