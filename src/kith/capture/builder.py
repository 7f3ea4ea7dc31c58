"""The builder: the draft of a form as fields to fill in, one language at a time, with the form beside it as it will look.

Everything is one ordinary form, so it works without a script; with one, the preview follows while one types.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.capture import asking, logos
from kith.capture.ack import HOLDERS
from kith.capture.actions import publish
from kith.capture.askable import askable, offered
from kith.capture.definition import ACCENTS, MODES, OFFER, faults_of, read, starting
from kith.capture.models import Form
from kith.capture.queries import Published
from kith.contacts.consent.queries import purposes
from kith.kernel.errors import InvalidMany, KithError
from kith.kernel.kinds import Choice
from kith.kernel.records import actions as records
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.kernel.text import clean_text
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.render import fragment, page

TEXTS = ("title", "intro", "button", "foot", "closed")


def own_kinds() -> dict[str, str]:
    """Questions of a form's own, in the reader's language."""
    return {"text": _("A question: one line"), "long": _("A question: several lines"), "choice": _("A question: one of a list"),
            "yes": _("A question: yes or no"), "file": _("A file")}  # fmt: skip


def accent_names() -> dict[str, str]:
    """The colours to choose from, in words."""
    words = (
        _("Ink"),
        _("Slate"),
        _("Blue"),
        _("Teal"),
        _("Green"),
        _("Olive"),
        _("Gold"),
        _("Orange"),
        _("Coral"),
        _("Plum"),
    )
    return dict(zip(ACCENTS, words, strict=True))


@require_http_methods(["GET", "HEAD", "POST"])
def build(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the draft; POST keeps what was changed, adds and moves fields, publishes; or draws the preview alone."""
    actor = actor_of(request)
    form = registry["form"].get(actor, pk, "edit")
    draft = form.draft or starting(form.name)
    language = _language(request, draft)
    if request.method != "POST":
        return _page(request, form, draft, language)
    draft = changed(draft, request.POST, language)
    do = request.POST.get("do", "save")
    if do == "preview":
        return fragment(request, "capture/build.html", "preview", _context(form, draft, language))
    draft = _moved(draft, do)
    try:
        draft["theme"] = logos.changed(form, draft["theme"], request.POST, request.FILES, by=actor)
    except KithError as problem:
        return _page(request, form, draft, language, problem, 422)
    if do.startswith("add"):
        _add(draft, request.POST.get("new", ""), language)
    try:
        guard = {"proof": bool(request.POST.get("proof"))} if "robots" in request.POST else {}
        form = records.edit(registry["form"], form, {"draft": draft, **guard}, by=actor)
        if do == "publish":
            perform(publish, form, {}, by=actor)
    except KithError as problem:
        return _page(request, form, draft, language, problem, 422)
    if do == "publish":
        return answers.go(request, f"/forms/{form.pk}", _("Published. This is what people see from now on."))
    return answers.go(
        request,
        f"/forms/{form.pk}/build?lang={language}{_place(do)}",
        _("Kept. People see it once you publish it.") if do == "save" else "",
    )


def _place(do: str) -> str:
    return "#fields" if do != "save" else ""


def _language(request: HttpRequest, draft: dict[str, Any]) -> str:
    known = draft.get("languages") or ["en"]
    asked = request.POST.get("lang") or request.GET.get("lang") or known[0]
    return asked if asked in known else str(known[0])


def _page(
    request: HttpRequest,
    form: Form,
    draft: dict[str, Any],
    language: str,
    problem: KithError | None = None,
    status: int = 200,
) -> HttpResponse:
    context = _context(form, draft, language)
    context["problems"] = _sentences(problem)
    return page(request, "capture/build.html", context, status)


def _sentences(problem: KithError | None) -> list[str]:
    if problem is None:
        return []
    if isinstance(problem, InvalidMany):
        return [words for told in problem.errors.values() for words in told]
    return [problem.message]


def _context(form: Form, draft: dict[str, Any], language: str) -> dict[str, Any]:
    known = askable()
    fields = [_field(one, known, language, draft) for one in draft.get("fields") or []]
    return {
        "form": form, "draft": draft, "language": language, "languages": draft.get("languages") or ["en"], "fields": fields,
        "texts": {key: (draft.get(key) or {}).get(language, "") for key in TEXTS},
        "thanks": {"text": ((draft.get("thanks") or {}).get("text") or {}).get(language, ""), "redirect": (draft.get("thanks") or {}).get("redirect", "")},
        "offer": {key: ((draft.get("offer") or {}).get(key) or {}).get(language, "") for key in OFFER},
        "ack": {"on": (draft.get("ack") or {}).get("on", True), "subject": ((draft.get("ack") or {}).get("subject") or {}).get(language, ""),
                "text": ((draft.get("ack") or {}).get("text") or {}).get(language, "")},
        "theme": {"accent": "ink", "mode": "auto", **(draft.get("theme") or {})}, "accents": accent_names(), "modes": dict(zip(MODES, (_("as their device is set"), _("light"), _("dark")), strict=True)), "purposes": list(purposes().values()),
        "agreed": draft.get("consents") or [], "choices": _to_add(draft, known), "holders": [f"{{{{ {name} }}}}" for name in HOLDERS], "faults": faults_of(draft),
        "shown": _shown(form, draft, language), "ask_at_most": draft.get("ask_at_most") or 0, "problems": [],
    }  # fmt: skip


def _field(one: dict[str, Any], known: dict[str, Any], language: str, draft: dict[str, Any]) -> dict[str, Any]:
    source = known.get(one.get("column") or "")
    options = "\n".join(
        option["value"]
        + (f" | {(option.get('label') or {}).get(language)}" if (option.get("label") or {}).get(language) else "")
        for option in one.get("options") or []
    )
    condition = one.get("show_if") or {}
    before, choices = [], []
    for other in draft.get("fields") or []:
        if other is one:
            break
        before.append((_key(other), (other.get("label") or {}).get(language) or _key(other)))
        if _key(other) == condition.get("field"):
            choices = _choices(other, language)
    return {
        **dict.fromkeys(("required", "progressive", "half", "reason", "column"), False),
        **one, "key": _key(one), "label": (one.get("label") or {}).get(language, ""), "help": (one.get("help") or {}).get(language, ""),
        "what": source.label if source else own_kinds().get(one.get("kind") or "", one.get("kind")),
        "record": source.record if source else "", "options": options, "has_options": one.get("kind") == "choice",
        "show_field": condition.get("field", ""), "show_is": ", ".join(condition.get("is") or []), "show_on": condition.get("is") or [],
        "show_choices": choices, "before": before,
    }  # fmt: skip


def _choices(one: dict[str, Any], language: str) -> list[tuple[str, str]]:
    """(answer, words) of a field with answers to choose from."""
    words = {option["value"]: (option.get("label") or {}).get(language) for option in one.get("options") or []}
    source = askable().get(one.get("column") or "")
    columns = source.kind.options if source is not None and isinstance(source.kind, Choice) else {}
    return [
        (value, str(words.get(value) or columns.get(value, value))) for value in offered(one.get("column") or "", words)
    ]


def _key(one: dict[str, Any]) -> str:
    return str(one.get("key") or str(one.get("column") or "").rpartition(".")[2])


def _to_add(draft: dict[str, Any], known: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be added, in groups; columns that are asked for already are left out."""
    taken = {one.get("column") for one in draft.get("fields") or []}
    person, company = registry["person"].label, registry["company"].label
    own = [(f"own:{kind}", words) for kind, words in own_kinds().items()]
    return [
        (person, [(key, one.label) for key, one in known.items() if one.record == "person" and key not in taken]),
        (company, [(key, one.label) for key, one in known.items() if one.record == "company" and key not in taken]),
        (_("Questions of its own"), own),
    ]


def _shown(form: Form, draft: dict[str, Any], language: str) -> asking.Shown | None:
    """The form as it will look; None while the draft cannot be read."""
    try:
        what = read(draft)
    except InvalidMany:
        return None
    return asking.shown(Published(form.pk, form.key, form.name, 0, True, 0, 0, what), language)


# --- what was sent ---------------------------------------------------------------------------------------------------


def changed(draft: dict[str, Any], post: Any, language: str) -> dict[str, Any]:
    """The draft with what the page said; texts of other languages stay."""
    out = {**draft}
    for key in TEXTS:
        out[key] = text_said(draft.get(key), post.get(key), language)
    offer = draft.get("offer") or {}
    made = {key: text_said(offer.get(key), post.get(f"offer_{key}"), language) for key in OFFER}
    out["offer"] = {key: texts for key, texts in made.items() if texts}
    out["languages"] = languages_said(post.get("languages"), draft)
    thanks, ack = draft.get("thanks") or {}, draft.get("ack") or {}
    out["thanks"] = {
        "text": text_said(thanks.get("text"), post.get("thanks"), language),
        "redirect": clean_text(post.get("redirect", "")).strip(),
    }
    out["ack"] = {"on": bool(post.get("ack_on")), "subject": text_said(ack.get("subject"), post.get("ack_subject"), language),
                  "text": text_said(ack.get("text"), post.get("ack_text"), language)}  # fmt: skip
    colour = clean_text(post.get("colour", "")).strip().lower()
    held = (draft.get("theme") or {}).get("logo")
    out["theme"] = {"accent": colour or post.get("accent", "ink"), "mode": post.get("mode", "auto")}
    out["theme"] |= {"logo": held} if held else {}
    out["consents"] = [key for key in post.getlist("purpose") if key in purposes()]
    most = post.get("ask_at_most", "0").strip()
    out["ask_at_most"] = int(most) if most.isascii() and most.isdecimal() and len(most) < 3 else 0
    out["fields"] = _fields(draft.get("fields") or [], post, language)
    return out


def text_said(texts: Any, said: Any, language: str) -> dict[str, str]:
    held = dict(texts) if isinstance(texts, dict) else {}
    if said is None:
        return held
    words = clean_text(str(said)).replace("\r\n", "\n").strip()
    held.pop(language, None)
    return {**held, language: words} if words else held


def languages_said(said: Any, draft: dict[str, Any]) -> list[str]:
    if said is None:
        return draft.get("languages") or ["en"]
    return [code for code in re.split(r"[\s,;]+", str(said).lower()) if code] or ["en"]


def _fields(held: list[dict[str, Any]], post: Any, language: str) -> list[dict[str, Any]]:
    """The fields in the order they were sent in, each as it was said."""
    order = [int(n) for n in post.getlist("field") if n.isascii() and n.isdecimal() and int(n[:4]) < len(held)]
    offers = {_key(one): offered(one.get("column") or "", _values(one)) for one in held}
    return [_said(held[n], post, f"f-{n}-", language, offers) for n in dict.fromkeys(order)]


def _values(one: dict[str, Any]) -> list[str]:
    return [str(option.get("value")) for option in one.get("options") or []]


def _said(
    one: dict[str, Any], post: Any, name: str, language: str, offers: dict[str, tuple[str, ...]]
) -> dict[str, Any]:
    out = {**one, "key": clean_text(post.get(f"{name}key", _key(one))).strip()}
    for key in ("label", "help"):
        out[key] = text_said(one.get(key), post.get(f"{name}{key}"), language)
    for key in ("required", "progressive", "half", "reason"):
        out[key] = bool(post.get(f"{name}{key}"))
    if f"{name}options" in post:
        out["options"] = _options(one.get("options") or [], post[f"{name}options"], language)
    condition = clean_text(post.get(f"{name}show_field", "")).strip()
    given = [clean_text(text).strip() for text in post.getlist(f"{name}show_is")]
    out["show_if"] = {"field": condition, "is": _answers(given, offers.get(condition, ()))} if condition else None
    return {key: value for key, value in out.items() if value not in (None, "", {}, [], False) or key == "key"}


def _answers(given: list[str], known: tuple[str, ...]) -> list[str]:
    """The answers that make a field appear: those ticked, or written and parted by commas where no choice holds one."""
    parts = [part for text in given for part in ([text] if text in known else text.split(","))]
    return [part.strip() for part in parts if part.strip()]


def _options(held: list[dict[str, Any]], said: str, language: str) -> list[dict[str, Any]]:
    """One a line: the value that is kept, and after a bar the words people see."""
    labels = {option["value"]: option.get("label") or {} for option in held}
    out = []
    for line in clean_text(said).splitlines():
        value, _bar, words = (part.strip() for part in line.partition("|"))
        if value:
            out.append({"value": value, "label": text_said(labels.get(value), words, language)})
    return out


def _moved(draft: dict[str, Any], do: str) -> dict[str, Any]:
    """up:2, down:2 and remove:2 by the place a field has now."""
    verb, _colon, n = do.partition(":")
    fields = list(draft["fields"])
    if not (n.isascii() and n.isdecimal() and int(n[:4]) < len(fields)):
        return draft
    at = int(n)
    if verb == "remove":
        del fields[at]
    elif verb in ("up", "down"):
        to = max(at - 1, 0) if verb == "up" else min(at + 1, len(fields) - 1)
        fields.insert(to, fields.pop(at))
    return {**draft, "fields": fields}


def _add(draft: dict[str, Any], new: str, language: str) -> None:
    """A field for a column, or a question of its own, at the end."""
    taken = {_key(one) for one in draft["fields"]}
    if new.startswith("own:") and new[4:] in own_kinds():
        kind = new[4:]
        key = next(f"question_{n}" for n in range(1, 200) if f"question_{n}" not in taken)
        made: dict[str, Any] = {"key": key, "kind": kind, "label": {language: own_kinds()[kind]}}
        if kind == "choice":
            made["options"] = [{"value": _("One")}, {"value": _("Another")}]
    elif new in askable():
        base = re.sub(r"[^a-z0-9_]", "_", new.rpartition(".")[2].lower()) or "field"
        base = base if base[0].isalpha() else f"f_{base}"
        key = base if base not in taken else f"{new.partition('.')[0]}_{base}"
        made = {"key": key[:40], "column": new, "label": {language: askable()[new].label}}
    else:
        return
    draft["fields"] = [*draft["fields"], made]
