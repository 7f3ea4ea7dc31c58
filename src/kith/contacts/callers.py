"""What the addresses at which other systems call us have in common. Such a system holds no session: a signature over the body
is what lets it in. How often and how much it sends is looked at before anything is read of it.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from kith.contacts.strangers import too_many
from kith.kernel import jsontext
from kith.kernel.errors import Invalid
from kith.kernel.text import clean_text

MOST_BYTES = 1 << 20  # of a call
MOST_CALLS = 600  # of one network in ten minutes


def refuse(status: int, why: str) -> HttpResponse:
    """A problem as programs read it."""
    return JsonResponse({"title": why, "status": status}, status=status, content_type="application/problem+json")


def too_much(request: HttpRequest, what: str) -> HttpResponse | None:
    """The refusal of a call that comes too often or is too large; None for one that may be read."""
    if too_many(request, what, most=MOST_CALLS):
        return refuse(429, _("Too many calls came from your network. Try again in ten minutes."))
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return refuse(413, _("A call has at most %s kB.") % (MOST_BYTES >> 10))
    return None


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a call holds. Raises Invalid."""
    try:
        found = jsontext.clean(jsontext.read(body))
    except (ValueError, RecursionError):
        raise Invalid(_("The body is not JSON.")) from None
    if not isinstance(found, dict):
        raise Invalid(_("The body is a JSON object."))
    return found


def line(told: dict[str, Any], key: str, most: int) -> str:
    """A line of words of it; "" where there is none."""
    found = told.get(key) or ""
    return " ".join(clean_text(found).split())[:most] if isinstance(found, str) else ""
