"""The editor of a sequence's draft: its window, its goal, its steps in order, each on a form of its own that saves the draft.

Plain forms, so it works without a script; dragging sends the same order as the buttons. Every save is an edit of the
sequence, with history and undo; nothing counts before it is published.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from kith.engagement.checking import faults_of
from kith.engagement.definition import WINDOW, read
from kith.engagement.saying import ICONS, kinds, name_of, say_goal, say_step
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, KithError
from kith.kernel.lookups.look import look_with
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import to_text
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.steps import every_step
from kith.ui.forms import tidy
from kith.ui.pages.base import actor_of
from kith.ui.pages.filterpage import edit_filter, readable
from kith.ui.render import is_htmx, page

FIELDS = {
    "mail": ("template", "other"),
    "wait": ("for",),
    "call": ("subject", "body", "within"),
    "task": ("subject", "body", "within"),
}
_PLACE = re.compile(r"(\d+)([ab]?)\.?")


def _open(request: HttpRequest, pk: int) -> tuple[Actor, Any, dict[str, Any]]:
    """Who edits, the sequence, and a copy of its draft."""
    actor = actor_of(request)
    row = registry["sequence"].get(actor, pk, "edit")
    draft = copy.deepcopy(row.draft) or {}
    goal = {"goal": draft["goal"]} if draft.get("goal") else {}
    return actor, row, {"window": draft.get("window", WINDOW), **goal, "steps": draft.get("steps", [])}


def _save(row: Any, draft: dict[str, Any], actor: Actor) -> None:
    column = registry["sequence"].columns()["draft"]
    actions.edit(registry["sequence"], row, {"draft": column.kind.clean(draft)}, by=actor)


def _place(draft: dict[str, Any], where: str) -> tuple[list[Any], int]:
    """The list that a step number stands in, and its index there. "2a." without a step is the end of that half."""
    steps, marks = draft["steps"], _PLACE.findall(where)
    for n, (digits, half) in enumerate(marks):
        index = int(digits) - 1
        last = n == len(marks) - 1
        if not 0 <= index < len(steps):
            raise Http404("There is no such step.")
        if last and not half:
            return steps, index
        steps = steps[index].setdefault("then" if half == "a" else "else", [])
    return steps, len(steps)


def overview(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft in sentences, with what can be done to each; POST `do` is order, window, up, down or remove."""
    actor, row, draft = _open(request, pk)
    problem = ""
    if request.method == "POST":
        try:
            _changed(draft, request)
            _save(row, draft, actor)
            if not is_htmx(request):
                return _back(row)
        except KithError as refused:
            problem = refused.message
    told = [
        {"number": number, "words": say_step(step, actor), "icon": ICONS[step["do"]], "do": step["do"], "top": number.isdecimal()}
        for number, step in every_step(read(row.draft if problem else draft).steps)
    ]  # fmt: skip
    context = {
        "sequence": row, "steps": told, "kinds": kinds(), "places": _places(told), "window": draft["window"], "problem": problem,
        "goal": say_goal(draft.get("goal", ""), actor),
        "faults": faults_of(draft, actor) if told and not problem else [],
    }  # fmt: skip
    return page(request, "engagement/steps.html", context, 422 if problem else 200)


def _changed(draft: dict[str, Any], request: HttpRequest) -> None:
    """The draft as this form wants it. Raises Invalid, Http404."""
    verb, _sep, number = request.POST.get("do", "order").partition(":")
    if verb == "window":
        draft["window"] = tidy(request.POST.get("window")).strip() or WINDOW
    elif verb == "order":
        given = request.POST.getlist("step")
        if sorted(given) != sorted(str(n + 1) for n in range(len(draft["steps"]))):
            raise Invalid(_("Somebody else changed the steps meanwhile; look at them again."))
        draft["steps"] = [draft["steps"][int(each) - 1] for each in given]
    elif verb in ("up", "down", "remove"):
        steps, index = _place(draft, number)
        if verb == "remove":
            del steps[index]
        elif 0 <= (other := index + (1 if verb == "down" else -1)) < len(steps):
            steps[index], steps[other] = steps[other], steps[index]
    else:
        raise Http404("There is no such verb.")


def _places(told: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Where a new step may go: the end, or a half of a branch."""
    out = [("", _("at the end"))]
    for each in told:
        if each["do"] == "branch":
            out += [(f"{each['number']}a.", _("in step %s, if so") % each["number"]),
                    (f"{each['number']}b.", _("in step %s, if not") % each["number"])]  # fmt: skip
    return out


def _back(row: Any) -> HttpResponse:
    return HttpResponseRedirect(f"/sequences/{row.pk}/steps")


def step(request: HttpRequest, pk: int) -> HttpResponse:
    """A step's form: `?at=3` of one that is there, `?new=wait&where=2a.` of a new one."""
    actor, row, draft = _open(request, pk)
    number, where = request.GET.get("at", ""), request.GET.get("where", "")
    steps, index = _place(draft, number or where)
    before = steps[index] if number else {"do": request.GET.get("new", "")}
    if before["do"] == "branch":
        if not number:
            steps.insert(index, {"do": "branch", "if": "", "then": [], "else": []})
            _save(row, draft, actor)
            number = f"{where}{index + 1}"
        return HttpResponseRedirect(f"/sequences/{row.pk}/steps/filter?at={number}")
    if before["do"] not in FIELDS:
        raise Http404("There is no such step.")
    problem = ""
    if request.method == "POST":
        sent = {key: tidy(request.POST.get(key)).strip() for key in FIELDS[before["do"]]}
        before = {"do": before["do"]} | {key: text for key, text in sent.items() if text}
        try:
            steps[index : index + bool(number)] = [before]
            _save(row, draft, actor)
            return _back(row)
        except KithError as refused:
            problem = refused.message
    context = {
        "sequence": row, "step": before, "number": number, "problem": problem, "address": request.get_full_path(),
        "words": dict(kinds())[before["do"]], "names": {key: name_of(before[key]) for key in ("template", "other") if before.get(key)},
    }  # fmt: skip
    return page(request, "engagement/step.html", context, 422 if problem else 200)


def filters(request: HttpRequest, pk: int) -> HttpResponse:
    """The condition of a branch, edited as lists edit theirs."""
    actor, row, draft = _open(request, pk)
    at = request.GET.get("at", "")
    steps, index = _place(draft, at)
    if index >= len(steps) or steps[index]["do"] != "branch":
        raise Http404("There is no such step.")

    def save(text: str) -> None:
        steps[index]["if"] = text
        _save(row, draft, actor)

    return _filter(request, row, actor, steps[index].get("if", ""), save, _("If, in step %(n)s") % {"n": at})


def goal(request: HttpRequest, pk: int) -> HttpResponse:
    """What the sequence is to bring about, as a filter; without a line it has no goal."""
    actor, row, draft = _open(request, pk)

    def save(text: str) -> None:
        draft.pop("goal", None)
        _save(row, draft | ({"goal": text} if text else {}), actor)

    hint = _("Whoever meets this filter gets no further step and counts as having reached the goal.")
    return _filter(request, row, actor, draft.get("goal", ""), save, _("The goal"), hint)


def _filter(
    request: HttpRequest, row: Any, actor: Actor, kept: str, save: Callable[[str], None], head: str, hint: str = ""
) -> HttpResponse:
    return edit_filter(
        request, "engagement/filter.html", look_with(registry["person"], actor, ListState()), readable(kept),
        lambda tree: save(to_text(tree) if tree else ""), legend=_("Must hold"), back=f"/sequences/{row.pk}/steps",
        said=_("Saved. It counts once it is published."), sequence=row, head=head, hint=hint or _("A filter as lists have it."),
    )  # fmt: skip
