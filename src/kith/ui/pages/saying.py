"""Writing something down about a row from wherever one is: the composer of its page as a question over any other.

/people/12/say/call        GET asks, POST writes. A day's work is done from the day's page, without opening each row.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.kernel.errors import KithError, NeedsInput
from kith.kernel.records.action import Action, perform
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation
from kith.ui.pages import answers
from kith.ui.pages.composing import Writing, writing
from kith.ui.pages.row import Opened, open_row
from kith.ui.panels import next_step
from kith.ui.render import is_htmx, trigger


@require_http_methods(["GET", "HEAD", "POST"])
def say(request: HttpRequest, slug: str, pk: int, kind: str) -> HttpResponse:
    opened = open_row(request, slug, pk)
    now = writing(request, opened, kind, sent=request.POST if request.method == "POST" else None)
    if now is None or now.kind != kind:
        raise Http404(_("Nothing of the kind “%s” can be written here.") % kind)
    if request.method != "POST":
        return _question(request, now)
    try:
        _complete(now)
        said, op = write_down(request, opened, now)
    except KithError as problem:
        return _question(request, now, now.refused(problem))
    if not is_htmx(request):
        return answers.go(request, answers.back(request, opened.url), said, op=op)
    closed = trigger(HttpResponse(status=204), "kith:close")
    return answers.stay(closed, said, op=op, types=[*answers.topics(opened.record, opened.row), "activity"])


def _complete(now: Writing) -> None:
    """What sets the next step needs more than what is just written down: its date."""
    step = next_step()
    missing = (
        tuple(k for k in step.needs if not str(now.raw.get(k, "")).strip()) if step and step.kind == now.kind else ()
    )
    if missing:
        raise NeedsInput(_("A next step needs a few words and a date."), missing)


def _question(request: HttpRequest, now: Writing, status: int = 200) -> HttpResponse:
    step = next_step()
    sets_step = step is not None and step.kind == now.kind
    words: Any = _("Set next step") if sets_step else now.composer.submit
    context = {
        "writing": now, "opened": now.opened, "words": words, "to": request.path, "foot": None if sets_step else now.foot,
        "next": request.POST.get("next") or request.GET.get("next", ""),
    }  # fmt: skip
    return answers.ask(request, "pages/say.html", context, status)


def write_down(request: HttpRequest, opened: Opened, now: Writing) -> tuple[str, Operation | None]:
    """Entry and next step are one operation: both are there, or neither is. What cannot be taken back (mail that is
    sent) stands outside it, so that no undo promises to; the step beside it can be undone under History."""
    act = now.composer.action
    done = str(act.done or _("Written down.")).replace("{row}", opened.name)
    if not act.undo:
        with transaction.atomic():
            perform(act, opened.row, now.raw_sent, by=opened.actor)
            _step(request, opened, now)
        return done, None
    return done, _step(request, opened, now, act)


def _step(request: HttpRequest, opened: Opened, now: Writing, act: Action | None = None) -> Operation:
    """Apply the control at the foot, after `act`, as one operation."""
    label, kind = (act.label, act.name) if act else (_("Next step"), "next_step")
    with operation(kind, f"{label}: {opened.name}", by=opened.actor, record=opened.record.name) as (op, by):
        if act is not None:
            perform(act, opened.row, now.raw_sent, by=by)
        if (step := next_step()) is not None:
            step.apply(by, opened.row, request.POST)
    return op


urlpatterns = [path("<slug:slug>/<int:pk>/say/<slug:kind>", say, name="say")]
