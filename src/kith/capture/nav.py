"""How many wait, beside their place in the sidebar."""

from __future__ import annotations

from django.http import HttpRequest

from kith.capture.alarm import PLACE
from kith.capture.queries import waiting
from kith.kernel.access.actor import Actor
from kith.ui.pages.base import actor_of
from kith.ui.shortly import Shortly

MOST = 100
_counted: Shortly[tuple[int | str | None, str | None]] = Shortly()


def waiting_count(request: HttpRequest) -> tuple[int | str | None, str | None]:
    """(how many wait, "late" once somebody was told that it is too long). The place it leads to counts afresh."""
    actor = actor_of(request)
    if not actor.can("submission.see"):
        return None, None
    return _counted.get(actor.user_id, lambda: _count(actor), afresh=request.path.startswith(PLACE))


def _count(actor: Actor) -> tuple[int | str | None, str | None]:
    rows = list(waiting(actor).values_list("alarmed_at", flat=True)[: MOST + 1])
    late = any(at is not None for at in rows)
    return (f"{MOST}+" if len(rows) > MOST else len(rows)) or None, "late" if late else None
