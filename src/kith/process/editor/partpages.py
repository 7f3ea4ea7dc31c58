"""Pages for the parts of a stage that are more than a field: a need, an automation; and for segments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.kernel.errors import Invalid, NotFound
from kith.kernel.records.action import ACTIONS
from kith.process.definition.checks import known_event
from kith.process.definition.shape import BY, MOMENTS, Automation, Definition, Need, Segment, Stage
from kith.process.editor import changes, words
from kith.process.editor.desk import Desk, fields, open_desk
from kith.process.editor.drafting import edit_draft
from kith.process.editor.ruleform import RuleForm
from kith.ui.forms import tidy
from kith.ui.pages import answers
from kith.ui.render import fragment, is_htmx, page

METHODS = ["GET", "HEAD", "POST"]


@dataclass
class Part:
    """One part on its page. `values` are what its fields show, `back` where saving or leaving leads."""

    desk: Desk
    template: str
    title: str
    back: str
    stage: Stage | None = None
    form: RuleForm | None = None
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    def show(self, request: HttpRequest) -> HttpResponse:
        context = {
            **self.desk.context(self.stage), **(self.form.context() if self.form else {}), **self.more, "title": self.title,
            "v": self.values, "errors": fields(self.errors), "back": self.back, "to": request.path,
        }  # fmt: skip
        status = 422 if self.errors else 200
        if is_htmx(request) and request.method == "POST":
            return fragment(request, self.template, "form", context, status)
        return page(request, self.template, context, status)


def pressed(request: HttpRequest) -> str:
    """The button that sent the form; a change inside it sends none."""
    return request.POST.get("do", "refresh" if is_htmx(request) else "apply")


# --- needs
@require_http_methods(METHODS)
def need_page(request: HttpRequest, key: str, stage: str, need: str = "") -> HttpResponse:
    """One thing that the gate of a stage asks for."""
    desk = open_desk(request, key)
    here = changes.stage_of(desk.definition, stage)
    old = next((n for n in here.needs if n.key == need), None)
    if need and old is None:
        raise NotFound(_("%(stage)s asks for no “%(need)s”.") % {"stage": here.name, "need": need})
    title = _("To leave %(stage)s: %(need)s") % {"stage": here.name, "need": old.says if old else _("new")}
    part = Part(
        desk, "process/need.html", title, f"{desk.base}{stage}/", here, RuleForm(desk.actor, old.rule if old else None)
    )
    part.more = {"bys": [(k, str(w)) for k, w in words.BY_WORDS.items()], "columns_of": words.column_choices(),
                 "events": words.event_choices(old.event if old else "")}  # fmt: skip
    part.values = _need_values(old)
    if request.method != "POST":
        return part.show(request)
    part.values |= {k: tidy(request.POST.get(k, part.values[k])).strip() for k in part.values}
    if part.values["by"] == "rule" and "g-r" in request.POST:
        part.form.take(request.POST)  # type: ignore[union-attr]
    if pressed(request) != "apply":
        return part.show(request)
    made = _need_of(part)
    if made is None:
        return part.show(request)

    def apply(now: Definition) -> Definition:
        return changes.put_stage(now, changes.put_need(changes.stage_of(now, stage), need, made))

    op = edit_draft(desk.process, _("Gate of %s") % here.name, apply, by=desk.actor)
    return answers.go(request, part.back, _("“%s” stands in the draft.") % made.says, op=op)


def _need_values(need: Need | None) -> dict[str, str]:
    if need is None:
        return {"says": "", "by": "field", "column": "", "event": ""}
    return {"says": need.says, "by": need.by, "column": f"{need.of}.{need.column}" if need.column else "", "event": need.event}  # fmt: skip


def _need_of(part: Part) -> Need | None:
    """The need that the form says; None with sentences in `errors`."""
    v, errors = part.values, part.errors
    if not v["says"]:
        errors["says"] = _("Say in a few words what must be true, for example Budget is known.")
    by = v["by"] if v["by"] in BY else "hand"
    if by == "hand":
        return Need("", v["says"]) if not errors else None
    if by == "field":
        of, _dot, column = v["column"].partition(".")
        if (of, column) not in _columns():
            errors["column"] = _("Choose the field that must be filled in.")
        return Need("", v["says"], by, of, column) if not errors else None
    if by == "event":
        if not known_event(v["event"]):
            errors["event"] = _("Choose what must have happened.")
        return Need("", v["says"], by, event=v["event"]) if not errors else None
    try:
        rule = part.form.rule() if part.form else None
        if rule is None:
            errors["rule"] = _("Say at least one condition.")
    except Invalid as problem:
        errors["rule"] = problem.message
        return None
    return Need("", v["says"], by, rule=rule) if not errors else None


def _columns() -> set[tuple[str, str]]:
    return {tuple(name.split(".", 1)) for _label, pairs in words.column_choices() for name, _words in pairs}  # type: ignore[misc]


# --- automations
@require_http_methods(METHODS)
def automation_page(request: HttpRequest, key: str, stage: str, at: int | None = None) -> HttpResponse:
    """What happens by itself at a moment of a stage."""
    desk = open_desk(request, key)
    here = changes.stage_of(desk.definition, stage)
    if at is not None and at >= len(here.automations):
        raise NotFound(_("%s has no such automation any more.") % here.name)
    old = here.automations[at] if at is not None else Automation("entry", "")
    part = Part(desk, "process/automation.html", _("By itself in %s") % here.name, f"{desk.base}{stage}/", here)
    part.values = {"moment": old.moment, "do_action": old.do, "says": old.says, "inputs": fields(old.inputs)}
    if request.method == "POST":
        part.values = _line_values(request, old)
    part.more = {
        "moments": [(k, str(w)) for k, w in words.MOMENT_WORDS.items()],
        "actions": words.action_choices(),
        "asks": _asks(part.values),
    }
    if request.method != "POST" or pressed(request) != "apply":
        return part.show(request)
    line = _line_of(part)
    if line is None:
        return part.show(request)

    def apply(now: Definition) -> Definition:
        return changes.put_stage(now, changes.put_automation(changes.stage_of(now, stage), at, line))

    op = edit_draft(desk.process, _("Automations of %s") % here.name, apply, by=desk.actor)
    return answers.go(request, part.back, _("The automation stands in the draft."), op=op)


def _line_values(request: HttpRequest, old: Automation) -> dict[str, Any]:
    do = tidy(request.POST.get("do_action"))
    kept = old.inputs if do == old.do else {}
    asked = _asks({"do_action": do})
    inputs = {a.key: tidy(request.POST.get(f"input-{a.key}", kept.get(a.key, ""))).strip() for a in asked}
    return {"moment": tidy(request.POST.get("moment")), "do_action": do, "says": tidy(request.POST.get("says")).strip(), "inputs": inputs}  # fmt: skip


def _asks(values: dict[str, Any]) -> list[Any]:
    """The inputs of the action that was chosen."""
    action = ACTIONS.get(values["do_action"])
    return [i for i in action.inputs if not i.given and not i.later] if action else []


def _line_of(part: Part) -> Automation | None:
    v = part.values
    if v["do_action"] not in ACTIONS:
        part.errors["do_action"] = _("Choose what is to happen.")
    if v["moment"] not in MOMENTS:
        part.errors["moment"] = _("Choose when it happens.")
    for ask in _asks(v):
        if ask.required and not v["inputs"].get(ask.key):
            part.errors[f"input-{ask.key}"] = _("“%s” is needed.") % ask.label
    if part.errors:
        return None
    return Automation(v["moment"], v["do_action"], {k: w for k, w in v["inputs"].items() if w}, v["says"])


# --- segments
@require_http_methods(METHODS)
def segment_page(request: HttpRequest, key: str, segment: str = "") -> HttpResponse:
    """Customers whose way differs: a name, and the rule that tells who they are."""
    desk = open_desk(request, key)
    old = next((s for s in desk.definition.segments if s.key == segment), None)
    if segment and old is None:
        raise NotFound(_("There is no segment “%s”.") % segment)
    part = Part(desk, "process/segment.html", old.name if old else _("New segment"), desk.base)
    part.form, part.values = RuleForm(desk.actor, old.rule if old else None), {"name": old.name if old else ""}
    part.more = {"segment": old}
    if request.method != "POST":
        return part.show(request)
    if request.POST.get("do") == "drop" and old is not None:
        op = edit_draft(
            desk.process, _("Segment %s") % old.name, lambda d: changes.remove_segment(d, segment), by=desk.actor
        )
        return answers.go(request, part.back, _("%s is no segment any more, in the draft.") % old.name, op=op)
    part.form.take(request.POST)
    part.values["name"] = tidy(request.POST.get("name")).strip()
    if pressed(request) != "apply":
        return part.show(request)
    made = _segment_of(part)
    if made is None:
        return part.show(request)
    op = edit_draft(
        desk.process, _("Segment %s") % made.name, lambda d: changes.put_segment(d, segment, made), by=desk.actor
    )
    return answers.go(request, part.back, _("%s stands in the draft.") % made.name, op=op)


def _segment_of(part: Part) -> Segment | None:
    if not part.values["name"]:
        part.errors["name"] = _("A segment needs a name, for example Retail.")
    try:
        rule = part.form.rule() if part.form else None
        if rule is None:
            part.errors["rule"] = _("Say at least one condition.")
    except Invalid as problem:
        part.errors["rule"] = problem.message
        return None
    return Segment("", part.values["name"], rule) if rule is not None and not part.errors else None
