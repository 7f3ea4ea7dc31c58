"""Files of records, for those who may see the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotFound
from kith.kernel.files.models import StoredFile
from kith.kernel.records.models import RecordModel
from kith.kernel.records.registry import registry

# What other rooms keep from some who see the row: (actor, files) -> ids of those that they may not open.
_hiding: list[Callable[[Actor, QuerySet[StoredFile]], Iterable[int]]] = []


def register_hiding(hide: Callable[[Actor, QuerySet[StoredFile]], Iterable[int]]) -> None:
    """Keep files from some who see the row they are kept with; see `_hiding`. Called at start-up."""
    _hiding.append(hide)


def _hidden(actor: Actor, files: QuerySet[StoredFile]) -> set[int]:
    return {pk for hide in _hiding for pk in hide(actor, files)}


def keeps_files(record: Any) -> bool:
    """May files be kept with rows of this type? Not with those of configuration."""
    return issubclass(record.model, RecordModel) and not record.settings


def files_of(record: str, pk: int, *, by: Actor | None = None, limit: int = 50, start: int = 0) -> list[StoredFile]:
    """The newest files of a row that the caller has read through `Record.get` before, passing over `start` of them. by: who
    looks; None where no mail is filed with rows of this type."""
    rows = StoredFile.objects.filter(record_type=record, record_id=pk, archived_at__isnull=True)
    if by is not None and (hidden := _hidden(by, rows)):
        rows = rows.exclude(pk__in=hidden)
    return list(rows.select_related("uploaded_by")[start : start + limit])


def file_of(actor: Actor, pk: int, verb: str = "see", *, archived: bool = False) -> tuple[StoredFile, Any, Any]:
    """(file, its record type, its row) when the actor may `verb` the row; NotFound tells nothing of what there is."""
    stored = StoredFile.objects.filter(pk=pk).first() if pk < 2**63 else None
    record = registry.get(stored.record_type) if stored is not None else None
    if stored is None or record is None or (stored.archived_at and not archived):
        raise _missing(pk)
    row = record.rows(actor, verb).filter(pk=stored.record_id).first()
    if row is None or pk in _hidden(actor, StoredFile.objects.filter(pk=pk)):
        raise _missing(pk)
    return stored, record, row


def _missing(pk: int) -> NotFound:
    return NotFound(_("There is no file %s that you may open.") % pk)
