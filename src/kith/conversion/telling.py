"""How promises are kept and what invoicing sees otherwise, for programs and terminals: the same as on their pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from kith.conversion.export import mismatches
from kith.conversion.keeping import BY, Keeping, keeping, together
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.records.registry import registry


def _asked(actor: Actor, by: str, since: dt.date | None) -> list[Keeping]:
    actor.require("promise.see")
    if by not in BY:
        raise Invalid(_("by is one of %s.") % ", ".join(BY), "by")
    return keeping(actor, by, since)


def keeping_json(actor: Actor, by: str = "owner", since: dt.date | None = None) -> dict[str, Any]:
    """Promises made since a day by owner, product or team, and all of them. Raises Invalid."""
    rows = _asked(actor, by, since)
    return {"by": by, "since": since, "all": _kept(together(rows)), "data": [_kept(one) for one in rows]}


def _kept(one: Keeping) -> dict[str, Any]:
    low, high = one.range or (None, None)
    return {
        "id": one.pk, "name": one.name, "open": one.open, "late": one.late, "kept": one.kept, "broken": one.broken,
        "waived": one.waived, "broken_rate": one.rate, "low": low, "high": high, "few": one.few,
    }  # fmt: skip


def keeping_lines(actor: Actor, by: str = "owner", since: dt.date | None = None) -> list[str]:
    rows = _asked(actor, by, since)
    out = [f"{by:<28} {'open':>6} {'late':>6} {'kept':>6} {'broken':>7} {'waived':>7} {'broken %':>9}"]
    for name, one in [*((one.name or "nobody", one) for one in rows), ("all", together(rows))]:
        rate = "–" if one.rate is None else f"{100 * one.rate:.0f}"
        out.append(f"{name:<28} {one.open:>6} {one.late:>6} {one.kept:>6} {one.broken:>7} {one.waived:>7} {rate:>9}")
    return out


def mismatches_json(actor: Actor) -> dict[str, Any]:
    """Orders that invoicing sees otherwise, and won deals without one."""
    actor.require("order.see")
    rows = [(registry.by_model(type(one.row)), one) for one in mismatches(actor)]
    return {
        "data": [
            {"record": record.name, "id": one.row.pk, "name": record.name_of(one.row), "url": f"/api/v1/{record.slug}/{one.row.pk}",
             "why": str(one.why), "ours": one.ours, "theirs": one.theirs}
            for record, one in rows
        ]
    }  # fmt: skip
