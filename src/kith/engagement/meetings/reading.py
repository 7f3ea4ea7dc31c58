"""Reading what a stranger sends to book a time: every fault in words beside its field, nothing typed is lost."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from kith.contacts.consent.queries import purposes
from kith.contacts.consent.queries import words_of as wording_of
from kith.contacts.consent.views import network_of
from kith.engagement.meetings.booking import Wanted
from kith.engagement.meetings.choosing import Words, minutes_asked, moment_asked, zone_asked
from kith.engagement.meetings.links import person_of
from kith.engagement.meetings.models import Booking, BookingPage, State, Way
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Email, Phone, Text
from kith.kernel.text import clean_text

HONEYPOT, STAMP = "website", "kith.meetings.stamp"
FASTEST, OLDEST = dt.timedelta(seconds=2), dt.timedelta(days=1)  # that filling in takes at least, and at most
MOST_POSTS, WINDOW = 20, 600  # of one network
MOST_OPEN = 5  # meetings to come of one address
LONGEST_ANSWER = 2000


@dataclass
class Sent:
    """What was sent: `wanted` where all of it can be taken, else `errors` by field; `typed` to show it again."""

    wanted: Wanted | None = None
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


def too_many(request: HttpRequest) -> bool:
    """Count a post of this network; has it had enough for a while?"""
    mark = salted_hmac("kith.meetings.rate", request.META.get("REMOTE_ADDR", "")).hexdigest()[:24]
    key = f"meetings:{mark}:{int(time.time()) // WINDOW}"
    cache.add(key, 0, WINDOW * 2)
    try:
        return int(cache.incr(key)) > MOST_POSTS
    except ValueError:  # it ran out between the two
        return False


def stamp() -> str:
    """A signed moment, sent back with the form: no person fills one in faster than they read it."""
    return signing.TimestampSigner(salt=STAMP).sign("b")


def read(request: HttpRequest, page: BookingPage, words: Words, language: str) -> Sent:
    """Read a post."""
    posted = {key: str(request.POST[key]) for key in request.POST if key != "csrfmiddlewaretoken"}
    given = {key: clean_text(value)[:LONGEST_ANSWER] for key, value in posted.items()}
    sent = Sent(typed=given)
    person, address = person_of(given.get("k", "")[:600])
    values = {
        "name": _take(sent, "name", Text(200), given, person.name if person else ""),
        "email": _take(sent, "email", Email(), given, address),
        "phone": _take(sent, "phone", Phone(), given, needed=page.way == Way.PHONE and not page.place),
    }
    answers = _answers(sent, words, given)
    start = moment_asked(given.get("at", ""))
    if start is None:
        sent.errors["at"] = _("Choose a time.")
    _no_robot(sent, given)
    if not sent.errors and _has_enough(values["email"]):
        sent.errors["email"] = (
            _("This address has %s meetings to come already; move or cancel one of them.") % MOST_OPEN
        )
    if not sent.errors and start is not None:
        zone, _problem = zone_asked(given.get("zone", ""), "")
        sent.wanted = Wanted(
            start, minutes_asked(page, given.get("minutes", "")), **values, answers=answers, time_zone=zone.key, language=language,
            known=person.pk if person is not None else None, consent=_consent(request, page, given, language),
        )  # fmt: skip
    return sent


def _take(sent: Sent, key: str, kind: Any, given: dict[str, str], otherwise: str = "", *, needed: bool = True) -> str:
    raw = given.get(key, "").strip() or otherwise
    if not raw:
        if needed:
            sent.errors[key] = _("Please fill this in.")
        return ""
    try:
        return str(kind.clean(kind.parse(" ".join(raw.split()))))
    except Invalid as problem:
        sent.errors[key] = problem.message
        return ""


def _answers(sent: Sent, words: Words, given: dict[str, str]) -> list[dict[str, str]]:
    out = []
    for key, question, needed in words.questions:
        answer = given.get(key, "").strip()
        if needed and not answer:
            sent.errors[key] = _("Please answer this.")
        if answer:
            out.append({"question": question, "answer": answer})
    return out


def _no_robot(sent: Sent, given: dict[str, str]) -> None:
    """A field nobody sees, and the time it took; said in words, so that a person who meets it knows what to do."""
    if given.get(HONEYPOT, "").strip():
        sent.errors[""] = _("A field was filled in that no person sees. Reload the page and try it once more.")
        return
    try:
        signed = signing.TimestampSigner(salt=STAMP)
        signed.unsign(given.get("_t", "")[:300], max_age=OLDEST)
    except signing.BadSignature:
        sent.errors[""] = _("This page was open for long. Send it once more.")
        return
    try:
        signed.unsign(given["_t"][:300], max_age=FASTEST)
        sent.errors[""] = _("That was faster than anybody reads. Send it once more.")
    except signing.SignatureExpired:
        return


def _has_enough(email: str) -> bool:
    rows = Booking.objects.filter(email__iexact=email, state=State.BOOKED, archived_at=None)
    return rows.count() >= MOST_OPEN


def _consent(request: HttpRequest, page: BookingPage, given: dict[str, str], language: str) -> dict[str, Any]:
    purpose = purposes().get(page.purpose)
    if purpose is None or given.get("agree") != "on":
        return {}
    words = wording_of(purpose, language)
    return {
        "purpose": purpose.key, "wording": words.text, "number": words.number, "language": words.language,
        "page": request.build_absolute_uri(request.path)[:1000], "network": network_of(request),
    }  # fmt: skip
