"""Panels that every record page has: what comes next, related rows, files, and why one may see this at all."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.records.models import Followed
from kith.kernel.records.registry import registry
from kith.ui.pages.files import FILES
from kith.ui.pages.related import RELATED
from kith.ui.panels import Panel, composers_of, next_step


def next_of(actor: Actor, row: Any) -> dict[str, Any] | None:
    """The earliest open dated activity of rows that must not be forgotten; a package may bring a panel that knows more."""
    if not isinstance(row, Followed) or getattr(row, "archived_at", None) or not (row.next_step or row.awaits_step):
        return None
    late = bool(row.next_step_at and row.next_step_at < timezone.now())
    return {"step": row.next_step, "at": row.next_step_at, "late": late, "kind": step_kind(actor, row)}


def step_kind(actor: Actor, row: Any) -> str:
    """The composer behind "Set next step", where this actor may write one about this row."""
    step, record = next_step(), registry.by_model(type(row))
    if step is None or record is None or getattr(row, "archived_at", None):
        return ""
    return step.kind if step.kind in {c.kind for c in composers_of(record, row, actor)} else ""


def why(actor: Actor, row: Any) -> dict[str, Any] | None:
    """The scope's own reasons why this reader sees this row."""
    record = registry.by_model(type(row))
    reasons = record.scope.explain(actor, record.name, row) if record else []
    return {"reasons": reasons, "may_edit": actor.can(f"{record.name}.edit")} if record and reasons else None


NEXT = Panel("next", _("Next step"), "pages/panel_next.html", next_of, order=10)
WHY = Panel("why", _("Why can I see this?"), "pages/panel_why.html", why, place="facts", order=95)
EVERYWHERE = (NEXT, RELATED, FILES, WHY)
