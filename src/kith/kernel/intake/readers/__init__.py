"""Reading any table a person may upload: CSV and its kin, XLSX, JSON lines, vCard; plain or gzip.

    with_headers = open_table("people.csv")
    for row in with_headers.rows(): row.number, row.cells, row.problem

Pure Python: no Django, no database. Rows stream; a broken row carries its problem and the others go on.
"""

from .limits import Limits
from .opening import Sniff, open_table, sniff
from .profiling import ColumnProfile, profile
from .table import Row, Table

__all__ = ["ColumnProfile", "Limits", "Row", "Sniff", "Table", "open_table", "profile", "sniff"]
