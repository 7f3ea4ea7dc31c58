"""The customers' pages: come in by a mailed link, see what is theirs, ask and answer. Everything works without a script."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kith.contacts.consent.links import centre_path
from kith.contacts.strangers import for_strangers, too_many, too_often
from kith.deals.quotes.links import path_of
from kith.kernel.errors import Invalid, KithError, NotFound
from kith.kernel.files.downloads import download
from kith.kernel.languages import speaking_to
from kith.kernel.organisation.models import current
from kith.kernel.text import clean_text
from kith.onboarding.links import page_path
from kith.onboarding.queries import progress_of
from kith.portal import entering, reach
from kith.portal.chatting import chat_of
from kith.portal.doors import places, support
from kith.portal.models import Visit
from kith.portal.setup import door
from kith.portal.tickets import answering
from kith.ui.render import is_htmx
from kith.ui.render import page as answer

MOST, MOST_FILES, LONGEST = 100, 10, 20_000
MOST_SUGGESTED = 300  # in a few minutes, by one network: offices share an address
UNSOLVED = ("new", "open", "waiting")


def _strangers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open to everybody; kept by nobody, and in nobody's index. While the door is shut there is nothing here."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs) if door().open else _shut(request)
        except NotFound as problem:
            return answer(request, "portal/gone.html", {"words": problem.message, "inside": False}, 404)

    return for_strangers(opened)


def _inside(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For whoever came in, in their language; everybody else is asked for their address."""

    @_strangers
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        visit = entering.visit_of(request)
        if visit is None:
            return HttpResponse(status=204) if is_htmx(request) else HttpResponseRedirect("/portal/")
        with speaking_to(request, visit.person.language):
            try:
                return view(request, visit, *args, **kwargs)
            except NotFound:
                return answer(
                    request,
                    "portal/gone.html",
                    {"words": _("There is nothing of yours at this address."), "inside": True},
                    404,
                )

    return opened


def _shut(request: HttpRequest) -> HttpResponse:
    return answer(
        request,
        "portal/gone.html",
        {"words": _("This page is closed at the moment. Write to us instead."), "inside": False},
        404,
    )


@_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """What is theirs; for everybody else the question for their address, and its answer, which is always the same."""
    visit = entering.visit_of(request)
    if visit is not None and request.method != "POST":
        with speaking_to(request, visit.person.language):
            return answer(request, "portal/home.html", _theirs(visit))
    context = {"brand": current().name or "Kith", "welcome": door().welcome, "sent": False, "error": "", "typed": ""}
    if request.method != "POST":
        return answer(request, "portal/enter.html", context)
    address = clean_text(request.POST.get("email", "")).strip()[:254]
    if "@" not in address[1:-1]:
        return answer(
            request,
            "portal/enter.html",
            {**context, "error": _("Write an address such as name@company.example."), "typed": address},
            422,
        )
    if too_many(request, "portal.key") or too_often("portal.address", address.lower(), most=3):
        words = _("A link was asked for often in a short time. Look into your mail, or try again in ten minutes.")
        return answer(request, "portal/enter.html", {**context, "error": words, "typed": address}, 429)
    entering.ask_for_key(address)
    return answer(request, "portal/enter.html", {**context, "sent": True, "typed": address})


def _theirs(visit: Visit) -> dict[str, Any]:
    tickets = list(reach.rows(visit, "ticket").order_by("-opened_at", "-pk")[:MOST])
    plans = list(reach.rows(visit, "onboarding_plan").filter(link_open=True).order_by("-signed_on")[:3])
    return {
        "visit": visit, "open": [t for t in tickets if t.state in UNSOLVED], "past": [t for t in tickets if t.state not in UNSOLVED],
        "plans": [(plan, page_path(plan), progress_of(plan)) for plan in plans], "may_ask": support() is not None,
        "orders": list(reach.rows(visit, "order").order_by("-placed_on", "-pk")[:20]), "documents": reach.documents(visit),
        "quotes": [(one, path_of(one)) for one in reach.quotes(visit)],
        "consent": centre_path(visit.person.pk, visit.address), "places": places(visit.person), "chat": chat_of(visit), "brand": current().name or "Kith", "welcome": door().welcome,
    }  # fmt: skip


@_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def come_in(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks for one more press, since mail scanners open every link; POST uses it up."""
    if too_many(request, "portal.in", most=60):
        raise NotFound(_("That was often in a short time. Please try again in ten minutes."))
    if request.method != "POST":
        if not entering.works(token):
            raise NotFound(
                _("This link does not work any more: it works once, and for a short time. Ask for a new one.")
            )
        return answer(request, "portal/come_in.html", {"path": request.path, "brand": current().name or "Kith"})
    _visit, secret = entering.enter(token)
    response = HttpResponseRedirect("/portal/", status=303)
    entering.give_cookie(response, secret)
    return response


@_inside
@require_POST
def go_out(request: HttpRequest, visit: Visit) -> HttpResponse:
    response = HttpResponseRedirect("/portal/", status=303)
    entering.depart(visit, response)
    return response


@_inside
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, visit: Visit) -> HttpResponse:
    """A new ticket, in the customer's words. Where articles may answer it, they are shown before it is sent; who added files, which
    a page cannot keep for a second press, is not held up."""
    joined = support()
    if joined is None:
        raise NotFound(_("There is nothing of yours at this address."))
    typed = {"subject": clean_text(request.POST.get("subject", ""))[:300].strip(), "body": _words(request)}
    context = {"visit": visit, "typed": typed, "problem": "", "found": [], "brand": current().name or "Kith"}
    if request.method != "POST":
        return answer(request, "portal/ask.html", context)
    try:
        if not typed["subject"] or not typed["body"]:
            raise Invalid(_("Say in a few words what it is about, and what happened."))
        if not request.FILES and "sure" not in request.POST:
            found = answering(typed["subject"], typed["body"], visit.person)
            if found:
                return answer(request, "portal/ask.html", {**context, "found": found})
        _not_too_often(visit)
        ticket = joined.open_ticket(
            visit.person, typed["subject"], typed["body"], request.FILES.getlist("files")[:MOST_FILES]
        )
    except KithError as problem:
        return answer(request, "portal/ask.html", {**context, "problem": problem.message}, 422)
    return HttpResponseRedirect(f"/portal/tickets/{ticket.pk}?new=1", status=303)


@_inside
@require_POST
def suggested(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Articles that may answer a question while it is typed. Whoever types very much gets no more of them for a while."""
    if support() is None or too_many(request, "portal.suggested", most=MOST_SUGGESTED):
        return HttpResponse(status=204)
    found = answering(clean_text(request.POST.get("subject", ""))[:300], _words(request), visit.person)
    return answer(request, "portal/suggested.html", {"found": found})


@_inside
@require_http_methods(["GET", "HEAD", "POST"])
def ticket(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """One ticket with what was said in it; POST answers."""
    row, joined = reach.get(visit, "ticket", pk), support()
    problem, status = "", 200
    if request.method == "POST" and joined is not None:
        try:
            _not_too_often(visit)
            if not _words(request):
                raise Invalid(_("Write something first."))
            joined.answer_ticket(visit.person, row, _words(request), request.FILES.getlist("files")[:MOST_FILES])
            return HttpResponseRedirect(f"{request.path}?said=1", status=303)
        except KithError as refused:
            problem, status = refused.message, 422
    context = {
        "visit": visit, "ticket": row, "lines": reach.conversation(visit, row), "may_answer": joined is not None and row.state != "closed",
        "problem": problem, "typed": _words(request), "said": "said" in request.GET or "new" in request.GET, "chat": chat_of(visit), "brand": current().name or "Kith",
    }  # fmt: skip
    return answer(request, "portal/ticket.html", context, status)


@_inside
@require_safe
def document(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    return download(reach.document(visit, pk))  # type: ignore[return-value]


def _words(request: HttpRequest) -> str:
    return clean_text(request.POST.get("body", ""))[:LONGEST].strip()


def _not_too_often(visit: Visit) -> None:
    if too_often("portal.said", str(visit.person_id)):
        raise Invalid(_("That was often in a short time. Please try again in ten minutes."))
