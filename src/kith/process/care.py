"""The spine of the sidebar: how many relationships one looks after in each stage.

The pages it leads to count afresh.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kith.process.queries import in_care, stages_cared
from kith.process.versions import standard
from kith.ui.shell import SpineStop
from kith.ui.shortly import Shortly

_counted: Shortly[dict[str, int]] = Shortly()


def spine(request: HttpRequest) -> tuple[str, int, list[SpineStop]] | None:
    """Title, total and stops; None while no process is in use, or for somebody who looks after nobody."""
    running, actor = standard(), request.actor  # type: ignore[attr-defined]
    if running is None or not actor.can("journey.see"):
        return None
    counts = _counted.get(actor.user_id, lambda: in_care(actor, (actor.user_id or 0,)))
    if not counts:
        return None
    stops = [
        SpineStop(step=s.step, name=s.name, href=f"/journeys/?filter=stage.is:{s.key},closed_at.empty,owner.is:me", count=counts.get(s.key))
        for s in stages_cared(running.definition, counts)
    ]  # fmt: skip
    return _("In my care"), sum(counts.values()), stops
