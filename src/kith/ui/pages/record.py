"""The page of one row: who or what it is, what is known, its story, what comes next.

/people/12              the page; `?kind=call` opens the composer for a call, `?e=<event>` the story at that entry
/people/12?part=head    parts that refetch themselves when somebody changes the row: head, facts
/people/12?list=view%3D3  opened from a list; `list` is the list's address, see place.py
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from markupsafe import Markup

from kith.kernel.records.action import Action
from kith.kernel.records.columns import Column
from kith.kernel.search.visits import note_visit
from kith.ui.pages.base import actor_of, record_of
from kith.ui.pages.basics import step_kind
from kith.ui.pages.composing import Writing, writing
from kith.ui.pages.facts import fact_sections
from kith.ui.pages.panels import other_phase, panels_by_place
from kith.ui.pages.place import Whence, place_in, whence
from kith.ui.pages.row import Opened, open_row
from kith.ui.pages.show import Unseen, render_value, unseen_links
from kith.ui.pages.story import story
from kith.ui.panels import PHASES, panels_of, strip_of, verbs_of
from kith.ui.render import fragment, is_htmx, page

BUTTONS = 3  # actions that stand as buttons; the others go behind "More"
ALWAYS = Action.__dataclass_fields__["applies"].default
LINE = 3  # values under the name, where the record does not say which


@require_GET
def record(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return record_page(request, slug, pk)


def record_page(
    request: HttpRequest, slug: str, pk: int, *, now: Writing | None = None, status: int = 200
) -> HttpResponse:
    """The page, or a part of it. now: a composer that came back with errors."""
    columns = _columns(record_of(slug), request)
    opened = open_row(request, slug, pk, columns=columns.values())
    if opened.row.pk != pk:  # merged: the old address leads on, with what was asked for
        query = request.META.get("QUERY_STRING", "")
        return HttpResponseRedirect(opened.url + (f"?{query}" if query else ""))
    unseen = unseen_links(opened.actor, columns.values(), [opened.row])
    part = request.GET.get("part", "") if is_htmx(request) else ""
    came = whence(request, opened)
    if part == "place":
        return fragment(request, "pages/record_place.html", "place", place_in(came, opened))
    if part == "head":
        head = {**_head(opened, columns, unseen, came), **place_in(came, opened)}
        return fragment(request, "pages/record.html", "head_part", head)
    if part == "facts":
        return fragment(request, "pages/record.html", "facts", _facts(opened, unseen))
    if now is None:
        note_visit(opened.actor, opened.record.name, pk)
    head = _head(opened, columns, unseen, came)
    context = {
        **head,
        **_facts(opened, unseen),
        **story(request, opened),
        "panels": panels_by_place(request, opened, head["strip"]),
        "fold_title": PHASES.get(other_phase(head["strip"]), ""),
        "styles": sorted({panel.style for panel in panels_of(opened.record) if panel.style}),
        "writing": now or writing(request, opened, request.GET.get("kind", "")),
    }
    return page(request, "pages/record.html", context, status)


def _columns(kind: Any, request: HttpRequest) -> dict[str, Column]:
    """What the page shows of the row itself: its facts and the line under its name."""
    every = kind.columns(actor_of(request))
    keys = [*_line_keys(kind), *(k for s in kind.form for k in s.keys)]
    own = [k for k, c in every.items() if c.custom]
    return {k: every[k] for k in dict.fromkeys([*keys, *own]) if k in every}


def _line_keys(kind: Any) -> list[str]:
    followed = ("next_step", "next_step_at", "last_touch_at", "owner")
    return list(kind.line) or [k for k in kind.lists[1:] if k not in followed][:LINE]


def _head(opened: Opened, columns: dict[str, Column], unseen: Unseen, came: Whence | None) -> dict[str, Any]:
    kind, row, actor = opened.record, opened.row, opened.actor
    shown = [render_value(columns[k], row, brief=True, unseen=unseen) for k in _line_keys(kind) if k in columns]
    line = Markup(" · ").join(words for words in shown if words)
    buttons, further = _actions(opened)
    return {
        "opened": opened,
        "portrait": opened.portrait,
        "line": line,
        "crumbs": ((kind.plural, came.href if came else f"/{kind.slug}/"), *_place(opened)),
        "came": came,
        "place": None,
        "strip": strip_of(actor, kind, row),
        "buttons": buttons,
        "further": further,
        "verbs": verbs_of(actor, kind, row),
        "step_kind": step_kind(actor, row),
    }


def _place(opened: Opened) -> list[tuple[str, str | None]]:
    """Where in the type it stands, so far as the row itself says: put away or not."""
    return [(_("Archived"), f"/{opened.record.slug}/?archived=1")] if opened.archived else []


def _actions(opened: Opened) -> tuple[list[Any], list[Any]]:
    """(actions that stand as buttons, those behind "More"): what makes sense now and is not offered by a panel. Buttons
    are for verbs of the row's state (win, lose, open again) and those with a key of their own."""
    if opened.archived:
        return [], []
    elsewhere = {verb for panel in panels_of(opened.record) for verb in panel.verbs}
    elsewhere |= {opened.record.apart.verb} if opened.record.apart is not None else set()  # said where two look alike
    able = [
        act
        for act in opened.record.actions
        if act.verb not in elsewhere and act.open_to(opened.row, opened.actor)
        and (opened.may_edit or not act.needs.endswith(".edit"))
    ]  # fmt: skip
    stand = [act for act in able if act.key or act.applies is not ALWAYS][:BUTTONS]
    return stand, [act for act in able if act not in stand]


def _facts(opened: Opened, unseen: Unseen) -> dict[str, Any]:
    editable = opened.may_edit and not opened.archived and not opened.fixed
    sections, known, total = fact_sections(opened.record, opened.row, opened.actor, editable=editable, unseen=unseen)
    return {"opened": opened, "sections": sections, "known": known, "total": total}


urlpatterns = [path("<slug:slug>/<int:pk>", record, name="record")]
