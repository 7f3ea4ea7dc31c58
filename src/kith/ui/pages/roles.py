"""Settings, roles: which rows, rights and columns each role has per record type."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.kernel.access.actions import CHANGEABLE, reset_policy, set_policy
from kith.kernel.access.policies import LEVELS, RIGHTS, ROW_VERBS
from kith.kernel.accounts.models import Role
from kith.kernel.errors import Invalid
from kith.kernel.records.registry import registry
from kith.ui.pages.base import actor_of
from kith.ui.render import page

LEVEL_WORDS = {
    "none": gettext_lazy("none"),
    "own": gettext_lazy("own"),
    "team": gettext_lazy("their team’s"),
    "all": gettext_lazy("all"),
}
VERB_WORDS = {
    "see": gettext_lazy("Sees"),
    "edit": gettext_lazy("Changes"),
    "archive": gettext_lazy("Archives and merges"),
}
RIGHT_WORDS = {
    "create": gettext_lazy("Add new ones"), "import": gettext_lazy("Import files"),
    "export": gettext_lazy("Export"), "bulk": gettext_lazy("Change many at once"),
}  # fmt: skip


def roles(request: HttpRequest) -> HttpResponse:
    """One table: roles across, record types down."""
    actor = actor_of(request)
    actor.require("settings.manage")
    names = [r.value for r in Role]
    rows = [{"record": r, "cells": [_cell(actor, role, r.name) for role in names]} for r in registry if not r.settings]
    return page(request, "pages/roles.html", {"rows": rows, "roles": [Role(n).label for n in names]})


def _cell(actor: Any, role: str, record: str) -> dict[str, Any]:
    policies = actor.policies
    return {
        "levels": [(VERB_WORDS[v], LEVEL_WORDS[policies.level(role, record, v)]) for v in ROW_VERBS],
        "hidden": len(policies.hidden(role, record)),
        "locked": len(policies.read_only(role, record)),
        "href": f"/settings/roles/{role}/{record}" if role in CHANGEABLE else "",
    }


def role(request: HttpRequest, role: str, name: str) -> HttpResponse:
    actor = actor_of(request)
    actor.require("settings.manage")
    record = registry.get(name)
    if role not in CHANGEABLE or record is None:
        raise Http404("There is no such role or record type.")
    given = _given(request, actor, role, record)
    error = ""
    if request.method == "POST":
        try:
            if request.POST.get("reset"):
                reset_policy(role=role, record=name, by=actor)
            else:
                set_policy(role=role, record=name, by=actor, **given)
        except Invalid as problem:
            error = problem.message
        else:
            messages.success(request, _("Saved. It holds from the next page everybody opens."))
            return HttpResponseRedirect("/settings/roles/")
    context = {
        "role": Role(role).label, "record": record, "given": given, "error": error, "levels": [(v, str(LEVEL_WORDS[v])) for v in LEVELS],
        "verbs": VERB_WORDS, "rights": RIGHT_WORDS, "columns": [c for c in record.columns().values() if c.key != "id"],
    }  # fmt: skip
    return page(request, "pages/role.html", context, status=422 if error else 200)


def _given(request: HttpRequest, actor: Any, role: str, record: Any) -> dict[str, Any]:
    if request.method == "POST":
        shown = {k: request.POST.get(f"column:{k}", "") for k in record.columns()}
        return {
            **{v: request.POST.get(v, "none") for v in ROW_VERBS},
            "rights": [r for r in RIGHTS if request.POST.get(f"right:{r}")],
            "hidden": [k for k, v in shown.items() if v == "hidden"],
            "read_only": [k for k, v in shown.items() if v == "read_only"],
        }
    policies = actor.policies
    return {
        **{v: policies.level(role, record.name, v) for v in ROW_VERBS},
        "rights": [r for r in RIGHTS if policies.can(role, f"{record.name}.{r}")],
        "hidden": sorted(policies.hidden(role, record.name)),
        "read_only": sorted(policies.read_only(role, record.name)),
    }


urlpatterns = [
    path("settings/roles/", roles, name="roles"),
    path("settings/roles/<slug:role>/<slug:name>", role, name="role"),
]
