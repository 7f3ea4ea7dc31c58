"""Settings of deals: pipelines with their stages and rules, and the tree of reasons.

What is one plain field (a name, an order, a likelihood) is edited on the generic forms; these pages show the whole and
hold what a form cannot: the rule to leave a stage.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from kith.deals import configuration, queries
from kith.deals.actions import set_rule
from kith.deals.actions.stages import ENDINGS
from kith.deals.models import CommitteeRole, Stage, Status
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.lookups.compile import say_tree
from kith.kernel.lookups.look import Look, look_with
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import Group, check_size, from_json
from kith.kernel.records.columns import Column
from kith.kernel.records.registry import registry
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.pages.filteredit import edited, editor_context, with_a_line
from kith.ui.pages.filterform import tidied
from kith.ui.render import fragment, is_htmx, page


def _actor(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    actor.require("settings.manage")
    return actor


def pipelines(request: HttpRequest) -> HttpResponse:
    """Every pipeline with its stages, what each asks for, and how often that was passed by exception."""
    actor, passed = _actor(request), queries.exceptions()
    columns = registry["deal"].columns()
    found = [
        {
            "pipeline": pipeline,
            "stages": [_stage(s, actor, columns, passed) for s in configuration.stages_in(pipeline.pk)],
        }
        for pipeline in configuration.pipelines()
    ]
    return page(request, "deals/pipelines.html", {"pipelines": found})


def _stage(stage: Stage, actor: Actor, columns: dict[str, Column], passed: dict[int, int]) -> dict[str, Any]:
    needed = [columns[k].label if k in columns else k for k in stage.required]
    rule = say_tree(registry["deal"], from_json(stage.exit_rule), actor)
    return {
        "stage": stage,
        "needed": needed,
        "rule": rule,
        "passed": passed.get(stage.pk, 0),
        "stalls": stage.stalls_after,
    }


def stage_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """What a deal needs to leave one stage: fields, a filter as lists have it, and buying roles."""
    actor = _actor(request)
    stage = registry["stage"].get(actor, pk)
    if request.method != "POST":
        tree, _focus = with_a_line(from_json(stage.exit_rule))
        return _rule_form(request, stage, list(stage.required), list(stage.roles), tree)
    required, roles = request.POST.getlist("required"), request.POST.getlist("roles")
    tree, focus = edited(_look(actor), request.POST)
    if request.POST.get("do", "refresh" if is_htmx(request) else "apply") != "apply":
        return _rule_form(request, stage, required, roles, tree, focus)
    try:
        set_rule(stage, required=required, roles=roles, rule=check_size(tidied(tree)), by=actor)
    except InvalidMany as problem:
        return _rule_form(request, stage, required, roles, tree, problems=problem.errors)
    except Invalid as problem:
        return _rule_form(request, stage, required, roles, tree, problems={"rule": [problem.message]})
    return answers.go(request, "/settings/pipelines/", _("Saved. It holds for the next move."))


def _look(actor: Actor) -> Look:
    return look_with(registry["deal"], actor, ListState())


def _rule_form(
    request: HttpRequest, stage: Stage, required: list[str], roles: list[str], tree: Group, focus: str = "",
    problems: dict[str, list[str]] | None = None,
) -> HttpResponse:  # fmt: skip
    look = _look(actor_of(request))
    context = {
        "stage": stage, "problems": [m for messages in (problems or {}).values() for m in messages],
        "fields": [(k, c.label, k in required) for k, c in look.columns.items() if c.writable and k not in ENDINGS],
        "roles": [(value, label, value in roles) for value, label in CommitteeRole.choices],
        **editor_context(look, tree, focus, errors=problems is not None),
    }  # fmt: skip
    status = 200 if problems is None else 422
    if is_htmx(request):
        return fragment(request, "deals/stage_rule.html", "form", context, status)
    return page(request, "deals/stage_rule.html", context, status)


def reasons(request: HttpRequest) -> HttpResponse:
    """Why deals are won and lost, as two trees."""
    _actor(request)
    trees = [(outcome.label, outcome.value, configuration.branches(outcome)) for outcome in (Status.LOST, Status.WON)]
    return page(request, "deals/reasons.html", {"trees": trees})
