"""What pages for people without an account have in common: nobody keeps them, nobody floods them, no robot fills them in.

Nothing of a session is read but the proof that a form is ours; the address, signed or not, is the only key.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.cache import cache, caches
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from kith.kernel.languages import accepted, nearest, speaking_to
from kith.kernel.organisation.models import refresh
from kith.kernel.text import clean_text

HONEYPOT, STAMP = "website", "kith.strangers.stamp"
FASTEST, OLDEST = dt.timedelta(seconds=2), dt.timedelta(days=1)  # that filling in takes at least, and at most
MOST_POSTS, WINDOW = 20, 600  # posts of one network in so many seconds
View = Callable[..., HttpResponse]


def for_strangers(view: View) -> View:
    """Open to everybody, in the language of their browser until the view knows better; not kept by anybody, and in nobody's
    index unless the view says so ("X-Robots-Tag: all")."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refresh()
        with speaking_to(request):
            response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response.headers.setdefault("X-Robots-Tag", "noindex")
        # The address may be the key, so no other site is told it. We are: a form sent with no referrer at all comes from
        # nowhere, and is refused.
        response["Referrer-Policy"] = "same-origin"
        patch_vary_headers(response, ["Accept-Language"])
        return response

    return login_not_required(opened)


def mark_of(request: HttpRequest, salt: str) -> str:
    """A mark of the network a request came from: the same for the same one, and nothing that names it."""
    return salted_hmac(salt, request.META.get("REMOTE_ADDR", "")).hexdigest()[:24]


def too_many(request: HttpRequest, what: str, most: int = MOST_POSTS, window: int = WINDOW) -> bool:
    """Count something that this network does; has it had enough for a while? `window` in seconds."""
    return too_often(what, request.META.get("REMOTE_ADDR", ""), most, window)


def too_many_here(request: HttpRequest, what: str, most: int, window: int) -> bool:
    """The same counted in this process alone, without a trip to the database: for what is asked often and does little."""
    return too_often(what, request.META.get("REMOTE_ADDR", ""), most, window, caches["local"])


def too_often(what: str, who: str, most: int = MOST_POSTS, window: int = WINDOW, store: Any = cache) -> bool:
    """Count one more of `what` by `who` (a network, an address, a row); has it been enough for a while? Nothing legible is kept."""
    mark = salted_hmac("kith.strangers.limits", f"{what}:{who}").hexdigest()[:32]
    key = f"strangers:{mark}:{int(time.time()) // window}"
    store.add(key, 0, window * 2)
    try:
        return int(store.incr(key)) > most
    except ValueError:  # it ran out between the two
        return False


def stamp() -> str:
    """A signed moment, sent back with the form: no person fills one in faster than they read it."""
    return signing.TimestampSigner(salt=STAMP).sign("s")


def robot(given: Mapping[str, str]) -> str:
    """Why a form looks as if no person had filled it in, in words that help a person who did; "" for nothing."""
    if given.get(HONEYPOT, "").strip():
        return _("A field was filled in that no person sees. Reload the page and try it once more.")
    signer = signing.TimestampSigner(salt=STAMP)
    try:
        signer.unsign(given.get("_t", "")[:300], max_age=OLDEST)
    except signing.BadSignature:
        return _("This page was open for long. Send it once more.")
    try:
        signer.unsign(given.get("_t", "")[:300], max_age=FASTEST)
    except signing.SignatureExpired:
        return ""
    return _("That was faster than anybody reads. Send it once more.")


def language_asked(request: HttpRequest, offered: Collection[str], otherwise: str = "", default: str = "en") -> str:
    """Of the languages offered here the one nearest to what the address says, the person speaks, or the browser accepts."""
    return nearest([clean_text(request.GET.get("lang", ""))[:12], otherwise, *accepted(request)], offered) or default
