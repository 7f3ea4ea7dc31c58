"""Pages of customers: coming through somebody's code, one's own code, the idea board. Everything works without a script."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kith.advocacy import ideas, links, referring
from kith.advocacy.models import Code, Idea, IdeaState, Programme, Referral, Vote
from kith.contacts.consent.queries import purposes
from kith.contacts.consent.queries import words_of as wording_of
from kith.contacts.consent.views import network_of
from kith.contacts.strangers import HONEYPOT, for_strangers, language_asked, mark_of, robot, stamp, too_many
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.kinds import Email, Phone, Text
from kith.kernel.kinds.translations import text_for
from kith.kernel.languages import speaking, speaking_to
from kith.kernel.organisation.models import current
from kith.kernel.text import clean_text
from kith.ui.render import page as show

NETWORK = "kith.advocacy.network"
MOST_SHOWN = 100


def _closed(request: HttpRequest, words: str, status: int = 404) -> HttpResponse:
    return show(request, "advocacy/closed.html", {"words": words}, status)


@for_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def come(request: HttpRequest, code: str) -> HttpResponse:
    """GET says who recommends us and asks who comes; POST takes them in."""
    row = Code.objects.filter(code=code.lower()[:20]).select_related("person").first()
    offered = referring.programme()
    if row is None or row.person.archived_at is not None or offered is None:
        return _closed(
            request,
            _("This recommendation does not work (any more). Look at the address once more, or write to us directly."),
        )
    own = offered.language or current().language
    language = language_asked(request, {own, *offered.abouts}, default=own)
    with speaking(language):
        if request.method != "POST":
            return _ask(request, row, offered, language, {}, {})
        if too_many(request, "referrals"):
            return _closed(
                request, _("Too much came from your network in a short time. Please try again in ten minutes."), 429
            )
        given = {key: clean_text(str(value))[:4000] for key, value in request.POST.items()}
        friend, errors = _read(request, offered, given, language)
        if friend is None:
            return _ask(request, row, offered, language, given, errors)
        referring.refer(row, friend)
        return show(request, "advocacy/came.html", {"offered": offered, "house": current().name or "Kith"})


def _ask(request: HttpRequest, row: Code, offered: Programme, language: str, typed: dict[str, str], errors: dict[str, str]) -> HttpResponse:  # fmt: skip
    purpose = purposes().get(offered.purpose)
    context = {
        "who": row.person.given_name or _("Somebody you know"), "offered": offered, "typed": typed, "errors": errors, "stamp": stamp(),
        "about": text_for(offered.abouts, language, offered.about_text)[0], "honeypot": HONEYPOT, "house": current().name or "Kith",
        "agree": wording_of(purpose, language).text if purpose is not None else "",
    }  # fmt: skip
    return show(request, "advocacy/come.html", context, 422 if errors else 200)


def _read(request: HttpRequest, offered: Programme, given: dict[str, str], language: str) -> tuple[referring.Friend | None, dict[str, str]]:  # fmt: skip
    errors: dict[str, str] = {}
    values = {}
    for key, kind, needed in (
        ("name", Text(200), True),
        ("email", Email(), True),
        ("phone", Phone(), False),
        ("organisation", Text(200), False),
    ):
        raw = " ".join(given.get(key, "").split())
        if not raw:
            values[key] = ""
            if needed:
                errors[key] = _("Please fill this in.")
            continue
        try:
            values[key] = str(kind.clean(kind.parse(raw)))
        except Invalid as problem:
            errors[key] = problem.message
    if why := robot(given):
        errors[""] = why
    if errors:
        return None, errors
    purpose, consent = purposes().get(offered.purpose), {}
    if purpose is not None and given.get("agree") == "on":
        words = wording_of(purpose, language)
        consent = {"purpose": purpose.key, "wording": words.text, "number": words.number, "language": words.language,
                   "page": request.build_absolute_uri(request.path)[:1000], "network": network_of(request)}  # fmt: skip
    return referring.Friend(
        **values,
        words=given.get("words", "").strip(),
        language=language,
        network=mark_of(request, NETWORK),
        consent=consent,
    ), {}


View = Callable[..., HttpResponse]


def behind_a_link(whose: Callable[[str], Any]) -> Callable[[View], View]:
    """The person a signed link is of, in their language; one kind page for a link that does not work."""

    def wrap(view: View) -> View:
        @for_strangers
        @wraps(view)
        def opened(request: HttpRequest, token: str, **more: Any) -> HttpResponse:
            try:
                person = whose(token)
            except NotFound as problem:
                return _closed(request, problem.message)
            with speaking_to(request, person.language):
                return view(request, person, **more)

        return opened

    return wrap


@behind_a_link(links.person_behind)
@require_safe
def own(request: HttpRequest, person: Any) -> HttpResponse:
    """One's own code, whom one sent, and what came of it. No friend's name stands here but their first."""
    code = referring.code_of(person)
    mark = mark_of(request, NETWORK)
    if code.network != mark and request.method == "GET":
        Code.objects.filter(pk=code.pk).update(network=mark)
    rows = Referral.objects.filter(referrer=person, archived_at=None).order_by("-created_at")[:MOST_SHOWN]
    context = {
        "person": person, "link": links.code_link(code.code), "offered": referring.programme(), "house": current().name or "Kith",
        "rows": [(row.name.split(" ")[0], row) for row in rows], "ideas": ideas.board_path(person.pk, person.email),
    }  # fmt: skip
    return show(request, "advocacy/own.html", context)


@behind_a_link(ideas.person_behind)
@require_http_methods(["GET", "HEAD", "POST"])
def board(request: HttpRequest, person: Any) -> HttpResponse:
    """GET shows ideas, most wanted first; POST votes, takes a vote back, or proposes."""
    problem: Invalid | None = None
    if request.method == "POST":
        if too_many(request, "ideas", 60):
            return _closed(
                request, _("Too much came from your network in a short time. Please try again in ten minutes."), 429
            )
        try:
            said = _act(request, person)
            return HttpResponseRedirect(f"{request.path}?{said}=1", status=303)
        except Invalid as refused:
            problem = refused
    rows = Idea.objects.filter(shown=True, archived_at=None).annotate(
        many=Count("votes__person", distinct=True), mine=Exists(Vote.objects.filter(idea=OuterRef("pk"), person=person))
    )  # fmt: skip
    groups = [
        (label, list(rows.filter(state=state).order_by("-many", "title")[:MOST_SHOWN]), state in (IdeaState.OPEN, IdeaState.PLANNED, IdeaState.STARTED))
        for state, label in ((IdeaState.OPEN, _("Vote for what you need")), (IdeaState.STARTED, _("Being made")), (IdeaState.PLANNED, _("Planned")),
                             (IdeaState.DONE, _("Done")), (IdeaState.DECLINED, _("Not now")))
    ]  # fmt: skip
    context = {
        "groups": [group for group in groups if group[1]], "problem": problem.message if problem else "", "house": current().name or "Kith",
        "kept": "proposed" in request.GET, "title": request.POST.get("title", "")[:160] if problem else "", "body": request.POST.get("body", "")[:4000] if problem else "",
        "waiting": list(Idea.objects.filter(person=person, shown=False, archived_at=None, state=IdeaState.OPEN).order_by("-created_at")[:10]),
    }  # fmt: skip
    return show(request, "advocacy/board.html", context, 422 if problem else 200)


def _act(request: HttpRequest, person: Any) -> str:
    posted = request.POST
    raw = posted.get("vote") or posted.get("unvote") or ""
    if not raw:
        ideas.propose(person, posted.get("title", ""), posted.get("body", ""))
        return "proposed"
    row = Idea.objects.filter(pk=int(raw)).first() if raw.isascii() and raw.isdecimal() and len(raw) < 18 else None
    if row is None:
        raise Invalid(_("This idea is not here any more."))
    ideas.vote(person, row, wants=bool(posted.get("vote")))
    return "voted"
