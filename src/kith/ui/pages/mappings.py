"""Kept mappings of imports: what each says, its name, taking it away; also those that Kith brings, to be read.

    /import/mappings/12                 one kept mapping; POST renames it
    /import/mappings/12/remove          takes it away, with undo
    /import/mappings/12.json            the document
    /import/mappings/maven/accounts     one that Kith brings; …/accounts.json its document

They are listed at the foot of /import/.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kith.kernel.errors import Invalid, KithError, NotFound
from kith.kernel.intake import keeping, shipped
from kith.kernel.intake.afterwards import afters
from kith.kernel.intake.mapping import Mapping, load
from kith.kernel.intake.targets import allowed, find_target
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.pages.importform import place_of, said_of, word_of
from kith.ui.pages.importplace import download
from kith.ui.render import page

LIST = "/import/#mappings"


def listed(actor: Any) -> dict[str, Any]:
    """What the list of mappings shows: (mapping, target) of those kept, and of those that Kith brings."""
    kept = [(saved, find_target(saved.target)) for saved in keeping.kept(actor)]
    brought = [(key, m, find_target(m.type)) for key, m in sorted(shipped.shipped().items())]
    return {"kept": kept, "brought": [(k, m, t) for k, m, t in brought if allowed(t, actor)]}


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A kept mapping in words. POST gives it another name."""
    actor = actor_of(request)
    saved = keeping.get(actor, pk)
    problem = ""
    if request.method == "POST":
        try:
            op = keeping.rename(saved, request.POST.get("name", ""), by=actor)
        except Invalid as refused:
            problem = refused.message
        else:
            return answers.go(request, LIST, _("It is called “%s” now.") % saved.name if op else "", op=op)
    context = {
        "saved": saved, "name": request.POST.get("name", saved.name) if problem else saved.name, "problem": problem,
        "may_change": keeping.may_change(saved, actor), "file": f"/import/mappings/{pk}.json",
    }  # fmt: skip
    return _shown(request, load(saved.document), saved.name, context, 422 if problem else 200)


@require_GET
def brought(request: HttpRequest, folder: str, name: str) -> HttpResponse:
    """A mapping that Kith brings, in words."""
    key = f"{folder}/{name}"
    mapping = _brought(request, key)
    context = {"saved": None, "file": f"/import/mappings/{key}.json"}
    return _shown(request, mapping, mapping.name or key, context)


def _brought(request: HttpRequest, key: str) -> Mapping:
    mapping = shipped.named(key)
    if not allowed(find_target(mapping.type), actor_of(request)):
        raise NotFound(_("This mapping is gone, or it is for something you may not import."))
    return mapping


def _shown(
    request: HttpRequest, mapping: Mapping, name: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    target = find_target(mapping.type)
    known = target.columns(actor_of(request), mapping)
    lines = [(e.header, place_of(e, known), ", ".join(said_of(e))) for e in mapping.entries]
    every = [(word_of(key, known), text) for key, text in mapping.compose.items()]
    every += [(word_of(k, known), _("whoever imports") if v == "me" else v) for k, v in mapping.constants.items()]
    every += [(_("Afterwards"), after.label) for key, after in afters(mapping.type).items() if key in mapping.then]
    context |= {"mapping": mapping, "target": target, "title": name, "lines": lines, "every": every,
                "with_how": any(how for _header, _to, how in lines)}  # fmt: skip
    return page(request, "pages/import_mapping.html", context, status)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    saved = keeping.get(actor_of(request), pk)
    try:
        op = keeping.remove(saved, by=actor_of(request))
    except KithError as refused:
        return answers.go(request, LIST, refused.message)
    return answers.go(request, LIST, _("The mapping “%s” is removed.") % saved.name, op=op)


@require_GET
def document(request: HttpRequest, pk: int) -> HttpResponseBase:
    saved = keeping.get(actor_of(request), pk)
    return _file({**saved.document, "name": saved.name}, saved.name)


@require_GET
def brought_document(request: HttpRequest, folder: str, name: str) -> HttpResponseBase:
    return _file(_brought(request, f"{folder}/{name}").dump(), name)


def _file(data: dict[str, Any], name: str) -> HttpResponseBase:
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    return download(HttpResponse(text, content_type="application/json"), f"{name}.mapping.json")


urlpatterns = [
    path("import/mappings/<int:pk>", one, name="import-kept"),
    path("import/mappings/<int:pk>/remove", remove, name="import-kept-remove"),
    path("import/mappings/<int:pk>.json", document, name="import-kept-file"),
    path("import/mappings/<slug:folder>/<slug:name>", brought, name="import-brought"),
    path("import/mappings/<slug:folder>/<slug:name>.json", brought_document, name="import-brought-file"),
]
