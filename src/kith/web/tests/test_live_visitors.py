"""Visitors of a site hear their one conversation and nothing else, and hold only so many streams."""

import http.client
import json
import time
from contextlib import ExitStack, contextmanager
from urllib.parse import urlencode

import pytest

from kith.capture.chat import tokens
from kith.web import live

pytestmark = pytest.mark.xdist_group("server")


@contextmanager
def listening(server, ticket):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=8)
    connection.request("GET", f"{live.VISITORS}?" + urlencode({"ticket": ticket}))
    try:
        yield connection.getresponse()
    finally:
        connection.close()


def heard(answer):
    while not (line := answer.readline()).startswith(b"data:"):
        assert line, "the stream ended"
    return json.loads(line.removeprefix(b"data:"))


def test_a_visitor_hears_their_conversation_and_no_other(server):
    with listening(server, tokens.ticket_of(5)) as visitor:
        assert visitor.status == 200 and visitor.getheader("access-control-allow-origin") == "*"
        time.sleep(0.5)
        for topic in ("conversation", "conversation:5", "chat:6", "person:5", "chat:5"):
            assert server.get("/announce/?" + urlencode([("event", "e1"), ("topic", topic)]))[0] == 200
        assert heard(visitor) == {"topic": "chat:5", "event": "e1"}


SHUT = {
    "none": lambda: "",
    "forged": lambda: "forged",
    "the conversation's own": lambda: tokens.token_of(5),
    "a colleague's": lambda: live.token(["deal"], 1),
}


@pytest.mark.parametrize("ticket", SHUT.values(), ids=SHUT)
def test_only_a_ticket_opens_a_visitors_stream(server, ticket):
    # Signed when the test runs: what is signed while tests are collected differs by worker.
    with listening(server, ticket()) as answer:
        assert answer.status == 403


def test_a_visitors_ticket_opens_no_page_of_ours():
    assert live.topics_of(tokens.ticket_of(5)) is None and live.topics_of(tokens.token_of(5)) is None


def test_a_conversation_holds_only_so_many_streams_and_gives_them_back(server):
    ticket = tokens.ticket_of(77)
    with ExitStack() as stack:
        held = [stack.enter_context(listening(server, ticket)).status for _n in range(live.MOST_OF_ONE)]
        assert held == [200] * live.MOST_OF_ONE
        with listening(server, ticket) as refused:
            assert refused.status == 429
        with listening(server, tokens.ticket_of(78)) as other:
            assert other.status == 200
    deadline = time.monotonic() + 8
    status = 429
    while status == 429 and time.monotonic() < deadline:
        time.sleep(0.2)
        with listening(server, ticket) as again:
            status = again.status
    assert status == 200
