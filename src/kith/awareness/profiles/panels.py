"""Profiles on pages: criteria and versions on their own, how well somebody fits on people and companies, research on segments."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.awareness.models import Criterion, Profile, ProfileVersion
from kith.awareness.profiles import fitting
from kith.awareness.profiles.worksheet import worksheet
from kith.kernel.access.actor import Actor
from kith.kernel.lookups.compile import say_tree
from kith.kernel.records.registry import registry
from kith.ui.panels import Panel, register_panel

MOST = 10
STATES = {fitting.MET: "met", fitting.UNMET: "no", fitting.UNKNOWN: "missing"}


def draft(actor: Actor, profile: Profile) -> dict[str, Any]:
    """The criteria of the draft, and whether it differs from what is in force."""
    found = list(Criterion.objects.filter(profile=profile).order_by("position", "pk"))
    force = ProfileVersion.objects.filter(profile=profile, number=profile.number).first()
    now = [{"label": c.label, "conditions": c.conditions, "weight": c.weight, "note": c.note} for c in found]
    record = registry[profile.subject]
    rows = [
        {"pk": c.pk, "label": c.label, "weight": c.weight, "note": c.note,
         "words": say_tree(record, fitting.tree_of({"conditions": c.conditions}), actor)}
        for c in found
    ]  # fmt: skip
    return {
        "criteria": rows,
        "count": len(rows) or None,
        "unpublished": bool(rows) and (force is None or force.criteria != now),
    }


def versions(actor: Actor, profile: Profile) -> dict[str, Any] | None:
    found = list(ProfileVersion.objects.filter(profile=profile).order_by("-number"))
    rows = [
        {"number": v.number, "at": v.at, "by": v.by_name, "note": v.note, "count": len(v.criteria),
         "current": v.number == profile.number}
        for v in found
    ]  # fmt: skip
    return {"versions": rows} if rows else None


def fits(actor: Actor, row: Any) -> dict[str, Any] | None:
    """What every profile in force says of this row."""
    record = registry.by_model(type(row))
    assert record is not None  # panels stand on pages of record types
    found = fitting.results_now(actor, record.name, row.pk) if actor.can("profile.see") else []
    if not found:
        return None
    then = f"/profiles/of/{record.name}/{row.pk}"
    return {"results": [shown(one) for one in found], "then": then}


def shown(one: fitting.Result) -> dict[str, Any]:
    """A result as its template draws it."""
    lines = [
        {"label": line.label, "state": STATES[line.sign],
         "small": f"{line.words}. {line.note}" if line.note else line.words, "at": line.weight}
        for line in one.lines
    ]  # fmt: skip
    return {"result": one, "lines": lines, "href": f"/profiles/{one.profile}"}


def research(actor: Actor, segment: Any) -> dict[str, Any] | None:
    """What is known of this segment's market, newest first, and which assets are for it."""
    if not actor.can("research.see"):
        return None
    (line,) = worksheet(actor, [segment])
    return {
        "notes": line.notes[:MOST], "assets": line.assets[:MOST], "add": f"/research/new?segment={segment.pk}" if actor.can("research.create") else None,
    }  # fmt: skip


CRITERIA = Panel(
    "criteria", _("Criteria"), "awareness/panel_criteria.html", draft, place="main", order=10,
    verbs=("add_criterion", "change_criterion", "remove_criterion"),
)  # fmt: skip
VERSIONS = Panel("versions", _("Versions"), "awareness/panel_versions.html", versions, order=20)
FITS = Panel(
    "fits", _("Fit"), "awareness/panel_fits.html", fits, depends_on=("profile",), place="facts", order=78, lazy=True
)
RESEARCH = Panel(
    "research", _("Research"), "awareness/panel_research.html", research, depends_on=("research", "asset"), order=30,
    covers=("research",), lazy=True,
)  # fmt: skip


def register() -> None:
    """Put them on the pages of types below this floor."""
    for subject in ("person", "company"):
        register_panel(FITS, on=subject)
    register_panel(RESEARCH, on="segment")
