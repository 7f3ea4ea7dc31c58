"""Writing exports: CSV, XLSX and JSON lines, streamed.

    write_csv(rows, headers, fileobj)    # rows are sequences of values in the order of the headers

Pure Python: no Django, no database. The readers take back what these write, unchanged.
"""

from typing import Any

from .guard import guard, unguard
from .streams import csv_chunks, jsonl_chunks, write_csv, write_jsonl


def write_xlsx(*args: Any, **more: Any) -> int:
    """See `workbooks.write_xlsx`; openpyxl is loaded by the first workbook, not at every start."""
    from .workbooks import write_xlsx as write

    return write(*args, **more)


CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
}
WRITERS = {"csv": write_csv, "xlsx": write_xlsx, "jsonl": write_jsonl}


def extension(format: str) -> str:
    """The file name ending of an export format, with its dot."""
    if format not in CONTENT_TYPES:
        raise ValueError(f"No export format is called {format!r}; there are {', '.join(CONTENT_TYPES)}.")
    return f".{format}"


__all__ = [
    "CONTENT_TYPES",
    "WRITERS",
    "csv_chunks",
    "extension",
    "guard",
    "jsonl_chunks",
    "unguard",
    "write_csv",
    "write_jsonl",
    "write_xlsx",
]
