"""Forms of every record type: new (as a page, or as quick add in a dialog) and edit.

An edit carries the values it started from: edits that do not overlap merge, those that do come back with both values
and a choice. Whatever is wrong, everything typed stands in its field again.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, KithError, NotAllowed
from kith.kernel.kinds import Money
from kith.kernel.organisation.models import current
from kith.kernel.records import actions
from kith.kernel.records.columns import Column
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation
from kith.ui.forms import Ask, fill, parse_form, read_form
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of, record_of
from kith.ui.pages.formstate import EditForm, FormState, base_of, needed, same
from kith.ui.pages.likeness import alike, likeness_notice
from kith.ui.pages.row import Opened, open_row
from kith.ui.render import fragment, is_htmx, page


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """`/people/new`: a page; asked for as a part, or with `?quick=1`, quick add. Query values fill the fields."""
    record, actor = record_of(slug), actor_of(request)
    actor.require(f"{record.name}.create")
    quick = is_htmx(request) or bool(request.GET.get("quick") or request.POST.get("quick"))
    columns = creatable(record, actor)
    if quick:
        said = [k for k in columns if k in (request.POST if request.method == "POST" else request.GET)]
        columns = {k: columns[k] for k in dict.fromkeys([*(record.quick or _form_keys(record)), *said]) if k in columns}
    form = FormState(record, actor, columns, quick=quick)
    if request.method == "POST":
        return _create(request, form)
    form.raw = _first(form, request)
    return _answer(request, form)


def _form_keys(record: Any) -> list[str]:
    """Quick add of a type that does not say: its whole form, which is short for configuration."""
    return [key for section in record.form for key in section.keys]


def creatable(record: Any, actor: Actor) -> dict[str, Column]:
    """Columns of a form for a new row: the writable ones, and those that are set once."""
    columns = record.columns(actor)
    once = {k: columns[k] for k in getattr(record, "at_creation", ()) if k in columns}
    return {**record.writable(actor), **once}


def _first(form: FormState, request: HttpRequest) -> dict[str, Any]:
    """What a new form holds: the model's own defaults, oneself as owner, and what the address says."""
    blank = form.record.model()
    raw = {ask.key: fill(ask.kind, form.columns[ask.key].get(blank)) for ask in form.asks}
    if raw.get("owner") == "" and form.actor.user_id:
        raw["owner"] = str(form.actor.user_id)
    for ask in form.asks:
        if isinstance(ask.kind, Money) and raw.get(ask.kind.currency) == "":
            raw[ask.kind.currency] = current().currency  # said now, so that it stays what it was when it was agreed
    said = read_form([a for a in form.asks if a.key in request.GET], request.GET)
    return {**raw, **said}


def _create(request: HttpRequest, form: FormState) -> HttpResponse:
    record, actor = form.record, form.actor
    form.raw = read_form(form.asks, request.POST)
    values, form.errors = parse_form(form.asks, form.raw, by=actor)
    if form.errors:
        form.errors |= needed(form.asks, form.raw, form.errors)
        return _answer(request, form, 422)
    form.alike = [(row, why) for row, why in alike(record, actor, values) if str(row.pk) not in form.seen(request)]
    if form.alike:
        return _answer(request, form, 422)
    try:
        row, op = _made(record, values, actor)
    except KithError as problem:
        return _answer(request, form, form.refused(problem))
    name = record.name_of(row)
    if request.POST.get("then") == "another":
        again = FormState(record, actor, form.columns, quick=form.quick)
        again.raw = _first(again, request)
        said = _("%s added. Here is room for the next.") % name
        return answers.stay(_answer(request, again), said, op=op, types=answers.topics(record, row))
    return answers.go(request, record.url(row.pk), _("%s added.") % name, op=op)


def _made(record: Any, values: dict[str, Any], actor: Actor) -> tuple[Any, Operation]:
    """The new row, and the operation that takes it back."""
    label = _("Added %s") % _name_to_be(record, values)
    with operation(f"{record.name}.create", label, by=actor, record=record.name) as (op, by):
        row = actions.create(record, values, by=by)
    return row, op


def _name_to_be(record: Any, values: dict[str, Any]) -> str:
    draft, columns = record.model(), record.columns()
    for key, value in values.items():
        columns[key].put(draft, value)
    draft.derive()
    return record.name_of(draft) or record.label.lower()


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    record, actor = record_of(slug), actor_of(request)
    columns = record.writable(actor)
    opened = open_row(request, slug, pk, columns=columns.values())
    if not opened.may_edit:
        raise NotAllowed(_("You may see %s but not change it.") % opened.name)
    if opened.fixed:
        raise Invalid(opened.fixed)
    form = EditForm(record, actor, columns, opened=opened)
    if request.method == "POST":
        return _edit(request, form, opened)
    form.raw = {ask.key: fill(ask.kind, columns[ask.key].get(opened.row)) for ask in form.asks}
    form.typed = {ask.key: columns[ask.key].get(opened.row) for ask in form.asks}
    form.base = {ask.key: columns[ask.key].raw(opened.row) for ask in form.asks}
    return _answer(request, form)


def _edit(request: HttpRequest, form: EditForm, opened: Opened) -> HttpResponse:
    """Only what was touched is written, so two people with the same form open merge."""
    record, actor = form.record, form.actor
    form.raw = read_form(form.asks, request.POST)
    form.base = base_of(request, {a.key: form.columns[a.key].raw(opened.row) for a in form.asks})
    form.settle(request)
    touched = form.touched()
    values, form.errors = parse_form(touched, form.raw, by=actor)
    if form.errors:
        return _answer(request, form, 422)
    values = {k: v for k, v in values.items() if not same(form.columns[k].kind.dump(v), form.base.get(k))}
    if not values:
        return answers.go(request, opened.url, _("Nothing was changed."))
    try:
        with operation(f"{record.name}.edit", _("Edited %s") % opened.name, by=actor, record=record.name) as (op, by):
            actions.edit(record, opened.row, values, by=by, base={k: form.base.get(k) for k in values})
    except KithError as problem:
        return _answer(request, form, form.refused(problem))
    return answers.go(request, opened.url, _("Saved."), op=op)


@require_POST
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """On leaving a field: what was filled in so far and cannot be taken, by field. What is empty is not asked for yet."""
    record, actor = record_of(slug), actor_of(request)
    asks = [Ask.of_column(c) for k, c in creatable(record, actor).items()]
    _values, errors = parse_form(asks, read_form(asks, request.POST), by=actor)
    return fragment(
        request, "pages/form_checked.html", "checked", {"errors": json.dumps({k: v[0] for k, v in errors.items()})}
    )


@require_POST
def duplicates(request: HttpRequest, slug: str) -> HttpResponse:
    """While somebody types: rows that look the same, in words why. Posted, because forms outgrow addresses."""
    record, actor = record_of(slug), actor_of(request)
    asks = [Ask.of_column(c) for c in creatable(record, actor).values()]
    values, _half_typed = parse_form(asks, read_form(asks, request.POST), by=actor)
    given = request.POST.get("id", "")
    own = int(given) if given.isdecimal() and int(given) < 2**63 else None
    found = [(row, why) for row, why in alike(record, actor, values, own) if row.pk != own]
    return likeness_notice(request, record, found, actor, own, values)


def _answer(request: HttpRequest, form: FormState, status: int = 200) -> HttpResponse:
    context = form.context(request)
    if form.quick and is_htmx(request):
        return fragment(request, "pages/form.html", "dialog", context, status)
    return page(request, "pages/form.html", context, status)


urlpatterns = [
    path("<slug:slug>/new", new, name="new"),
    path("<slug:slug>/duplicates", duplicates, name="duplicates"),
    path("<slug:slug>/check", check, name="check"),
    path("<slug:slug>/<int:pk>/edit", edit, name="edit"),
]
