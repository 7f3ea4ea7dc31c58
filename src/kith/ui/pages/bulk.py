"""Acting on many rows: what is asked, how many rows it means, a sample of them, and then one operation with one undo.

Every step is a post that carries the frozen selection: the ids picked, or the filter as text. What is done with more
rows than a person waits for goes on in the background, on a page that says how far it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany, NeedsInput, NotFound
from kith.kernel.jobs.progress import read_progress
from kith.kernel.kinds import Tags
from kith.kernel.lookups.bulk import Result, Wish, bulk_change, bulk_operation, check, progress_key, say
from kith.kernel.lookups.look import Look, look_at
from kith.kernel.lookups.selection import Selection, picked
from kith.kernel.lookups.tree import to_text
from kith.kernel.lookups.wishes import SURE_FROM, counted, doable, settable, wish_of
from kith.kernel.records.action import Action
from kith.kernel.records.merge import MOST
from kith.ui.filters import number
from kith.ui.forms import Ask, Field, field_of, fill, pair_money, read_form, start_here
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of, base_url, record_of
from kith.ui.pages.bulkbar import ACT, BulkButton, buttons
from kith.ui.render import fragment, is_htmx, page

SAMPLE = 5  # names that are shown


@dataclass
class BulkForm:
    """One bulk change being prepared. `asks` are the values it needs; `count` and `sample` say which rows it means."""

    record: Any
    actor: Actor
    verb: str
    title: str
    button: str
    icon: str
    selection: Selection
    asks: list[Ask] = field(default_factory=list)
    action: Action | None = None
    columns: list[tuple[str, str]] = field(default_factory=list)
    column: str = ""
    count: int = 0
    sample: list[str] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def must_type(self) -> bool:
        return self.count > SURE_FROM

    @property
    def ready(self) -> bool:
        """Is everything chosen, so that it can be done?"""
        return not self.columns or bool(self.column)

    def wish(self) -> Wish:
        if self.verb in ("archive", "restore", "tags"):
            return wish_of(self.record, self.verb, self.count, self.raw)
        named = self.asks[0].label if self.asks else ""
        return wish_of(self.record, "edit", self.count, self.raw, named=named, action=self.action)

    def fields(self) -> list[Field]:
        made = {
            a.key: field_of(a, self.raw[a.key], errors=self.errors.get(a.key, ()), actor=self.actor) for a in self.asks
        }
        pair_money(self.asks, made)
        if self.columns:  # the field was just chosen: its value is asked next
            start_here(made.values())
        return list(made.values())


@require_POST
def bulk(request: HttpRequest, slug: str, verb: str) -> HttpResponse:
    """Ask, show what is meant, and with `go` do it."""
    record, actor = record_of(slug), actor_of(request)
    actor.require(f"{record.name}.bulk")
    look = look_at(record, actor, QueryDict(request.POST.get("state", "")))
    try:
        form = _form(request, look, verb)
        rows = form.selection.rows(record, actor)
    except Invalid as problem:
        return _refused(request, look, problem.message)
    form.count = rows.order_by().count()
    form.sample = [
        record.name_of(r) or f"{record.label} {r.pk}" for r in record.listing(rows.order_by("pk"), [])[:SAMPLE]
    ]
    if verb in ("archive", "restore"):
        asked = _("Archive %s?") if verb == "archive" else _("Bring back %s?")
        form.title = asked % counted(record, form.count)
    if not form.count:
        return _refused(request, look, _("None of these rows is there any more, or none that you may see."))
    if verb == "merge":
        ids = ",".join(str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
        return answers.go(request, f"{base_url(record)}merge?ids={ids}")
    if "go" not in request.POST or not form.ready:
        return _ask(request, look, form)
    return _go(request, look, form)


def _form(request: HttpRequest, look: Look, verb: str) -> BulkForm:
    record, actor = look.record, look.actor
    offered = {b.verb: b for b in buttons(look)} | {b.verb: b for b in _always(look)}
    button = offered.get(verb)
    if button is None:
        raise NotFound(_("There is nothing called “%s” to do with many rows.") % verb)
    form = BulkForm(record, actor, verb, button.label, button.label, button.icon, _selection(request, look))
    if verb in ("owner", "set"):
        columns = settable(record, actor)
        form.column = "owner" if verb == "owner" else request.POST.get("column", "")
        form.columns = [] if verb == "owner" else [(k, c.label) for k, c in columns.items()]
        chosen = columns.get(form.column)
        form.column = form.column if chosen else ""
        form.asks = [Ask.of_column(chosen)] if chosen else []
        form.title = _("Change %s") % (chosen.label.lower() if chosen else _("a field"))
        form.button = form.title if chosen else _("Go on")
    elif verb == "tags":
        form.title = form.button = _("Change tags")
        form.asks = [
            Ask("add", _("Add"), Tags(), record=record.name),
            Ask("remove", _("Take off"), Tags(), record=record.name),
        ]
    elif verb.startswith(ACT):
        form.action = next(a for a in doable(record, actor) if ACT + a.verb == verb)
        form.asks = [Ask.of_input(i) for i in form.action.asked_of(form.selection.rows(record, actor))]
    first = not ({"go", "again"} & set(request.POST))
    form.raw = {a.key: fill(a.kind, a.kind.blank) for a in form.asks} if first else read_form(form.asks, request.POST)
    return form


def _always(look: Look) -> list[BulkButton]:
    """Both ways of archiving can be asked for, whichever the list offers."""
    if not look.actor.can(f"{look.record.name}.archive"):
        return []
    return [BulkButton("archive", _("Archive"), "archive"), BulkButton("restore", _("Bring back"), "undo")]


def _selection(request: HttpRequest, look: Look) -> Selection:
    """What was picked. The frozen filter travels with the form from the second step on, whatever becomes of the view."""
    every = "all" in request.POST
    if every and "frozen" in request.POST:
        filter, query = request.POST["frozen"], request.POST.get("q", "")
    else:
        if every and not look.sound:
            raise Invalid(
                _("A part of this filter cannot be used; remove it before acting on all that match."), "filter"
            )
        filter, query = to_text(look.state.tree), look.state.query
    return picked(request.POST.getlist("pick"), every=every, filter=filter, query=query)


def _go(request: HttpRequest, look: Look, form: BulkForm) -> HttpResponse:
    """Do it, unless the number typed or the rows meant are not those that were shown."""
    if request.POST.get("count") != str(form.count):
        form.errors[""] = [_("Meanwhile this means %s rows. Look again before you go on.") % number(form.count)]
        return _ask(request, look, form, 409)
    typed = "".join(c for c in request.POST.get("typed", "") if c.isdecimal())
    if form.must_type and typed != str(form.count):
        form.errors["typed"] = [
            _("Type %s, the number of rows, to show that you mean all of them.") % number(form.count)
        ]
        return _ask(request, look, form, 422)
    wish = form.wish()
    try:
        check(form.record, wish, by=form.actor)
        result = bulk_change(form.record, form.selection, wish, by=form.actor)
    except (InvalidMany, NeedsInput) as problem:
        form.errors = dict(problem.errors) or {"": [problem.message]}
        return _ask(request, look, form, 422)
    except Invalid as problem:
        form.errors = {problem.field: [problem.message]}
        return _ask(request, look, form, 422)
    return _done(request, look, form, result)


def _ask(request: HttpRequest, look: Look, form: BulkForm, status: int = 200) -> HttpResponse:
    loose = [
        m
        for key, messages in form.errors.items()
        if key not in {a.key for a in form.asks} | {"typed"}
        for m in messages
    ]
    context = {
        **_context(look),
        "form": form,
        "fields": form.fields(),
        "loose": loose,
        "state": request.POST.get("state", ""),
    }
    return _answer(request, "ask", context, status)


def _refused(request: HttpRequest, look: Look, sentence: str) -> HttpResponse:
    return _answer(request, "refused", {**_context(look), "sentence": sentence, "form": None}, 422)


def _done(request: HttpRequest, look: Look, form: BulkForm, result: Result) -> HttpResponse:
    op = result.operation
    if result.waiting and op is not None:
        return answers.go(request, f"{base_url(form.record)}bulk/{op.pk}/")
    words_ = say(form.record, result)
    if result.refused:
        context = {**_context(look), "form": form, "result": result, "sentence": words_, "undo": answers.undo_url(op)}
        response = _answer(request, "told", context)
        return answers.stay(response, "", types=[form.record.name]) if is_htmx(request) else response
    if not is_htmx(request):
        return answers.go(request, f"{base_url(form.record)}?{request.POST.get('state', '')}", words_, op=op)
    return answers.stay(HttpResponse(""), words_, op=op, types=[form.record.name])


@require_GET
def running(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """How far a bulk change in the background is, and how it ended."""
    record, actor = record_of(slug), actor_of(request)
    op = bulk_operation(record, pk, actor)
    far = read_progress(progress_key(op))
    data = op.data
    result = Result(data.get("changed", 0), [tuple(r) for r in data.get("refused", [])], data.get("refusals", 0), op)  # type: ignore[misc]
    context = {
        "record": record, "base": base_url(record), "op": op, "data": data, "result": result, "sentence": say(record, result),
        "seen": far.done if far else 0, "total": data.get("total", 0), "state": data.get("state", "done"),
        "undo": None if op.undone_at else answers.undo_url(op),
    }  # fmt: skip
    if is_htmx(request):
        return fragment(request, "pages/bulk_progress.html", "progress", context)
    return page(request, "pages/bulk_progress.html", context)


def _context(look: Look) -> dict[str, Any]:
    record = look.record
    return {
        "record": record,
        "base": base_url(record),
        "query": look.query(),
        "what": record.plural.lower(),
        "one": record.label.lower(),
    }


def _answer(request: HttpRequest, kind: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context = {**context, "kind": kind}
    if is_htmx(request):
        return fragment(request, "pages/bulk.html", "dialog", context, status)
    return page(request, "pages/bulk.html", context, status)


@require_GET
def back(request: HttpRequest, slug: str, verb: str = "") -> HttpResponse:
    """A bulk address opened without its form, for example after signing in again: back to the list."""
    return HttpResponseRedirect(base_url(record_of(slug)))


def entry(request: HttpRequest, slug: str, verb: str) -> HttpResponse:
    return bulk(request, slug, verb) if request.method == "POST" else back(request, slug, verb)


urlpatterns = [
    path("<slug:slug>/bulk/<int:pk>/", running, name="bulk_running"),
    path("<slug:slug>/bulk/<slug:verb>", entry, name="bulk"),
]
