"""Loops are broken by what caused what: an event that goes back to a run of a workflow on a row does not start it there
again. Every event that a run writes names the run's cause, so the way back is a walk along causes.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from kith.automation.models import Run
from kith.kernel.timeline.models import Event

MOST_LINKS = 8  # workflows that may follow from one another


class Chain:
    """The runs behind an event, read once for all workflows that it could start."""

    def __init__(self, cause: UUID | None):
        self.runs: set[tuple[int, str, int | None]] = set()
        self.length = 0
        while cause is not None and self.length <= MOST_LINKS:
            found = list(Run.objects.filter(cause=cause).values_list("workflow_id", "record", "record_id"))
            self.runs |= set(found)
            self.length += bool(found)
            cause = Event.objects.filter(pk=cause).values_list("cause", flat=True).first()

    def refuses(self, workflow: int, record: str, row: int | None) -> str:
        """Why the workflow may not start on this row, or ""."""
        if (workflow, record, row) in self.runs:
            return _("Stopped: it would start itself, by what it did to this row.")
        if self.length > MOST_LINKS:
            return _("Stopped: more than %s workflows followed from one another.") % MOST_LINKS
        return ""
