"""Finding rows by words: every word a prefix, in any order, accents and case folded.

The candidates are picked by the word index alone and capped, then ordered: a tsquery directly under ORDER BY … LIMIT
makes the planner walk a date index through the whole table when the words are rare.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from kith.kernel.text import words

CANDIDATES = 2000


def tsquery(text: str) -> SearchQuery | None:
    """Prefix query for all words of `text`; None when it has no word of use."""
    parts = [w for w in dict.fromkeys(words(text)[:12])]
    if not parts or (len(parts) == 1 and len(parts[0]) < 2):
        return None
    return SearchQuery(" & ".join(f"{p}:*" for p in parts), search_type="raw", config="simple")


def matching(rows: QuerySet[Any], text: str, limit: int = CANDIDATES) -> QuerySet[Any]:
    """`rows` (filtered by scope and tree) whose words match; at most `limit` candidates, then ordered by the caller."""
    query = tsquery(text)
    if query is None:
        return rows if not text.strip() else rows.none()
    picked = list(rows.filter(tsv=query).order_by().values_list("pk", flat=True)[:limit])
    return rows.filter(pk__in=picked)
