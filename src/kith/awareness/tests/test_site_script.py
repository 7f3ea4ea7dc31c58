"""The script on a site of another origin: silent until its visitor consents, silent for who asks not to be tracked."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kith.awareness.touches import writing
from kith.ui.tests.browser import opened

pytestmark = pytest.mark.browser
SCRIPT = Path(writing.__file__).with_name("t.js").read_bytes()
PAGE = '<!doctype html><title>Leaks</title><form><input type="hidden" name="kith_visitor"></form><script src="{at}/t.js"{more}></script>'


@contextmanager
def served(answer):
    """A server on a port of its own; `answer(path, body)` gives (content type, bytes)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._answer(b"")

        def do_POST(self):
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _answer(self, body):
            kind, content = answer(self.path, body)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *said):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def visiting(chromium, more="", **options):
    """A visit to the site's page: (page, reports that came)."""
    reports = []

    def kith(path, body):
        if path == "/t.js":
            return "text/javascript", SCRIPT
        reports.append(json.loads(body))
        return "text/plain", b""

    with served(kith) as at:
        html = PAGE.format(at=at, more=more).encode()
        with served(lambda path, body: ("text/html", html)) as site:
            start = f"{site}/leaks?utm_source=news"
            with opened(chromium, start, **options) as page:
                yield page, reports


def waited(reports, n, seconds=5.0):
    end = time.monotonic() + seconds
    while len(reports) < n and time.monotonic() < end:
        time.sleep(0.05)
    return reports


def stored(page):
    return page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")


def test_nothing_is_stored_or_sent_before_the_visitor_consents(chromium):
    with visiting(chromium) as (page, reports):
        page.wait_for_timeout(400)
        assert reports == [] and stored(page) == [0, 0, ""]
        page.evaluate("kith.consent(true)")
        (said,) = waited(reports, 1)
        assert said["c"] == 1 and len(said["v"]) == 32 and said["u"].endswith("/leaks?utm_source=news")
        assert page.input_value("[name=kith_visitor]") == said["v"]
        page.reload()
        page.wait_for_timeout(400)
        assert len(reports) == 1  # the same visit
        page.evaluate("kith.consent(false)")
        assert stored(page) == [0, 0, ""] and page.input_value("[name=kith_visitor]") == ""


def test_a_site_that_knows_of_the_consent_says_it_in_the_tag(chromium):
    with visiting(chromium, ' data-consent="given"') as (_page, reports):
        assert len(waited(reports, 1)) == 1


@pytest.mark.parametrize("asks", ["doNotTrack", "globalPrivacyControl"])
def test_who_asks_not_to_be_tracked_is_not_even_with_consent(chromium, asks):
    value = '"1"' if asks == "doNotTrack" else "true"
    with visiting(chromium) as (page, reports):
        page.add_init_script(f"Object.defineProperty(navigator, '{asks}', {{get: () => {value}}})")
        page.reload()
        page.evaluate("kith.consent(true)")
        page.wait_for_timeout(400)
        assert reports == [] and stored(page) == [0, 0, ""]
