"""Settings of deals: pipelines with their stages and rules, and the tree of reasons.

What is one plain field (a name, an order, a likelihood) is edited on the generic forms; these pages show the whole and
hold what a form cannot: the rule to leave a stage.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from kith.deals import configuration, queries
from kith.deals.actions import set_rule
from kith.deals.actions.stages import ENDINGS
from kith.deals.models import CommitteeRole, Stage, Status
from kith.kernel.access.actor import Actor
from kith.kernel.errors import InvalidMany
from kith.kernel.lookups.compile import say_tree
from kith.kernel.lookups.tree import Condition, Group, from_json, to_text
from kith.kernel.records.columns import Column
from kith.kernel.records.registry import registry
from kith.kernel.text import clean_text
from kith.ui.render import page

SPARE, MOST = 2, 20  # empty lines that stand ready, conditions of one rule


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
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
    """What a deal needs to leave one stage."""
    actor = _actor(request)
    stage = registry["stage"].get(actor, pk)
    errors: dict[str, list[str]] = {}
    required, roles, rule = list(stage.required), list(stage.roles), from_json(stage.exit_rule)
    if request.method == "POST":
        required, roles = request.POST.getlist("required"), request.POST.getlist("roles")
        rule = _read(request, rule)
        try:
            set_rule(stage, required=required, roles=roles, rule=rule, by=actor)
        except InvalidMany as problem:
            errors = problem.errors
        else:
            messages.success(request, _("Saved. It holds for the next move."))
            return HttpResponseRedirect("/settings/pipelines/")
    return page(
        request, "deals/stage_rule.html", _rule_context(stage, required, roles, rule, errors), 422 if errors else 200
    )


def _rule_context(
    stage: Stage, required: list[str], roles: list[str], rule: Group, errors: dict[str, list[str]]
) -> dict[str, Any]:
    columns = registry["deal"].columns()
    conditions = [p for p in rule.parts if isinstance(p, Condition)] if rule.how == "all" else []
    filterable = {k: c for k, c in columns.items() if c.filterable}
    operators = {op.key: str(op.label) for c in filterable.values() for op in c.kind.operators().values()}
    return {
        "stage": stage, "errors": errors, "nested": to_text(_nested(rule)) if _nested(rule) else "",
        "fields": [(k, c.label, k in required) for k, c in columns.items() if c.writable and k not in ENDINGS],
        "roles": [(value, label, value in roles) for value, label in CommitteeRole.choices],
        "lines": [(c.column, c.op, "|".join(map(str, c.values))) for c in conditions] + [("", "", "")] * SPARE,
        "columns": [(k, c.label) for k, c in filterable.items()], "operators": list(operators.items()),
    }  # fmt: skip


def _nested(rule: Group) -> Group:
    """What simple lines cannot show: groups inside the rule. They are kept as they are."""
    if rule.how != "all":
        return Group("all", (rule,))
    return Group("all", tuple(p for p in rule.parts if isinstance(p, Group)))


def _read(request: HttpRequest, before: Group) -> Group:
    """The rule as its form says it, with the groups it had unless they were taken out."""
    keys, ops, values = (request.POST.getlist(name)[:MOST] for name in ("column", "op", "value"))
    lines = [
        Condition(key, op, tuple(v.strip() for v in clean_text(value).split("|") if v.strip()))
        for key, op, value in zip(keys, ops, values, strict=False)
        if key
    ]
    kept = _nested(before).parts if request.POST.get("nested") else ()
    return Group("all", (*lines, *kept))


def reasons(request: HttpRequest) -> HttpResponse:
    """Why deals are won and lost, as two trees."""
    _actor(request)
    trees = [(outcome.label, outcome.value, configuration.branches(outcome)) for outcome in (Status.LOST, Status.WON)]
    return page(request, "deals/reasons.html", {"trees": trees})
