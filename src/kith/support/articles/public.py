"""Public pages of the knowledge base, without an account and without a script: find, read, say whether it helped.

`suggest` answers what somebody is writing to us about, as a list for pages and as JSON for programs.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kith.contacts.strangers import for_strangers, language_asked, mark_of, too_many
from kith.kernel.errors import Invalid
from kith.kernel.languages import speaking
from kith.kernel.organisation.models import current
from kith.kernel.text import clean_text
from kith.support.articles import finding
from kith.support.articles.models import Article, Feedback
from kith.support.articles.reading import rendered
from kith.ui.render import page as show

MOST_SHOWN, LONGEST = 400, 2_000
MOST_SEARCHES, MOST_FEEDBACK = 120, 30  # of one network in ten minutes


@for_strangers
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everything there is by category, or what a search found."""
    language = _language(request)
    with speaking(language):
        asked = clean_text(request.GET.get("q", ""))[: finding.LONGEST].strip()
        if asked and too_many(request, "knowledge", MOST_SEARCHES):
            return _closed(
                request, _("Too much came from your network in a short time. Please try again in ten minutes."), 429
            )
        found = finding.search(asked, language=language) if asked else []
        if asked and not found:
            found = finding.suggest(asked, language=language)
            if not found:
                finding.missed(asked, reader=True)
        context = {"asked": asked, "found": found, "groups": [] if asked else _groups(language), "house": current().name or "Kith",
                   "language": language}  # fmt: skip
        response = show(request, "articles/home.html", context)
    if not asked:
        response["X-Robots-Tag"] = "all"
    return response


def _groups(language: str) -> list[tuple[str, list[finding.Found]]]:
    """(category, articles) in order; each article once, in the reader's language where it has it."""
    best: dict[int, Any] = {}
    spoken = language.partition("-")[0]
    for row in (
        finding.readable(True).select_related("article").order_by("article__category", "title")[: MOST_SHOWN * 3]
    ):
        held = best.get(row.article_id)
        if (
            held is None
            or row.language.partition("-")[0] == spoken
            or (row.language == row.article.language and held.language.partition("-")[0] != spoken)
        ):
            best[row.article_id] = row
    rows = sorted(best.values(), key=lambda row: (row.article.category == "", row.article.category, row.title))[
        :MOST_SHOWN
    ]
    return [
        (category or _("More"), [finding.found_of(row) for row in held])
        for category, held in groupby(rows, key=lambda row: row.article.category)
    ]


@for_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def article(request: HttpRequest, key: str) -> HttpResponse:
    """GET reads it, POST says whether it helped."""
    language = _language(request)
    row = Article.objects.filter(key=key, archived_at=None).first()
    version = finding.version_for(row, language) if row is not None and row.is_open else None
    with speaking(language):
        if row is None or version is None:
            return _closed(
                request,
                _("There is no such article, or it was withdrawn. Search for what you need, or write to us."),
                404,
            )
        problem = ""
        if request.method == "POST":
            try:
                _keep(request, row, version.language)
                return HttpResponseRedirect(f"{request.path}?thanks=1#helped", status=303)
            except Invalid as refused:
                problem = refused.message
        others = [one for one in finding.suggest(version.title, language=language, limit=4) if one.article != row.pk][
            :3
        ]
        context = {
            "row": row, "version": version, "body": rendered(version.body), "others": others, "problem": problem,
            "thanks": "thanks" in request.GET, "house": current().name or "Kith",
            "languages": sorted(row.versions.filter(number=row.number).values_list("language", flat=True)),
        }  # fmt: skip
        response = show(request, "articles/article.html", context, 422 if problem else 200)
    if request.method != "POST":
        response["X-Robots-Tag"] = "all"
    return response


def _keep(request: HttpRequest, row: Article, language: str) -> None:
    """One word a day of one network for an article; the last one counts. Raises Invalid for a flood."""
    if too_many(request, "knowledge-feedback", MOST_FEEDBACK):
        raise Invalid(_("Too much came from your network in a short time. Please try again in ten minutes."))
    said = request.POST.get("helped", "")
    if said not in ("yes", "no"):
        raise Invalid(_("Say yes or no."))
    values = {
        "helped": said == "yes", "comment": clean_text(request.POST.get("comment", "")).strip()[:LONGEST], "number": row.number,
        "language": language, "at": timezone.now(),
    }  # fmt: skip
    mark = mark_of(request, "kith.articles.feedback")
    try:
        with transaction.atomic():
            Feedback.objects.update_or_create(article=row, mark=mark, day=timezone.localdate(), defaults=values)
    except IntegrityError:  # twice at once
        return


@for_strangers
@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """`?q=` what somebody is writing: up to five articles, as a list, or as JSON with `?format=json`."""
    language = _language(request)
    asked = clean_text(request.GET.get("q", ""))[:2_000]
    if too_many(request, "knowledge", MOST_SEARCHES):
        return HttpResponse(status=429)
    found = finding.suggest(asked, language=language)
    if request.GET.get("format") == "json":
        return JsonResponse(
            {"articles": [{"title": one.title, "summary": one.summary, "href": one.href} for one in found]}
        )
    with speaking(language):
        return show(request, "articles/suggested.html", {"found": found})


def _language(request: HttpRequest) -> str:
    spoken = set(finding.readable(True).values_list("language", flat=True).distinct()) or {"en"}
    return language_asked(request, spoken, default="en" if "en" in spoken else sorted(spoken)[0])


def _closed(request: HttpRequest, words: str, status: int) -> HttpResponse:
    return show(request, "articles/closed.html", {"words": words}, status)
