"""Answers made of templates: a whole page, or one named block of it as a fragment for htmx.

A page's blocks are its fragments, so the same template serves the first load and every later swap.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.backends.utils import csrf_input_lazy, csrf_token_lazy
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_bidi
from jinja2.exceptions import TemplateRuntimeError

from kith.ui import bundles
from kith.ui.shell import shell_for

THEMES, DENSITIES = ("light", "dark"), ("compact", "normal", "roomy")


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page. False when it wants the whole (a boosted link, hx-select)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"


def preference(request: HttpRequest, name: str, allowed: tuple[str, ...], otherwise: str = "") -> str:
    """One of `allowed`, from the user's own preferences, else from the cookie of the same name."""
    saved = _saved(request)
    value = saved[name] if name in saved else request.COOKIES.get(name)
    return value if value in allowed else otherwise


def _saved(request: HttpRequest) -> dict:
    return getattr(getattr(request, "user", None), "preferences", None) or {}


def defaults(request: HttpRequest) -> dict:
    """What every template may count on. Also usable as a context processor of the Jinja2 engine."""
    return {
        "request": request,
        "user": getattr(request, "user", None),
        "csrf_input": csrf_input_lazy(request),
        "csrf_token": csrf_token_lazy(request),
        "shell": SimpleLazyObject(lambda: shell_for(request)),
        "lang": get_language() or "en",
        "dir": "rtl" if get_language_bidi() else "ltr",
        "messages": get_messages(request),
        "theme": preference(request, "theme", THEMES),
        "density": preference(request, "density", DENSITIES, "normal"),
        "shortcuts": _saved(request).get("shortcuts", request.COOKIES.get("shortcuts") != "off"),
    }


def _environment():
    return next(engine.env for engine in engines.all() if hasattr(engine, "env"))


def page(request: HttpRequest, template: str, context: Mapping | None = None, status: int = 200) -> HttpResponse:
    """The whole template. Sent with `Vary: HX-Request`, since the same address may answer with a fragment."""
    if settings.DEBUG:
        bundles.refresh()  # what was just edited is what is served
    body = _environment().get_template(template).render({**defaults(request), **(context or {})})
    return _answer(body, status)


def fragment(
    request: HttpRequest, template: str, block: str, context: Mapping | None = None, status: int = 200
) -> HttpResponse:
    """One block of the template alone; 422 is the status for a form that came back with errors."""
    return _answer(render_block(template, block, {**defaults(request), **(context or {})}), status)


def render_block(template: str, block: str, context: Mapping) -> str:
    """The text of one block. Blocks are looked for in the template itself, not in those it extends."""
    found = _environment().get_template(template)
    if block not in found.blocks:
        known = ", ".join(sorted(found.blocks)) or "none"
        raise TemplateRuntimeError(f"{template} has no block {block!r}; its blocks are: {known}.")
    return "".join(found.blocks[block](found.new_context(dict(context))))


def toast(response: HttpResponse, message: str, *, undo: str | None = None, tone: str | None = None) -> HttpResponse:
    """Add a toast to an htmx answer. `undo` is the address the undo button posts to; tone "late" stays."""
    return trigger(response, "kith:toast", {"message": str(message), "undo": undo, "tone": tone})


def trigger(response: HttpResponse, event: str, detail: dict | None = None) -> HttpResponse:
    """Add an event for the browser to an htmx answer, beside those already there."""
    events = json.loads(response.get("HX-Trigger", "{}"))
    events[event] = detail or {}
    response["HX-Trigger"] = json.dumps(events)  # ASCII, as headers must be
    return response


def _answer(body: str, status: int) -> HttpResponse:
    response = HttpResponse(body, status=status)
    response["Content-Language"] = get_language() or "en"  # said here, where it is spoken
    patch_vary_headers(response, ["HX-Request", "HX-Request-Type"])
    return response
