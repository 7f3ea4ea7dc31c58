"""Open pages hear within a second what colleagues changed: server-sent events, fed by one LISTEN per process.

A page carries a signed, short-lived address with the topics it may hear ("deal" for any deal, "deal:5" for one). What
it hears are names and ids only; it then asks for its fragment again, through the usual checks. Nothing here touches
the database per page, so five hundred open pages cost one connection and no threads.

A page says since when its address was made, so that what happened before its stream was open reaches it too.

Visitors of the organisation's own site hear their one conversation in the same way, by a ticket of it (`capture/chat`). Of
their streams there are only so many, for each conversation, network and process; who is refused asks now and then instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

import psycopg
from django.core import signing
from django.db import connection
from psycopg import sql

from kith.capture.chat.tokens import topics_of as topics_of_visitor
from kith.kernel.database.notify import CHANNEL

SALT = "kith.live"
TOKEN_AGE = 3600  # seconds in which an address may be used to connect
RENEWABLE_AGE = 7 * 24 * 3600  # seconds in which the page's own address can be exchanged for a fresh one
QUEUE, PING, RETRY = 100, 20.0, 2000
KEPT = 1000  # announcements that are kept for pages whose stream opens after them
RESYNC = "event: resync\ndata: {}\n\n"
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
PAGES, VISITORS = "/live", "/c/-/live"
PATHS = frozenset({PAGES, VISITORS})
MOST_OF_ONE, MOST_OF_NETWORK, MOST_VISITORS = (
    4,
    40,
    500,
)  # open streams of a conversation, of an address, of all visitors

logger = logging.getLogger(__name__)


def token(topics: Iterable[str], user_id: int, since: float | None = None) -> str:
    """The `token=` of `/live` for a page of this user that may hear `topics`; since: when the page began to be made, in seconds
    as `time.time()` has them."""
    said = {"t": sorted(set(topics)), "u": user_id, **({} if since is None else {"s": round(since, 3)})}
    return signing.dumps(said, salt=SALT, compress=True)


def renewed(old: str, user_id: int) -> str | None:
    """A fresh token for a page that was asleep, or None when `old` is not this user's or older than a week."""
    try:
        said = signing.loads(old, salt=SALT, max_age=RENEWABLE_AGE)
    except signing.BadSignature:
        return None
    return token(said["t"], user_id) if said["u"] == user_id else None


def topics_of(given: str) -> frozenset[str] | None:
    """The topics a token stands for, or None when it is forged or too old."""
    try:
        return frozenset(signing.loads(given, salt=SALT, max_age=TOKEN_AGE)["t"])
    except signing.BadSignature:
        return None


def since_of(given: str) -> float | None:
    """When the page of a token that is good began to be made; None where it does not say."""
    try:
        said = signing.loads(given, salt=SALT, max_age=TOKEN_AGE).get("s")
    except signing.BadSignature:
        return None
    return float(said) if said is not None else None


class Subscriber:
    """One open page: what it may hear, and what waits to be sent to it."""

    def __init__(self, topics: frozenset[str], visitor: str = "", since: float | None = None):
        self.topics, self.visitor, self.since = topics, visitor, since  # visitor: the address a stranger listens from
        self.queue: asyncio.Queue[str | None] = asyncio.Queue(QUEUE)

    def hear(self, topics: Iterable[str], event: str) -> None:
        for topic in self.topics.intersection(topics):
            self.put(f"data: {json.dumps({'topic': topic, 'event': event})}\n\n")

    def put(self, message: str | None) -> None:
        """Queue a message; a page that does not keep up is cut off, reconnects and asks for everything again."""
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(None)


class LiveUpdates:
    """The ASGI application behind `/live`, and the one listener that feeds it."""

    def __init__(self) -> None:
        self.subscribers: set[Subscriber] = set()
        self.listener: asyncio.Task[None] | None = None
        self.listening_since: float | None = None
        self.lately: deque[tuple[float, frozenset[str]]] = deque(maxlen=KEPT)
        self.stopping = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        stranger = scope["path"] == VISITORS
        given = query.get("ticket" if stranger else "token", [""])[0]
        topics = topics_of_visitor(given) if stranger else topics_of(given)
        if scope["method"] != "GET" or topics is None:
            await refuse(send, 405 if scope["method"] != "GET" else 403)
            return
        visitor = ((scope.get("client") or ("?",))[0] or "?") if stranger else ""
        if visitor and self.too_many(topics, visitor):
            await refuse(send, 429)
            return
        if self.listener is None or self.listener.done():
            self.listener = asyncio.ensure_future(self.listen())
        subscriber = Subscriber(topics, visitor, None if stranger else since_of(given))
        self.subscribers.add(subscriber)
        self.catch_up(subscriber)
        try:
            await self.stream(subscriber, receive, send)
        finally:
            self.subscribers.discard(subscriber)

    def too_many(self, topics: frozenset[str], visitor: str) -> bool:
        """Do visitors hold as many streams as they may?"""
        strangers = [one for one in self.subscribers if one.visitor]
        return (
            len(strangers) >= MOST_VISITORS
            or sum(one.visitor == visitor for one in strangers) >= MOST_OF_NETWORK
            or sum(one.topics == topics for one in strangers) >= MOST_OF_ONE
        )

    async def stream(self, subscriber: Subscriber, receive: Any, send: Any) -> None:
        headers = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            *([(b"access-control-allow-origin", b"*")] if subscriber.visitor else []),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send_text(send, f"retry: {RETRY}\n\n")
        gone = asyncio.ensure_future(self.until_gone(receive, subscriber))
        try:
            while not self.stopping:
                try:
                    message = await asyncio.wait_for(subscriber.queue.get(), PING)
                except TimeoutError:
                    message = ": ping\n\n"
                if message is None:
                    break
                await send_text(send, message)
            if not gone.done():
                await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()

    async def until_gone(self, receive: Any, subscriber: Subscriber) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        subscriber.put(None)

    async def listen(self) -> None:
        """Hear every announcement and hand it to the pages; reconnect for ever, and then let pages ask again."""
        pause, again = FIRST_PAUSE, False
        while not self.stopping:
            try:
                async with await psycopg.AsyncConnection.connect(conninfo(), autocommit=True) as database:
                    await database.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    pause = FIRST_PAUSE
                    self.lately.clear()
                    self.listening_since = time.time()
                    self.resync(everybody=again)
                    async for note in database.notifies():
                        self.tell(note.payload)
            except psycopg.OperationalError as error:
                logger.warning("Live updates wait for the database: %s", error)
            again, self.listening_since = True, None
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def tell(self, payload: str) -> None:
        try:
            said = json.loads(payload)
            topics, event = [str(topic) for topic in said["topics"]], str(said.get("event", ""))
        except (ValueError, KeyError, TypeError):
            logger.warning("An announcement could not be read: %.200s", payload)
            return
        self.lately.append((time.time(), frozenset(topics)))
        for subscriber in list(self.subscribers):
            subscriber.hear(topics, event)

    def catch_up(self, page: Subscriber) -> None:
        """Tell a page whose stream opens now what changed since it began to be made. While nobody listens, `listen` does."""
        if page.since is None or self.listening_since is None:
            return
        full = len(self.lately) == KEPT and self.lately[0][0] > page.since
        if full or page.since < self.listening_since:
            page.put(RESYNC)
            return
        changed = frozenset[str]().union(*(topics for at, topics in self.lately if at >= page.since)) & page.topics
        if changed:
            page.put(f"data: {json.dumps({'topics': sorted(changed), 'event': ''})}\n\n")

    def resync(self, *, everybody: bool) -> None:
        """Announcements may have been missed, so pages ask for their fragments again: all of them, or those that were made
        before anybody listened."""
        for page in list(self.subscribers):
            if everybody or (page.since is not None and page.since < (self.listening_since or 0)):
                page.put(RESYNC)

    def stop_on_signal(self, loop: asyncio.AbstractEventLoop) -> None:
        """End all streams as soon as the server is told to stop: it waits for open answers before its lifespan ends."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            before = signal.getsignal(number)
            if not callable(before):
                continue

            def stop(number: int, frame: Any, before: Any = before) -> None:
                loop.call_soon_threadsafe(self.end_streams)
                before(number, frame)

            signal.signal(number, stop)

    def end_streams(self) -> None:
        self.stopping = True
        for subscriber in list(self.subscribers):
            subscriber.put(None)

    async def stop(self) -> None:
        self.end_streams()
        if self.listener:
            self.listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.listener


def conninfo() -> str:
    """The address of Django's database, for a connection of our own."""
    given = connection.settings_dict
    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}
    parts = {ours: given[theirs] for theirs, ours in names.items() if given[theirs]}
    keepalive = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
    return psycopg.conninfo.make_conninfo(**keepalive, **{**given["OPTIONS"], **parts})


async def send_text(send: Any, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def refuse(send: Any, status: int) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"Load the page again to hear of changes.\n"})
