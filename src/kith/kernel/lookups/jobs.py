"""Background work of lists: bulk changes of more rows than a person waits for."""

from __future__ import annotations

from django.apps import apps

from kith.kernel.access.actor import actor_for
from kith.kernel.jobs import job


@job("lookups.bulk", label="Bulk change", attempts=3)
def run_bulk(operation: int) -> None:
    """Go on with a bulk change, as the person who asked for it and with what they may do now."""
    from kith.kernel.lookups.bulk import go_on
    from kith.kernel.timeline.models import Operation

    op = Operation.objects.filter(pk=operation).first()
    user = apps.get_model("accounts.User").objects.filter(pk=op.actor_id or 0).first() if op else None
    if op is None or user is None:
        return
    go_on(op.pk, actor_for(user, op.channel))
