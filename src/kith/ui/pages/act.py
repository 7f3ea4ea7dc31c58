"""Running an action on one row: `/deals/12/do/win`. GET asks for what the action needs, POST runs it.

Archiving and bringing back go the same way. What an action finds missing comes back as the same dialog with the fields
that it named; every refusal keeps what was typed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.kernel.errors import Conflict, Invalid, InvalidMany, KithError, NeedsInput, NotAllowed
from kith.kernel.kinds import Link
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation
from kith.ui.forms import Ask, Field, clip, field_of, fill, pair_money, read_form
from kith.ui.pages import answers
from kith.ui.pages.composing import STATUS, was_sent
from kith.ui.pages.row import Opened, open_row
from kith.ui.render import is_htmx, page, trigger


@dataclass
class Asking:
    """An action's dialog: its inputs, columns of the row that it asked for besides, what is wrong so far."""

    opened: Opened
    action: Any
    columns: list[str] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    possible: bool = True  # False: not with the row as it is now, so nothing is asked

    @property
    def asks(self) -> list[Ask]:
        inputs = self.action.asked_of([self.opened.row], self.raw)
        own = {i.key: i for i in inputs}
        writable = self.opened.record.writable(self.opened.actor)
        extra = [Ask.of_column(writable[k]) for k in self.columns if k in writable and k not in own]
        later = [Ask.of_input(own[k]) for k in self.columns if k in own and own[k].later]
        return [Ask.of_input(i) for i in inputs if not i.later] + extra + later

    @property
    def about(self) -> str:
        """What the action is about in words: the row, and the rows that are given by where it stands (a role's company)."""
        names = [self.opened.name]
        for one in self.action.inputs:
            if one.given and isinstance(one.kind, Link) and self.raw.get(one.key):
                with suppress(Invalid):  # what is no row has no name; sending it will be refused in words
                    names.append(one.kind.show(one.kind.parse(self.raw[one.key], actor=self.opened.actor)))
        return " · ".join(names)

    @property
    def offered(self) -> list[tuple[str, str, str]]:
        """(field, value, words) of answers at one press."""
        return self.action.offered(self.opened.row) if self.possible else []

    def begin(self, given: Any) -> None:
        """First values: the inputs' defaults, the row's own columns, and what the address says."""
        defaults = {i.key: i.default for i in self.action.inputs}
        columns = self.opened.record.columns(self.opened.actor)
        for ask in self.asks:
            value = defaults[ask.key] if ask.key in defaults else columns[ask.key].get(self.opened.row)
            self.raw.setdefault(ask.key, fill(ask.kind, ask.kind.blank if value is None else value))
        self.raw |= read_form([a for a in self.asks if was_sent(a.key, given)], given)

    def sent(self, post: Any) -> dict[str, Any]:
        """Raw values of the fields that the form had."""
        asks = self.asks
        self.raw = read_form(asks, post)
        return {a.key: self.raw[a.key] for a in asks if a.kind.widget == "switch" or was_sent(a.key, post)}

    def refused(self, problem: KithError) -> int:
        """Take a refusal into the dialog; returns the status to answer with."""
        if isinstance(problem, NeedsInput):
            writable = self.opened.record.writable(self.opened.actor)
            asked = {i.key for i in self.action.inputs if not i.later}
            later = [i.key for i in self.action.inputs if i.later] if {*problem.inputs, *problem.errors} - asked else []
            self.columns += [
                k
                for k in [*(k for k in problem.inputs if k in writable and k not in asked), *later]
                if k not in self.columns
            ]
            told = {k: [clip(m) for m in v] for k, v in problem.errors.items()}
            # Why a reason is asked for stands at its field: what a gate misses is in the message alone.
            needed = {k: [clip(problem.message) if k in later else _("This is needed.")] for k in problem.inputs}
            self.errors = {**needed, **told} or {"": [problem.message]}
            if not any(a.key in self.errors for a in self.asks):
                self.errors[""] = [problem.message]
        elif isinstance(problem, InvalidMany):
            self.errors = {k: [clip(str(m)) for m in v] for k, v in problem.errors.items()}
        elif isinstance(problem, Invalid):
            self.errors = {problem.field: [clip(problem.message)]}
        else:
            self.errors = {"": [problem.message]}
        return next((status for kind, status in STATUS if isinstance(problem, kind)), 422)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        self.begin({})
        made: dict[str, Field] = {
            a.key: field_of(a, self.raw[a.key], errors=self.errors.get(a.key, ()), actor=self.opened.actor)
            for a in self.asks
        }
        pair_money(self.asks, made)
        for key in (i.key for i in self.action.inputs if i.given and i.key in made):
            made[key].type = "hidden"
        loose = [m for k, messages in self.errors.items() if k not in made for m in messages]
        return {"asking": self, "opened": self.opened, "fields": list(made.values()), "problems": loose,
                "to": request.path, "next": request.POST.get("next") or request.GET.get("next", "")}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, slug: str, pk: int, verb: str) -> HttpResponse:
    opened = open_row(request, slug, pk)
    if verb in ("archive", "restore"):
        return _put_away(request, opened, verb)
    action = next((a for a in opened.record.actions if a.verb == verb), None)
    if action is None:
        raise Http404(_("Nothing of the kind “%s” can be done here.") % verb)
    opened.actor.require(action.needs)
    later = {i.key for i in action.inputs if i.later}
    asking = Asking(opened, action, [k for k in request.POST.getlist("columns") if action.fills or k in later])
    if not action.applies(opened.row):
        asking.possible = False
        return _dialog(
            request, asking, asking.refused(Conflict(_("This cannot be done with %s as it is now.") % opened.name))
        )
    if request.method != "POST":
        asking.begin(request.GET)
        return _dialog(request, asking)
    try:
        outcome = perform(action, opened.row, asking.sent(request.POST), by=opened.actor)
    except KithError as problem:
        return _dialog(request, asking, asking.refused(problem))
    said = str(action.done or action.label).replace("{row}", opened.name)
    return _done(request, opened, said, outcome.operation)


def _done(request: HttpRequest, opened: Opened, said: str, op: Operation | None) -> HttpResponse:
    """The dialog closes and parts refetch themselves; without a script, back to where it was asked."""
    if not is_htmx(request):
        return answers.go(request, answers.back(request, opened.url), said, op=op)
    response = trigger(HttpResponse(status=204), "kith:close")
    return answers.stay(response, said, op=op, types=answers.topics(opened.record, opened.row))


def _put_away(request: HttpRequest, opened: Opened, verb: str) -> HttpResponse:
    """Archive or bring back. Both can be undone, so only somebody without a script is asked first."""
    if not opened.may_archive:
        raise NotAllowed(
            _("You may not archive %s.") % opened.name
            if verb == "archive"
            else _("You may not bring back %s.") % opened.name
        )
    if request.method != "POST":
        return page(request, "pages/act_archive.html", {"opened": opened, "verb": verb, "to": request.path})
    label = (_("Archived %s") if verb == "archive" else _("Restored %s")) % opened.name
    with operation(f"{opened.record.name}.archive", label, by=opened.actor, record=opened.record.name) as (op, by):
        (actions.archive if verb == "archive" else actions.restore)(opened.record, opened.row, by=by)
    return _done(
        request, opened, _("%s archived.") % opened.name if verb == "archive" else _("%s is back.") % opened.name, op
    )


def _dialog(request: HttpRequest, asking: Asking, status: int = 200) -> HttpResponse:
    return answers.ask(request, "pages/act.html", asking.context(request), status)


urlpatterns = [path("<slug:slug>/<int:pk>/do/<slug:verb>", act, name="act")]
