"""Rows alike to what somebody is writing: those that share most of the words that tell something, the likest first.

Words are compared by their stems as far as the first letters tell them, which serves every language that bends its words at
the end. A word that is still being typed finds what it begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from kith.kernel.lookups.finding import candidates
from kith.kernel.text import words

LOOKED, MOST_WORDS, SHORTEST, LONGEST = 300, 24, 4, 4_000
# Words that say nothing of what a text is about, in the languages most write in.
COMMON = frozenset(
    "the and for you your our with that this have has not can cannot does how what when why are was were from into about "
    "der die das und ist nicht mit wie was kann ich mein eine ein les des est pas pour avec una los que para och det".split()
)


def telling(text: str, most: int = MOST_WORDS) -> list[str]:
    """The words by which a text is known, each once, in order."""
    return list(dict.fromkeys(w for w in words(text[:LONGEST]) if len(w) > 2 and w not in COMMON))[:most]


def any_of(begins: Iterable[str]) -> SearchQuery:
    """Rows that have a word which begins like one of these."""
    return SearchQuery(" | ".join(f"{each}:*" for each in begins), search_type="raw", config="simple")


def alike(rows: QuerySet[Any], text: str, said: str, *, limit: int = 5, most_words: int = MOST_WORDS) -> list[Any]:
    """Of `rows`, those whose text in the column `said` shares at least half of the telling words of the shorter one.
    most_words: how many words of `text` are heeded."""
    asked = [_stem(word) for word in telling(text, most_words)]
    if not asked:
        return []
    near = rows.filter(pk__in=candidates(rows.filter(tsv=any_of(asked)), LOOKED))
    found = []
    for row in near:
        own = [_stem(word) for word in telling(getattr(row, said))]
        shared = sum(any(one.startswith(word) for one in own) for word in asked)
        least = min(len(asked), len(own))
        if shared >= min(2, least) and shared * 2 >= least > 0:
            found.append((-shared, len(own), row.pk, row))
    return [row for *_order, row in sorted(found)[:limit]]


def _stem(word: str) -> str:
    """Without its ending, as far as enough of it is left."""
    return word[: max(SHORTEST, len(word) - 2)]
