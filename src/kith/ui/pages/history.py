"""History and undo: what was done lately and can be taken back, and everything that ever happened to one row.

/history                     operations, newest first; one's own, all of them for managers
/operations/7/undo           takes one back (one of many rows in the background, with its progress in the line); what was edited since is left alone and said
/people/12/history           every event of a row with its values, who, through what, and why
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_GET, require_POST

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.jobs.progress import HowFar, read_progress
from kith.kernel.records.registry import registry
from kith.kernel.timeline.entries import TimelineEntry
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import causes_of, history, operation_of, operations_page, topics_of
from kith.kernel.timeline.takeback import progress_key
from kith.ui.filters import number
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.pages.row import open_row
from kith.ui.pages.story import actor_line, chapters
from kith.ui.render import fragment, is_htmx, page

CHANNELS = {
    "web": gettext_noop("on the page"), "api": gettext_noop("through the API"), "import": gettext_noop("by an import"),
    "automation": gettext_noop("by a rule"), "mail": gettext_noop("by mail"), "cli": gettext_noop("on the command line"),
    "mcp": gettext_noop("by an assistant"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One operation as the page shows it."""

    op: Operation
    kind: str  # plural of the record type, "" when it is none
    icon: str
    count: str
    may_undo: bool
    far: HowFar | None = None  # how far an undo in the background is


@require_GET
def operations(request: HttpRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    found, more = operations_page(
        actor_of(request), before=int(before) if before.isdecimal() and len(before) < 19 else None
    )
    context = {
        "lines": [line_of(op) for op in found],
        "earlier": f"/history?{urlencode({'before': more})}" if more else "",
        "everybody": actor_of(request).can("settings.manage") or actor_of(request).role == "manager",
    }
    if is_htmx(request):
        return fragment(request, "pages/history.html", "rows", context)
    return page(request, "pages/history.html", context)


def line_of(op: Operation) -> Line:
    record = registry.get(op.record)
    kind, icon = (record.plural, record.icon) if record else ("", "history")
    count = ngettext("%(n)s record", "%(n)s records", op.count) % {"n": number(op.count)} if op.count > 1 else ""
    far = (read_progress(progress_key(op)) or HowFar(0, None)) if "undoing" in op.data else None
    return Line(op, kind, icon, count, op.undone_at is None, far)


@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One line of the history, which a line that is being taken back asks for until it is done."""
    if not is_htmx(request):
        return HttpResponseRedirect("/history")
    return _line_again(request, pk, actor_of(request))


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo one operation. A toast asks for this too, from whatever page it stands on."""
    actor = actor_of(request)
    op = operation_of(actor, pk)
    topics = topics_of(op)
    try:
        done = undo(op, by=actor)
    except Invalid as problem:
        return _refused(request, op, problem)
    said = (_("Being taken back: %s.") if done.waiting else _("Taken back: %s.")) % op.label
    if done.conflicts:
        said += " " + ngettext("One value was changed since and stays.", "%d values were changed since and stay.", len(done.conflicts)) % (
            () if len(done.conflicts) == 1 else (len(done.conflicts),)
        )  # fmt: skip
    if not is_htmx(request):
        return answers.go(request, "/history", said)
    return answers.stay(_line_again(request, pk, actor), said, types=topics)


def _refused(request: HttpRequest, op: Operation, problem: Invalid) -> HttpResponse:
    if not is_htmx(request):
        return answers.go(request, "/history", problem.message)
    return answers.stay(_line_again(request, op.pk, actor_of(request)), problem.message)


def _line_again(request: HttpRequest, pk: int, actor: Actor) -> HttpResponse:
    return fragment(request, "pages/history.html", "line", {"line": line_of(operation_of(actor, pk))})


@require_GET
def of_row(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Every event of one row, with the values it was given and the reason it happened."""
    opened = open_row(request, slug, pk)
    found, more = history(opened.actor, opened.record.name, opened.row.pk, before=request.GET.get("before", ""))
    causes, labels = causes_of(opened.actor, [entry.event for entry in found])
    after = request.GET.get("after", "")
    last = chapters(found)[-1].key if found else ""
    context: dict[str, Any] = {
        "opened": opened,
        "chapters": chapters(found, after=after),
        "actor_line": actor_line,
        "why": {entry.event.pk: why(entry, causes, labels) for entry in found},
        "earlier": f"{opened.url}/history?{urlencode({'before': more, 'after': last})}" if more else "",
    }
    if is_htmx(request):
        return fragment(request, "pages/history_record.html", "entries", context)
    return page(request, "pages/history_record.html", context)


def why(entry: TimelineEntry, causes: dict[Any, Event], labels: dict[int, str]) -> list[str]:
    """Through which channel, as part of what, and because of which earlier event."""
    event = entry.event
    out = [_(CHANNELS[event.channel]) if event.channel in CHANNELS else event.channel]
    if label := labels.get(event.operation or 0):
        out.append(_("part of “%s”") % label)
    if event.cause and (cause := causes.get(event.cause)):
        out.append(_("because %(who)s %(what)s") % {"who": cause.actor_name, "what": _sentence(cause)})
    if abs((event.recorded_at - event.at).total_seconds()) > 60:
        out.append(_("recorded later"))
    return out


def _sentence(event: Event) -> str:
    from kith.kernel.timeline.types import type_of

    return type_of(event.verb).say({"what": "", **event.payload})


urlpatterns = [
    path("history", operations, name="history"),
    path("operations/<int:pk>", one, name="operation"),
    path("operations/<int:pk>/undo", take_back, name="undo"),
    path("<slug:slug>/<int:pk>/history", of_row, name="record_history"),
]
