"""Files of records, for those who may see the record."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotFound
from kith.kernel.files.models import StoredFile
from kith.kernel.records.models import RecordModel
from kith.kernel.records.registry import registry


def keeps_files(record: Any) -> bool:
    """May files be kept with rows of this type? Not with those of configuration."""
    return issubclass(record.model, RecordModel) and not record.settings


def files_of(record: str, pk: int, *, limit: int = 50, start: int = 0) -> list[StoredFile]:
    """The newest files of a row that the caller has read through `Record.get` before, passing over `start` of them."""
    rows = StoredFile.objects.filter(record_type=record, record_id=pk, archived_at__isnull=True)
    return list(rows.select_related("uploaded_by")[start : start + limit])


def file_of(actor: Actor, pk: int, verb: str = "see", *, archived: bool = False) -> tuple[StoredFile, Any, Any]:
    """(file, its record type, its row) when the actor may `verb` the row; NotFound tells nothing of what there is."""
    stored = StoredFile.objects.filter(pk=pk).first() if pk < 2**63 else None
    record = registry.get(stored.record_type) if stored is not None else None
    if stored is None or record is None or (stored.archived_at and not archived):
        raise _missing(pk)
    row = record.rows(actor, verb).filter(pk=stored.record_id).first()
    if row is None:
        raise _missing(pk)
    return stored, record, row


def _missing(pk: int) -> NotFound:
    return NotFound(_("There is no file %s that you may open.") % pk)
