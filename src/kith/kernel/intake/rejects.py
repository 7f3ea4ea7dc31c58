"""Rejected rows as a file of their own: the columns as they came, one more that says why. Mend it and import it again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.intake.models import ImportRow, ImportRun, Verdict
from kith.kernel.intake.writers import csv_chunks


def reject_chunks(run: ImportRun) -> Iterator[bytes]:
    """The file in pieces, as UTF-8 CSV. Cells that a spreadsheet would run as formulas are guarded, and read back plain."""
    rows = (
        ImportRow.objects.filter(run=run, verdict=Verdict.REJECT)
        .order_by("number")
        .only("run_id", "number", "cells", "extra", "reasons")
    )
    width = len(run.headers)
    reason = _free(_("Why it was rejected"), run.headers)
    return csv_chunks((_row(r, width) for r in rows.iterator(500)), [*run.headers, reason], bom=True)


def _row(row: ImportRow, width: int) -> list[Any]:
    """A row with as many cells as there are columns; what does not fit (a broken row) is kept in the last reason."""
    cells = [_cell(c) for c in row.cells[:width]]
    more = row.cells[width:]
    reasons = [*row.reasons, *([_("Cells beyond the last column: %s") % " | ".join(map(str, more))] if more else [])]
    return [*cells, *[""] * (width - len(cells)), " ".join(reasons)]


def _cell(cell: Any) -> Any:
    return cell["base64"] if isinstance(cell, dict) and set(cell) == {"base64"} else cell


def _free(name: str, taken: list[str]) -> str:
    while name in taken:
        name += " *"
    return name
