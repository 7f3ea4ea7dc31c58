"""The builder of a chat: its words, its look, and the bot's questions as fields to fill in, one language at a time.

Everything is one ordinary form, so it works without a script. What is kept holds at once; a fault keeps nothing.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.capture.askable import askable
from kith.capture.builder import accent_names, languages_said, text_said
from kith.capture.chat.definition import END, HUMAN, starting
from kith.capture.chat.models import Widget
from kith.capture.definition import MODES
from kith.contacts.consent.queries import purposes
from kith.kernel.errors import InvalidMany, KithError
from kith.kernel.records import actions as records
from kith.kernel.records.registry import registry
from kith.kernel.text import clean_text
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.render import page

TEXTS = ("title", "greeting", "away", "foot")
MOVES = re.compile(r"(up|down|remove):(\d{1,3})")


@require_http_methods(["GET", "HEAD", "POST"])
def build(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what is set up; POST keeps what was changed, adds and moves steps."""
    actor = actor_of(request)
    widget = registry["chat_widget"].get(actor, pk, "edit")
    said = widget.document or starting(widget.name)
    language = _language(request, said)
    if request.method != "POST":
        return _page(request, widget, said, language)
    do = request.POST.get("do", "save")
    said = changed(said, request.POST, language)
    said["bot"]["steps"] = _moved(said["bot"]["steps"], do)
    if do == "add":
        said["bot"]["steps"] = [*said["bot"]["steps"], _new(request.POST.get("new", ""), said, language)]
    try:
        records.edit(registry["chat_widget"], widget, {"document": said}, by=actor)
    except KithError as problem:
        return _page(request, widget, said, language, problem)
    where = f"/chat-widgets/{pk}/build?lang={language}{'' if do == 'save' else '#bot'}"
    return answers.go(request, where, _("Kept. Visitors see it from now on.") if do == "save" else "")


def _language(request: HttpRequest, said: dict[str, Any]) -> str:
    known = said.get("languages") or ["en"]
    asked = request.POST.get("lang") or request.GET.get("lang") or known[0]
    return asked if asked in known else str(known[0])


def _page(
    request: HttpRequest, widget: Widget, said: dict[str, Any], language: str, problem: KithError | None = None
) -> HttpResponse:
    bot = said.get("bot") or {}
    steps = [_step(one, language) for one in bot.get("steps") or []]
    problems = [] if problem is None else [problem.message]
    if isinstance(problem, InvalidMany):
        problems = [words for told in problem.errors.values() for words in told]
    context = {
        "widget": widget, "language": language, "languages": said.get("languages") or ["en"], "problems": problems,
        "texts": {key: (said.get(key) or {}).get(language, "") for key in TEXTS}, "steps": steps,
        "theme": {"accent": "ink", "mode": "auto", **(said.get("theme") or {})}, "accents": accent_names(),
        "modes": dict(zip(MODES, (_("as their device is set"), _("light"), _("dark")), strict=True)),
        "purposes": list(purposes().values()), "agreed": said.get("consents") or [], "choices": _to_add(),
        "bot": {"on": bool(bot.get("on")), "name": (bot.get("name") or {}).get(language, "")},
        "ways": _ways(steps),
    }  # fmt: skip
    return page(request, "chat/build.html", context, 200 if problem is None else 422)


def _step(one: dict[str, Any], language: str) -> dict[str, Any]:
    source = askable().get(one.get("column") or "")
    options = "\n".join(
        " | ".join(
            part
            for part in (option["value"], (option.get("label") or {}).get(language, ""), option.get("goto") or "")
            if part or option.get("goto")
        )
        for option in one.get("options") or []
    )
    return {
        "key": one.get("key") or "", "kind": one.get("kind") or "text", "column": one.get("column") or "",
        "say": (one.get("say") or {}).get(language, ""), "options": options, "goto": one.get("goto") or "",
        "optional": bool(one.get("optional")), "what": source.label if source else kinds().get(one.get("kind") or "", ""),
    }  # fmt: skip


def kinds() -> dict[str, str]:
    """What a step can be, in the reader's language."""
    return {"say": _("Says something"), "choice": _("Asks for one of a list"), "text": _("Asks for words")}


def _to_add() -> list[tuple[str, list[tuple[str, str]]]]:
    own = [(f"own:{kind}", words) for kind, words in kinds().items()]
    groups = [
        (registry[name].label, [(key, one.label) for key, one in askable().items() if one.record == name])
        for name in ("person", "company")
    ]
    return [(_("Steps of its own"), own), *groups]


def _ways(steps: list[dict[str, Any]]) -> list[tuple[str, str]]:
    named = [(one["key"], one["say"][:60] or one["key"]) for one in steps]
    return [*named, (HUMAN, _("to a person")), (END, _("the end"))]


def changed(said: dict[str, Any], post: Any, language: str) -> dict[str, Any]:
    """The document with what the page said; texts of other languages stay."""
    out = {**said}
    for key in TEXTS:
        out[key] = text_said(said.get(key), post.get(key), language)
    out["languages"] = languages_said(post.get("languages"), said)
    colour = clean_text(post.get("colour", "")).strip().lower()
    out["theme"] = {"accent": colour or post.get("accent", "ink"), "mode": post.get("mode", "auto")}
    out["consents"] = [key for key in post.getlist("purpose") if key in purposes()]
    bot = said.get("bot") or {}
    held = bot.get("steps") or []
    order = [int(n) for n in post.getlist("step") if n.isascii() and n.isdecimal() and int(n[:4]) < len(held)]
    out["bot"] = {
        "on": bool(post.get("bot_on")), "name": text_said(bot.get("name"), post.get("bot_name"), language),
        "steps": [_said(held[n], post, f"s-{n}-", language) for n in dict.fromkeys(order)],
    }  # fmt: skip
    return out


def _said(one: dict[str, Any], post: Any, name: str, language: str) -> dict[str, Any]:
    out = {**one, "say": text_said(one.get("say"), post.get(f"{name}say"), language)}
    out["key"] = clean_text(post.get(f"{name}key", one.get("key") or "")).strip()
    out["goto"] = clean_text(post.get(f"{name}goto", "")).strip()
    out["optional"] = bool(post.get(f"{name}optional"))
    if f"{name}options" in post:
        out["options"] = _options(one.get("options") or [], post[f"{name}options"], language)
    return {key: value for key, value in out.items() if value not in (None, "", {}, [], False) or key == "key"}


def _options(held: list[dict[str, Any]], said: str, language: str) -> list[dict[str, Any]]:
    """One a line: what is kept | what people read | where it leads."""
    labels = {option["value"]: option.get("label") or {} for option in held}
    out = []
    for line in clean_text(said).splitlines():
        value, words, goto = ([part.strip() for part in line.split("|", 2)] + ["", ""])[:3]
        if value:
            made = {"value": value, "label": text_said(labels.get(value), words, language), "goto": goto}
            out.append({key: part for key, part in made.items() if part})
    return out


def _moved(steps: list[dict[str, Any]], do: str) -> list[dict[str, Any]]:
    found = MOVES.fullmatch(do)
    if found is None or int(found[2]) >= len(steps):
        return steps
    out, at = list(steps), int(found[2])
    if found[1] == "remove":
        del out[at]
        return out
    out.insert(max(at - 1, 0) if found[1] == "up" else at + 1, out.pop(at))
    return out


def _new(wanted: str, said: dict[str, Any], language: str) -> dict[str, Any]:
    """A step for a column, or one of its own, at the end."""
    taken = {one.get("key") for one in said["bot"]["steps"]}
    kind = wanted[4:] if wanted.startswith("own:") and wanted[4:] in kinds() else "text"
    source = askable().get(wanted)
    base = re.sub(r"[^a-z0-9_]", "_", wanted.rpartition(".")[2].lower()) if source else "step"
    base = base if base[:1].isalpha() else f"f_{base}"
    key = (
        base
        if base not in taken
        else next(f"{base[:36]}_{n}" for n in range(2, 200) if f"{base[:36]}_{n}" not in taken)
    )
    words = _("%s?") % source.label if source else kinds()[kind]
    made: dict[str, Any] = {"key": key[:40], "kind": kind, "say": {language: words}}
    if source:
        made["column"] = wanted
        made["kind"] = "choice" if source.type == "select" else "text"
    elif kind == "choice":
        made["options"] = [{"value": _("One")}, {"value": _("Another")}]
    return made
