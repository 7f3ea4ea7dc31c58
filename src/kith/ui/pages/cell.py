"""One value in place: the editor that opens in a cell of a list or beside a fact, and saving what it holds.

GET gives the editor, POST saves and answers with the fresh inside of the cell. A value that cannot be taken comes back
with its sentence (422), one that somebody else changed meanwhile with both values and a choice (409). `?at=facts` is
for record pages; without a script both are a small page.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.kernel.errors import Conflict, Invalid, KithError, NotAllowed, NotFound
from kith.kernel.kinds import Many
from kith.kernel.records import actions
from kith.kernel.records.columns import Column
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation
from kith.kernel.timeline.queries import last_changes
from kith.ui.filters import duration
from kith.ui.forms import Ask, Field, clip, field_of, fill, pair_money, read_form, tidy
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of, record_of
from kith.ui.pages.facts import fact_inside
from kith.ui.pages.row import Opened, open_row
from kith.ui.pages.rows import cell_inside, has_portraits
from kith.ui.pages.show import unseen_links
from kith.ui.render import fragment, is_htmx, page, render_block

ROOMY = ("rows", "addresses")  # fields that need more than one control
UNREADABLE = object()


@dataclass(frozen=True)
class Cell:
    """The value that is edited: a column of an opened row, and where the editor stands."""

    opened: Opened
    column: Column
    at: str  # "list" or "facts"

    @property
    def ask(self) -> Ask:
        return Ask.of_column(self.column)

    @property
    def plain(self) -> bool:
        """In a list, several values are typed into one field, parted by commas."""
        return self.at == "list" and self.column.kind.widget == "many"

    @property
    def action(self) -> str:
        return f"{self.opened.url}/cell/{self.column.key}?at={self.at}"

    def raw_now(self) -> Any:
        value = self.column.get(self.opened.row)
        return self.column.kind.edit(value) if self.plain else fill(self.column.kind, value)


@require_http_methods(["GET", "HEAD", "POST"])
def cell(request: HttpRequest, slug: str, pk: int, key: str) -> HttpResponse:
    opened = _open(request, slug, pk, key)
    if request.method != "POST":
        return _editor(request, opened, opened.raw_now())
    if "take" in request.POST:
        return _done(request, opened, "", None)
    raw = _raw(request, opened)
    try:
        value = _value(opened, raw)
        op = _save(opened, value, _base(request))
    except Conflict as problem:
        return _conflict(request, opened, raw, problem)
    except NotFound:
        raise
    except KithError as problem:
        return _editor(request, opened, raw, clip(problem.message), 403 if isinstance(problem, NotAllowed) else 422)
    return _done(request, _open(request, slug, pk, key), _("%s saved") % opened.column.label, op)


def _open(request: HttpRequest, slug: str, pk: int, key: str) -> Cell:
    """The cell, or why it cannot be edited: NotFound for rows and columns beyond one's reach, NotAllowed for the rest."""
    record, actor = record_of(slug), actor_of(request)
    column = record.columns(actor).get(key)
    if column is None:
        raise NotFound(_("%(what)s has no field “%(key)s”.") % {"what": record.label, "key": key[:80]})
    row = open_row(request, slug, pk, columns=[column])
    if key not in record.writable(actor):
        raise NotAllowed(actions.refusal(record, key, actor))
    if not row.may_edit:
        raise NotAllowed(_("You may see %s but not change it.") % row.name)
    if row.fixed:
        raise Invalid(row.fixed)
    return Cell(row, column, "facts" if request.GET.get("at") == "facts" else "list")


def _raw(request: HttpRequest, at: Cell) -> Any:
    """What was typed; after a conflict it travels as JSON, whatever its shape."""
    if "raw" in request.POST:
        try:
            return json.loads(request.POST["raw"])
        except ValueError:
            return ""
    if at.plain:
        return tidy(request.POST.get(at.column.key))
    return read_form([at.ask], request.POST)[at.column.key]


def _value(at: Cell, raw: Any) -> Any:
    """The typed value. Typing addresses anew in one line keeps the labels of those that stay."""
    value = at.column.kind.parse(raw, actor=at.opened.actor)
    if at.plain and isinstance(at.column.kind, Many):
        labels = {at.column.kind.key(e["value"]): e.get("label", "") for e in at.column.get(at.opened.row) or []}
        value = [{**e, "label": e["label"] or labels.get(at.column.kind.key(e["value"]), "")} for e in value]
    return value


def _base(request: HttpRequest) -> Any:
    """The JSON form of the value the editor began with; UNREADABLE when it was not sent."""
    try:
        return json.loads(request.POST["base"])
    except (KeyError, ValueError, RecursionError):
        return UNREADABLE


def _save(at: Cell, value: Any, base: Any) -> Operation:
    record, row, key = at.opened.record, at.opened.row, at.column.key
    label = _("%(field)s of %(name)s") % {"field": at.column.label, "name": at.opened.name}
    started = None if base is UNREADABLE else {key: base}
    with operation(f"{record.name}.edit", label, by=at.opened.actor, record=record.name) as (op, by):
        actions.edit(record, row, {key: value}, by=by, base=started)
    return op


def _editor(request: HttpRequest, at: Cell, raw: Any, error: str = "", status: int = 200) -> HttpResponse:
    context = {
        "cell": at, "field": _field(at, raw, error), "error": error or None,
        "base": request.POST.get("base") or json.dumps(at.column.raw(at.opened.row)),
        "back": at.opened.url, "roomy": at.column.kind.widget in ("many", "addresses", "week") and not at.plain,
    }  # fmt: skip
    if is_htmx(request):
        return fragment(request, "pages/cell.html", "editor", context, status)
    return page(request, "pages/cell.html", context, status)


def _field(at: Cell, raw: Any, error: str) -> Field:
    ask, row = at.ask, at.opened.row
    if at.plain:
        return Field(ask.key, ask.label, "text", raw)
    value = at.column.get(row) if not error else None
    made = {ask.key: field_of(ask, raw, errors=[error] if error else [], actor=at.opened.actor, value=value)}
    pair_money([ask], made, {k: getattr(row, k, "") for k in (getattr(ask.kind, "currency", ""),) if k})
    return made[ask.key]


def _conflict(request: HttpRequest, at: Cell, raw: Any, problem: Conflict) -> HttpResponse:
    """Both values and a choice; nothing typed is lost."""
    key = at.column.key
    if key not in problem.values:
        return _editor(request, at, raw, problem.message, 409)
    _began, theirs, yours = problem.values[key]
    who, when = last_changes(at.opened.record.name, at.opened.row.pk, [key]).get(key, (_("Somebody"), None))
    ago = _("%s ago") % duration(max((timezone.now() - when).total_seconds(), 1)) if when else _("a moment ago")
    kind = at.column.kind
    context = {
        "cell": at, "who": who, "ago": ago, "theirs": kind.show(theirs), "yours": kind.show(yours),
        "base": json.dumps(kind.dump(theirs)), "raw": json.dumps(raw), "back": at.opened.url,
    }  # fmt: skip
    if is_htmx(request):
        return fragment(request, "pages/cell.html", "conflict", context, 409)
    return page(request, "pages/cell_conflict.html", context, 409)


def _done(request: HttpRequest, at: Cell, message: str, op: Operation | None) -> HttpResponse:
    if not is_htmx(request):
        return answers.go(request, at.opened.url, message, op=op)
    response = HttpResponse(inside(at))
    return answers.stay(
        response,
        message if op is not None and op.pk else "",
        op=op,
        types=answers.topics(at.opened.record, at.opened.row),
    )


def inside(at: Cell) -> str:
    """What stands in the cell when it is not edited."""
    record, row = at.opened.record, at.opened.row
    unseen = unseen_links(at.opened.actor, [at.column], [row])
    if at.at == "facts":
        return fact_inside(record, at.column, row, unseen=unseen)
    if at.column.key == record.title:
        view = {"name": at.opened.name, "href": at.opened.url}
        return render_block("pages/cell.html", "first", {"row": view, "portraits": has_portraits(record)}).strip()
    return str(cell_inside(at.column, row, unseen))


urlpatterns = [
    path("<slug:slug>/<int:pk>/cell/<str:key>", cell, name="cell"),
    path("<slug:slug>/<int:pk>/cell/<str:key>/", cell),
]
