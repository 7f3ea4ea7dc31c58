"""The editor of a draft: how it starts, its condition, its steps, each on a form of its own that saves the draft.

Plain forms, so it works without a script. Every save is an edit of the workflow, with history and undo; nothing counts
before it is published.
"""

from __future__ import annotations

import copy
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from kith.automation import editing, startform
from kith.automation.checking import faults_of
from kith.automation.saying import lines_of
from kith.automation.stepforms import fields_of, read_step
from kith.automation.steps import KINDS
from kith.automation.steps.base import Look as StepLook
from kith.automation.steps.base import shape_faults
from kith.automation.triggers import OnBecoming
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, KithError
from kith.kernel.lookups.look import look_with
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import Group, to_text
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.pages.filterpage import edit_filter, readable
from kith.ui.render import fragment, is_htmx, page

CONDITION, BEGINS = "if", "when"


def _open(request: HttpRequest, pk: int) -> tuple[Actor, Any, dict[str, Any]]:
    """Who edits, the workflow, and a copy of its draft."""
    actor = actor_of(request)
    actor.require("settings.manage")
    row = registry["workflow"].get(actor, pk)
    if row.process_id is not None:
        raise Invalid(_("“%s” belongs to a stage; change it in the process, under Settings, Process.") % row.name)
    return actor, row, copy.deepcopy(row.draft) if row.draft else {"record": "", "when": {}, "if": "", "steps": []}


def _save(row: Any, draft: dict[str, Any], actor: Actor) -> None:
    """The draft as an edit of the workflow. Raises Invalid for one that has not the shape of one."""
    column = registry["workflow"].columns()["draft"]
    actions.edit(registry["workflow"], row, {"draft": column.kind.clean(draft)}, by=actor)


def _back(row: Any) -> HttpResponse:
    return HttpResponseRedirect(f"/workflows/{row.pk}/steps")


def overview(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft in sentences, each with what can be done to it; POST `do` is up, down or remove with a step's number."""
    actor, row, draft = _open(request, pk)
    if request.method == "POST":
        verb, _sep, number = request.POST.get("do", "").partition(":")
        changes = {"up": lambda: editing.moved(draft, number, -1), "down": lambda: editing.moved(draft, number, 1),
                   "remove": lambda: editing.without(draft, number)}  # fmt: skip
        if verb not in changes:
            raise Http404("There is no such verb.")
        _save(row, changes[verb](), actor)
        return _back(row)
    begin, *steps = lines_of(draft, actor)
    context = {
        "workflow": row, "begin": begin, "steps": steps, "kinds": [(name, str(kind.label)) for name, kind in KINDS.items()],
        "faults": faults_of(draft, actor, row.name), "record": registry.get(draft.get("record", "")),
        "places": _places(steps, draft), "becomes": OnBecoming.key in draft.get("when", {}),
        "filtered": {line.number for line in steps if _kind(draft, line.number).filters},
    }  # fmt: skip
    return page(request, "automation/steps.html", context)


def _kind(draft: dict[str, Any], number: str) -> Any:
    return KINDS.get(editing.step_at(draft, number).get("do", ""), KINDS["stop"])


def _places(steps: list[Any], draft: dict[str, Any]) -> list[tuple[str, str]]:
    """Where a new step may go: the end of the workflow, or of a half of a branch."""
    out = [("", _("at the end"))]
    for line in steps:
        if _kind(draft, line.number).filters:
            out += [
                (f"{line.number}a.", _("in step %s, if so") % line.number),
                (f"{line.number}b.", _("in step %s, if not") % line.number),
            ]
    return out


# --- how it starts -----------------------------------------------------------------------------------------------------


def starts(request: HttpRequest, pk: int) -> HttpResponse:
    """Which type of record it is about, and what starts it. What the form asks follows what is chosen on it."""
    actor, row, draft = _open(request, pk)
    if request.method != "POST":
        return _start_form(request, row, startform.fields(draft, None, actor))
    sent = startform.read_form(request.POST)
    if request.POST.get("do", "refresh" if is_htmx(request) else "apply") != "apply":
        return _start_form(request, row, startform.fields(draft, sent, actor))
    try:
        draft |= startform.start_of(sent, draft.get("when", {}))
        _save(row, draft, actor)
    except KithError as problem:
        return _start_form(request, row, startform.fields(draft, sent, actor), [problem.message])
    asks = sent["how"] == OnBecoming.key and not draft["when"].get(OnBecoming.key)
    there = f"/workflows/{row.pk}/steps/filter?at={BEGINS}" if asks else f"/workflows/{row.pk}/steps"
    return answers.go(request, there) if is_htmx(request) else HttpResponseRedirect(there)


def _start_form(
    request: HttpRequest, row: Any, shown: dict[str, Any], problems: list[str] | None = None
) -> HttpResponse:
    context, status = {"workflow": row, "problems": problems or [], **shown}, 422 if problems else 200
    if is_htmx(request):
        return fragment(request, "automation/starts.html", "form", context, status)
    return page(request, "automation/starts.html", context, status)


# --- filters -----------------------------------------------------------------------------------------------------------


def filters(request: HttpRequest, pk: int) -> HttpResponse:
    """A filter of the draft, edited as lists edit theirs. `at`: "if", "when", or the number of a branch."""
    actor, row, draft = _open(request, pk)
    at = request.GET.get("at", CONDITION)
    record = registry.get(draft.get("record", ""))
    if record is None:
        return HttpResponseRedirect(f"/workflows/{row.pk}/steps/start")

    def save(tree: Group) -> None:
        _save(row, _with_filter(draft, at, to_text(tree)), actor)

    return edit_filter(
        request, "automation/filter.html", look_with(record, actor, ListState()), readable(_filter_at(draft, at)), save,
        legend=_("Must hold"), back=f"/workflows/{row.pk}/steps", said=_("Saved. It counts once it is published."),
        workflow=row, at=at,
    )  # fmt: skip


def _filter_at(draft: dict[str, Any], at: str) -> str:
    if at == CONDITION:
        return str(draft.get("if", ""))
    if at == BEGINS:
        return str(draft.get("when", {}).get(OnBecoming.key, ""))
    return str(editing.step_at(draft, at).get(_kind(draft, at).filters, ""))


def _with_filter(draft: dict[str, Any], at: str, text: str) -> dict[str, Any]:
    if at == CONDITION:
        return {**draft, "if": text}
    if at == BEGINS:
        return {**draft, "when": {OnBecoming.key: text}}
    return editing.replaced(draft, at, {**editing.step_at(draft, at), _kind(draft, at).filters: text})


# --- one step ----------------------------------------------------------------------------------------------------------


def step(request: HttpRequest, pk: int) -> HttpResponse:
    """A step's form: `?at=3` of one that is there, `?new=wait&where=2a.` of a new one."""
    actor, row, draft = _open(request, pk)
    number, where = request.GET.get("at", ""), request.GET.get("where", "")
    before = editing.step_at(draft, number) if number else {"do": request.GET.get("new", "")}
    kind = KINDS.get(before.get("do", ""))
    if kind is None:
        raise Http404("There is no such step.")
    look = StepLook(registry.get(draft.get("record", "")), actor, row.name)
    if request.method != "POST":
        return _step_form(request, row, kind, before, look, number)
    if kind.filters and not number:  # its condition is asked on the filter's own page
        _save(row, editing.with_step(draft, where, {"do": kind.name, kind.filters: "", "then": [], "else": []}), actor)
        made = f"{where}{len(editing.half_of(copy.deepcopy(draft), where)) + 1}"
        return HttpResponseRedirect(f"/workflows/{row.pk}/steps/filter?at={made}")
    try:
        made_of = read_step(kind, before, request.POST, look)
        faults = list(shape_faults(made_of, look))
        if request.POST.get("do") == "refresh" or faults:
            return _step_form(
                request, row, kind, made_of, look, number, [] if request.POST.get("do") == "refresh" else faults
            )
        _save(
            row, editing.replaced(draft, number, made_of) if number else editing.with_step(draft, where, made_of), actor
        )
    except KithError as problem:
        return _step_form(request, row, kind, before, look, number, [problem.message])
    return _back(row)


def _step_form(
    request: HttpRequest,
    row: Any,
    kind: Any,
    made_of: dict[str, Any],
    look: StepLook,
    number: str,
    faults: list[str] | None = None,
) -> HttpResponse:
    context = {
        "workflow": row, "kind": kind, "fields": fields_of(kind, made_of, look), "faults": faults or [], "number": number,
        "address": request.get_full_path(), "chooses": bool(kind.acts({**made_of}, look) or "inputs" in kind.keys or "values" in kind.keys),
    }  # fmt: skip
    return page(request, "automation/step.html", context, 422 if faults else 200)
