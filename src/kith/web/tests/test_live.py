"""Open pages hear what they may hear, soon, at almost no cost, and nothing else."""

import http.client
import json
import time
from contextlib import ExitStack, contextmanager
from urllib.parse import urlencode

import pytest
import time_machine

from kith.kernel.database.notify import LONGEST, payloads
from kith.web import live

pytestmark = pytest.mark.xdist_group("server")
LISTENERS = "pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"


@contextmanager
def listening(server, *topics, user=1, since=None):
    """An open page: yields its answer, whose lines can be read."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=8)
    connection.request("GET", "/live?" + urlencode({"token": live.token(topics, user, since)}))
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.getheader("content-type") == "text/event-stream"
    assert answer.readline().startswith(b"retry:")
    answer.readline()
    try:
        yield answer
    finally:
        connection.close()


def tell(server, *topics, event="e1"):
    assert server.get("/announce/?" + urlencode([("event", event), *(("topic", topic) for topic in topics)]))[0] == 200


def heard(answer):
    while not (line := answer.readline()).startswith(b"data:"):
        assert line, "the stream ended"
    return json.loads(line.removeprefix(b"data:"))


def test_page_hears_only_its_topics_and_within_a_second(server):
    with listening(server, "deal", "person:7") as page:
        time.sleep(0.5)
        tell(server, "company", event="e1")
        tell(server, "deal", "deal:5", "person:8", event="e2")
        began = time.monotonic()
        assert heard(page) == {"topic": "deal", "event": "e2"}
        tell(server, "person:7", event="e3")
        assert heard(page) == {"topic": "person:7", "event": "e3"}
        assert time.monotonic() - began < 2


def test_what_changed_while_a_page_was_on_its_way_reaches_it_once_it_listens(server):
    with listening(server, "deal") as first:
        time.sleep(0.5)
        tell(server, "deal", event="before")
        heard(first)
        since = time.time()
        tell(server, "deal", "deal:5", "person:8", event="meanwhile")
        heard(first)
        with listening(server, "deal", "deal:5", since=since) as page:
            assert heard(page) == {"topics": ["deal", "deal:5"], "event": ""}
        with listening(server, "deal", since=time.time()) as page:
            tell(server, "deal", event="after")
            assert heard(page) == {"topic": "deal", "event": "after"}


def test_a_page_that_was_made_before_anybody_listened_asks_for_everything_again(start_server):
    server = start_server()
    with listening(server, "deal", since=time.time()) as page:
        while not (line := page.readline()).startswith(b"event:"):
            assert line, "the stream ended"
        assert line.strip() == b"event: resync"


def test_change_that_rolls_back_is_not_announced(server):
    with listening(server, "deal") as page:
        time.sleep(0.5)
        assert server.get("/announce/?topic=deal&event=never&fail=1")[0] == 500
        tell(server, "deal", event="kept")
        assert heard(page) == {"topic": "deal", "event": "kept"}


def test_hundred_open_pages_cost_one_connection_and_all_hear(server):
    with ExitStack() as stack:
        pages = [stack.enter_context(listening(server, "deal", user=number)) for number in range(100)]
        time.sleep(0.5)
        tell(server, "deal", event="all")
        assert [heard(page)["event"] for page in pages] == ["all"] * 100
        assert server.get("/said/")[0] == 200
        assert server.sql(f"SELECT count(*) FROM {LISTENERS}") == 1


def test_listener_reconnects_and_pages_are_told_to_ask_again(server):
    with listening(server, "deal") as page:
        time.sleep(0.5)
        assert server.sql(f"SELECT count(pg_terminate_backend(pid)) FROM {LISTENERS}") == 1
        while (line := page.readline()) != b"event: resync\n":
            assert line
        page.readline()
        tell(server, "deal", event="after")
        assert heard(page)["event"] == "after"


def test_unreadable_announcements_are_passed_over(server):
    with listening(server, "deal") as page:
        time.sleep(0.5)
        for payload in ("", "no json", "[]", '{"topics": 5}'):
            server.sql("SELECT pg_notify('kith_live', %s)", payload)
        tell(server, "deal", event="still here")
        assert heard(page)["event"] == "still here"


@pytest.mark.parametrize("query", ["", "token=", "token=forged", "token=" + "x" * 5000])
def test_address_that_nobody_signed_is_refused(server, query):
    assert server.get(f"/live?{query}")[0] == 403


def test_open_pages_do_not_hold_up_the_end_of_the_server(start_server):
    server = start_server()
    with ExitStack() as stack:
        pages = [stack.enter_context(listening(server, "deal")) for _ in range(20)]
        assert server.stop(within=15) < 6
        assert pages[0].read() is not None


def test_token_ends_but_can_be_renewed_by_its_owner():
    with time_machine.travel("2026-03-12 09:00Z"):
        old = live.token(["deal", "deal:5"], 7)
        assert live.topics_of(old) == {"deal", "deal:5"}
    with time_machine.travel("2026-03-12 10:30Z"):
        assert live.topics_of(old) is None
        assert live.topics_of(live.renewed(old, 7)) == {"deal", "deal:5"}
        assert live.renewed(old, 8) is None
        assert live.renewed("forged", 7) is None
    with time_machine.travel("2026-03-22 09:00Z"):
        assert live.renewed(old, 7) is None


def test_page_that_does_not_keep_up_is_cut_off_rather_than_kept_in_memory():
    page = live.Subscriber(frozenset({"deal"}))
    for number in range(live.QUEUE + 1):
        page.hear(["deal"], str(number))
    assert page.queue.get_nowait() is None
    assert page.queue.empty()


def test_many_topics_are_split_over_announcements_that_postgresql_takes():
    topics = [f"person:{number}" for number in range(3000)]
    parts = list(payloads(topics, "e"))
    assert max(len(part) for part in parts) <= LONGEST
    assert [topic for part in parts for topic in json.loads(part)["topics"]] == topics
