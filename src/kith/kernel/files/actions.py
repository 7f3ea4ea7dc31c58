"""Adding files to a record and taking them away: each is an event on the record's story, and can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.files.events import FileAdded, FileRemoved, FileRestored
from kith.kernel.files.models import StoredFile
from kith.kernel.files.queries import file_of
from kith.kernel.files.storage import store
from kith.kernel.timeline.change import change
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation, undoes

MOST_AT_ONCE = 10  # files of one upload


def add_files(
    record: Any, row: Any, uploads: Sequence[Any], *, by: Actor
) -> tuple[list[StoredFile], list[Invalid], Operation]:
    """Keep several files with a row, as one operation. Returns those kept and why each of the others was not taken.
    Raises NotFound, NotAllowed."""
    by.require(f"{record.name}.edit")
    kept: list[StoredFile] = []
    refused: list[Invalid] = []
    with operation("file.add", "", by=by, record=record.name) as (op, actor):
        for upload in uploads:
            try:
                with change(row, by=actor) as c:
                    stored = store(upload, record_type=record.name, record_id=row.pk, by=actor)
                    c.says(FileAdded(file=stored.pk, name=stored.name, size=stored.size))
            except Invalid as problem:
                refused.append(problem)
            else:
                kept.append(stored)
        if kept:
            Operation.objects.filter(pk=op.pk).update(label=_label(record.name_of(row), len(kept)))
            op.data = {"files": [stored.pk for stored in kept]}
    return kept, refused, op


def _label(name: str, many: int) -> str:
    return ngettext("Added a file to %(name)s", "Added %(n)s files to %(name)s", many) % {"name": name, "n": many}


def remove_file(pk: int, *, by: Actor) -> tuple[Any, Any, Operation]:
    """Take a file off its row; it stays on the disk and can be brought back. Returns its record type, row, operation."""
    stored, record, row = file_of(by, pk, "edit")
    by.require(f"{record.name}.edit")
    label = _("Removed the file %s") % stored.name
    with operation("file.remove", label, by=by, record=record.name) as (op, actor):
        _put_away(stored, row, True, actor)
        op.data = {"file": stored.pk}
    return record, row, op


def _put_away(stored: StoredFile, row: Any, away: bool, by: Actor) -> None:
    with change(row, by=by) as c:
        if bool(stored.archived_at) != away:
            stored.archived_at = timezone.now() if away else None
            stored.save(update_fields=["archived_at"])
            c.says((FileRemoved if away else FileRestored)(file=stored.pk, name=stored.name))


@undoes("file.add")
def undo_add(op: Operation, by: Actor) -> list[str]:
    return _undo(op, by, away=True)


@undoes("file.remove")
def undo_remove(op: Operation, by: Actor) -> list[str]:
    return _undo(op, by, away=False)


def _undo(op: Operation, by: Actor, *, away: bool) -> list[str]:
    for pk in op.data.get("files") or [op.data["file"]]:
        stored, _record, row = file_of(by, pk, "edit", archived=True)
        _put_away(stored, row, away, by)
    return []
