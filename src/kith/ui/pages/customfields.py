"""Settings, fields of one's own: what each record type has, adding one, changing one, taking one out of use."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from kith.kernel.customfields import actions
from kith.kernel.customfields.queries import field_of, fields_of
from kith.kernel.errors import InvalidMany
from kith.kernel.records.models import RecordModel
from kith.kernel.records.registry import registry
from kith.ui.pages.base import actor_of
from kith.ui.render import page


def fields(request: HttpRequest) -> HttpResponse:
    """All record types with their own fields."""
    actor_of(request).require("settings.manage")
    groups = [
        {
            "record": r,
            "fields": [f for f in fields_of(r.name) if not f.archived_at],
            "gone": [f for f in fields_of(r.name) if f.archived_at],
        }
        for r in _types()
    ]
    return page(request, "pages/customfields.html", {"groups": groups, "kinds": actions.kinds_offered()})


def _types() -> list[Any]:
    return [r for r in registry if issubclass(r.model, RecordModel) and not r.settings]


def new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    actor.require("settings.manage")
    given = {
        "record": request.GET.get("record", "person"),
        "label": "",
        "kind": "text",
        "choices": "",
        "target": "company",
        "help": "",
        "required": "",
        "indexed": "",
    }
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        given |= {k: request.POST.get(k, "") for k in given}
        try:
            made = actions.define(
                record=given["record"], label=given["label"], kind=given["kind"], choices=given["choices"].splitlines(),
                target=given["target"], help=given["help"], required=bool(given["required"]), indexed=bool(given["indexed"]), by=actor,
            )  # fmt: skip
        except InvalidMany as problem:
            errors = problem.errors
        else:
            messages.success(request, _("“%s” is there, on every list, form, filter and file.") % made.label)
            return HttpResponseRedirect("/settings/fields/")
    context = {
        "given": given, "errors": errors, "field": None, "kinds": list(actions.kinds_offered().items()),
        "records": [(r.name, r.plural) for r in _types()],
    }  # fmt: skip
    return page(request, "pages/customfield.html", context, status=422 if errors else 200)


def change(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    actor.require("settings.manage")
    field = field_of(pk)
    given = {
        "record": field.record, "kind": field.kind, "label": field.label, "help": field.help, "target": field.options.get("target", ""),
        "choices": "\n".join(field.options.get("choices", {}).values()), "required": field.required, "indexed": field.indexed,
    }  # fmt: skip
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        given |= {k: request.POST.get(k, "") for k in ("label", "help", "choices", "required", "indexed")}
        try:
            actions.change_field(
                field, by=actor, label=given["label"], help=given["help"], required=bool(given["required"]),
                indexed=bool(given["indexed"]), choices=str(given["choices"]).splitlines(),
            )  # fmt: skip
        except InvalidMany as problem:
            errors = problem.errors
        else:
            messages.success(request, _("“%s” was changed.") % field.label)
            return HttpResponseRedirect("/settings/fields/")
    context = {
        "given": given,
        "errors": errors,
        "field": field,
        "kinds": list(actions.kinds_offered().items()),
        "records": [(r.name, r.plural) for r in _types()],
    }
    return page(request, "pages/customfield.html", context, status=422 if errors else 200)


def put_away(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """POST archive or restore."""
    if request.method != "POST" or verb not in ("archive", "restore"):
        raise Http404("There is nothing to see here.")
    field = field_of(pk)
    if verb == "archive":
        actions.archive_field(field, by=actor_of(request))
        messages.success(request, _("“%s” is out of use; its values are kept.") % field.label)
    else:
        actions.restore_field(field, by=actor_of(request))
        messages.success(request, _("“%s” is back with its values.") % field.label)
    return HttpResponseRedirect("/settings/fields/")


urlpatterns = [
    path("settings/fields/", fields, name="custom-fields"),
    path("settings/fields/new", new, name="new-custom-field"),
    path("settings/fields/<int:pk>", change, name="custom-field"),
    path("settings/fields/<int:pk>/<slug:verb>", put_away),
]
