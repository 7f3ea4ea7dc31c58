"""A colleague's other calendar: read over HTTP, times only, repeated as its clocks say."""

import datetime as dt
import http.server
import threading
from zoneinfo import ZoneInfo

import pytest

from kith.engagement.meetings import feeds
from kith.engagement.meetings.models import Busy, Feed
from kith.engagement.meetings.tests.making import at, moment
from kith.kernel.errors import Invalid
from tests.cast import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
BERLIN = ZoneInfo("Europe/Berlin")


def calendar(*events, more=""):
    inner = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}@else\r\nDTSTAMP:20261101T000000Z\r\n{e}\r\nEND:VEVENT\r\n"
        for n, e in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Else//EN\r\n{more}{inner}END:VCALENDAR\r\n".encode()


def busy(*events):
    return [
        (f"{a:%m-%d %H:%M}", int((b - a).total_seconds() // 60)) for a, b in feeds.stretches(calendar(*events), BERLIN)
    ]


def test_appointments_are_times_and_nothing_else():
    assert busy("DTSTART:20261124T090000Z\r\nDTEND:20261124T094500Z\r\nSUMMARY:Dentist") == [("11-24 09:00", 45)]
    assert busy("DTSTART;TZID=Europe/Warsaw:20261124T090000\r\nDURATION:PT1H") == [("11-24 08:00", 60)]
    assert busy("DTSTART:20261124T090000\r\nDURATION:PT1H") == [("11-24 08:00", 60)], "times without a zone are theirs"
    assert busy("DTSTART;VALUE=DATE:20261124") == [("11-23 23:00", 24 * 60)]


@pytest.mark.parametrize("mark", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"])
def test_what_is_free_or_cancelled_fills_no_time(mark):
    assert busy(f"DTSTART:20261124T090000Z\r\nDURATION:PT1H\r\n{mark}") == []


def test_what_repeats_is_at_nine_in_winter_and_in_summer():
    with at("2027-03-25 10:00:00+00:00"):
        found = busy("DTSTART;TZID=Europe/Berlin:20270324T090000\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=2")
    assert found == [("03-24 08:00", 60), ("03-31 07:00", 60)]


def test_a_rule_ends_where_it_says_leaves_days_out_and_may_move_one():
    series = "DTSTART;TZID=Europe/Berlin:20261124T090000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;UNTIL=20261127T080000Z\r\nEXDATE;TZID=Europe/Berlin:20261125T090000"
    assert [when for when, _n in busy(series)] == ["11-24 08:00", "11-26 08:00", "11-27 08:00"]
    moved = "UID:0@else\r\nRECURRENCE-ID;TZID=Europe/Berlin:20261126T090000\r\nDTSTART;TZID=Europe/Berlin:20261126T150000\r\nDURATION:PT30M"
    content = calendar(series).replace(
        b"END:VCALENDAR", f"BEGIN:VEVENT\r\nDTSTAMP:20261101T000000Z\r\n{moved}\r\nEND:VEVENT\r\nEND:VCALENDAR".encode()
    )
    assert [f"{a:%m-%d %H:%M}" for a, _b in feeds.stretches(content, BERLIN)] == [
        "11-24 08:00",
        "11-26 14:00",
        "11-27 08:00",
    ]


def test_a_rule_without_end_is_read_for_a_year_at_most():
    assert len(busy("DTSTART:20200101T090000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY")) <= 375


@pytest.mark.parametrize("content", [b"", b"<html>no</html>", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT"])
def test_what_is_no_calendar_is_said(content):
    with pytest.raises(Invalid, match="no calendar at this address"):
        feeds.stretches(content, BERLIN)


def test_one_broken_entry_does_not_hide_the_others():
    assert busy("DTSTART:yesterday", "DTSTART:20261124T090000Z\r\nDURATION:PT1H", "SUMMARY:When?") == [
        ("11-24 09:00", 60)
    ]


@pytest.mark.parametrize("address", ["http://127.0.0.1/cal.ics", "http://10.0.0.1/cal.ics", "http://localhost/c.ics", "file:///etc/passwd", "ftp://x/y", "http://a:b@example.com/c.ics", "no"])  # fmt: skip
def test_an_address_inside_our_own_network_is_not_read(address):
    with pytest.raises(Invalid):
        feeds.keep(user("ines").pk, address)
    assert Feed.objects.count() == 0


@pytest.fixture
def elsewhere(settings):
    """A calendar server on this machine; `answers` holds what it says."""
    settings.AUTOMATION_REACHES = ["127.0.0.0/8"]
    answers = [(200, calendar("DTSTART:20261124T090000Z\r\nDURATION:PT1H"))]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, content = answers[-1]
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/ines.ics", answers
    server.shutdown()
    server.server_close()


def test_it_is_read_at_once_and_again_later_and_keeps_what_it_had_when_it_fails(elsewhere):
    address, answers = elsewhere
    feeds.keep(user("ines").pk, address)
    assert Busy.objects.get().starts_at == moment("2026-11-24 09:00")
    assert address not in Feed.objects.get().address, "the address is sealed"
    answers.append((500, b"down"))
    with at("2026-11-23 10:20:00+00:00"):
        assert feeds.read_due() == 1 and feeds.read_due() == 0
    assert "answered 500" in Feed.objects.get().problem and Busy.objects.count() == 1
    answers.append((200, calendar("DTSTART:20261125T090000Z\r\nDURATION:PT1H")))
    with at("2026-11-23 11:00:00+00:00"):
        feeds.read_due()
    assert Busy.objects.get().starts_at == moment("2026-11-25 09:00") and Feed.objects.get().problem == ""
    feeds.forget(user("ines").pk)
    assert (Busy.objects.count(), Feed.objects.count()) == (0, 0)


def test_a_calendar_that_is_too_large_is_refused(elsewhere, monkeypatch):
    address, _answers = elsewhere
    monkeypatch.setattr(feeds, "MOST_BYTES", 100)
    with pytest.raises(Invalid, match="too large"):
        feeds.keep(user("ines").pk, address)


def test_the_page_takes_an_address_and_says_what_is_wrong_with_one(client, elsewhere):
    client.force_login(user("ines"))
    refused = client.post("/settings/other-calendar/", {"address": "http://10.0.0.1/c.ics"})
    assert refused.status_code == 422 and b"private network" in refused.content
    assert client.post("/settings/other-calendar/", {"address": elsewhere[0]}).status_code == 302
    assert b"1 appointment ahead" in client.get("/settings/other-calendar/").content
    assert dt.timedelta(minutes=15) == feeds.EVERY
