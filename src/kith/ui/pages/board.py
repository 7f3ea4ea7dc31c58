"""The board face of any record type: `/deals/?face=board&by=owner&in=3`, and moving a card.

A move posts to `/deals/board/12`: to a lane (`to`) or to one of the ends (`end`). It ends in the action the type declares
for its axis, or in an ordinary edit. The answer brings the two lanes that changed; what an action still needs comes
back as its dialog, and the card goes back to where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Conflict, Invalid, InvalidMany, KithError, NeedsInput
from kith.kernel.lookups.look import Look, look_at
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import Condition
from kith.kernel.money.totals import total
from kith.kernel.records import actions
from kith.kernel.records.action import Action, Outcome, perform
from kith.kernel.records.models import Followed
from kith.kernel.records.record import End
from kith.kernel.timeline.operations import operation
from kith.ui.pages import answers
from kith.ui.pages.act import Asking
from kith.ui.pages.base import actor_of, base_url, record_of
from kith.ui.pages.cards import cards
from kith.ui.pages.frame import frame
from kith.ui.pages.lanes import FIRST, Lane, Lanes, axes, next_cards, read_lanes
from kith.ui.pages.list import empty
from kith.ui.pages.row import Opened, open_row
from kith.ui.panels import next_step
from kith.ui.render import fragment, is_htmx, page, toast

TEMPLATE = "pages/board.html"
END = "end="  # marks an end among the choices of a lane


def show(request: HttpRequest, look: Look) -> HttpResponse:
    """The board face. As a part: the whole region, the board alone (`part=board`), or more of one lane (`lane`)."""
    if "lane" in request.GET and is_htmx(request):
        return _more(request, look)
    lanes = read_lanes(look, more=_more_asked(request.GET))
    context = {**frame(request, look), **board_context(lanes)}
    if not is_htmx(request):
        return page(request, TEMPLATE, context)
    part = "board_alone" if request.GET.get("part") == "board" else "region_alone"
    response = fragment(request, TEMPLATE, part, context)
    if part == "region_alone":
        response["HX-Replace-Url"] = request.path + ("?" + look.query() if look.query() else "")
    return response


def board_context(lanes: Lanes) -> dict[str, Any]:
    """What `pages/board.html` needs beside the frame that every face has."""
    look, record = lanes.look, lanes.look.record
    others = [c for c in axes(look) if c.key != lanes.axis.key]
    return {
        "lanes": [lane_context(lanes, lane) for lane in lanes.lanes], "board": lanes, "axis": lanes.axis,
        "one_lane": lanes.axis.label.lower(), "movable": can_move(look.actor, record, lanes.axis.key),
        "live_src": f"{base_url(record)}?{look.query(part='board')}", "ends": ends(lanes),
        "stalled_href": "?" + look.query(_with_stalled(lanes)) if lanes.stalled else "",
        "places": [(str(p), "?" + look.query(look.state.changed(place=str(p.pk))), p == lanes.place) for p in lanes.places],
        "axes": [(c.label, "?" + look.query(_by(look, c.key))) for c in others],
        "empty": empty(look) if not lanes.lanes else None, "first": FIRST, "base": base_url(record), "record": record,
        "here": f"{base_url(record)}?{look.query()}", "nudge": nudge(record, look.actor),
    }  # fmt: skip


def _by(look: Look, key: str) -> ListState:
    """The same rows with another axis; the type's own is the one that goes without saying."""
    return look.state.changed(axis="" if key == look.record.board.by else key)


def nudge(record: Any, actor: Actor) -> str:
    """The kind of entry that "Nudge" begins: the next step, where this reader may set one."""
    step = next_step()
    return (
        step.kind
        if step is not None and issubclass(record.model, Followed) and actor.can(f"{record.name}.edit")
        else ""
    )


def lane_context(lanes: Lanes, lane: Lane) -> dict[str, Any]:
    """One lane as its template draws it."""
    note = lanes.board.lane_note if lane.row is not None and lanes.axis.key == lanes.board.by else None
    worth, weighted = total(lane.sums), total(lane.weights)
    return {
        "lane": lane, "id": f"lane-{lane.key or 'none'}", "cards": cards(lanes, lane.rows), "rest": lane.rest,
        "sum": worth.show() if lanes.board.total and worth else "", "sum_note": worth.note() if lanes.board.total else "",
        "sub": note(lane.row) if note else "",
        "sub_end": _("%s weighted") % weighted.show() if lanes.board.weighted and weighted else "",
        "href": "?" + lanes.look.query(lane=lane.key, cursor=lane.cursor), "shown": len(lane.rows),
    }  # fmt: skip


def _with_stalled(lanes: Lanes) -> ListState:
    state = lanes.look.state
    return state.changed(tree=state.tree.plus(Condition(lanes.board.stalled, "is", ("1",))))


def _more_asked(given: Any) -> dict[str, int]:
    """{lane: cards} from `more=3:33`: how far somebody has read on, so that a refreshed board keeps it."""
    pairs = (text.rpartition(":") for text in given.getlist("more"))
    return {lane: int(n) for lane, _colon, n in pairs if n.isdecimal() and len(n) < 5}


def _more(request: HttpRequest, look: Look) -> HttpResponse:
    """Further cards of one lane, in place of its last line."""
    lanes = read_lanes(look, cards=())
    lane = lanes.lane(request.GET["lane"])
    if lane is None:
        raise Http404(_("There is no such lane on this board."))
    before = int(request.GET["shown"]) if request.GET.get("shown", "").isdecimal() else 0
    next_cards(lanes, lane, request.GET.get("cursor", ""))
    context = {**board_context(lanes), **lane_context(lanes, lane)}
    context |= {"shown": before + len(lane.rows), "rest": max(lane.count - before - len(lane.rows), 0)}
    return fragment(request, TEMPLATE, "more", context)


# --- ends -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """One of the places under the board: its words, and what can be dropped on."""

    end: End
    outcome: str
    choices: list[tuple[str, str, str]]


def ends(lanes: Lanes) -> list[Place]:
    """Where a card's way ends, for those who may end it."""
    actor, record = lanes.look.actor, lanes.look.record
    able = [(end, _action(record, end.action)) for end in lanes.board.ends]
    return [
        Place(
            end, act.verb, [(f"{act.verb}:{value}", label, small) for value, label, small in _choices(end, act, actor)]
        )
        for end, act in able
        if act is not None and actor.can(act.needs)
    ]


def _choices(end: End, act: Action, actor: Actor) -> list[tuple[str, str, str]]:
    return end.choices(actor) if end.choices else [("", str(act.label), "")]


def _action(record: Any, name: str) -> Action | None:
    return next((a for a in record.actions if a.name == name), None)


# --- moving ---------------------------------------------------------------------------------------------------------


def can_move(actor: Actor, record: Any, key: str) -> bool:
    """May this actor move cards along that axis at all?"""
    act = _drop(record, key)
    return (
        actor.can(act.needs) if act is not None else actor.can(f"{record.name}.edit") and key in record.writable(actor)
    )


def _drop(record: Any, key: str) -> Action | None:
    """The action that moving along this axis runs; None: an ordinary edit."""
    return _action(record, record.board.drop) if key == record.board.by and record.board.drop else None


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """`/deals/board/12`: GET asks where to, POST moves."""
    if record_of(slug).board is None:
        raise Http404(_("There is no board of this."))
    opened, look = open_row(request, slug, pk), _look_behind(request, slug)
    if request.method != "POST":
        return _ask(request, opened, look)
    before = read_lanes(look, cards=())
    lane = request.POST.get("to", "")
    end = request.POST.get("end", "") or (lane.removeprefix(END) if lane.startswith(END) else "")
    if end:
        verb, _colon, choice = end.partition(":")
        return _end(request, opened, before, verb, choice)
    return _to_lane(request, opened, before, lane)


def _look_behind(request: HttpRequest, slug: str) -> Look:
    """The look of the board that the card stands on: the page's own address."""
    stood = request.headers.get("HX-Current-URL") or request.POST.get("next") or request.GET.get("next") or ""
    asked = QueryDict(mutable=True)
    asked.update(dict(parse_qsl(urlsplit(stood).query)))
    return look_at(record_of(slug), actor_of(request), asked)


def _to_lane(request: HttpRequest, opened: Opened, before: Lanes, key: str) -> HttpResponse:
    lane, axis = before.lane(key), before.axis
    if lane is None:
        raise Http404(_("There is no such lane on this board."))
    act = _drop(opened.record, axis.key)
    if act is not None:
        return _perform(request, opened, before, act, {axis.key: lane.key}, lane)
    label = _("Moved %(row)s to %(lane)s") % {"row": opened.name, "lane": lane.title}
    try:
        value = axis.kind.parse(lane.key, actor=opened.actor)
        with operation(f"{opened.record.name}.edit", label, by=opened.actor, record=opened.record.name) as (op, by):
            row = actions.edit(opened.record, opened.row, {axis.key: value}, by=by)
    except (Invalid, InvalidMany, Conflict) as problem:
        return _refused(request, opened, problem)
    return _moved(request, opened, before, Outcome(row, op if op.pk else None), _("%s moved.") % opened.name, lane)


def _end(request: HttpRequest, opened: Opened, before: Lanes, verb: str, choice: str) -> HttpResponse:
    place = next((p for p in ends(before) if p.outcome == verb), None)
    if place is None:
        raise Http404(_("A card's way cannot end there."))
    act = _action(opened.record, place.end.action)
    assert act is not None  # a place without an action is no place
    raw = {place.end.input: choice} if place.end.input and choice else {}
    return _perform(request, opened, before, act, raw, None)


def _perform(
    request: HttpRequest, opened: Opened, before: Lanes, act: Action, raw: dict[str, str], lane: Lane | None
) -> HttpResponse:
    """Run the action, or come back with its dialog: filled in as far as the drop has said it."""
    asking = Asking(opened, act)
    asking.begin(raw)
    try:
        outcome = perform(act, opened.row, raw, by=opened.actor)
    except (NeedsInput, Invalid, InvalidMany, Conflict) as problem:
        asking.refused(problem)
        asking.errors = {
            k: v for k, v in asking.errors.items() if k in ("", *getattr(problem, "errors", ()))
        }  # nobody was asked yet
        context = {**asking.context(request), "to": f"{opened.url}/do/{act.verb}", "next": _back(request, opened)}
        return answers.ask(request, "pages/act.html", context, 422)
    said = str(act.done or act.label).replace("{row}", opened.name)
    return _moved(request, opened, before, outcome, said, lane)


def _moved(
    request: HttpRequest, opened: Opened, before: Lanes, outcome: Outcome, said: str, lane: Lane | None
) -> HttpResponse:
    """The lane the card left and the one it came to, with the sums that changed; without a script, the board again."""
    if outcome.operation is None:
        said = ""  # dropped where it was
    if not is_htmx(request):
        return answers.go(request, _back(request, opened), said, op=outcome.operation)
    left = _lane_of(before, opened)
    changed = [key for key in dict.fromkeys([left, lane.key if lane else None]) if key is not None]
    look = before.look
    lanes = read_lanes(look, more=_more_asked(request.POST), cards=changed)
    found = [lane_context(lanes, there) for key in changed if (there := lanes.lane(key)) is not None]
    context = {**board_context(lanes), "changed": found, "ended": lane is None}
    response = fragment(request, TEMPLATE, "moved", context)
    return answers.stay(response, said, op=outcome.operation, types=answers.topics(opened.record, outcome.result))


def _lane_of(lanes: Lanes, opened: Opened) -> str:
    """The key of the lane in which the row stood when the request came."""
    axis = lanes.axis
    raw = axis.raw(opened.row) if axis.custom or axis.field is None else getattr(opened.row, axis.field.attname)
    return "" if raw in (None, "") else str(raw["id"] if isinstance(raw, dict) else raw)


def _refused(request: HttpRequest, opened: Opened, problem: KithError) -> HttpResponse:
    if not is_htmx(request):
        return answers.go(request, _back(request, opened), problem.message)
    return toast(HttpResponse(status=422), problem.message, tone="late")


def _back(request: HttpRequest, opened: Opened) -> str:
    """The board this was asked from, without a script; otherwise the type's own."""
    stood = request.POST.get("next") or request.GET.get("next") or ""
    if stood and url_has_allowed_host_and_scheme(stood, allowed_hosts={request.get_host()}):
        return stood
    return f"{base_url(opened.record)}?face=board"


def _ask(request: HttpRequest, opened: Opened, look: Look) -> HttpResponse:
    """Where to, as a choice: for touch, for keyboards without single keys, and without a script."""
    lanes = read_lanes(look, cards=())
    if not can_move(look.actor, look.record, lanes.axis.key):
        raise Http404(_("Cards of this board are not moved."))
    context = {
        "opened": opened, "to": request.path, "next": _back(request, opened), "axis": lanes.axis,
        "choices": [(lane.key, lane.title) for lane in lanes.lanes], "here": _lane_of(lanes, opened),
        "ends": [(f"{END}{value}", f"{place.end.label}: {label}" if place.end.input else str(place.end.label))
                 for place in ends(lanes) for value, label, _small in place.choices],
    }  # fmt: skip
    return answers.ask(request, "pages/board_move.html", context)


urlpatterns = [path("<slug:slug>/board/<int:pk>", move, name="board_move")]
