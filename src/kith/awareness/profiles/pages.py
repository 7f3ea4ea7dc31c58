"""Pages of profiles: one criterion with its conditions as a filter, and what versions said of somebody over time."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kith.awareness.access import registry_row
from kith.awareness.models import Criterion, Profile
from kith.awareness.profiles import actions, fitting, panels
from kith.kernel.errors import Invalid, InvalidMany, NeedsInput, NotFound
from kith.kernel.lookups.look import Look, look_with
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import Group, check_size, to_text
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.pages.filteredit import edited, editor_context, with_a_line
from kith.ui.pages.filterform import tidied
from kith.ui.render import fragment, is_htmx, page

FIELDS = ("label", "weight", "note")


@require_http_methods(["GET", "POST"])
def criterion(request: HttpRequest, pk: int, number: int = 0) -> HttpResponse:
    """A criterion of the draft, or a new one: its name, weight, conditions and why it matters."""
    actor = actor_of(request)
    profile: Profile = registry_row("profile", actor, pk, "edit")
    look = look_with(registry[profile.subject], actor, ListState())
    found = Criterion.objects.filter(profile=profile, pk=number).first() if number else None
    if number and found is None:
        raise NotFound(_("This criterion is gone from the draft."))
    if request.method != "POST":
        tree, _focus = with_a_line(fitting.tree_of({"conditions": found.conditions}) if found else Group())
        values = {key: getattr(found, key) for key in FIELDS} if found else {"weight": 1}
        return _form(request, look, profile, found, values, tree)
    values = {key: request.POST.get(key, "").strip() for key in FIELDS}
    tree, focus = edited(look, request.POST)
    if request.POST.get("do", "refresh" if is_htmx(request) else "apply") != "apply":
        return _form(request, look, profile, found, values, tree, focus)
    try:
        raw = {**values, "conditions": to_text(check_size(tidied(tree)))}
        act = actions.change_criterion if found else actions.add_criterion
        done = perform(act, profile, {**raw, "criterion": str(number)} if found else raw, by=actor)
    except NeedsInput as problem:
        told = {key: words[0] for key, words in problem.errors.items()} | {
            key: _("%s is needed.") % _("This") for key in problem.inputs
        }
        return _form(request, look, profile, found, values, tree, problems=told)
    except InvalidMany as problem:
        return _form(request, look, profile, found, values, tree, problems={k: v[0] for k, v in problem.errors.items()})
    except Invalid as problem:
        return _form(request, look, profile, found, values, tree, problems={problem.field: problem.message})
    return answers.go(
        request, f"/profiles/{pk}", _("The draft is changed; publish it to put it in force."), op=done.operation
    )


def _form(
    request: HttpRequest, look: Look, profile: Profile, found: Criterion | None, values: dict[str, Any], tree: Group,
    focus: str = "", *, problems: dict[str, str] | None = None,
) -> HttpResponse:  # fmt: skip
    context = {
        "profile": profile, "found": found, "values": values, "errors": problems or {},
        "problems": [words for key, words in (problems or {}).items() if key not in FIELDS],
        "to": f"/profiles/{profile.pk}/criteria/{found.pk if found else 'new'}",
        **editor_context(look, tree, focus, errors=problems is not None),
    }  # fmt: skip
    status = 422 if problems else 200
    if is_htmx(request):
        return fragment(request, "awareness/criterion.html", "form", context, status)
    return page(request, "awareness/criterion.html", context, status)


@require_GET
def then(request: HttpRequest, subject: str, row: int) -> HttpResponse:
    """What the versions in force say of somebody now, and what older ones said."""
    actor = actor_of(request)
    actor.require("profile.see")
    if subject not in ("person", "company"):
        raise NotFound(_("Profiles speak of people and companies."))
    record = registry[subject]
    found = record.get(actor, row)
    context = {
        "name": record.name_of(found), "href": record.url(found.pk), "record": record,
        "now": [panels.shown(one) for one in fitting.results_now(actor, subject, found.pk)],
        "then": [panels.shown(one) for one in fitting.results_then(actor, subject, found.pk)],
    }  # fmt: skip
    return page(request, "awareness/profile_then.html", context)
