"""What people do with views: save, change, share, pin, put in order, open first, delete (which can be undone)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotAllowed, NotFound
from kith.kernel.lookups.models import SavedView, Sharing, ViewChoice
from kith.kernel.lookups.state import ListState, onto_saved
from kith.kernel.lookups.views import ALL, ARCHIVED, ViewOffer, views_of, visible
from kith.kernel.organisation.models import bump
from kith.kernel.text import clean_text
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation, undoes

LONGEST_NAME = 120
MOST_VIEWS = 200  # of one person and record type
UNMOVED = (ALL, ARCHIVED)  # the first tab, and the one that is no tab


def save_view(
    record: Any, state: ListState, *, name: str, by: Actor, shared: str = "", team: int | None = None
) -> SavedView:
    """A new view of one's own with this state. Raises Invalid for a name that is empty or taken."""
    if by.user_id is None:
        raise NotAllowed(_("Views belong to people; sign in to save one."))
    if SavedView.objects.filter(record=record.name, owner_id=by.user_id).count() >= MOST_VIEWS:
        raise Invalid(_("You have %s views here; delete one first.") % MOST_VIEWS, "name")
    view = SavedView(record=record.name, owner_id=by.user_id, name=_name(name))
    onto_saved(view, state)
    _share(view, shared, team, by)
    _save(view)
    return view


def change_view(view: SavedView, state: ListState, *, by: Actor) -> SavedView:
    """Make what is shown now the view."""
    _require_own(view, by)
    onto_saved(view, state)
    view.version += 1
    _save(view)
    return view


def describe_view(view: SavedView, *, name: str, shared: str, team: int | None = None, by: Actor) -> SavedView:
    """Rename a view and say who finds it."""
    _require_own(view, by)
    view.name = _name(name)
    _share(view, shared, team, by)
    _save(view)
    return view


def choose_view(
    record: Any, offer: ViewOffer, *, by: Actor, pinned: bool | None = None, default: bool | None = None
) -> None:
    """Pin a view beside the others, or let it open first (only one of a type does)."""
    if by.user_id is None:
        raise NotAllowed(_("Views are chosen by people; sign in first."))
    mine = ViewChoice.objects.filter(user_id=by.user_id, record=record.name)
    with transaction.atomic():
        if default:
            mine.filter(default=True).update(default=False)
        values = {k: v for k, v in (("pinned", pinned), ("default", default)) if v is not None}
        mine.update_or_create(view=offer.choice_key, defaults=values, create_defaults={
            **values, "user_id": by.user_id, "record": record.name, "view": offer.choice_key})  # fmt: skip
        bump()


def arrange_views(record: Any, keys: Sequence[str], *, pinned: Collection[str], by: Actor) -> None:
    """Put the tabs in the order of `keys` and pin those of `pinned`, for the actor alone. Unknown keys mean nothing."""
    if by.user_id is None:
        raise NotAllowed(_("Views are chosen by people; sign in first."))
    offers = {offer.key: offer for offer in views_of(record, by)}
    known = [offers[key] for key in dict.fromkeys(keys) if key in offers and key not in UNMOVED]
    choices = [
        ViewChoice(
            user_id=by.user_id, record=record.name, view=offer.choice_key, position=n, pinned=offer.key in pinned
        )
        for n, offer in enumerate(known)
    ]
    ViewChoice.objects.bulk_create(
        choices, update_conflicts=True, unique_fields=["user", "record", "view"], update_fields=["position", "pinned"]
    )
    bump()


KEPT = (
    "id",
    "record",
    "name",
    "filter",
    "query",
    "sort",
    "columns",
    "face",
    "options",
    "owner_id",
    "shared",
    "team_id",
    "position",
)


def delete_view(view: SavedView, *, by: Actor) -> Operation:
    """Delete a view; undoing the operation brings it back under its old address."""
    _require_own(view, by)
    data = {name: getattr(view, name) for name in KEPT}
    with operation("view.delete", _("Deleted the view “%s”") % view.name, by=by, record=view.record, data=data) as (
        op,
        _by,
    ):
        view.delete()
        bump()
    return op


@undoes("view.delete")
def _bring_back(op: Operation, by: Actor) -> list[str]:
    data = dict(op.data)
    if SavedView.objects.filter(record=data["record"], owner_id=data["owner_id"], name=data["name"]).exists():
        raise Invalid(_("There is a view called “%s” again; rename it first.") % data["name"])
    SavedView.objects.create(**data)
    bump()
    return []


def own_view(record: Any, key: str, by: Actor) -> SavedView:
    """A saved view the actor finds, by its id as text. Raises NotFound."""
    found = visible(record, by).filter(pk=int(key)).first() if key.isdecimal() and int(key) < 2**63 else None
    if found is None:
        raise NotFound(_("This view is gone, or it is not shared with you."))
    return found


def may_change(view: SavedView, by: Actor) -> bool:
    """Owners change their views; managers and administrators those that are shared."""
    managing = by.is_system or by.role in ("manager", "administrator")
    return view.owner_id == by.user_id or bool(managing and view.shared)


def _require_own(view: SavedView, by: Actor) -> None:
    if not may_change(view, by):
        raise NotAllowed(_("“%(view)s” belongs to %(owner)s. Save your changes as a view of your own.") % {
            "view": view.name, "owner": view.owner})  # fmt: skip


def _name(name: str) -> str:
    text = " ".join(clean_text(name).split())
    if not text:
        raise Invalid(_("Give the view a name."), "name")
    if len(text) > LONGEST_NAME:
        raise Invalid(_("A view's name has at most %s characters.") % LONGEST_NAME, "name")
    return text


def _share(view: SavedView, shared: str, team: int | None, by: Actor) -> None:
    if shared not in Sharing.values:
        raise Invalid(_("A view is shared with nobody, a team or everybody."), "shared")
    if shared and by.role == "read_only":
        raise NotAllowed(_("Your role only reads; ask a colleague to share this view."))
    team = team or min(by.team_ids, default=None)
    if shared == Sharing.TEAM and team not in by.team_ids:
        raise Invalid(_("You are in no team yet, so there is none to share this with."), "shared")
    view.shared, view.team_id = shared, team if shared == Sharing.TEAM else None


def _save(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
            bump()
    except IntegrityError:
        raise Invalid(_("There is already a view called “%s”; choose another name.") % view.name, "name") from None
