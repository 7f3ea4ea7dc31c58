"""The pages on which strangers book: on their clocks, without a script, kind in every refusal."""

import re
from html import unescape

import pytest
import time_machine
from django.test import Client

from kith.contacts.consent.models import Consent
from kith.engagement.letters import letter
from kith.engagement.meetings import links
from kith.engagement.meetings.models import Booking, State
from kith.engagement.meetings.reading import MOST_OPEN, MOST_POSTS
from kith.engagement.meetings.tests.making import at, book, hours, moment, page
from kith.engagement.placeholders import cast_of
from kith.engagement.tests import making as sequences
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
NINE = "2026-11-24T09:00:00+00:00"


@pytest.fixture
def stranger():
    return Client()


def words(response):
    return unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))


def filled(stranger, made, **more):
    """The form as it is sent after ten seconds."""
    shown = stranger.get(f"/book/{made.key}", {"at": NINE, "minutes": 30, "zone": "Europe/Warsaw"})
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', shown.content.decode()))
    hidden = {key: unescape(value) for key, value in hidden.items() if key != "csrfmiddlewaretoken"}
    return {**hidden, "name": "Marta Kowalska", "email": "marta@bellevue.example", **more}


def send(stranger, made, **more):
    given = filled(stranger, made, **more)
    with time_machine.travel("2026-11-23 10:00:10+00:00", tick=False):
        return stranger.post(f"/book/{made.key}", {k: v for k, v in given.items() if v is not None})


def test_times_are_on_the_clocks_of_the_zone_chosen(stranger):
    made = page(calendar=hours("Mornings", {"tue": "09:00-10:00"}))
    there = stranger.get("/book/first-talk", {"zone": "Asia/Kolkata"})
    assert "14:30" in words(there) and "15:00" in words(there) and "09:00" not in words(there)
    assert NINE.replace("+", "%2B").replace(":", "%3A") in there.content.decode() and made.key == "first-talk"


def test_near_midnight_a_time_stands_on_the_readers_day(stranger):
    page(calendar=hours("Mornings", {"tue": "09:00-10:00"}))
    there = words(stranger.get("/book/first-talk", {"zone": "Pacific/Auckland"}))
    assert "22:00" in there and re.search(r"Tuesday\s+24 November", there)
    there = words(stranger.get("/book/first-talk", {"zone": "Pacific/Kiritimati"}))
    assert "23:00" in there


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "x" * 500, "<script>"])
def test_a_zone_that_does_not_exist_is_refused_kindly(stranger, zone):
    page()
    answer = stranger.get("/book/first-talk", {"zone": zone})
    assert answer.status_code == 200 and "There is no time zone" in words(answer) and "09:00" in words(answer)
    assert "<script>”" not in answer.content.decode()


def test_an_hour_that_clocks_show_twice_is_two_times(stranger):
    with at("2026-10-22 10:00:00+00:00"):
        page(calendar=hours("Night", {"sun": "00:00-04:00"}, "UTC"))
        there = words(stranger.get("/book/first-talk", {"zone": "Europe/Berlin", "day": "2026-10-25"}))
    assert "02:00 UTC+0200" in there and "02:00 UTC+0100" in there


def test_a_stranger_books_and_sees_their_meeting(stranger):
    made = page(questions="What about? *\nHow many buildings?")
    answer = send(stranger, made, q0="Two floods")
    row = Booking.objects.get()
    assert answer.status_code == 303 and answer["Location"].endswith("?new=1")
    assert links.open_own(answer["Location"].removeprefix("/book/own/").removesuffix("?new=1")) == row
    assert (row.answers, row.time_zone) == ([{"question": "What about?", "answer": "Two floods"}], "Europe/Warsaw")
    there = words(stranger.get(answer["Location"]))
    assert "Your meeting is booked" in there and "10:00 to 10:30 (Europe/Warsaw, UTC+1)" in there


def test_what_is_missing_is_said_beside_it_and_nothing_typed_is_lost(stranger):
    made = page(questions="What about? *", way="phone", place="")
    answer = send(stranger, made, name="Elin Sørensen", email="not an address")
    assert answer.status_code == 422 and Booking.objects.count() == 0
    there = words(answer)
    assert "Please answer this." in there and "Please fill this in." in there and "not an address" in there
    assert b"Elin S\xc3\xb8rensen" in answer.content


def test_a_time_that_went_meanwhile_leads_back_to_those_that_are_left(stranger):
    made = page()
    given = filled(stranger, made)
    book(made, name="Jan Nowak", email="jan@other.example")
    with time_machine.travel("2026-11-23 10:00:10+00:00", tick=False):
        answer = stranger.post(f"/book/{made.key}", given)
    assert answer.status_code == 409 and "taken a moment ago" in words(answer) and "Show times" in words(answer)


@pytest.mark.parametrize(
    ("more", "said"),
    [({"website": "https://spam.example"}, "no person sees"), ({"_t": "b:x:forged"}, "open for long"), ({"_t": None}, "open for long"),
     ({"at": "soon"}, "Choose a time"), ({"at": "9999-99-99T00:00:00+00:00"}, "Choose a time"), ({"at": "0001-01-01T00:00:00+14:00"}, "Choose a time")],
)  # fmt: skip
def test_robots_and_broken_posts_book_nothing_and_are_told_why(stranger, more, said):
    answer = send(stranger, page(), **more)
    assert answer.status_code in (409, 422) and said in words(answer) and Booking.objects.count() == 0


def test_nobody_fills_in_a_form_within_a_second(stranger):
    made = page()
    answer = stranger.post(f"/book/{made.key}", filled(stranger, made))
    assert answer.status_code == 422 and "faster than anybody reads" in words(answer)


def test_a_flood_from_one_network_is_turned_away_in_words(stranger):
    made = page()
    for _n in range(MOST_POSTS):
        stranger.post(f"/book/{made.key}", {})
    answer = stranger.post(f"/book/{made.key}", {})
    assert answer.status_code == 429 and answer["Retry-After"] == "600" and "ten minutes" in words(answer)


def test_nobody_fills_a_calendar_in_the_name_of_one_address(stranger):
    made = page()
    for n in range(MOST_OPEN):
        book(made, f"2026-11-25 {9 + n:02}:00")
    answer = send(stranger, made)
    assert answer.status_code == 422 and "meetings to come already" in words(answer)


def test_a_closed_page_and_one_that_never_was_say_so(stranger):
    made = page()
    actions_ = {a.name: a for a in registry["booking_page"].actions}
    actions_["booking_page.close"].run(made, by=actor("ines"))
    assert stranger.get("/book/first-talk").status_code == 410 and stranger.get("/book/nothing").status_code == 404


def test_what_they_agree_to_is_kept_with_its_words_and_only_when_ticked(stranger):
    actions.create(registry["purpose"], {"name": "Newsletter", "wording": "Write to me."}, by=actor("astrid"))
    made = page(purpose="newsletter")
    send(stranger, made)
    assert Consent.objects.count() == 0
    send(stranger, made, agree="on", at="2026-11-24T11:00:00+00:00")
    assert Consent.objects.get().wording == "Write to me."


def test_the_page_speaks_the_languages_it_has(stranger):
    page(
        names={"de": "Erstes Gespräch"},
        abouts={"de": "Eine halbe Stunde"},
        questions="What about?",
        asks={"de": "Worum geht es?"},
    )
    german = words(stranger.get("/book/first-talk", headers={"Accept-Language": "de-AT,de;q=0.9"}))
    assert "Erstes Gespräch" in german and "Eine halbe Stunde" in german
    assert "Worum geht es?" in words(stranger.get("/book/first-talk", {"at": NINE, "lang": "de"}))
    assert "First talk" in words(stranger.get("/book/first-talk", headers={"Accept-Language": "pl"}))


def test_by_the_link_one_moves_and_cancels_without_signing_in(stranger):
    row = book(page())
    path = links.own_path(row.pk)
    choose = stranger.get(f"{path}/move", {"day": "2026-11-25"})
    assert "09:00" in words(choose) or "10:00" in words(choose)
    asked = stranger.get(f"{path}/move", {"at": "2026-11-25T09:00:00+00:00"})
    assert "Wednesday, 25 November 2026, 10:00" in words(asked) and Booking.objects.get().starts_at == moment(
        "2026-11-24 09:00"
    )
    stranger.post(f"{path}/move", {"at": "2026-11-25T09:00:00+00:00"})
    assert Booking.objects.get().starts_at == moment("2026-11-25 09:00")
    assert (
        "Cancel the meeting?" in words(stranger.get(f"{path}/cancel")) and Booking.objects.get().state == State.BOOKED
    )
    stranger.post(f"{path}/cancel", {"why": "I am ill"})
    assert (Booking.objects.get().state, Booking.objects.get().why) == (State.CANCELLED, "I am ill")
    assert "Book another time" in words(stranger.get(path))
    assert stranger.post(f"{path}/move", {"at": "2026-11-26T09:00:00+00:00"}).status_code == 303
    assert Booking.objects.get().state == State.CANCELLED


def test_a_link_that_was_tampered_with_opens_nothing(stranger):
    row = book(page())
    path = links.own_path(row.pk)
    for broken in (path[:-1] + ("A" if path[-1] != "A" else "B"), path[:-6], f"/book/own/{'x' * 900}", "/book/own/1"):
        answer = stranger.get(broken)
        assert answer.status_code == 404 and "does not work" in words(answer) and "Marta" not in words(answer)
    assert links.person_of(links.known_token(row.person_id, "else@where.example")) == (None, "")


def test_the_meeting_is_there_as_a_file_for_a_calendar(stranger):
    answer = stranger.get(f"{links.own_path(book(page()).pk)}/meeting.ics")
    assert answer["Content-Type"].startswith("text/calendar") and b"METHOD:PUBLISH" in answer.content


def test_a_link_in_a_mail_knows_who_comes(stranger):
    made, marta = page(), sequences.marta(actor("ines"), time_zone="Europe/Warsaw")
    text = letter("Hello", "Choose: {{ booking.first_talk }}", cast_of(marta, user("ines"), actor("ines"))).text
    link = re.search(r"http\S+", text)[0]
    path = link.partition("/book/")[2]
    there = words(stranger.get(f"/book/{path}"))
    assert "10:00" in there, "her own clocks"
    token = path.partition("?k=")[2]
    asked = stranger.get(f"/book/{made.key}", {"at": NINE, "k": token})
    assert b'value="marta@bellevue.example"' in asked.content and b'value="Marta Kowalska"' in asked.content
    send(stranger, made, k=token, name="Somebody Else", email="private@marta.example")
    assert Booking.objects.get().person_id == marta.pk


def test_pages_are_kept_by_nobody_and_need_no_script(stranger):
    page()
    answer = stranger.get("/book/first-talk")
    assert answer["Cache-Control"] == "no-store" and answer["X-Robots-Tag"] == "noindex"
    assert "unsafe-inline" not in answer["Content-Security-Policy"] and b" style=" not in answer.content


def test_showing_what_is_free_costs_few_queries(stranger, django_assert_max_num_queries):
    page()
    stranger.get("/book/first-talk")
    with django_assert_max_num_queries(10):
        stranger.get("/book/first-talk")
