"""What retention knows of a customer for programs: every part of health, what moved it, why they may leave, care before and
after they paid, and what more they could use. The figures themselves are columns (`lent.py`)."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Choice, Currency, Integer, LongText, Moment, Money, Number, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry
from kith.retention.models import Band, HealthMoved
from kith.retention.queries import care_of
from kith.retention.suggestions.proposing import ideas_of

MOST = 200
COMPARED = {
    "answer": _("Hours to an answer"), "contacts": _("Contacts in half a year"), "effort": _("What was laborious for them"),
}  # fmt: skip
BANDS = {key: label for key, label in Band.choices if key}


def _lines(actor: Actor, row: Any) -> list[Any]:
    """Each part with its weight; `points` is None where nothing is known, which makes health less sure and not lower."""
    care = care_of(row)
    return [
        SimpleNamespace(**{**one, "part": one["key"], "at": dt.datetime.fromisoformat(one["at"]) if one["at"] else None})
        for one in (care.parts if care is not None else [])
    ]  # fmt: skip


def _history(actor: Actor, row: Any) -> list[Any]:
    rows = HealthMoved.objects.filter(**{row._meta.model_name: row}).order_by("-at", "-pk")[:MOST]
    return [
        SimpleNamespace(at=one.at, before=one.before, after=one.after, band=one.band, confidence=one.confidence, why=_why(one.why))
        for one in rows
    ]  # fmt: skip


def _why(moved: list[dict[str, Any]]) -> str:
    return "\n".join(f"{one['name']}: {one['words']}" if one["words"] else one["name"] for one in moved)


def _reasons(actor: Actor, row: Any) -> list[Any]:
    care = care_of(row)
    return [
        SimpleNamespace(label=str(one["label"]), value=str(one["value"]), effect=one["effect"])
        for one in (care.reasons if care is not None else [])
    ]


def _compared(actor: Actor, row: Any) -> list[Any]:
    """Before they paid and in the last half year; `fell` says what fell, and stands beside each figure."""
    care = care_of(row)
    told = care.before if care is not None else {}
    fell = "\n".join(told.get("fell", []))
    return [
        SimpleNamespace(what=what, before=told[what][0], after=told[what][1], fell=fell) for what in COMPARED if what in told
    ]  # fmt: skip


HEALTH = Part(
    "health_parts", _("Health"),
    {"part": Integer(), "name": Text(200), "weight": Integer(), "points": Integer(), "figure": Number(18, 3), "words": Text(500),
     "at": Moment()}, _lines,
)  # fmt: skip
HISTORY = Part(
    "health_history", _("What moved it"),
    {"at": Moment(), "before": Integer(), "after": Integer(), "band": Choice(BANDS), "confidence": Integer(), "why": LongText()}, _history,
)  # fmt: skip
REASONS = Part(
    "churn_reasons", _("Why they may leave or stay"), {"label": Text(300), "value": Text(300), "effect": Number(12, 4)}, _reasons
)  # fmt: skip
CARE = Part(
    "care", _("Care before and after they paid"),
    {"what": Choice(COMPARED), "before": Number(12, 1), "after": Number(12, 1), "fell": LongText()}, _compared,
)  # fmt: skip
IDEAS = Part(
    "suggestions", _("What they could use"),
    {"product": Text(200), "words": LongText(), "need": Bool(), "yearly": Money(), "currency": Currency()},
    lambda actor, row: ideas_of(row, actor),
)  # fmt: skip
for _record in ("company", "person"):
    registry.lend_parts(_record, HEALTH, HISTORY, REASONS, CARE, IDEAS)
