"""Pages for rules that stand alone: who may enter a stage, and which new customers a whole process is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.kernel.errors import Invalid
from kith.process.definition.shape import KNOWN_FIRST, Definition, Rule
from kith.process.editor import changes
from kith.process.editor.desk import open_desk
from kith.process.editor.drafting import edit_draft
from kith.process.editor.partpages import METHODS, Part, pressed
from kith.process.editor.ruleform import RuleForm
from kith.ui.pages import answers

Put = Callable[[Definition, Rule | None], Definition]


@require_http_methods(METHODS)
def entry_page(request: HttpRequest, key: str, stage: str) -> HttpResponse:
    """The rule that a customer must meet to enter a stage."""
    desk = open_desk(request, key)
    here = changes.stage_of(desk.definition, stage)
    part = Part(desk, "process/rule.html", _("Who may enter %s") % here.name, f"{desk.base}{stage}/", here)
    part.form = RuleForm(desk.actor, here.entry)
    part.more = {
        "text": _(
            "By itself nobody comes in who does not meet the rule: they are held, which is told, and looked at again whenever"
            " something happens with them. By hand a written reason lets them in, unless the gate they leave is strict."
        ),
        "crumbs": ((here.name, part.back), (_("Entry rule"), None)),
    }

    def put(now: Definition, rule: Rule | None) -> Definition:
        return changes.put_stage(now, replace(changes.stage_of(now, stage), entry=rule))

    return _kept(request, part, put, _("Entry rule of %s") % here.name, _("The entry rule stands in the draft."))


@require_http_methods(METHODS)
def whom_page(request: HttpRequest, key: str) -> HttpResponse:
    """The rule that tells which new customers begin in this process."""
    desk = open_desk(request, key)
    name = desk.definition.name
    part = Part(desk, "process/rule.html", _("Whom %s is for") % name, desk.base)
    part.form = RuleForm(desk.actor, desk.definition.whom, KNOWN_FIRST)
    part.more = {
        "text": _("New customers who meet the rule begin here. Without a condition it is for nobody in particular."),
        "crumbs": ((_("For whom"), None),),
    }
    return _kept(
        request, part, lambda now, rule: replace(now, whom=rule), _("Whom %s is for") % name,
        _("Whom it is for stands in the draft."),
    )  # fmt: skip


def _kept(request: HttpRequest, part: Part, put: Put, label: str, said: Any) -> HttpResponse:
    """The form of a rule, shown or taken."""
    assert part.form is not None
    if request.method != "POST":
        return part.show(request)
    part.form.take(request.POST)
    if pressed(request) != "apply":
        return part.show(request)
    try:
        rule = part.form.rule()
    except Invalid as problem:
        part.errors["rule"] = problem.message
        return part.show(request)
    op = edit_draft(part.desk.process, label, lambda now: put(now, rule), by=part.desk.actor)
    return answers.go(request, part.back, said, op=op)
