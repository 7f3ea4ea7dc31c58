"""Another system for tests of calls: a real HTTP server on this machine that answers as it is told."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Other(ThreadingHTTPServer):
    """Another system: keeps what it is sent and answers as `plan` says, one entry a call: a status, or "hang"."""

    daemon_threads = True

    def __init__(self):
        self.kept, self.plan = [], []
        super().__init__(("127.0.0.1", 0), Answering)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class Answering(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.kept.append((dict(self.headers), body))
        todo = self.server.plan.pop(0) if self.server.plan else 200
        if todo == "hang":
            time.sleep(4)
            return
        if todo == "drip":
            self.send_response(200)
            for _n in range(40):
                self.wfile.write(b"X-Slow: 1\r\n")
                self.wfile.flush()
                time.sleep(0.1)
            return
        self.send_response(todo)
        self.send_header("Location", "http://127.0.0.1:1/inside")
        self.end_headers()
        self.wfile.write(b"x" * 200_000 if todo == 200 else b"not today")

    def log_message(self, *_args):
        pass


@contextlib.contextmanager
def running(settings: Any) -> Iterator[Other]:
    """It runs meanwhile, and calls may go to it."""
    settings.AUTOMATION_REACHES = ("127.0.0.0/8",)
    server = Other()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
