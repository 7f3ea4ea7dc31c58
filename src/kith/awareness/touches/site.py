"""What the organisation's own site gets: the script `/t.js`, and `/t`, where it reports visits.

The script stores and sends nothing before the site says that its visitor consents, and never where the browser asks not to
be tracked. `/t` is open to every origin, takes little, tells nothing, and knows no cookies.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from kith.awareness.touches import consenting, writing
from kith.kernel.text import clean_text

MOST = 3000  # bytes of a report
LONGEST_WORDING = 300
EARLIEST = 1_500_000_000_000  # milliseconds; a clock that says less is not set
A_MINUTE = 60  # reports a minute of one address
SCRIPT = Path(__file__).with_name("t.js")
OFF = "/* Tracking is off. */\n"


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


@login_not_required
@require_GET
def script(request: HttpRequest) -> HttpResponse:
    """The script, or nothing while no consent can be asked for."""
    response = HttpResponse(_script() if consenting.asked() else OFF, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@csrf_exempt
@login_not_required
@require_http_methods(["POST", "OPTIONS"])
def report(request: HttpRequest) -> HttpResponse:
    """A visit. The answer is the same whatever was kept, so that nobody learns whom we know."""
    if request.method == "POST" and consenting.asked() and not _wants_none(request) and _within_rate(request):
        said = _read(request)
        if said is not None:
            writing.visited(said["v"], said.get("u"), said.get("r"), _agreed(said.get("a")), _wording(said.get("w")))
    response = HttpResponse(status=204)
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = "POST"
    response["Access-Control-Allow-Headers"] = "Content-Type"
    response["Access-Control-Max-Age"] = "86400"
    response["Cache-Control"] = "no-store"
    return response


def _wants_none(request: HttpRequest) -> bool:
    """The browser itself says that its user is not to be tracked."""
    return request.headers.get("DNT") == "1" or request.headers.get("Sec-GPC") == "1"


def _within_rate(request: HttpRequest) -> bool:
    """A little less than one a second from one address, in each process; addresses are not kept, only a digest for a minute."""
    address = request.META.get("REMOTE_ADDR", "")
    key = "t:" + hashlib.sha256(address.encode()).hexdigest()[:32]
    store = caches["local"]
    store.add(key, 0, 60)
    try:
        return bool(store.incr(key) <= A_MINUTE)
    except ValueError:  # it ran out between the two
        return True


def _read(request: HttpRequest) -> dict[str, Any] | None:
    """What was reported, or None for anything that is no visit with consent."""
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length) > MOST:
        return None
    try:
        said = json.loads(request.body[: MOST + 1])
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("c") != 1:
        return None
    visitor = said.get("v")
    usable = isinstance(visitor, str) and 16 <= len(visitor) <= 64 and visitor.isascii() and visitor.isalnum()
    return said if usable else None


def _agreed(said: Any) -> dt.datetime | None:
    """When the visitor said yes, by their own clock: never later than now. None where the site does not tell."""
    if not isinstance(said, int) or isinstance(said, bool) or said < EARLIEST:
        return None
    now = timezone.now()
    return now if said >= now.timestamp() * 1000 else dt.datetime.fromtimestamp(said / 1000, dt.UTC)


def _wording(said: Any) -> str:
    """The words that were agreed to, as one line."""
    return " ".join(clean_text(said[:900]).split())[:LONGEST_WORDING] if isinstance(said, str) else ""
