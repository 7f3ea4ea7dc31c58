"""The spine of the sidebar: how many relationships one looks after in each stage.

It stands on every page, so it is read at most every few seconds for each person; the pages it leads to count afresh.
"""

from __future__ import annotations

import time
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kith.kernel.organisation.models import current
from kith.process.queries import in_care, stages_cared
from kith.process.versions import standard
from kith.ui.shell import SpineStop

FRESH = 10.0  # seconds
_kept: dict[int, tuple[float, Any, dict[str, int]]] = {}


def spine(request: HttpRequest) -> tuple[str, int, list[SpineStop]] | None:
    """Title, total and stops; None while no process is in use, or for somebody who looks after nobody."""
    running, actor = standard(), request.actor  # type: ignore[attr-defined]
    if running is None or not actor.can("journey.see"):
        return None
    counts = _counts(actor)
    if not counts:
        return None
    stops = [
        SpineStop(step=s.step, name=s.name, href=f"/journeys/?filter=stage.is:{s.key},closed_at.empty,owner.is:me", count=counts.get(s.key))
        for s in stages_cared(running.definition, counts)
    ]  # fmt: skip
    return _("In my care"), sum(counts.values()), stops


def _counts(actor: Any) -> dict[str, int]:
    now, stamp = time.monotonic(), current().config
    kept = _kept.get(actor.user_id)
    if kept is None or now - kept[0] > FRESH or kept[1] != stamp:
        if len(_kept) > 10_000:
            _kept.clear()
        kept = (now, stamp, in_care(actor, (actor.user_id or 0,)))
        _kept[actor.user_id] = kept
    return kept[2]
