"""What stands on the generic page of a review: the way to the page that a meeting is held with."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.process.review.models import Review
from kith.ui.panels import Panel


def meeting(actor: Actor, row: Review) -> dict[str, Any]:
    return {"review": row}


MEETING = Panel("meeting", _("Review"), "review/panel_meeting.html", meeting, depends_on=("review",), order=5)
