"""The page of one stage: everything it says in one form, whose every save changes the draft only.

Buttons beside a need, an automation or the entry rule send the form as well, so that nothing typed is lost on the way to
the page where that one is edited.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from kith.kernel.errors import Invalid
from kith.kernel.timeline.models import Operation
from kith.process.definition.differ import differences
from kith.process.definition.shape import SOFT, Definition, Stage
from kith.process.editor import changes, words
from kith.process.editor.desk import Desk, fields, open_desk
from kith.process.editor.drafting import edit_draft
from kith.process.editor.figures import times_of
from kith.process.editor.lines import Ran, lines_of
from kith.process.editor.stageform import Sent, level_words, read_stage, typed_of, ways
from kith.process.evidence.advised import advised
from kith.process.playbook import parts
from kith.ui.pages import answers
from kith.ui.render import page

TEMPLATE = "process/stage.html"
STEPS = [(str(n), str(n)) for n in range(1, 10)]
SHIFTS = {"up": -1, "down": 1, "remove": 0}
Apply = Callable[[Definition], Definition]


@require_http_methods(["GET", "HEAD", "POST"])
def stage_page(request: HttpRequest, key: str, stage: str) -> HttpResponse:
    """`do` of the form: save, or what its other buttons say ("need-up:fit", "earlier", "go:need/new/")."""
    desk = open_desk(request, key)
    here = changes.stage_of(desk.definition, stage)
    if request.method != "POST":
        return _show(request, desk, Sent(here, typed_of(here)))
    sent = read_stage(here, desk.definition, request.POST)
    if sent.errors:
        return _show(request, desk, sent, status=422)
    verb, _sep, what = request.POST.get("do", "save").partition(":")
    try:
        op, said = _keep(desk, sent, verb, what)
    except Invalid as problem:
        sent.errors[""] = problem.message
        return _show(request, desk, sent, status=422)
    return answers.go(request, _next(desk, here, verb, what), said, op=op)


def _keep(desk: Desk, sent: Sent, verb: str, what: str) -> tuple[Operation, str]:
    """Save the form and what its button asks for; (the operation, what is said about it)."""
    key, before = sent.stage.key, desk.definition

    def apply(now: Definition) -> Definition:
        put = changes.put_stage(now, _with_own_parts(now, sent))
        return _asked(changes.order_stages(put, sent.stages), key, verb, what)

    op = edit_draft(desk.process, _("Draft of %s") % desk.definition.name, apply, by=desk.actor)
    now = Desk(desk.actor, desk.process).definition
    changed = differences(before, now)
    if not changed:
        return op, "" if verb == "go" else _("Nothing was changed.")
    more = _(" and %s more") % (len(changed) - 1) if len(changed) > 1 else ""
    return op, _("In the draft: %(what)s%(more)s") % {"what": changed[0].rstrip("."), "more": more}


def _with_own_parts(now: Definition, sent: Sent) -> Stage:
    """The form's stage with the parts that have forms of their own, as they are by now, needs in the order they were put in."""
    kept = changes.stage_of(now, sent.stage.key)
    needs = changes.in_order(kept.needs, sent.needs)
    return replace(sent.stage, needs=needs, entry=kept.entry, automations=kept.automations)


def _asked(definition: Definition, key: str, verb: str, what: str) -> Definition:
    """What a button of the form does beside saving."""
    stage = definition.by_key[key]
    part, _sep, way = verb.partition("-")
    if part == "need" and way in SHIFTS:
        at = next((i for i, n in enumerate(stage.needs) if n.key == what), -1)
        return changes.put_stage(definition, replace(stage, needs=changes.shifted(stage.needs, at, SHIFTS[way])))
    if part == "line" and way in SHIFTS and what.isdecimal():
        lines = changes.shifted(stage.automations, int(what), SHIFTS[way])
        return changes.put_stage(definition, replace(stage, automations=lines))
    if verb == "entry-remove":
        return changes.put_stage(definition, replace(stage, entry=None))
    if verb in ("earlier", "later"):
        return changes.move_stage(definition, key, -1 if verb == "earlier" else 1)
    return changes.remove_stage(definition, key) if verb == "drop" else definition


def _next(desk: Desk, stage: Stage, verb: str, what: str) -> str:
    """Where a button leads after the save: to the page of a part, back to this stage, or on where this one is gone."""
    if verb == "go" and not what.startswith("/") and ".." not in what:
        return f"{desk.base}-/{what}" if what.startswith(("add/", "publish/")) else f"{desk.base}{stage.key}/{what}"
    return desk.base if verb == "drop" else f"{desk.base}{stage.key}/"


def _show(request: HttpRequest, desk: Desk, sent: Sent, status: int = 200) -> HttpResponse:
    stage, definition = sent.stage, desk.definition
    ran = lines_of(desk.process, definition, stage)
    context: dict[str, Any] = {
        **desk.context(stage), "typed": fields(sent.typed), "errors": fields(sent.errors),
        "steps": STEPS, "teams": words.team_choices(definition), "colleagues": words.colleague_choices(stage.fallback), "events": words.event_choices(*stage.enters_on),
        "entry": words.say_rule(stage.entry, desk.actor), "soft": stage.gate == SOFT,
        "needs": [(need, words.say_need(need, desk.actor)) for need in stage.needs],
        "lines": [(*words.say_automation(line), ran.get(n)) for n, line in enumerate(stage.automations)],
        "ran_words": _ran_words(list(ran.values())),
        "forward": ways(definition, stage, "forward"), "back": ways(definition, stage, "back"),
        "only": ways(definition, stage, "only"), "after": _after(definition, stage),
        "level": level_words(definition, stage), "times": times_of(desk.process, definition, stage),
        "shown": parts(stage.playbook), "advice": advised(desk.process.pk).get(stage.key),
    }  # fmt: skip
    return page(request, TEMPLATE, context, status)


def _ran_words(told: list[Ran]) -> str:
    """How all of them went, in a few words; "" where none ran."""
    runs, failed = sum(one.runs for one in told), sum(one.failed for one in told)
    words = ngettext("%(n)s run in 30 days", "%(n)s runs in 30 days", runs) % {"n": f"{runs:,}"}
    return (words + (_(", %s failed") % failed if failed else "")) if runs else ""


def _after(definition: Definition, stage: Stage) -> Stage | None:
    """The stage to which this one's gate leads."""
    try:
        return definition.next_of(stage.key)
    except KeyError:  # `opens` names no stage: told among the faults
        return None
