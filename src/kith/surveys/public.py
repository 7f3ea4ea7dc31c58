"""The page behind the link of a survey: a number, a word if they like, one button.

A GET counts nothing, since scanners of mail open every link there is; a number pressed in the mail arrives chosen, so that
answering is that press and the button. Everything works without a script.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.contacts.strangers import for_strangers, language_asked, too_many
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.languages import speaking
from kith.kernel.organisation.models import current
from kith.kernel.text import clean_text
from kith.surveys import answering
from kith.surveys.links import closed, open_link
from kith.surveys.models import Response, ResponseState
from kith.surveys.wording import about_of, languages_of, words_of
from kith.ui.render import page as show


@for_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def asked(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the question, POST answers it."""
    try:
        row = open_link(token)
    except NotFound as problem:
        return show(request, "surveys/closed.html", {"words": problem.message, "heading": _("Not here")}, 404)
    language = language_asked(request, languages_of(row.survey), row.language, row.language or row.survey.language or current().language)  # fmt: skip
    with speaking(language):
        if why := closed(row):
            return show(request, "surveys/closed.html", {"words": why, "heading": _("Thank you")}, 410)
        if request.method != "POST":
            return _ask(request, row, language)
        if too_many(request, "surveys", 60):
            words = _("Too much came from your network in a short time. Please try again in ten minutes.")
            return show(request, "surveys/closed.html", {"words": words, "heading": _("One moment")}, 429)
        return _take(request, row, language)


def _ask(request: HttpRequest, row: Response, language: str, problem: Invalid | None = None) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    raw = given.get("score", "")
    score = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 4 else row.score
    words = words_of(row.survey, language)
    context = {
        "row": row, "words": words, "scores": list(row.survey.scale.scores), "score": score, "about": about_of(row),
        "comment": given.get("comment", row.comment)[: answering.LONGEST], "done": "thanks" in request.GET,
        "passed": "passed" in request.GET, "forwarded": given.get("forwarded") == "on",
        "problem": problem.message if problem else "", "field": problem.field if problem else "",
        "house": current().name or "Kith", "whose": masked(row.address), "answered": row.state == ResponseState.ANSWERED,
    }  # fmt: skip
    return show(request, "surveys/ask.html", context, 422 if problem else 200)


def _take(request: HttpRequest, row: Response, language: str) -> HttpResponse:
    comment = clean_text(request.POST.get("comment", ""))[: answering.LONGEST]
    raw = request.POST.get("score", "")
    try:
        if request.POST.get("forwarded") == "on":
            answering.passed_on(row, comment)
            return HttpResponseRedirect(f"{request.path}?passed=1", status=303)
        if not (raw.isascii() and raw.isdecimal() and len(raw) < 4):
            raise Invalid(_("Choose a number."), "score")
        answering.answer(row, int(raw), comment)
    except Invalid as problem:
        return _ask(request, row, language, problem)
    return HttpResponseRedirect(f"{request.path}?thanks=1", status=303)


def masked(address: str) -> str:
    """Enough of an address for its owner to know it: m…@bellevue.example."""
    name, _at, domain = address.partition("@")
    return f"{name[:1]}…@{domain}" if domain else ""
