"""ASGI outside, WSGI inside: reads the body, runs the application in a thread, sends the answer from the event loop.

Threads never wait for the loop, so they cannot hang at shutdown or on a client that has gone. An answer that streams
rows from the database gets a thread of its own, because it would otherwise share a connection with other requests.
"""

from __future__ import annotations

import asyncio
import errno
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import IO, Any

from django.conf import settings
from django.db import connections
from django.utils import translation
from django.utils.translation import gettext as _

from kith.kernel.languages import SPOKEN, nearest, read_by

IN_MEMORY = 2**20  # bytes of a body kept in memory before it goes to a file
PIECE, PIECE_WAIT = 64 * 1024, 0.1  # bytes and seconds gathered before a part of a stream is sent
DRAIN_MOST, DRAIN_TIME = 16 * 2**20, 1.0  # bytes and seconds of a refused body that are still read
STREAMS = 8  # answers that stream from the database at the same time, per process

TITLES = {413: "The request is too large", 507: "The disk is full"}

Headers = list[tuple[bytes, bytes]]


@dataclass
class Answer:
    """What the application said: in one piece, or as an iterator still to be read."""

    status: int
    headers: Headers
    body: bytes = b""
    stream: Iterator[bytes] | None = None
    source: Any = None

    @property
    def reads_database(self) -> bool:
        """Files are read without the database; any other stream may hold a cursor."""
        return getattr(self.source, "file_to_stream", None) is None

    def close(self) -> None:
        if close := getattr(self.source, "close", None):
            close()


class TooLarge(Exception):
    """The body is over the limit."""


class WsgiBridge:
    """An ASGI application that serves a WSGI one with `threads` threads and bodies of at most `limit` bytes; `smaller`
    gives the limit of paths that begin so, where it is another one: what strangers send is not read beyond it."""

    def __init__(
        self, app: Callable[..., Iterable[bytes]], threads: int, limit: int, smaller: Mapping[str, int] | None = None
    ):
        self.app, self.limit, self.smaller = app, limit, smaller or {}
        self.pool = ThreadPoolExecutor(threads, "web")
        self.streams = asyncio.Semaphore(STREAMS)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        limit = self.limit_of(scope["path"])
        if declared_length(scope) > limit:
            await self.refuse(scope, receive, send, 413, self.too_large(scope, limit))
            return
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as body:
            try:
                if not await self.read(receive, body, limit):
                    return
            except TooLarge:
                await self.refuse(scope, receive, send, 413, self.too_large(scope, limit))
                return
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                await self.refuse(
                    scope, receive, send, 507, "The server's disk is full, so the upload could not be taken."
                )
                return
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self.pool, self.call, environment(scope, body))
            await self.send(scope, receive, send, answer)

    def limit_of(self, path: str) -> int:
        """Bytes that a body sent there may have."""
        return min([self.limit, *(most for begin, most in self.smaller.items() if path.startswith(begin))])

    async def read(self, receive: Any, body: IO[bytes], limit: int) -> bool:
        """Copy the whole body into `body`, rewound; False when the client left before its end."""
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return False
            size += body.write(message.get("body", b""))
            if size > limit:
                raise TooLarge
            if not message.get("more_body"):
                body.seek(0)
                return True

    def call(self, environ: dict[str, Any]) -> Answer:
        """Run the application in this thread. A plain answer is read and closed here; a stream is handed back."""
        said: list[Any] = []
        result = self.app(environ, lambda status, headers, exc_info=None: said.extend((status, headers)))
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in said[1]]
        answer = Answer(int(said[0][:3]), headers, source=result)
        if getattr(result, "streaming", False) and environ["REQUEST_METHOD"] != "HEAD":
            answer.stream = iter(result)
            return answer
        with closing(answer):
            answer.body = b"" if environ["REQUEST_METHOD"] == "HEAD" else b"".join(result)
        return answer

    async def send(self, scope: Any, receive: Any, send: Any, answer: Answer) -> None:
        if answer.stream is None:
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            await send({"type": "http.response.body", "body": answer.body})
        elif answer.reads_database:
            async with self.streams:
                own = ThreadPoolExecutor(1, "stream")
                try:
                    await self.send_stream(own, receive, send, answer)
                finally:
                    own.submit(connections.close_all)
                    own.shutdown(wait=False)
        else:
            await self.send_stream(self.pool, receive, send, answer)

    async def send_stream(self, threads: Executor, receive: Any, send: Any, answer: Answer) -> None:
        """Send piece by piece; stop reading as soon as the client has gone."""
        loop, gone = asyncio.get_running_loop(), asyncio.ensure_future(until_gone(receive))
        try:
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            while not gone.done() and (piece := await loop.run_in_executor(threads, gather, answer.stream)):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            if not gone.done():
                await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            await asyncio.shield(loop.run_in_executor(threads, answer.close))

    async def refuse(self, scope: Any, receive: Any, send: Any, status: int, sentence: str) -> None:
        """Answer with one sentence, as JSON under /api/ and to scripts, and give up the connection. Where strangers send
        from pages of any origin, these may read it.

        A little of the body is read first, unless the client waits for our word: many clients look for an answer only
        when they have sent everything, and being cut off before that they would never see it.
        """
        open_to_all = any(scope["path"].startswith(begin) for begin in self.smaller)
        if (b"expect", b"100-continue") not in scope["headers"]:
            with suppress(TimeoutError):
                await asyncio.wait_for(drain(receive), DRAIN_TIME)
        if scope["path"].startswith("/api/"):
            body = {"type": "about:blank", "title": TITLES[status], "status": status, "detail": sentence}
            kind, text = b"application/problem+json", json.dumps(body).encode()
        elif open_to_all and b"json" in header(scope, b"accept"):
            kind, text = b"application/json", json.dumps({"problem": sentence}).encode()
        else:
            kind, text = b"text/plain; charset=utf-8", f"{sentence}\n".encode()
        headers = [(b"content-type", kind), (b"content-length", str(len(text)).encode()), (b"connection", b"close")]
        headers += [(b"access-control-allow-origin", b"*")] if open_to_all else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text})

    def too_large(self, scope: Any, limit: int) -> str:
        """Strangers, whose limit is smaller, read it in the language of their browser."""
        if limit < self.limit:
            reads = read_by(header(scope, b"accept-language").decode("latin-1"))
            with translation.override(nearest(reads, SPOKEN) or settings.LANGUAGE_CODE):
                return _("This is too large: the limit is %s, files included.") % readable_size(limit)
        return f"This upload is too large: the limit is {readable_size(limit)}. Split it, or raise KITH_UPLOAD_LIMIT."


def header(scope: Any, name: bytes) -> bytes:
    """The first header of that name; empty when there is none."""
    return next((bytes(value) for key, value in scope["headers"] if key == name), b"")


def declared_length(scope: Any) -> int:
    """The Content-Length in bytes, 0 when there is none (a chunked body is counted while it is read)."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def environment(scope: Any, body: IO[bytes]) -> dict[str, Any]:
    """The WSGI environment of an ASGI request whose body is in `body`."""
    size = body.seek(0, 2)
    body.seek(0)
    host, port = scope.get("server") or ("localhost", 80)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        # WSGI wants the bytes of the path, each as one character.
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "CONTENT_LENGTH": str(size),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if client := scope.get("client"):
        environ["REMOTE_ADDR"] = client[0]
    for name, value in scope["headers"]:
        add_header(environ, name.decode("latin-1"), value.decode("latin-1"))
    return environ


def add_header(environ: dict[str, Any], name: str, value: str) -> None:
    """Put a header into the environment; repeated ones are joined."""
    if "_" in name or name == "content-length":
        return  # X_Forwarded_For would pass for X-Forwarded-For; the length was counted
    key = name.upper().replace("-", "_")
    if key != "CONTENT_TYPE":
        key = f"HTTP_{key}"
    joint = "; " if key == "HTTP_COOKIE" else ","
    environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value


def gather(stream: Iterator[bytes]) -> bytes:
    """The next piece of a stream: some 64 kB, or what came within a tenth of a second; empty at the end."""
    parts, size, until = [], 0, time.monotonic() + PIECE_WAIT
    for part in stream:
        parts.append(part)
        size += len(part)
        if size >= PIECE or (size and time.monotonic() > until):
            break
    return b"".join(parts)


async def drain(receive: Any) -> None:
    """Read a bounded part of a body that nobody wants."""
    left = DRAIN_MOST
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return


async def until_gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def readable_size(size: int) -> str:
    """A size in bytes as people write it: 512 MB, 2 GB."""
    for unit, amount in (("GB", 2**30), ("MB", 2**20), ("kB", 2**10)):
        if size >= amount:
            return f"{size / amount:.4g} {unit}"
    return f"{size} bytes"
