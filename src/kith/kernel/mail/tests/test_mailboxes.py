"""Mailboxes read from a real IMAP server: everything once, going on after whatever went wrong, compared with the server."""

import contextlib
import datetime as dt
import json
import socket
import threading
import tracemalloc

import pytest
from django.utils import timezone
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.mail import arriving, asking, comparing, fetching, tokens
from kith.kernel.mail.actions import give_password, give_token
from kith.kernel.mail.connecting import Trouble
from kith.kernel.mail.health import as_text, health_of
from kith.kernel.mail.jobs import poll
from kith.kernel.mail.models import Arrived, ArrivedState, Credential, DayCount, Folder, Mailbox
from kith.kernel.mail.secrets import unseal
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from tests.cast import actor
from tests.mailcast import ImapServer, free_port, imap_server, letter

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def running():
    with imap_server() as server:
        yield server


@pytest.fixture
def server(running):
    """The server, with nothing in it."""
    with running.open() as client:
        for _flags, _sep, name in client.list_folders():
            if name == "INBOX":
                client.select_folder(name)
                if client.search():
                    client.delete_messages(client.search())
                    client.expunge()
                client.close_folder()
            else:
                client.delete_folder(name)
    return running


def add(**raw):
    kind, by = registry["mailbox"], actor("astrid")
    return actions.create(kind, actions.parse_values(kind, raw, by=by), by=by)


def mailbox(server, **values):
    given = {"name": "Hello", "address": "hello@tidewell.example", "host": "127.0.0.1", "port": server.port,
             "security": "none", "login": server.user, "since": timezone.localdate() - dt.timedelta(5)}  # fmt: skip
    row = actions.create(registry["mailbox"], {**given, **values}, by=actor("astrid"))
    give_password(row, password=server.password, by=actor("astrid"))
    return row


def post(n, size=0):
    return letter(
        f"Message {n}\n" + "x" * size, Subject=f"Number {n}", Message_ID=f"<n{n}@bellevue.example>"
    ).as_bytes()


def held():
    return Arrived.objects.filter(twin=None).exclude(digest="").count()


def test_checking_names_the_folders_and_a_wrong_password_is_a_sentence(server):
    server.put(post(1), folder="Sales")
    box = mailbox(server)
    assert set(asking.check(box, by=actor("astrid")).offered) >= {"INBOX", "Sales"}
    give_password(box, password="wrong", by=actor("astrid"))
    with pytest.raises(Trouble, match="does not take this user name and password"):
        asking.check(box, by=actor("astrid"))
    box.refresh_from_db()
    assert "app password" in box.problem


def test_new_mail_is_taken_once_however_often_one_looks(server):
    box = mailbox(server)
    server.put(post(1), post(2))
    assert fetching.fetch(box.pk) and fetching.fetch(box.pk)
    assert held() == 2
    server.put(post(3))
    fetching.fetch(box.pk)
    assert held() == 3
    row = Arrived.objects.latest("pk")
    assert arriving.bytes_of(row).replace(b"\r\n", b"\n").strip() == post(3).strip()
    box.refresh_from_db()
    assert (box.problem, box.failures) == ("", 0) and box.last_ok_at is not None


def test_reading_leaves_no_mark_in_the_mailbox(server):
    server.put(post(1))
    fetching.fetch(mailbox(server).pk)
    with server.open() as client:
        client.select_folder("INBOX", readonly=True)
        assert all(b"\\Seen" not in flags[b"FLAGS"] for flags in client.fetch(client.search(), ["FLAGS"]).values())


def test_a_folder_that_is_numbered_anew_brings_nothing_twice(server):
    server.put(post(1), post(2), post(3), folder="Sales")
    box = mailbox(server, folders="Sales")
    fetching.fetch(box.pk)
    before = Folder.objects.get().uidvalidity
    server.renumber("Sales")
    server.put(post(4), folder="Sales")
    fetching.fetch(box.pk)
    assert Folder.objects.get().uidvalidity != before
    assert held() == 4 and Arrived.objects.count() == 4
    comparing.compare(box.pk)
    assert [(d.there, d.here, d.missing) for d in DayCount.objects.all()] == [(4, 4, [])]


def test_the_same_message_in_two_folders_is_one_message_in_two_places(server):
    server.put(post(1))
    server.put(post(1), folder="Archive")
    fetching.fetch(mailbox(server, folders="INBOX\nArchive").pk)
    assert held() == 1 and Arrived.objects.get(twin__isnull=False).problem == "The same message came before."


def test_mail_before_the_day_it_begins_with_stays_where_it_is(server):
    with server.open() as client:
        client.append("INBOX", post(1), msg_time=timezone.now() - dt.timedelta(days=9))
        client.append("INBOX", post(2))
    fetching.fetch(mailbox(server).pk)
    assert held() == 1


def test_a_message_that_is_too_large_is_listed_with_the_reason(server, monkeypatch):
    monkeypatch.setattr(arriving, "LIMIT", 2_000)
    server.put(post(1), post(2, size=5_000), post(3))
    box = mailbox(server)
    fetching.fetch(box.pk)
    row = Arrived.objects.get(digest="")
    assert row.state == ArrivedState.FAILED and "the most that is read is" in row.problem and held() == 2
    comparing.compare(box.pk)
    day = DayCount.objects.get()
    assert (day.there, day.here, day.missing[0][1]) == (3, 2, row.problem)


def test_a_message_that_the_server_does_not_hand_over_keeps_no_other_from_coming(server, monkeypatch):
    server.put(post(1), post(2), post(3))
    box = mailbox(server)
    real, refused = IMAPClient.fetch, []

    def fetch(client, uids, data, *more):
        if data == ["BODY.PEEK[]"] and len(refused) < 1 and held() == 1:
            refused.append(uids)
            raise IMAPClientError("FETCH failed: [SERVERBUG] damaged on the disk")
        return real(client, uids, data, *more)

    monkeypatch.setattr(IMAPClient, "fetch", fetch)
    fetching.fetch(box.pk)
    assert held() == 2
    row = Arrived.objects.get(digest="")
    assert (row.state, row.uid) == (ArrivedState.FAILED, refused[0][0]) and "damaged on the disk" in row.problem
    comparing.compare(box.pk)
    assert comparing.fetch_gaps(box.pk) == 1 and held() == 3


def test_a_long_backlog_is_read_in_pieces_and_in_bounded_memory(server, monkeypatch):
    server.put(*(post(n, size=200_000) for n in range(60)))
    box = mailbox(server)
    monkeypatch.setattr(fetching, "BATCH", 7)
    monkeypatch.setattr(fetching, "WINDOW", 25)
    tracemalloc.start()
    fetching.fetch(box.pk)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held() == 60
    assert most < 6_000_000  # sixty messages are twelve megabytes


def test_a_run_whose_time_is_over_goes_on_with_the_next(server, monkeypatch):
    server.put(*(post(n) for n in range(6)))
    box = mailbox(server)
    ticks = iter([0.0] * 4 + [1000.0] * 100)
    monkeypatch.setattr(fetching.time, "monotonic", lambda: next(ticks))
    fetching.fetch(box.pk)
    assert 0 < held() < 6
    monkeypatch.undo()
    fetching.fetch(box.pk)
    assert held() == 6


class Cut:
    """Stands between Kith and the server, and ends the connection after so many bytes from the server."""

    def __init__(self, target: int, after: int):
        self.port, self.target, self.left = free_port(), target, after
        self.listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                here, _address = self.listening.accept()
            except OSError:
                return
            there = socket.create_connection(("127.0.0.1", self.target))
            threading.Thread(target=self._up, args=(here, there), daemon=True).start()
            threading.Thread(target=self._down, args=(there, here), daemon=True).start()

    def _up(self, here, there):
        try:
            while data := here.recv(4096):
                there.sendall(data)
        except OSError:
            pass

    def _down(self, there, here):
        try:
            while data := there.recv(4096):
                here.sendall(data[: max(self.left, 0)])
                self.left -= len(data)
                if self.left <= 0:
                    break
        except OSError:
            pass
        for end in (here, there):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("after", [60, 400, 3_000, 9_000, 20_000])
def test_a_connection_that_breaks_anywhere_loses_nothing(server, after):
    server.put(*(post(n, size=3_000) for n in range(8)))
    cut = Cut(server.port, after)
    box = mailbox(server, port=cut.port)
    assert not fetching.fetch(box.pk)
    box.refresh_from_db()
    assert box.problem and box.failures == 1 and box.next_try_at > timezone.now()
    cut.left = 10**9
    Mailbox.objects.filter(pk=box.pk).update(next_try_at=None)
    fetching.fetch(box.pk)
    cut.listening.close()
    box.refresh_from_db()
    assert held() == 8 and len({arriving.bytes_of(row) for row in Arrived.objects.all()}) == 8
    assert box.problem == ""


def test_trouble_is_left_in_peace_for_ever_longer_and_ends_by_itself(server):
    box = mailbox(server)
    Mailbox.objects.filter(pk=box.pk).update(port=free_port())
    pauses = []
    for _n in range(9):
        fetching.fetch(box.pk)
        box.refresh_from_db()
        pauses.append((box.next_try_at - box.last_run_at).total_seconds())
    assert pauses[:3] == [60.0, 120.0, 240.0] and pauses[-1] == 3600.0
    assert "takes no connections" in box.problem and fetching.due() == []
    Mailbox.objects.filter(pk=box.pk).update(port=server.port, next_try_at=timezone.now())
    assert fetching.due() == [box.pk] and fetching.fetch(box.pk)


def test_what_is_missing_here_is_found_and_fetched_again(server):
    server.put(*(post(n) for n in range(4)))
    box = mailbox(server)
    fetching.fetch(box.pk)
    lost = Arrived.objects.order_by("pk")[1]
    Arrived.objects.filter(pk=lost.pk).delete()
    comparing.compare(box.pk)
    day = DayCount.objects.get()
    assert (day.there, day.here, day.missing) == (4, 3, [[lost.uid, "It was passed over."]])
    assert comparing.fetch_gaps(box.pk) == 1
    assert DayCount.objects.get().missing == [] and held() == 4


def test_what_was_deleted_there_stays_here_and_is_counted(server):
    server.put(post(1), post(2))
    box = mailbox(server)
    fetching.fetch(box.pk)
    with server.open() as client:
        client.select_folder("INBOX")
        client.delete_messages(client.search()[:1])
        client.expunge()
    comparing.compare(box.pk)
    assert held() == 2 and sum(d.gone for d in DayCount.objects.all()) == 1


def test_mail_that_waits_is_no_gap_and_the_lag_is_known(server):
    box = mailbox(server)
    server.put(post(1))
    fetching.fetch(box.pk)
    server.put(post(2))
    comparing.compare(box.pk)
    assert [why for _uid, why in DayCount.objects.get().missing] == ["It waits for its turn."]
    folder = Folder.objects.get()
    assert folder.newest_there >= folder.newest_here


def test_a_worker_that_is_down_is_noticed(server):
    box = mailbox(server)
    fetching.fetch(box.pk)
    box.refresh_from_db()
    assert health_of(box).well
    box.last_run_at = timezone.now() - dt.timedelta(minutes=20)
    assert health_of(box).stale and not health_of(box).well and "worker" in as_text(health_of(box))
    box.active = False
    assert not health_of(box).stale


def test_one_run_at_a_time_reads_a_mailbox(server, django_db_blocker):
    from django.db import connections

    box = mailbox(server)
    seen = []

    def elsewhere():
        with fetching.only_one(box.pk) as first:
            seen.append(first)
        connections.close_all()

    with fetching.only_one(box.pk) as first:
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join(10)
    assert first and seen == [False]


def test_no_more_mailboxes_than_seats_are_read_at_once(server, monkeypatch):
    box = mailbox(server)
    monkeypatch.setattr(fetching, "AT_ONCE", 0)
    assert not fetching.fetch(box.pk)
    monkeypatch.undo()
    assert fetching.fetch(box.pk)


def test_a_folder_that_is_not_there_is_said_and_the_others_are_read(server):
    server.put(post(1))
    box = mailbox(server, folders="INBOX\nNowhere")
    fetching.fetch(box.pk)
    box.refresh_from_db()
    assert held() == 1 and box.problem == "“Nowhere” is no folder of this mailbox."


def test_every_minute_asks_for_those_that_are_due_only(server):
    due = mailbox(server)
    mailbox(server, name="Off", active=False)
    Mailbox.objects.create(name="Without a password", address="a@tidewell.example", host="127.0.0.1")
    assert fetching.due() == [due.pk]
    poll()


def test_the_password_is_kept_sealed_and_shown_nowhere(server, client):
    from tests.cast import user

    box = mailbox(server)
    kept = Credential.objects.get()
    assert server.password not in kept.sealed and unseal(kept.sealed) == {"password": server.password}
    assert not any(server.password in json.dumps(e.payload) + json.dumps(e.changes) for e in Event.objects.all())
    client.force_login(user("astrid"))
    page = client.get(f"/mailboxes/{box.pk}").content.decode()
    refused = client.post(f"/mailboxes/{box.pk}/do/give_token", {"refresh_token": "tell-nobody"}).content.decode()
    assert server.password not in page and "tell-nobody" not in refused


def test_another_key_of_the_installation_is_said_in_a_sentence(server, settings):
    box = mailbox(server)
    settings.SECRET_KEY = "quite another key of this installation, long enough"
    with pytest.raises(Invalid, match="give it again"):
        asking.check(box, by=actor("astrid"))


def test_an_access_token_is_fetched_kept_and_renewed(server, settings):
    from http.server import BaseHTTPRequestHandler, HTTPServer

    asked = []

    class Provider(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            body = json.dumps(
                {"access_token": f"token-{len(asked)}", "expires_in": 3600, "refresh_token": "next"}
            ).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    provider = HTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    box = mailbox(server)
    give_token(box, token_address=f"http://127.0.0.1:{provider.server_port}/token", client_id="kith", refresh_token="first",
               by=actor("astrid"))  # fmt: skip
    credential = Credential.objects.get()
    with pytest.raises(Invalid, match="private network"):
        tokens.access_token(credential)
    settings.AUTOMATION_REACHES = ("127.0.0.0/8",)
    assert tokens.access_token(credential) == tokens.access_token(credential) == "token-1"
    Credential.objects.update(token_until=timezone.now())
    assert tokens.access_token(Credential.objects.get()) == "token-2"
    provider.shutdown()
    assert "refresh_token=first" in asked[0] and "refresh_token=next" in asked[1]


@pytest.mark.parametrize(
    ("values", "words"),
    [({"port": "0"}, "1"), ({"host": "imap.example.com", "security": "none"}, "your own network"),
     ({"host": "https://imap.example.com/"}, "only the name of the server")],
)  # fmt: skip
def test_what_cannot_be_a_mailbox_is_refused_with_a_sentence(values, words):
    given = {"name": "Hello", "address": "hello@tidewell.example", "host": "127.0.0.1"}
    with pytest.raises((Invalid, InvalidMany), match=words):
        add(**{**given, **values})


def test_only_those_who_manage_settings_and_its_owner_see_a_mailbox(server):
    shared, own = mailbox(server), mailbox(server, name="Ines", holder=actor("ines").user)
    record = registry["mailbox"]
    assert set(record.rows(actor("astrid"))) == {shared, own}
    assert set(record.rows(actor("ines"))) == {own} and not record.rows(actor("rolf")).exists()
    assert isinstance(server, ImapServer)
