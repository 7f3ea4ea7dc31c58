"""Views of a list: save what is shown, rename, share, pin, put in order, open first, delete; and which columns it shows.

Every form works as a page of its own; with a script it opens in a dialog over the list.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kith.kernel.errors import Invalid, NotFound
from kith.kernel.lookups import actions
from kith.kernel.lookups.look import Look, look_at
from kith.kernel.lookups.models import Sharing
from kith.kernel.lookups.views import ALL, offered, views_of
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of, base_url, record_of
from kith.ui.pages.counts import count_tabs
from kith.ui.pages.frame import frame
from kith.ui.render import fragment

LONGEST_STATE = 20_000  # characters of an address that a form carries


def state_of(request: HttpRequest) -> QueryDict:
    """The address that a posted form was opened from, as parameters."""
    return QueryDict(request.POST.get("state", "")[:LONGEST_STATE])


@require_GET
def tabs(request: HttpRequest, slug: str) -> HttpResponse:
    """The tabs again, with their counts."""
    look = look_at(record_of(slug), actor_of(request), request.GET)
    count_tabs(look)
    response = fragment(request, "pages/list_tabs.html", "tabs", {**frame(request, look), "waits": False})
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Save what is shown as a view of one's own."""
    record, actor = record_of(slug), actor_of(request)
    look = look_at(record, actor, state_of(request) if request.method == "POST" else request.GET)
    if request.method == "GET":
        return _form(request, look, {"name": "", "shared": ""})
    try:
        view = actions.save_view(record, look.state, by=actor, **_said(request))
    except Invalid as problem:
        return _form(request, look, request.POST, {problem.field: problem.message})
    return answers.go(request, f"{base_url(record)}?view={view.pk}", _("Saved as “%s”.") % view.name)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Rename a view, and say who finds it."""
    record, actor = record_of(slug), actor_of(request)
    view = actions.own_view(record, key, actor)
    look = look_at(record, actor, {"view": key})
    if request.method == "GET":
        return _form(request, look, {"name": view.name, "shared": view.shared}, view=view)
    try:
        actions.describe_view(view, by=actor, **_said(request))
    except Invalid as problem:
        return _form(request, look, request.POST, {problem.field: problem.message}, view=view)
    return answers.go(request, f"{base_url(record)}?view={key}", _("The view is saved."))


def _said(request: HttpRequest) -> dict[str, Any]:
    team = request.POST.get("team", "")
    return {
        "name": request.POST.get("name", ""), "shared": request.POST.get("shared", ""),
        "team": int(team) if team.isdecimal() and len(team) < 10 else None,
    }  # fmt: skip


def _form(
    request: HttpRequest, look: Look, values: Any, errors: dict[str, str] | None = None, view: Any = None
) -> HttpResponse:
    from kith.kernel.lookups.directory import teams

    actor = look.actor
    mine = [(str(t), str(teams()[t])) for t in sorted(actor.team_ids) if t in teams()]
    shares = [(k, label) for k, label in Sharing.choices if k != Sharing.TEAM or mine]
    action = f"{base_url(look.record)}views/{view.pk}/edit" if view else f"{base_url(look.record)}views/new"
    context = {
        **frame(request, look), "values": values, "errors": errors or {}, "saved": view, "action": action, "teams": mine,
        "shares": shares if actor.role != "read_only" else [], "team": str(view.team_id or "") if view else "",
    }  # fmt: skip
    return answers.ask(request, "pages/views_form.html", context, 422 if errors else 200)


@require_POST
def update(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Make what is shown now the view."""
    record, actor = record_of(slug), actor_of(request)
    view = actions.own_view(record, key, actor)
    look = look_at(record, actor, state_of(request))
    actions.change_view(view, look.state, by=actor)
    return answers.go(request, f"{base_url(record)}?view={key}", _("“%s” now shows this.") % view.name)


@require_POST
def choose(request: HttpRequest, slug: str, key: str, what: str) -> HttpResponse:
    """Pin a view or let it open first; the same again takes it back."""
    record, actor = record_of(slug), actor_of(request)
    offer = offered(views_of(record, actor), key)
    if offer is None:
        raise NotFound(_("This view is gone, or it is not shared with you."))
    if what == "pin":
        actions.choose_view(record, offer, by=actor, pinned=not offer.pinned)
        words = (
            _("“%s” no longer shows a count.") if offer.pinned else _("“%s” stands with the tabs and shows how many.")
        )
    else:
        actions.choose_view(record, offer, by=actor, default=not offer.default)
        words = _("“%s” no longer opens first.") if offer.default else _("“%s” opens first.")
    return answers.go(request, f"{base_url(record)}?view={key}", words % offer.name)


@require_POST
def delete(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    record, actor = record_of(slug), actor_of(request)
    view = actions.own_view(record, key, actor)
    op = actions.delete_view(view, by=actor)
    return answers.go(request, f"{base_url(record)}?view={ALL}", _("Deleted the view “%s”.") % view.name, op=op)


@require_GET
def columns(request: HttpRequest, slug: str) -> HttpResponse:
    """Which columns, in which order. `do` is a button of the form: up:key, down:key, or apply."""
    look = look_at(record_of(slug), actor_of(request), _without(request, "c", "do"))
    able = [k for k in look.listable if look.listable[k] is not look.title]
    given = request.GET.getlist("c") if "do" in request.GET else [c.key for c in look.shown[1:]]
    chosen = [k for k in dict.fromkeys(given) if k in able]
    verb, _sep, key = request.GET.get("do", "").partition(":")
    if verb == "apply":
        own = [k for k in look.record.lists if k in able]
        state = look.state.changed(columns=() if chosen == own else tuple(chosen))
        return answers.go(request, f"{base_url(look.record)}?{look.query(state)}")
    if verb in ("up", "down") and key in chosen:
        _move(chosen, key, -1 if verb == "up" else 1)
    context = {
        **frame(request, look), "chosen": [look.listable[k] for k in chosen],
        "spare": [look.listable[k] for k in able if k not in chosen], "moved": key,
    }  # fmt: skip
    return answers.ask(request, "pages/views_columns.html", context)


def _move(keys: list[str], key: str, by: int) -> None:
    at = keys.index(key)
    to = min(max(at + by, 0), len(keys) - 1)
    keys.insert(to, keys.pop(at))


def _without(request: HttpRequest, *names: str) -> dict[str, str]:
    return {k: v for k, v in parse_qsl(request.GET.urlencode(), keep_blank_values=True) if k not in names}


@require_http_methods(["GET", "POST"])
def arrange(request: HttpRequest, slug: str) -> HttpResponse:
    """The order of the tabs, and which are pinned. `do` is a button of the form: up:key, down:key, or apply."""
    record, actor = record_of(slug), actor_of(request)
    look = look_at(record, actor, state_of(request) if request.method == "POST" else request.GET)
    movable = {offer.key: offer for offer in look.views if offer.key not in actions.UNMOVED}
    given = [key for key in dict.fromkeys(request.POST.getlist("v")) if key in movable]
    keys = [*given, *(key for key in movable if key not in given)]
    pinned = set(request.POST.getlist("pin")) if given else {k for k, offer in movable.items() if offer.pinned}
    verb, _sep, key = request.POST.get("do", "").partition(":")
    if verb == "apply":
        actions.arrange_views(record, keys, pinned=pinned, by=actor)
        return answers.go(request, f"{base_url(record)}?{look.query()}", _("The views stand as you put them."))
    if verb in ("up", "down") and key in keys:
        _move(keys, key, -1 if verb == "up" else 1)
    context = {**frame(request, look), "views": [movable[k] for k in keys], "pinned": pinned}
    return answers.ask(request, "pages/views_order.html", context)


urlpatterns = [
    path("<slug:slug>/columns/", columns, name="columns"),
    path("<slug:slug>/views/", arrange, name="view_order"),
    path("<slug:slug>/views/tabs", tabs, name="view_tabs"),
    path("<slug:slug>/views/new", new, name="view_new"),
    path("<slug:slug>/views/<slug:key>/edit", edit, name="view_edit"),
    path("<slug:slug>/views/<slug:key>/update", update, name="view_update"),
    path("<slug:slug>/views/<slug:key>/pin", choose, {"what": "pin"}, name="view_pin"),
    path("<slug:slug>/views/<slug:key>/default", choose, {"what": "default"}, name="view_default"),
    path("<slug:slug>/views/<slug:key>/delete", delete, name="view_delete"),
]
