"""Pages of templates: how one looks for a person, what the composer asks for, and one's own signature."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from kith.engagement.asked import known_already
from kith.engagement.composing import owner_of
from kith.engagement.dressing import signature_of
from kith.engagement.enclosing import along_with
from kith.engagement.letters import Letter, document, filled_source, letter
from kith.engagement.models import Signature, Template
from kith.engagement.panels import of_version
from kith.engagement.placeholders import Cast, cast_of, known
from kith.engagement.wording import current_version
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Language
from kith.kernel.kinds.text import LongText
from kith.kernel.lookups.finding import matching
from kith.kernel.records.registry import registry
from kith.ui.pages.base import actor_of
from kith.ui.pages.composing import writing
from kith.ui.pages.pick import MOST, Option, words_of
from kith.ui.pages.row import open_row
from kith.ui.render import fragment, page

# A mail brings its own styles, which no page of ours may; it stands in a frame that can do nothing else.
FRAME = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
LONGEST = 2_000  # characters of a signature


def _asked(request: HttpRequest, pk: int) -> tuple[Actor, Template, Any, str]:
    """Who looks, at which template, as which person, in which language ("" for that person's own)."""
    actor = actor_of(request)
    template = registry["template"].get(actor, pk)
    people, chosen = registry["person"], request.GET.get("person", "")
    mine = people.rows(actor, archived=False).order_by("-pk")
    person = (
        people.get(actor, chosen) if chosen.isdecimal() else mine.filter(owner=actor.user_id).first() or mine.first()
    )
    return actor, template, person, request.GET.get("language", "")


def _letter(request: HttpRequest, actor: Actor, template: Template, person: Any, language: str) -> Letter:
    text = current_version(template).in_language(language or getattr(person, "language", ""))
    cast = cast_of(person, owner_of(actor), actor) if person is not None else Cast({}, owner_of(actor), actor)
    enclosed, cast = along_with(template), replace(cast, language=language or cast.language)
    return letter(
        text["subject"], text["body"], cast, language=text["language"], signature=signature_of(actor.user_id),
        dark=request.GET.get("theme") == "dark", also=(enclosed.words, enclosed.html),
    )  # fmt: skip


@require_GET
@xframe_options_sameorigin
def framed(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part alone, for a frame."""
    asked = _asked(request, pk)
    try:
        html = _letter(request, *asked).html
    except Invalid as problem:
        html = document(f"<p>{escape(problem.message)}</p>")
    response = HttpResponse(html)
    response["Content-Security-Policy"] = FRAME
    return response


@require_GET
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """The template as a person gets it: wide, on a phone, in the dark, and as plain text."""
    _actor, template, person, language = asked = _asked(request, pk)
    try:
        made, problem = _letter(request, *asked), ""
    except Invalid as refused:
        made, problem = None, refused.message
    spoken = [text["language"] for text in template.texts()]
    query = f"person={person.pk if person else ''}&language={language}"
    context = {
        "template": template, "person": person, "language": language, "letter": made, "problem": problem, "query": query,
        "languages": [(each, Language().show(each) or _("Its own")) for each in spoken],
        "places": list(known().items()), "theme_of_mail": request.GET.get("theme", ""),
    }  # fmt: skip
    return page(request, "engagement/look.html", context)


@require_GET
def pick(request: HttpRequest, kind: str) -> HttpResponse:
    """Templates of one kind for a combobox, by words of their names."""
    record, q = registry["template"], words_of(request)
    rows = record.rows(actor_of(request), archived=False).filter(kind=kind)
    found = matching(rows, q) if q else rows
    options = [Option(row.pk, row.name, row.subject) for row in found.order_by("name")[:MOST]]
    return fragment(request, "pages/pick.html", "options", {"options": options, "q": q})


@require_GET
def results(request: HttpRequest, pk: int) -> HttpResponse:
    """`/sequences/3/results?version=2`: what became of those in one version, else in the one in use."""
    actor = actor_of(request)
    sequence = registry["sequence"].get(actor, pk)
    asked = request.GET.get("version", "")
    if asked and not (asked.isascii() and asked.isdecimal() and len(asked) < 7):
        raise Http404(_("Versions have numbers."))
    told = of_version(actor, sequence, int(asked) if asked else None)
    if told["version"] is None:
        raise Http404(_("This sequence has no such version."))
    return page(request, "engagement/results.html", told)


@require_POST
def alike_questions(request: HttpRequest) -> HttpResponse:
    """While somebody writes down a question: those that are known already, with what we answer. Posted, because words outgrow
    addresses; nothing is written."""
    found = [] if request.POST.get("objection") else known_already(actor_of(request), request.POST.get("body", ""))
    return fragment(request, "engagement/questions_alike.html", "alike", {"found": found})


@require_GET
def fill(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The composer for mail with the template chosen, or a snippet put at its end; what was typed stays."""
    opened = open_row(request, slug, pk)
    record, actor = registry["template"], opened.actor
    now = writing(request, opened, "mail", sent=request.GET)
    if now is None or now.kind != "mail":
        raise Http404(_("No mail can be written here."))
    cast = cast_of(opened.row, owner_of(actor), actor)
    language = getattr(cast.rows.get("person"), "language", "")
    for key in ("template", "snippet"):
        ref = request.GET.get(key, "")
        if not ref.isdecimal() or request.GET.get("filled") == f"{key}-{ref}":
            continue
        template = record.get(actor, int(ref))
        text = current_version(template).in_language(language)
        body = filled_source(text["body"], cast.reads(text["language"]))
        now.raw["body"] = f"{now.body.rstrip()}\n\n{body}" if key == "snippet" and now.body.strip() else body
        if key == "template":
            now.raw["subject"] = filled_source(text["subject"], cast.reads(text["language"]))
    now.sent = None  # nothing was refused: it is only being written
    return fragment(request, "pages/composer.html", "composer", {"writing": now})


def signature(request: HttpRequest) -> HttpResponse:
    """Settings, signature: what stands under one's mails."""
    actor = actor_of(request)
    if request.method == "POST":
        text = LongText().parse(request.POST.get("text", ""), actor=actor)[:LONGEST]
        Signature.objects.update_or_create(user_id=actor.user_id, defaults={"text": text})
        messages.success(request, _("Saved. It stands under the mails you write from now on."))
        return HttpResponseRedirect("/settings/signature/")
    return page(request, "engagement/signature.html", {"text": signature_of(actor.user_id)})
