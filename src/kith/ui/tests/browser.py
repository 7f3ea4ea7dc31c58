"""Chromium as the tests use it: Debian's own, with nothing that talks to the network by itself."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import contextmanager
from pathlib import Path

ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WAIT = 20_000  # ms, of what comes in a moment: only a failure waits so long, or a machine that has much else to do
AXE = Path(__file__).parents[4] / "node_modules" / "axe-core" / "axe.min.js"


@contextmanager
def launched():
    """A running Chromium: KITH_CHROMIUM, else the one of the system, else the one Playwright fetched.

    Playwright keeps an event loop in this thread, which Django must be told to allow. While a loop runs, Django keeps
    this thread's connections apart from those it kept before, and `renew_database` would end the others unseen: so
    none is open when the loop starts and none when it ends, and a process starts one browser only.
    """
    from django.db import connections
    from playwright.sync_api import expect, sync_playwright

    found = os.environ.get("KITH_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    connections.close_all()
    with sync_playwright() as playwright:
        expect.set_options(timeout=WAIT)
        started = playwright.chromium.launch(executable_path=found, args=ARGS)
        yield started
        started.close()
        connections.close_all()


@contextmanager
def opened(browser, url: str, cookies=(), **options):
    """A page at `url` that fails the test on any script error or refused resource."""
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
    context.add_cookies(list(cookies))
    page = context.new_page()
    page.set_default_timeout(WAIT)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    try:
        page.goto(url)
        yield page
    finally:  # a page left open by a failed test would keep a core busy
        context.close()
    assert not faults, "\n".join(faults)


def until(page, expression: str) -> None:
    """Wait for a JavaScript expression to be true. Playwright's own `wait_for_function` evaluates it in the page when it asks
    again, which our content policy refuses."""
    last = time.monotonic() + WAIT / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < last, f"never became true: {expression}"
        page.wait_for_timeout(50)


AT_REST = """Promise.all(document.getAnimations()
    .filter(moving => moving.effect.getComputedTiming().endTime !== Infinity).map(moving => moving.finished.catch(() => 0)))"""


def violations(page, **options) -> list[str]:
    """What axe finds wrong, one line each, once colours have stopped fading from one theme to the other."""
    page.evaluate(AT_REST)
    page.evaluate(AXE.read_text("utf-8") + "\n;null")  # not a script element: our own content policy would refuse it
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
