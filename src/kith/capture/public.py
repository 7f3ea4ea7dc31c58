"""A form as strangers meet it: the page, its parts for pages elsewhere, and the one address it is sent to.

No session, no cookie and no sign-in is used here, whoever asks; that is why posts may come from any page on the web.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kith.capture import accepting, asking, guarding, proofs
from kith.capture.magnets import granting, offering
from kith.capture.magnets.models import Grant
from kith.capture.magnets.showing import gifts_of
from kith.capture.queries import Published, published
from kith.capture.reading import UTM, Read, raw_of, read_post
from kith.contacts.consent.views import network_of
from kith.kernel.accounts.links import site_address
from kith.kernel.errors import Invalid
from kith.kernel.languages import accepted, speaking, speaking_to
from kith.kernel.organisation.models import current, refresh
from kith.kernel.text import clean_text
from kith.ui.render import page

LIMIT = 10 << 20  # bytes of one post, files included
POLICY = {
    "default-src": ["'none'"], "style-src": ["'self'"], "script-src": ["'self'"], "img-src": ["'self'", "data:"],
    "font-src": ["'self'"], "connect-src": ["'self'"], "form-action": ["'self'"], "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}  # fmt: skip


def for_strangers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open to everybody, with the form found and the strictest policy a page can have; nothing of a session is read."""

    @wraps(view)
    def opened(request: HttpRequest, key: str, **named: str) -> HttpResponse:
        refresh()  # one query: what is kept of forms holds until configuration changes
        form = published(key)
        if form is None:
            with speaking_to(request):
                return _elsewhere(request, page(request, "capture/missing.html", {"brand": _brand()}, status=404))
        with speaking(language_asked(request, form)):
            response = _elsewhere(request, view(request, form, **named))
            # Browsers hold a form to its policy on the way to where it leads, too.
            parts = urlsplit(form.definition.redirect)
            hosts = [f"{parts.scheme}://{parts.netloc}"] if parts.hostname else []
            if hosts := hosts + getattr(request, "leads_to", []):
                response._csp_update = {"form-action": hosts}  # type: ignore[attr-defined]
            return response

    return login_not_required(csp_replace(POLICY)(opened))


def _elsewhere(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Pages of any origin may read this answer: it is the same for everybody who asks, and carries no cookie."""
    response["Access-Control-Allow-Origin"] = "*"
    patch_vary_headers(response, ["Accept-Language", "Accept"])
    response.setdefault("Cache-Control", "no-store")
    return response


def _brand() -> str:
    return current().name or "Kith"


def language_asked(request: HttpRequest, form: Published) -> str:
    """The form's language nearest to what the address says, else to what they speak whose own link it is, else to what the
    browser accepts."""
    theirs = [known.language] if (known := _known(request)) is not None else []
    return asking.language_of(
        form.definition, clean_text(request.GET.get("lang", ""))[:12], [*theirs, *accepted(request)]
    )


def _known(request: HttpRequest) -> Any:
    """Whose own link the address is; looked up once for an answer."""
    if not hasattr(request, "known_by_link"):
        request.known_by_link = asking.person_of(clean_text(request.GET.get("k", ""))[:600])  # type: ignore[attr-defined]
    return request.known_by_link  # type: ignore[attr-defined]


def _wants_data(request: HttpRequest) -> bool:
    return "json" in request.headers.get("Accept", "")


# Posts come from any page on the web, by design: what they write is a submission and nothing else, in the name of nobody.
# No session or cookie is looked at, so there is nothing that a forged request could borrow, and no proof of origin to ask
# for. This holds for this one view.
@csrf_exempt
@for_strangers
@require_http_methods(["GET", "HEAD", "POST", "OPTIONS"])
def form_page(request: HttpRequest, form: Published) -> HttpResponse:
    """GET shows the form, POST takes what was filled in."""
    if request.method == "OPTIONS":
        return _preflight()
    if request.method == "POST":
        return _take(request, form)
    if not form.open:
        return _closed(request, form)
    return _show(request, form)


def _preflight() -> HttpResponse:
    response = HttpResponse(status=204)
    response["Access-Control-Allow-Methods"] = "GET, POST"
    response["Access-Control-Allow-Headers"] = "Accept, Content-Type"
    response["Access-Control-Max-Age"] = "86400"
    return response


def _show(request: HttpRequest, form: Published, **back: Any) -> HttpResponse:
    language = back.pop("language", "") or language_asked(request, form)
    token = back.pop("token", None)
    token = clean_text(request.GET.get("k", ""))[:600] if token is None else token
    status = back.pop("status", 200)
    made = asking.shown(form, language, person=asking.person_of(token), **back)
    made.stamp, made.known = guarding.stamp(form), token
    made.hidden = _hidden(request)
    offering.seen(request, form.pk)
    return show_page(request, "capture/public.html", {"shown": made}, form, status)


def _hidden(request: HttpRequest) -> list[tuple[str, str]]:
    """Where they came from, carried along: campaign words of the address, and the page before."""
    carried = request.POST if request.method == "POST" else request.GET
    found = [(key, clean_text(carried[key])[:300]) for key in UTM if carried.get(key)]
    before = request.POST.get("_ref", "") if request.method == "POST" else request.headers.get("Referer", "")
    return [*found, *([("_ref", clean_text(before)[:1000])] if before else [])]


def show_page(
    request: HttpRequest, template: str, context: dict[str, Any], form: Published, status: int = 200
) -> HttpResponse:
    """A page for strangers in the form's look. `context` is what its template needs besides."""
    what, language = form.definition, context.get("language") or language_asked(request, form)
    accent = f"{reverse('form-style', args=[form.key])}?v={form.number}"
    return page(
        request,
        template,
        {"form": form, "what": what, "language": language, "accent": accent, "brand": _brand(), **context},
        status,
    )


def _closed(request: HttpRequest, form: Published) -> HttpResponse:
    words = form.definition.text(form.definition.closed, language_asked(request, form)) or _(
        "This form is closed. Write to us, and we will help you all the same."
    )
    if _wants_data(request):
        return JsonResponse({"closed": words}, status=410)
    return show_page(request, "capture/closed.html", {"words": words}, form, 410)


def _take(request: HttpRequest, form: Published) -> HttpResponse:
    """Read the post, count it, keep it, answer. Every refusal is a sentence, and nothing typed is lost by one."""
    if not form.open:
        return _closed(request, form)
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > LIMIT:  # before a byte of it is read
        return _refuse(
            request, form, _("This is too large: at most %s MB can be sent, files included.") % (LIMIT >> 20), 413
        )
    try:
        raw = raw_of(request.POST)
        files = request.FILES
    except Invalid as problem:
        return _refuse(request, form, problem.message, 413)
    except (MultiPartParserError, BadRequest, SuspiciousOperation, UnicodeError, LookupError):
        return _refuse(
            request, form, _("This could not be read: it is incomplete or damaged. Please send it once more."), 400
        )
    if guarding.too_many(form, request.META.get("REMOTE_ADDR", "")):
        answer = _refuse(request, form, guarding.slower(), 429)
        answer["Retry-After"] = str(guarding.WINDOW)
        return answer
    return _kept(request, form, raw, files)


def _kept(request: HttpRequest, form: Published, raw: dict[str, list[str]], files: Any) -> HttpResponse:
    language = asking.language_of(form.definition, (raw.get("_lang") or [""])[-1][:12] or language_asked(request, form))
    token = (raw.get("_k") or [""])[-1][:600]
    person = asking.person_of(token)
    with speaking(language):
        found = read_post(form.definition, language, raw, files, person)
        if found.errors:
            return _wrong(request, form, found, language, token)
        if refused := proofs.refusal(form, raw):
            if _wants_data(request):
                return JsonResponse({"problem": refused, "again": True}, status=422)
            found.errors = {proofs.FIELD: refused}
            return _wrong(request, form, found, language, token)
        _row, gifts = accepting.accept(
            form, found, raw, language=language, suspect=guarding.suspicion(form, raw, found.answers),
            network=network_of(request), agent=clean_text(request.headers.get("User-Agent", "")),
            referer=clean_text(request.headers.get("Referer", "")), known=person.pk if person is not None else None,
        )  # fmt: skip
        return _thank(request, form, language, gifts, looked_at=proofs.lacking(form, raw))


def _wrong(request: HttpRequest, form: Published, found: Read, language: str, token: str) -> HttpResponse:
    if _wants_data(request):
        return JsonResponse({"errors": found.errors}, status=422)
    return _show(
        request,
        form,
        typed=found.typed,
        ticked=found.ticked,
        errors=found.errors,
        language=language,
        token=token,
        status=422,
    )


def _thank(
    request: HttpRequest, form: Published, language: str, gifts: list[Grant], *, looked_at: bool
) -> HttpResponse:
    """`looked_at`: a person looks at it before anything else becomes of it, which is said."""
    what = form.definition
    if _wants_data(request):
        words = f"{_thanks(form, language)} {_looked_at()}" if looked_at else _thanks(form, language)
        data: dict[str, Any] = {"thanks": words, "redirect": "" if looked_at else _whole(what.redirect)}
        if gifts:
            base = f"{site_address()}/f/{form.key}/get/"
            data["gifts"] = [{"name": name, "href": base + token} for name, token in granting.names_of(gifts)]
        return JsonResponse(data)
    said = [("lang", language), *(("gift", granting.token_of(one)) for one in gifts), *([("look", "1")] * looked_at)]
    own = f"{reverse('form-thanks', args=[form.key])}?{urlencode(said)}"
    return HttpResponseRedirect(own if looked_at else what.redirect or own, status=303)


def _looked_at() -> str:
    return _("Your browser ran no check, so a person looks at it first; that may take a little longer.")


def _whole(address: str) -> str:
    """A path of ours, as a page elsewhere must name it."""
    return site_address() + address if address.startswith("/") else address


def _thanks(form: Published, language: str) -> str:
    what = form.definition
    return what.text(what.thanks, language) or _("Thank you. We have it, and we will answer you soon.")


def _refuse(request: HttpRequest, form: Published, words: str, status: int) -> HttpResponse:
    if _wants_data(request):
        return JsonResponse({"problem": words}, status=status)
    return show_page(request, "capture/refused.html", {"words": words}, form, status)


@for_strangers
@require_http_methods(["GET", "HEAD"])
def thanks(request: HttpRequest, form: Published) -> HttpResponse:
    """Thanks, and what can be fetched at once."""
    gifts = gifts_of(request, form, request.GET.getlist("gift"))
    words = _thanks(form, language_asked(request, form))
    note = _looked_at() if request.GET.get("look") else ""
    return show_page(request, "capture/thanks.html", {"words": words, "note": note, "gifts": gifts}, form)
