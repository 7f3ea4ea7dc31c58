"""What retention adds to the pages of companies and people: how they are, when we speak again, what more they could use."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Day
from kith.kernel.records.registry import registry
from kith.retention.churn.leaving import churn
from kith.retention.health.usage import count
from kith.retention.models import Band, HealthMoved
from kith.retention.plays.running import start
from kith.retention.queries import care_of
from kith.retention.suggestions.proposing import ideas_of
from kith.ui.panels import SINCE, Panel, register_panel

SHOWN, DRAWN = 6, 24
VERBS = (start, churn)


def care(actor: Actor, row: Any) -> dict[str, Any] | None:
    """Everything kept of one customer; nothing for whoever is none."""
    found = care_of(row)
    if found is None:
        return None
    moves = list(HealthMoved.objects.filter(**{row._meta.model_name: row}).order_by("-at", "-pk")[:DRAWN])
    late = found.due_on is not None and found.due_on < timezone.localdate()
    return {
        "care": found, "hint": Band(found.band).label if found.band else "", "parts": found.parts, "reasons": found.reasons,
        "chance": None if found.chance is None else round(found.chance * 100), "due": Day().show(found.due_on) if found.due_on else "",
        "late": late, "tier": found.tier.name if found.tier else "", "fell": found.before.get("fell", []), "ideas": ideas_of(row, actor),
        "verbs": [(act.verb, act.label, act.icon) for act in VERBS if act.open_to(row, actor)],
        "slug": registry[row._meta.model_name].slug, "history": [_moved(m) for m in moves[:SHOWN]], "values": [m.after for m in reversed(moves) if m.after is not None],
    }  # fmt: skip


def _moved(one: HealthMoved) -> dict[str, Any]:
    known = [("–" if n is None else str(n)) for n in (one.before, one.after)]
    why = "; ".join(f"{w['name']}: {w['words']}" for w in one.why[:3] if w["words"])
    return {"words": __("%(before)s to %(after)s") % {"before": known[0], "after": known[1]}, "why": why, "at": one.at}


for name in ("company", "person"):
    register_panel(
        Panel("care", _("Health"), "retention/panel_care.html", care, depends_on=(name, "ticket", "play_run"), order=14,
              verbs=(*(act.verb for act in VERBS), count.verb), lazy=True, style="ui/css/pages/chart.css", phase=SINCE),
        on=name,
    )  # fmt: skip
