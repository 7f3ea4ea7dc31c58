"""The desk: the queue, a ticket's talk with the box to answer in, and who it is. Everything works without a script too."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kith.kernel.database.notify import announce
from kith.kernel.errors import Invalid, KithError
from kith.kernel.files.storage import store
from kith.kernel.kinds import Language
from kith.kernel.records.action import perform
from kith.kernel.records.reach import seen_ids, unseen_links
from kith.kernel.records.registry import registry
from kith.kernel.search.visits import note_visit
from kith.kernel.text import clean_text
from kith.support import actions, answering, queries, ready, routing
from kith.support.channels.ways import WAYS, last_writer
from kith.support.clocks.shown import clocks_of
from kith.support.house import rules, set_rules
from kith.support.models import Entry, Looking, Ticket
from kith.support.similar import causes, solved_alike
from kith.ui.pages.base import actor_of
from kith.ui.pages.panels import draw
from kith.ui.pages.row import Opened, open_row
from kith.ui.panels import panels_of
from kith.ui.render import fragment, is_htmx, page

# Panels of the record page that the desk has in another shape, or has no use for.
ELSEWHERE = frozenset({"talk", "next", "why", "related", "files", "clocks"})
MOST_FILES = 10
# Verbs that stand beside the talk or in it.
ELSEWHERE_ON_DESK = frozenset({"answer", "note", "solve", "move", "solve_all", "split", "send_again"})


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The queue alone: on a wide screen beside the first ticket that is due."""
    actor = actor_of(request)
    actor.require("ticket.see")
    context = _queue(request, None)
    if request.GET.get("part") == "queue":
        return fragment(request, "support/desk.html", "queue", context)
    first = context["rows"][0] if context["rows"] else None
    if first is not None and not request.GET.get("list"):
        return _show(request, _open(request, first.pk), 200, listing=True)
    return page(request, "support/desk.html", {**context, "opened": None, "styles": STYLES})


STYLES = ("ui/css/pages/conversation.css", "support/css/desk.css")


@require_http_methods(["GET", "HEAD", "POST"])
def talk(request: HttpRequest, pk: int) -> HttpResponse:
    """One ticket; POST answers it, or notes something."""
    opened = _open(request, pk)
    if opened.row.pk != pk:  # merged: the old address leads on
        return HttpResponseRedirect(f"/tickets/{opened.row.pk}/talk")
    part = request.GET.get("part", "") if is_htmx(request) else ""
    if request.method == "POST":
        return _answer(request, opened)
    if part == "thread":
        return fragment(request, "support/desk.html", "thread", _talk(request, opened))
    if part == "earlier":
        lines, before = queries.talk(opened.row, opened.actor, request.GET.get("before", ""))
        return fragment(
            request,
            "support/desk.html",
            "lines",
            {"lines": lines, "before": before, "opened": opened, "row": opened.row},
        )
    if part == "queue":
        return fragment(request, "support/desk.html", "queue", _queue(request, opened.row))
    if part == "others":
        return fragment(
            request,
            "support/desk.html",
            "others",
            {"others": queries.others(opened.row, opened.actor), "row": opened.row},
        )
    if part == "alike":
        return fragment(
            request, "support/desk.html", "alike", {"alike": solved_alike(opened.actor, opened.row), "row": opened.row}
        )
    note_visit(opened.actor, "ticket", pk)
    return _show(request, opened, 200)


def _open(request: HttpRequest, pk: int) -> Opened:
    """The ticket with whom it is from and who has it, in one query."""
    return open_row(request, "tickets", pk, columns=registry["ticket"].columns(actor_of(request)).values())


def _show(request: HttpRequest, opened: Opened, status: int, *, listing: bool = False, **more: Any) -> HttpResponse:
    found = [one for one in panels_of(opened.record) if one.key not in ELSEWHERE]
    context = {
        **_queue(request, opened.row), **_talk(request, opened), **_composer(request, opened), "listing": listing,
        "panels": [draw(request, opened, one) for one in found],
        "styles": [*STYLES, *sorted({one.style for one in found if one.style})], **more,
    }  # fmt: skip
    return page(request, "support/desk.html", context, status)


def _queue(request: HttpRequest, row: Ticket | None) -> dict[str, Any]:
    actor = actor_of(request)
    view = request.GET.get("queue", "all")
    view = view if view in queries.views() else "all"
    rows, after = queries.queue(actor, view, request.GET.get("after", ""))
    columns = registry["ticket"].columns(actor)
    hidden = unseen_links(
        actor, [columns[key] for key in ("person", "company") if key in columns], [*rows, *([row] if row else [])]
    )
    at = next((n for n, one in enumerate(rows) if row is not None and one.pk == row.pk), None)
    return {
        "hidden": hidden,
        "view": view, "views": queries.views(), "rows": rows, "after": after, "row": row, "count": queries.count(actor, view),
        "most": queries.COUNTED, "above": rows[at - 1] if at else None, "me": actor.user_id, "now_at": timezone.now(),
        "below": rows[at + 1] if at is not None and at + 1 < len(rows) else None if at is not None or not rows else rows[0],
    }  # fmt: skip


def _talk(request: HttpRequest, opened: Opened) -> dict[str, Any]:
    row: Any = opened.row
    lines, before = queries.talk(row, opened.actor, request.GET.get("before", ""))
    clocks = clocks_of(row)
    live = next((one for one in clocks if one.due is not None), None)
    able = [act for act in opened.record.actions if opened.may_edit and act.applies(row) and not act.points]
    return {
        "opened": opened, "row": row, "lines": lines, "before": before, "clocks": clocks, "clock": live,
        "verbs": [act for act in able if act.verb not in ELSEWHERE_ON_DESK],
        "may_solve": any(act.verb == "solve" for act in able), "solves_all": any(act.verb == "solve_all" for act in able),
        "children": list(row.children.order_by("pk")[:20]), "others": queries.others(row, opened.actor),
        "seen_entry": max((line.pk for line in lines), default=0),
    }  # fmt: skip


def _composer(request: HttpRequest, opened: Opened) -> dict[str, Any]:
    row: Any = opened.row
    kind = "note" if request.GET.get("kind") == "note" else "answer"
    to, copies = answering.receivers_of(row)
    written = last_writer(row)
    given_way = request.POST.get("way", "")
    way = given_way or ("channel" if written and (written[1] or not to) else "mail")
    person = row.person
    if person is not None and not seen_ids(opened.actor, registry["person"], {person.pk}):
        person = None
    return {
        "kind": kind, "given": "", "problem": "", "then": "wait", "to": to,
        "written": written[0] if written else None, "way": way,
        "nobody_yet": answering.nobody_yet(row), "copies": copies, "kept": copies,
        "who": (getattr(person, "given_name", "") or str(person)) if person else str(_("them")),
        "ready": ready.offers(queries.ready_answers(opened.actor), row, by=opened.actor), "language_of": Language().show,
    }  # fmt: skip


def _answer(request: HttpRequest, opened: Opened) -> HttpResponse:
    row, actor = opened.row, opened.actor
    registry["ticket"].get(actor, row.pk, "edit")
    kind = "note" if request.POST.get("kind") == "note" else "answer"
    given, then = clean_text(request.POST.get("body", "")), request.POST.get("then")
    try:
        if kind == "note":
            op = perform(actions.note, row, {"body": given}, by=actor).operation
            said = _("Noted.")
        else:
            _refuse_overlap(request, row, actor)
            entry = _send(request, row, given, then, actor)
            leaves = entry.message_id or getattr(entry, "passed", None) is not None
            op, said = None, _("Sent.") if leaves else _("Kept in the talk; no mail left.")
    except KithError as refused:
        more = {"kind": kind, "given": given, "problem": getattr(refused, "message", str(refused)), "then": then or ""}
        if (kept := _copies(request)) is not None:
            more["kept"] = kept
        return _show(request, _open(request, row.pk), 422, **more)
    messages.success(request, said, extra_tags=f"undo:{op.pk}" if op is not None else "")
    Looking.objects.filter(ticket=row, user_id=actor.user_id or 0).update(writes_at=None)
    return HttpResponseRedirect(f"/tickets/{row.pk}/talk?queue={request.GET.get('queue', 'all')}", status=303)


def _refuse_overlap(request: HttpRequest, row: Ticket, actor: Any) -> None:
    """Two answer at once: the second one looks at the first before theirs leaves. Raises Invalid."""
    seen = request.POST.get("seen", "")
    meanwhile = queries.answered_since(row, int(seen), actor) if seen.isdecimal() and len(seen) < 18 else None
    if meanwhile is not None:
        raise Invalid(
            _("%s answered meanwhile. Look at it first; sending again sends yours too.")
            % (meanwhile.author or meanwhile.name)
        )


@transaction.atomic
def _send(request: HttpRequest, row: Ticket, given: str, then: str | None, actor: Any) -> Entry:
    """The answer, with what a ready answer does and the files; nothing of it stays where it is refused."""
    actor.require("ticket.edit")
    if (picked := ready.picked(request.POST.get("ready", ""), actor)) is not None:
        reply, words = picked
        given = given.strip() or words
        ready.put_on(row, reply, by=actor)
        then = reply.then if then is None else then  # what was chosen after it counts
    files = [
        store(one, record_type="ticket", record_id=row.pk, by=actor)
        for one in request.FILES.getlist("files")[:MOST_FILES]
    ]
    kept = _copies(request)
    return answering.answer(
        row, ready.fill(given, row, by=actor), by=actor, then=then if then in ("wait", "solve") else "",
        cause=request.POST.get("cause", ""), files=files,
        copies=[one for one in answering.copies_of(row) if one in kept] if kept is not None else None,
        way=way if (way := request.POST.get("way", "")) in WAYS else "",
    )  # fmt: skip


def _copies(request: HttpRequest) -> list[str] | None:
    """Who was shown and left in copy, so that nobody gets it unseen; None for whoever sends it without having seen the box."""
    return request.POST.getlist("cc") if request.POST.get("copies") else None


@require_POST
def here(request: HttpRequest, pk: int) -> HttpResponse:
    """The open page tells that somebody looks at it; with `writes`, that they answer."""
    actor = actor_of(request)
    row = registry["ticket"].get(actor, pk)
    if actor.user_id is not None:
        now = timezone.now()
        writes = {"writes_at": now} if request.POST.get("writes") else {}
        _row, made = Looking.objects.update_or_create(
            ticket=row, user_id=actor.user_id, defaults={"seen_at": now, **writes}
        )
        if made:
            announce([f"ticket:{row.pk}"])
    return HttpResponse(status=204)


@require_GET
def fairness(request: HttpRequest) -> HttpResponse:
    """Who got which tickets of the last month, and how."""
    actor_of(request).require("agent.see")
    return page(
        request, "support/fairness.html", {"rows": routing.fairness(), "causes": causes(actor_of(request)), "days": 30}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def house(request: HttpRequest) -> HttpResponse:
    """The house's own rules."""
    actor_of(request).require("settings.manage")
    held = rules()
    given: dict[str, Any] = {key: getattr(held, key) for key in ("reopen_days", "wait_days", "ask_cause", "route")}
    problem: dict[str, str] = {}
    if request.method == "POST":
        given = {"reopen_days": request.POST.get("reopen_days", ""), "wait_days": request.POST.get("wait_days", ""),
                 "ask_cause": "ask_cause" in request.POST, "route": "route" in request.POST}  # fmt: skip
        try:
            days = {
                key: int(given[key]) if str(given[key]).isdecimal() and len(given[key]) < 6 else 0
                for key in ("reopen_days", "wait_days")
            }
            set_rules(**days, ask_cause=given["ask_cause"], route=given["route"])
            messages.success(request, _("Kept. It holds from now on."))
            return HttpResponseRedirect("/settings/tickets/")
        except Invalid as refused:
            problem = {refused.field: refused.message}
    return page(request, "support/house.html", {"given": given, "problem": problem}, 422 if problem else 200)
