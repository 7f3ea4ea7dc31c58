"""A real Kith for the stories: the sample company in a data folder of its own, served with its worker, and a browser."""

from __future__ import annotations

import fcntl
import functools
import http.server
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from kith.ui.tests.browser import WAIT

PEOPLE = 150
SIGNED_IN: dict = {}  # browsers' state by site and colleague, so that signing in is waited for once
PASSWORD = "leaks-are-found-early"  # noqa: S105  of people who live for one test run


@dataclass
class Site:
    """A running Kith. `kith(…)` runs a command against it and returns what it prints."""

    address: str
    data: Path
    environment: dict[str, str]

    def kith(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "kith", *command], env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def run(self, code: str) -> str:
        """A few lines of Python with Django set up, against this Kith's database."""
        program = "from kith.cli.session import database\nwith database():\n" + "\n".join(
            f"    {line}" for line in code.splitlines()
        )
        done = subprocess.run(
            [sys.executable, "-c", program], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _site(folder: Path, address: str = "") -> Site:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("KITH_", "DATABASE_URL", "DJANGO_"))}
    environment |= {"KITH_DATA": str(folder), "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    return Site(address, folder, environment)


def _model(fill: bool) -> Path:
    """A data folder to copy: made by whoever asks first, for all processes of the run, because making one takes longer than
    most stories."""
    folder = Path(os.environ["KITH_TESTS_SHARE"]) / ("filled" if fill else "empty")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = folder.with_suffix(".new")
            draft.mkdir(0o711)
            site = _site(draft)
            site.kith("migrate")
            if fill:
                site.kith("demo", "--people", str(PEOPLE))
                site.run(
                    "from kith.kernel.accounts.models import User\n"
                    "for user in User.objects.all():\n"
                    f"    user.set_password({PASSWORD!r}); user.save()"
                )
            draft.rename(folder)
    return folder


@contextmanager
def served(fill: bool, **variables: str) -> Iterator[Site]:
    """A Kith of one's own, served with its worker: the sample company, or nothing at all. variables: of its environment."""
    folder = Path(tempfile.mkdtemp(prefix="kith-journey-"))
    subprocess.run(["cp", "-a", "--reflink=auto", f"{_model(fill)}/.", str(folder)], check=True)
    try:
        yield from _serving(folder, variables)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serving(folder: Path, variables: dict[str, str]) -> Iterator[Site]:
    port = _free_port()
    site = _site(folder, f"http://127.0.0.1:{port}")
    site.environment |= variables
    environment = site.environment
    log = (folder / "serve.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "kith", "serve", "--port", str(port), "--workers", "1"],
        env=environment,
        stdout=log,
        stderr=log,
    )
    try:
        for _n in range(900):  # a first start makes the database, which takes its time on a busy machine
            try:
                urllib.request.urlopen(f"{site.address}/accounts/login/", timeout=2)
                break
            except OSError:
                assert process.poll() is None, (folder / "serve.log").read_text()
                time.sleep(0.1)
        yield site
    finally:
        process.terminate()
        process.wait(20)
        log.close()


@pytest.fixture(scope="session")
def tidewell():
    """The sample company, served."""
    with served(fill=True) as site:
        yield site


@pytest.fixture(scope="session")
def empty():
    """A Kith on its first day, with one administrator."""
    with served(fill=False) as site:
        yield site


@pytest.fixture
def visit(chromium):
    """`visit(site, "ines", scripts=True)`: a page of a signed-in person; what the console complains of fails the test."""
    contexts, complaints = [], []

    def open_page(site, who="helena", *, scripts=True, password=PASSWORD, email="", **options):
        kept = SIGNED_IN.get((site.address, who))
        context = chromium.new_context(
            base_url=site.address,
            java_script_enabled=scripts,
            viewport={"width": 1440, "height": 900},
            storage_state=kept,
            **options,
        )
        context.set_default_timeout(WAIT)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if re.search("Content Security Policy|Refused to", message.text)
                else None
            ),
        )
        if who and not kept:
            page.goto("/accounts/login/")
            page.fill("input[type=email]", email or f"{who}@tidewell.example")
            page.fill("input[type=password]", password)
            page.click("main button[type=submit]")
            page.wait_for_url(lambda url: "/accounts/login" not in url)
            SIGNED_IN[site.address, who] = context.storage_state()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, complaints


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        """Nobody reads it."""


@pytest.fixture
def elsewhere(tmp_path):
    """A page of another origin, whose content is written by the test."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def put(body):
        (tmp_path / "index.html").write_text(
            f'<!doctype html><html lang="en"><title>Leaks</title><body>{body}</body></html>'
        )
        return f"http://127.0.0.1:{server.server_port}/?utm_source=fair"

    yield put
    server.shutdown()
