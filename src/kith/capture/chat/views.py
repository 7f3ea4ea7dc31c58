"""The desk where chats are answered: who waits, what was said, a box to answer in; and who of us is there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kith.capture.chat import actions, queries, saying
from kith.capture.chat.links import linked
from kith.capture.chat.models import Conversation, Side, State
from kith.capture.chat.thread import who_of
from kith.kernel.access.actor import Actor
from kith.kernel.errors import KithError
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.kernel.text import clean_text
from kith.ui.pages.base import actor_of
from kith.ui.pages.panels import draw
from kith.ui.pages.row import open_row
from kith.ui.panels import panels_of
from kith.ui.render import fragment, is_htmx, page

SHOWN, READY = 60, 100
TABS = ("ongoing", "over")


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The list alone; on a wide screen with the first conversation that waits."""
    actor = actor_of(request)
    actor.require("conversation.see")
    context = _context(request, actor, None)
    if request.GET.get("part") == "list":
        return fragment(request, "chat/desk.html", "queue", context)
    actions.be_there(None, by=actor)
    return page(request, "chat/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def talk(request: HttpRequest, pk: int) -> HttpResponse:
    """One conversation; POST answers it."""
    actor = actor_of(request)
    row = registry["conversation"].get(actor, pk, "see")
    problem, status, given = "", 200, ""
    if request.method == "POST":
        given = clean_text(request.POST.get("text", ""))
        try:
            row = perform(actions.answer, row, {"text": given}, by=actor).result
        except KithError as refused:
            problem, status = refused.message, 422
        else:
            if not is_htmx(request):
                return HttpResponseRedirect(f"/conversations/{pk}/chat", status=303)
            given = ""
    context = _context(request, actor, row) | {"problem": problem, "given": given}
    if request.GET.get("part") == "thread":
        return fragment(request, "chat/desk.html", "thread", context)
    if request.method == "POST":
        return fragment(request, "chat/desk.html", "talk", context, status)
    if request.method == "GET":
        actions.be_there(None, by=actor)
    return page(request, "chat/desk.html", context)


@require_POST
def typing(request: HttpRequest, pk: int) -> HttpResponse:
    """A colleague writes: the visitor sees it."""
    actor = actor_of(request)
    actor.require("conversation.edit")
    row = registry["conversation"].get(actor, pk, "edit")
    saying.typing(row.pk, [saying.topic(row.pk)], "colleague")
    return HttpResponse(status=204)


@require_POST
def here(request: HttpRequest) -> HttpResponse:
    """The open page tells that somebody is there; with `there`, whether they answer."""
    actor = actor_of(request)
    said = request.POST.get("there")
    actions.be_there(None if said is None else said == "1", by=actor)
    if said is None:
        return HttpResponse(status=204)
    if is_htmx(request):
        return fragment(request, "chat/desk.html", "presence", _context(request, actor, None))
    return HttpResponseRedirect("/chats/", status=303)


def _context(request: HttpRequest, actor: Actor, row: Conversation | None) -> dict[str, Any]:
    tab = request.GET.get("tab", TABS[0])
    tab = tab if tab in TABS else TABS[0]
    found = list((queries.ongoing if tab == "ongoing" else queries.over)(actor)[: SHOWN + 1])
    mine = queries.presence_of(actor)
    return {
        "tab": tab, "rows": found[:SHOWN], "more": len(found) > SHOWN, "row": row, "may": actor.can("conversation.edit"),
        "manages": actor.can("chat_widget.see"), "there": mine is not None and mine.there, "others": queries.colleagues_there(),
        "me": actor.user_id, "lines": _lines(row), "ready": _ready(actor) if row is not None else [], "problem": "", "given": "",
        "goes_on": row is not None and row.state != State.CLOSED, "person": _person(actor, row),
        "mail": _mail_address(actor, row), "beside": _beside(request, row),
    }  # fmt: skip


def _beside(request: HttpRequest, row: Conversation | None) -> list[Any]:
    """What other rooms know of a conversation; each is fetched once the page stands."""
    if row is None:
        return []
    opened = open_row(request, "conversations", row.pk)
    return [draw(request, opened, one) for one in panels_of(opened.record) if one.lazy]


def _lines(row: Conversation | None) -> list[dict[str, Any]]:
    """What was said, as the page shows it: theirs, ours, and what happened between."""
    if row is None:
        return []
    sides = {Side.VISITOR: "them", Side.COLLEAGUE: "us", Side.BOT: "us", Side.NOTE: "note"}
    return [
        {"from": sides[Side(line.side)], "who": who_of(row, line), "html": linked(line.text), "at": line.at, "number": line.number}
        for line in queries.lines_of(row.pk)
    ]  # fmt: skip


def _person(actor: Actor, row: Conversation | None) -> Any:
    if row is None or row.person_id is None:
        return None
    return registry["person"].rows(actor).filter(pk=row.person_id).select_related("company", "owner").first()


def _mail_address(actor: Actor, row: Conversation | None) -> str:
    """Where a conversation that went on by mail is answered."""
    person = _person(actor, row)
    return f"/people/{person.pk}/say/mail" if person is not None and actor.can("activity.create") else ""


def _ready(actor: Actor) -> list[tuple[str, str]]:
    """(text, name) of answers that stand ready, where a type of such texts exists: the snippets of mail."""
    record = registry.get("template")
    if record is None or not actor.can("template.see"):
        return []
    rows = record.rows(actor, archived=False).filter(kind="snippet").order_by("name")
    return [(row.body, row.name) for row in rows[:READY] if "{{" not in row.body]
