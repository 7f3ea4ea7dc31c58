"""Events that go for good because somebody asks for it: the one exception to a log that only grows."""

from __future__ import annotations

from django.db import connection, transaction

from kith.kernel.records.queries import merged_into
from kith.kernel.timeline.models import Event, EventLink


def forget(record: str, pk: int, verbs: tuple[str, ...]) -> int:
    """Delete the events of these verbs that a row itself has, and those of rows that were merged into it; how many there were."""
    rows = [pk, *merged_into(record, pk)]
    with transaction.atomic():
        gone = list(
            Event.objects.filter(record=record, record_id__in=rows, verb__in=verbs).values_list("pk", flat=True)
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('kith.erasing', 'on', true)")
            EventLink.objects.filter(event__in=gone).delete()
            Event.objects.filter(pk__in=gone).delete()
            cursor.execute("SELECT set_config('kith.erasing', '', true)")
    return len(gone)
