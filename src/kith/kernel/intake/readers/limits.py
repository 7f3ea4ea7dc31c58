"""How much a table file may ask of us.

There is no limit on rows: they stream. Everything that would have to be held in memory at once is bounded, and the
sentence of a refusal names the limit that was passed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds for one file. Sizes are bytes, lengths are characters."""

    bytes: int = 1 << 30  # the file as uploaded
    inflated: int = 4 << 30  # the same after unpacking gzip, and each sheet of a workbook
    part: int = 256 << 20  # a part of a workbook that is kept in memory whole (its words, its styles)
    record: int = 16_000_000  # one row, all cells together
    cell: int = 1_000_000  # one cell
    header: int = 200  # one column name
    columns: int = 1_000
    runaways: int = 50  # rows whose quotation mark never closes; each of them has to be read twice
