"""Views of a list over the API: those that come with a type, one's own, and those that colleagues share."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from kith.api import inputs
from kith.api.door import body, endpoint
from kith.api.looks import checked
from kith.api.resources import record_named
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.lookups import actions
from kith.kernel.lookups.look import look_with
from kith.kernel.lookups.state import ListState, of_saved
from kith.kernel.lookups.tree import parse, to_text
from kith.kernel.lookups.views import ViewOffer, named, views_of

STATE = ("filter", "q", "sort", "columns", "face")
SAID = ("name", "shared", "team")
CHOSEN = ("pinned", "default")


def list_views(actor: Actor, request: HttpRequest, slug: str) -> Any:
    return {"data": [_shape(offer) for offer in views_of(record_named(slug), actor)]}


def read_view(actor: Actor, request: HttpRequest, slug: str, key: str) -> Any:
    return _shape(named(record_named(slug), actor, key))


def create_view(actor: Actor, request: HttpRequest, slug: str) -> Any:
    """`{"name", "filter", "q", "sort", "columns", "face", "shared": "", "team" or "all", "team", "pinned", "default"}`"""
    record, data = record_named(slug), body(request)
    inputs.only(data, (*SAID, *STATE, *CHOSEN))
    state = _state(record, actor, data, ListState())
    with transaction.atomic():
        view = actions.save_view(
            record, state, name=inputs.text(data, "name"), shared=inputs.text(data, "shared"),
            team=inputs.number(data, "team"), by=actor,
        )  # fmt: skip
        _choose(record, actor, str(view.pk), data)
    return 201, _shape(named(record, actor, str(view.pk)))


def change_view(actor: Actor, request: HttpRequest, slug: str, key: str) -> Any:
    """Change some of it. Of a view that comes with its type only whether it is pinned and opens first."""
    record, data = record_named(slug), body(request)
    inputs.only(data, (*SAID, *STATE, *CHOSEN))
    with transaction.atomic():
        if set(data) - set(CHOSEN):
            view = actions.own_view(record, key, actor)
            if set(data) & set(STATE):
                actions.change_view(view, _state(record, actor, data, of_saved(view)), by=actor)
            if set(data) & set(SAID):
                actions.describe_view(
                    view, name=inputs.text(data, "name", view.name), shared=inputs.text(data, "shared", view.shared),
                    team=inputs.number(data, "team") if "team" in data else view.team_id, by=actor,
                )  # fmt: skip
        _choose(record, actor, key, data)
    return _shape(named(record, actor, key))


def delete_view(actor: Actor, request: HttpRequest, slug: str, key: str) -> Any:
    view = actions.own_view(record_named(slug), key, actor)
    return {"operation": actions.delete_view(view, by=actor).pk}


def _state(record: Any, actor: Actor, data: dict[str, Any], base: ListState) -> ListState:
    """`base` with what is sent on top, every part of it of use. Raises Invalid."""
    state = base
    if "filter" in data:
        state = state.changed(tree=parse(inputs.text(data, "filter")))
    if "q" in data:
        state = state.changed(query=" ".join(inputs.text(data, "q")[:200].split()))
    if "sort" in data:
        state = state.changed(sort=inputs.text(data, "sort"))
    if "columns" in data:
        state = state.changed(columns=tuple(dict.fromkeys(inputs.texts(data, "columns"))))
    if "face" in data:
        state = state.changed(face=_face(record, inputs.text(data, "face")))
    return checked(look_with(record, actor, state)).state


def _face(record: Any, given: str) -> str:
    faces = ["list", *(["board"] if record.board else []), *(["calendar"] if record.calendar else [])]
    if given not in faces:
        raise Invalid(f"{record.plural} have no face “{given}”; there are: {', '.join(faces)}.", "face")
    return given


def _choose(record: Any, actor: Actor, key: str, data: dict[str, Any]) -> None:
    chosen = {name: inputs.yes(data, name) for name in CHOSEN if name in data}
    if chosen:
        actions.choose_view(record, named(record, actor, key), by=actor, **chosen)


def _shape(offer: ViewOffer) -> dict[str, Any]:
    saved, state = offer.saved, offer.state
    return {
        "id": offer.key, "name": offer.name, "filter": to_text(state.tree), "q": state.query, "sort": state.sort,
        "columns": list(state.columns), "face": state.face, "shared": offer.shared, "team": saved.team_id if saved else None,
        "owner": {"id": saved.owner_id, "name": str(saved.owner)} if saved else None, "mine": offer.mine,
        "pinned": offer.pinned, "default": offer.default,
    }  # fmt: skip


collection = endpoint(get=list_views, post=create_view)
item = endpoint(get=read_view, patch=change_view, delete=delete_view)
