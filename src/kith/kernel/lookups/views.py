"""The views of a record type that somebody finds: all of it, those that come with it, own and shared ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotFound
from kith.kernel.lookups.models import SavedView, Sharing, ViewChoice
from kith.kernel.lookups.state import ListState, of_saved
from kith.kernel.lookups.tree import parse
from kith.kernel.organisation.models import cached
from kith.kernel.records.models import RecordModel

ALL, ARCHIVED = "all", "archived"
DECLARED = "declared:"


@dataclass(frozen=True)
class ViewOffer:
    """One view as its reader finds it. `key` is what stands in `?view=`; `saved` is None for those that are not rows.

    tab: stands beside the others; the rest are in the menu of further views.
    """

    key: str
    name: str
    state: ListState
    saved: SavedView | None = None
    mine: bool = False
    pinned: bool = False
    default: bool = False

    @property
    def choice_key(self) -> str:
        return choice_key(self.key)

    @property
    def shared(self) -> str:
        return self.saved.shared if self.saved else Sharing.ALL

    @property
    def tab(self) -> bool:
        return self.pinned or self.mine or (self.saved is None and self.key != ARCHIVED)

    @property
    def counted(self) -> bool:
        """Whether the tab tells how many: only the few that somebody pinned, and never the whole table."""
        return self.pinned and self.key != ALL


def choice_key(key: str) -> str:
    """How `ViewChoice.view` writes a view's key."""
    return key if key.isdecimal() or key in (ALL, ARCHIVED) else DECLARED + key


def views_of(record: Any, actor: Actor) -> list[ViewOffer]:
    """Every view of `record` that the actor finds, in the order of their tabs: all of it first, the others as the actor
    arranged them. What is saved of them is configuration: read once, and again when somebody saves, shares, pins,
    arranges or deletes a view."""
    saved, choices = cached(
        f"views.{record.name}.{actor.is_system}.{actor.user_id}.{sorted(actor.team_ids)}",
        lambda: (list(visible(record, actor)), _choices(record, actor)),
    )
    offers = [ViewOffer(ALL, _("All %s") % record.plural.lower(), ListState())]
    offers += [ViewOffer(v.key, str(v.name), _declared(v)) for v in record.views if v.key not in (ALL, ARCHIVED)]
    offers += [
        ViewOffer(str(view.pk), view.name, of_saved(view), view, view.owner_id == actor.user_id) for view in saved
    ]
    if issubclass(record.model, RecordModel):
        offers.append(ViewOffer(ARCHIVED, _("Archived"), ListState(parse("archived_at.filled"))))
    found = [_chosen(offer, choices.get(offer.choice_key)) for offer in offers]
    return sorted(found, key=lambda offer: _place(offer, choices.get(offer.choice_key)))


def _place(offer: ViewOffer, choice: ViewChoice | None) -> tuple[int, int]:
    """Where a view stands; sorting keeps those that nobody placed in the order they came in."""
    if offer.key == ALL:
        return 0, 0
    return (2, 0) if choice is None or choice.position is None else (1, choice.position)


def visible(record: Any, actor: Actor) -> QuerySet[SavedView]:
    """Saved views that are the actor's own or shared with them; Kith itself finds all."""
    rows = SavedView.objects.filter(record=record.name).select_related("owner").order_by("position", "pk")
    if actor.is_system:
        return rows
    theirs = Q(shared=Sharing.ALL) | Q(shared=Sharing.TEAM, team_id__in=actor.team_ids)
    return rows.filter(Q(owner_id=actor.user_id) | theirs)


def default_of(offers: list[ViewOffer]) -> ViewOffer:
    """The view that opens first."""
    return next((o for o in offers if o.default), offers[0])


def offered(offers: list[ViewOffer], key: str) -> ViewOffer | None:
    return next((o for o in offers if o.key == key), None)


def named(record: Any, actor: Actor, name: str) -> ViewOffer:
    """A view by its key or its name, as the command line gives it. Raises NotFound naming those there are."""
    offers = views_of(record, actor)
    found = offered(offers, name) or next((o for o in offers if o.name.casefold() == name.casefold()), None)
    if found is None:
        names = ", ".join(f"“{o.name}”" for o in offers)
        raise NotFound(_("There is no view “%(name)s” of %(what)s; there are %(names)s.") % {
            "name": name, "what": record.plural.lower(), "names": names})  # fmt: skip
    return found


def _declared(view: Any) -> ListState:
    return ListState(parse(view.filter), "", view.sort, tuple(view.columns), view.face)


def _choices(record: Any, actor: Actor) -> dict[str, ViewChoice]:
    if actor.user_id is None:
        return {}
    return {c.view: c for c in ViewChoice.objects.filter(user_id=actor.user_id, record=record.name)}


def _chosen(offer: ViewOffer, choice: ViewChoice | None) -> ViewOffer:
    if choice is None:
        return offer
    return ViewOffer(offer.key, offer.name, offer.state, offer.saved, offer.mine, choice.pinned, choice.default)
