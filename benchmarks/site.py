"""A real `kith serve` on the bench's data: started, timed, asked over kept-alive connections, weighed."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import Self

import psutil

CSRF = secrets.token_hex(16)
HEADERS = {"Accept": "text/html", "Accept-Encoding": "gzip", "X-CSRFToken": CSRF}


class Site:
    """`with Site(environment) as site`: the server is up. `seconds`: from the command to its first page."""

    def __init__(self, environment: dict[str, str]):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = environment
        self.session = ""
        self.busy: list[psutil.Process] = []

    def __enter__(self) -> Self:
        began = time.monotonic()
        command = [sys.executable, "-m", "kith", "serve", "--port", str(self.port)]
        self.output = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, env=self.environment, stdout=self.output, stderr=self.output)
        while True:
            try:
                if self.ask("GET", "/").status < 500:
                    break
            except OSError:
                if self.process.poll() is not None or time.monotonic() - began > 120:
                    self.output.seek(0)
                    raise SystemExit("kith serve did not start: " + self.output.read().decode()[-800:]) from None
            time.sleep(0.02)
        self.seconds = time.monotonic() - began
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(
        self,
        method: str,
        path: str,
        form: str | None = None,
        headers: dict[str, str] | None = None,
        on: http.client.HTTPConnection | None = None,
        session: str = "",
    ) -> Answer:
        """One request; a fresh connection unless one is given, the site's own session unless another is."""
        connection = on or self.connect()
        sent = {**HEADERS, "Cookie": f"sessionid={session or self.session}; csrftoken={CSRF}", **(headers or {})}
        if form is not None:
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        began = time.perf_counter()
        connection.request(method, path, form, sent)
        got = connection.getresponse()
        body = got.read()
        seconds = time.perf_counter() - began
        if on is None:
            connection.close()
        return Answer(got.status, got.headers.get("Content-Encoding", ""), body, seconds)

    def weigh(self, path: str) -> tuple[float, float, float]:
        """kB as they travel: (a first visit with all that the page loads but type, the page alone, its type face)."""
        answer = self.ask("GET", path)
        own = len(answer.body)
        found = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', answer.text))
        small = {"Accept-Encoding": "br, gzip"}  # as a browser asks over https, or of its own machine
        loaded = {address: len(self.ask("GET", address, headers=small).body) for address in found}
        type_face = sum(size for address, size in loaded.items() if address.endswith(".woff2"))
        return (own + sum(loaded.values()) - type_face) / 1000, own / 1000, type_face / 1000

    def worked(self) -> float:
        """Processor seconds used so far by the web processes and by the database for them."""
        return sum(_cpu(process) for process in self.busy)

    def watch(self, own: set[int]) -> None:
        """Find the processes whose work counts; `own` are database processes that serve the bench itself."""
        parent = psutil.Process(self.process.pid)
        web = [p for p in parent.children(recursive=True) if " worker" not in " ".join(p.cmdline())]
        self.busy = web + [p for p in psutil.process_iter(["cmdline"]) if self._serves(p) and p.pid not in own]

    def _serves(self, process: psutil.Process) -> bool:
        """Whether this is a database process of a client, on this data."""
        try:
            return "postgres: kith kith" in " ".join(process.info["cmdline"] or []) and process.cwd().startswith(
                self.environment["KITH_DATA"]
            )
        except psutil.Error:
            return False

    def memory(self) -> dict[str, float]:
        """MB of proportional memory by kind of process: what the whole installation really takes."""
        found = {"web": 0.0, "worker": 0.0, "database": 0.0}
        ours = [self.process.pid, *(p.pid for p in psutil.Process(self.process.pid).children(recursive=True))]
        for process in psutil.process_iter(["pid", "cmdline"]):
            line = " ".join(process.info["cmdline"] or [])
            try:
                if process.pid in ours:
                    kind = "worker" if " worker" in line else "web"
                elif self.environment["KITH_DATA"] in line and "postgres" in line:
                    kind = "database"
                    found[kind] += sum(_pss(p) for p in process.children(recursive=True))
                else:
                    continue
                found[kind] += _pss(process)
            except psutil.Error:
                continue
        return found


@dataclass(frozen=True)
class Answer:
    status: int
    encoding: str
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        return (gzip.decompress(self.body) if self.encoding == "gzip" else self.body).decode("utf-8", "replace")


def _cpu(process: psutil.Process) -> float:
    """From the scheduler's own account, which is finer than the clock ticks that psutil reads."""
    try:
        with open(f"/proc/{process.pid}/schedstat") as file:
            main = int(file.read().split()[0]) / 1e9
        if len(tasks := os.listdir(f"/proc/{process.pid}/task")) == 1:
            return main
        return sum(int(open(f"/proc/{process.pid}/task/{t}/schedstat").read().split()[0]) for t in tasks) / 1e9
    except OSError:
        return 0.0


def _pss(process: psutil.Process) -> float:
    return process.memory_full_info().pss / 1e6


def first_start() -> float:
    """Seconds from `kith serve` on an empty folder to its first page."""
    with tempfile.TemporaryDirectory(prefix="kith-bench-", dir="/var/tmp") as folder:
        os.chmod(folder, 0o755)
        with Site({**os.environ, "KITH_DATA": folder, "KITH_HOSTS": "127.0.0.1"}) as site:
            return site.seconds
