"""The page on which a stranger books a time: days and times on their clocks, a few questions, and it is booked.

Everything works without a script. Nothing of a session is read but the proof that the form is ours.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.contacts.consent.queries import purposes
from kith.contacts.consent.queries import words_of as wording_of
from kith.contacts.strangers import for_strangers, language_asked
from kith.engagement.meetings import booking, choosing, reading
from kith.engagement.meetings.letters import say_in
from kith.engagement.meetings.links import own_path, person_of
from kith.engagement.meetings.models import BookingPage, Way
from kith.kernel.errors import Invalid, KithError
from kith.kernel.languages import speaking
from kith.kernel.organisation.models import current
from kith.kernel.text import clean_text
from kith.ui.render import page as answer


def language_of(request: HttpRequest, page: BookingPage, otherwise: str = "") -> str:
    """The page's language nearest to what its address says, the person speaks, or the browser accepts."""
    own = page.language or current().language
    return language_asked(request, {own, *page.names, *page.abouts, *page.asks}, otherwise, own)


@for_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, key: str) -> HttpResponse:
    """GET shows what is free, or with a time chosen what is asked; POST books it."""
    page = BookingPage.objects.filter(key=key, archived_at=None).select_related("owner").first()
    if page is None or not page.open:
        words = (
            _("No meetings can be booked here at the moment. Write to us, and we find a time.") if page is not None
            else _("The address may be mistyped, or the page was taken down. Look at it once more, or write to us directly.")
        )  # fmt: skip
        return _closed(request, words, 410 if page is not None else 404)
    token = clean_text(request.POST.get("k", "") or request.GET.get("k", ""))[:600]
    person, address = person_of(token)
    language = language_of(request, page, person.language if person is not None else "")
    with speaking(language):
        try:
            if request.method == "POST":
                return _take(request, page, language)
            start = choosing.moment_asked(request.GET.get("at", ""))
            if start is None:
                return _choose(request, page, language)
            typed = {"name": person.name, "email": address} if person is not None else {}
            return _ask(request, page, language, {**typed, **request.GET.dict(), "at": start.isoformat(), "k": token})
        except KithError as problem:
            return _closed(request, problem.message, 409)


def _closed(request: HttpRequest, words: str, status: int) -> HttpResponse:
    return answer(request, "meetings/closed.html", {"words": words, "brand": current().name or "Kith"}, status)


def _choose(
    request: HttpRequest, page: BookingPage, language: str, problem: str = "", status: int = 200
) -> HttpResponse:
    token = clean_text(request.GET.get("k", "") or request.POST.get("k", ""))[:600]
    person, _address = person_of(token)
    otherwise = (person.time_zone if person is not None else "") or clean_text(request.POST.get("zone", ""))[:64]
    choice = choosing.choice(request, page, path=request.path, otherwise=otherwise)
    context = {
        "choice": choice, "words": choosing.words_of(page, language), "problem": problem, "language": language,
        "carried": [(k, v) for k, v in (("k", token), ("lang", request.GET.get("lang", ""))) if v],
    }  # fmt: skip
    return answer(request, "meetings/choose.html", context, status)


def _ask(
    request: HttpRequest, page: BookingPage, language: str, typed: dict[str, str], errors: dict[str, str] | None = None
) -> HttpResponse:
    """What is asked once a time is chosen."""
    zone, _problem = choosing.zone_asked(typed.get("zone", "")[:64], "")
    start, minutes = choosing.moment_asked(typed.get("at", "")), choosing.minutes_asked(page, typed.get("minutes", ""))
    if start is None:
        return _choose(request, page, language, _("Choose a time."), 422)
    purpose = purposes().get(page.purpose)
    context = {
        "page": page, "words": choosing.words_of(page, language), "typed": typed, "errors": errors or {}, "language": language,
        "when": say_in(start, minutes, zone), "at": start.isoformat(), "minutes": minutes, "zone": zone.key,
        "stamp": reading.stamp(), "honeypot": reading.HONEYPOT, "calls": page.way == Way.PHONE and not page.place,
        "agree": wording_of(purpose, language).text if purpose is not None else "", "back": _back(request, typed, zone.key, minutes),
    }  # fmt: skip
    return answer(request, "meetings/ask.html", context, 422 if errors else 200)


def _back(request: HttpRequest, typed: dict[str, str], zone: str, minutes: int) -> str:
    from urllib.parse import urlencode

    kept = {k: typed[k] for k in ("k", "lang") if typed.get(k)}
    return f"{request.path}?{urlencode({'zone': zone, 'minutes': minutes, **kept})}"


def _take(request: HttpRequest, page: BookingPage, language: str) -> HttpResponse:
    if reading.too_many(request):
        words = _("Too much came from your network in a short time. Please try again in ten minutes.")
        response = _closed(request, words, 429)
        response["Retry-After"] = str(reading.WINDOW)
        return response
    sent = reading.read(request, page, choosing.words_of(page, language), language)
    if sent.wanted is None:
        return _ask(request, page, language, sent.typed, sent.errors)
    try:
        row = booking.book(page, sent.wanted)
    except Invalid as problem:
        if problem.field in ("name", "email", "phone"):
            return _ask(request, page, language, sent.typed, {problem.field: problem.message})
        return _choose(request, page, language, problem.message, 409)
    return HttpResponseRedirect(f"{own_path(row.pk)}?new=1", status=303)
