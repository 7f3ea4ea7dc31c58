"""Mappings kept for the next file of their shape: keep, find, offer, use, rename, remove.

They are shared: whoever may import a type may use its mappings; those who kept one, and administrators, change it.
Mappings that Kith brings (`shipped.py`) stand beside them and change with Kith alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotAllowed, NotFound
from kith.kernel.intake.mapping import LONGEST_NAME, Mapping, load
from kith.kernel.intake.models import ImportRun, SavedMapping
from kith.kernel.intake.shipped import shipped
from kith.kernel.intake.targets import Target, allowed, find_target, targets
from kith.kernel.text import clean_text
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation, undoes

SAVED, SHIPPED = "saved:", "shipped:"
TOPIC = "mapping"  # what pages that show them refetch at
DATA = ("id", "target", "name", "document", "user_id", "updated_at", "used_at")  # what brings a removed one back


@dataclass(frozen=True, eq=False)
class Offer:
    """A mapping one can choose: `key` names it in forms, `saved` is its row, or None when Kith brings it."""

    key: str
    name: str
    document: dict[str, Any]
    saved: SavedMapping | None = None


def offers(target: Target) -> list[Offer]:
    """What can be chosen for a type: kept mappings by name, then those that Kith brings."""
    kept = [Offer(f"{SAVED}{m.pk}", m.name, m.document, m) for m in SavedMapping.objects.filter(target=target.name)]
    brought = [
        Offer(f"{SHIPPED}{k}", m.name or k, m.dump()) for k, m in sorted(shipped().items()) if m.type == target.name
    ]
    return kept + brought


def fitting(target: Target, headers: Collection[str]) -> list[Offer]:
    """Mappings whose every column stands in the file, those that say most of it first."""
    there = set(headers)
    needs = {o: {e.header for e in load(o.document).fitted(headers).entries} for o in offers(target)}
    found = [offer for offer, needed in needs.items() if needed and needed <= there]
    return sorted(found, key=lambda o: (-len(needs[o]), o.saved is None, o.name))


def use(target: Target, key: str) -> Mapping | None:
    """The mapping of that key, noted as used; None for a key that names none."""
    offer = next((o for o in offers(target) if o.key == key), None)
    if offer is None:
        return None
    if offer.saved is not None:
        SavedMapping.objects.filter(pk=offer.saved.pk).update(used_at=timezone.now())
    return load({**offer.document, "name": offer.name})


def kept(by: Actor) -> list[SavedMapping]:
    """The kept mappings of every type the actor may import, by name."""
    able = [t.name for t in targets() if allowed(t, by)]
    return list(SavedMapping.objects.filter(target__in=able).select_related("user").order_by("name", "target"))


def get(by: Actor, pk: int) -> SavedMapping:
    """One kept mapping. Raises NotFound, also when the actor may not import its type."""
    found = SavedMapping.objects.select_related("user").filter(pk=pk).first()
    if found is None or not allowed(find_target(found.target), by):
        raise NotFound(_("This mapping is gone, or it is for something you may not import."))
    return found


def may_change(saved: SavedMapping, by: Actor) -> bool:
    return bool(by.is_system or by.can("settings.manage") or saved.user_id == by.user_id)


def keep(run: ImportRun, name: str, *, by: Actor) -> SavedMapping:
    """Keep the run's mapping under a name, in place of one's own of that name. Raises Invalid for somebody else's."""
    find_target(run.target).allow(by)
    name = _name(name)
    older = SavedMapping.objects.filter(target=run.target, name=name).first()
    if older is not None and not may_change(older, by):
        raise Invalid(_taken(older), "save_as")
    saved = older or SavedMapping(target=run.target, name=name)
    saved.document, saved.user_id, saved.updated_at = {**run.mapping, "name": name}, by.user_id, timezone.now()
    saved.save()
    return saved


def rename(saved: SavedMapping, name: str, *, by: Actor) -> Operation | None:
    """Call it otherwise; None when that is its name already. Raises Invalid, NotAllowed."""
    _require(saved, by)
    old, name = saved.name, _name(name)
    if name == old:
        return None
    _free(saved.target, name, saved.pk)
    label = _("Renamed the mapping “%(old)s” to “%(new)s”") % {"old": old, "new": name}
    with operation("mapping.rename", label, by=by, record=TOPIC, data={"id": saved.pk, "old": old, "new": name}) as (
        op,
        _by,
    ):
        saved.name = name
        saved.save(update_fields=["name"])
    return op


def remove(saved: SavedMapping, *, by: Actor) -> Operation:
    """Remove it; imports made with it stay as they are. Undoing brings it back. Raises NotAllowed."""
    _require(saved, by)
    data = {
        name: moment.isoformat() if isinstance(moment := getattr(saved, name), datetime) else moment for name in DATA
    }
    with operation("mapping.remove", _("Removed the mapping “%s”") % saved.name, by=by, record=TOPIC, data=data) as (
        op,
        _by,
    ):
        saved.delete()
    return op


@undoes("mapping.rename")
def _name_again(op: Operation, by: Actor) -> list[str]:
    saved = get(by, op.data["id"])
    if saved.name != op.data["new"]:
        raise Invalid(_("It has another name by now: “%s”.") % saved.name)
    _free(saved.target, op.data["old"], saved.pk)
    saved.name = op.data["old"]
    saved.save(update_fields=["name"])
    return []


@undoes("mapping.remove")
def _bring_back(op: Operation, by: Actor) -> list[str]:
    _free(op.data["target"], op.data["name"])
    SavedMapping.objects.create(**op.data)
    return []


def _require(saved: SavedMapping, by: Actor) -> None:
    if not may_change(saved, by):
        raise NotAllowed(
            _("“%(name)s” was kept by %(who)s, who may change it, as may an administrator.")
            % {"name": saved.name, "who": saved.user or "Kith"}
        )


def _name(given: str) -> str:
    name = " ".join(clean_text(given).split())
    if not name:
        raise Invalid(_("Give the mapping a name."), "name")
    if len(name) > LONGEST_NAME:
        raise Invalid(_("The name has %(n)d characters; the most that fit are %(max)d.") % {"n": len(name), "max": LONGEST_NAME}, "name")  # fmt: skip
    return name


def _free(target: str, name: str, but: int = 0) -> None:
    taken = SavedMapping.objects.select_related("user").filter(target=target, name=name).exclude(pk=but).first()
    if taken is not None:
        raise Invalid(_taken(taken), "name")


def _taken(saved: SavedMapping) -> str:
    words = {"name": saved.name, "who": saved.user or "Kith"}
    return _("There is a mapping called “%(name)s” already, kept by %(who)s; choose another name.") % words
