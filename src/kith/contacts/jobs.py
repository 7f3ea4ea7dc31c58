"""Background work of contacts: looking up who came in or was imported."""

from __future__ import annotations

from kith.contacts.enrichment.applying import look_up as look_up_rows
from kith.kernel.access.actor import system
from kith.kernel.jobs import job
from kith.kernel.timeline.operations import operation


@job("contacts.look_up", priority=-5, label="Look up people and companies")
def look_up(*, record: str, ids: list[int]) -> None:
    """Running it twice finds nothing the second time."""
    with operation("look_up", "", by=system("automation"), record=record) as (op, by):
        count = look_up_rows(record, ids, by=by)
        op.label = label_of(record, count)
        op.save(update_fields=["label"])


def label_of(record: str, count: int) -> str:
    from django.utils.translation import ngettext

    if record == "person":
        return ngettext("Looked up one person", "Looked up %(n)s people", count) % {"n": count}
    return ngettext("Looked up one company", "Looked up %(n)s companies", count) % {"n": count}
