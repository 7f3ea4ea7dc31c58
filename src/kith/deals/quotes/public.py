"""The page on which a customer answers a quote: what is offered, a name, a yes or a no. No account, no script needed.

The language is the quote's. Nothing is answered by opening the page: mail scanners open every link.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods

from kith.contacts.strangers import WINDOW, for_strangers, too_many
from kith.deals.quotes.accepting import answer, opened
from kith.deals.quotes.document import PDF, data, kept
from kith.deals.quotes.links import open_link, path_of
from kith.deals.quotes.models import Quote, State
from kith.deals.quotes.words import Words
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.languages import speaking
from kith.kernel.organisation.models import current
from kith.kernel.text import clean_text
from kith.ui.render import page


def behind_a_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The quote of a link, in its own language; nothing is kept by caches; one page for every link that does not work."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        try:
            quote = open_link(token)
        except NotFound:
            w = Words(get_language() or "en")
            response = page(request, "quotes/closed.html", _shown(w, heading=w("dead"), says=w("dead_says")), 404)
        else:
            with speaking(quote.language):
                response = view(request, quote)
        return response

    return for_strangers(guarded)


def _shown(w: Words, **more: Any) -> dict[str, Any]:
    return {"w": w, "brand": current().name or "Kith", "language": w.code, **more}


@behind_a_link
@require_http_methods(["GET", "HEAD", "POST"])
def quote(request: HttpRequest, quote: Quote) -> HttpResponse:
    """GET shows the quote, or what became of it; POST answers it, once."""
    w = Words(quote.language)
    if request.method == "POST":
        return _take(request, quote, w)
    if closed := _closed(quote, w):
        return page(request, "quotes/closed.html", _shown(w, **closed), 410)
    if request.method == "GET":
        opened(quote)
    return _show(request, quote, w)


def _closed(quote: Quote, w: Words) -> dict[str, str] | None:
    """Why a quote cannot be seen any more, None for one that can."""
    if quote.expired:
        return {"heading": w("expired", day=w.day(quote.valid_until)), "says": w("ask_again")}
    if quote.state == State.REPLACED:
        return {"heading": w("replaced"), "says": w("look_mail")}
    if quote.state in (State.WITHDRAWN, State.DRAFT) or (quote.state == State.SENT and not quote.offered):
        return {"heading": w("withdrawn"), "says": w("write")}
    return None


def _show(
    request: HttpRequest, quote: Quote, w: Words, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    company = quote.deal.company or quote.deal.contact
    typed = {key: clean_text(request.POST.get(key, ""))[:2000] for key in ("name", "words")}
    context = _shown(
        w, quote=quote, d=data(quote), path=path_of(quote), who=str(company or ""), errors=errors or {}, typed=typed,
        answered=quote.state != State.SENT, agreed="agree" in request.POST,
        signed=w("signed", name=quote.answered_by, moment=w.moment(quote.answered_at)) if quote.answered_at else "",
        host=quote.owner.name if quote.owner else current().name,
    )  # fmt: skip
    return page(request, "quotes/answer.html", context, status)


def _take(request: HttpRequest, quote: Quote, w: Words) -> HttpResponse:
    if too_many(request, "quotes"):
        response = _show(request, quote, w, {"": w("too_many")}, 429)
        response["Retry-After"] = str(WINDOW)
        return response
    if closed := _closed(quote, w):
        return page(request, "quotes/closed.html", _shown(w, **closed), 410)
    if quote.state != State.SENT:
        return _show(request, quote, w, {"": w("done_already", name=quote.answered_by)}, 409)
    yes = request.POST.get("answer") == "accept"
    name, words = (
        clean_text(request.POST.get(key, ""))[:most].strip() for key, most in (("name", 200), ("words", 2000))
    )
    errors = {} if name else {"name": w("need_name")}
    if yes and "agree" not in request.POST:
        errors["agree"] = w("need_agree")
    if errors:
        return _show(request, quote, w, errors, 422)
    try:
        answer(
            quote, yes, name=name, words=words, address=request.META.get("REMOTE_ADDR", ""),
            browser=request.headers.get("User-Agent", ""), by=system("web", name=name),
        )  # fmt: skip
    except Invalid:  # somebody was quicker
        quote.refresh_from_db()
        if closed := _closed(quote, w):
            return page(request, "quotes/closed.html", _shown(w, **closed), 410)
        return _show(request, quote, w, {"": w("done_already", name=quote.answered_by)}, 409)
    return HttpResponseRedirect(path_of(quote), status=303)


@behind_a_link
@require_GET
def document(request: HttpRequest, quote: Quote) -> HttpResponse:
    """The document as it was sent."""
    w = Words(quote.language)
    if quote.state in (State.WITHDRAWN, State.REPLACED, State.DRAFT):
        return page(request, "quotes/closed.html", _shown(w, **(_closed(quote, w) or {})), 410)
    return pdf(quote.number, kept(quote))


def pdf(number: str, content: bytes) -> HttpResponse:
    """A document that a browser shows, and nothing else of it."""
    response = HttpResponse(content, content_type=PDF)
    response["Content-Disposition"] = content_disposition_header(False, f"{number}.pdf") or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
