"""Finding any record by words: prefixes in any order, fragments of addresses and numbers, one typo forgiven.

Each record type answers from its own word index and its own scope; a typed word that no row holds is replaced by the
nearest words of the dictionary, and only then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Case, F, Q, TextField, Value, When
from django.db.models.functions import Cast, Coalesce
from rapidfuzz.distance import DamerauLevenshtein

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Link
from kith.kernel.lookups.finding import tsquery
from kith.kernel.records.models import RecordModel
from kith.kernel.records.naming import title_of
from kith.kernel.records.registry import registry
from kith.kernel.search.words import trigrams
from kith.kernel.text import brief, fold, words

CANDIDATES = 200  # rows of one type that are ranked; more would only move what nobody scrolls to
ENOUGH = 3  # fewer hits than this and a typo is suspected


@dataclass(frozen=True)
class Hit:
    """One row found: `sub` is the quieter words beside its name; `typo` when a near word found it."""

    record: str
    pk: int
    name: str
    sub: str
    url: str
    typo: bool = False


def find(actor: Actor, text: str, *, per_type: int = 6) -> list[Hit]:
    """Hits of all record types, best first within a type. Nothing for fewer than two letters or digits."""
    query = tsquery(text)
    if query is None:
        return []
    hits = _hits(actor, query, text, per_type, False)
    if len(hits) < ENOUGH and (near := near_query(text)) is not None:
        known = {(h.record, h.pk) for h in hits}
        hits += [h for h in _hits(actor, near, text, per_type, True) if (h.record, h.pk) not in known]
    return hits


def searched() -> list[Any]:
    """Record types that search covers, the daily ones first."""
    types = [r for r in registry if issubclass(r.model, RecordModel) and "search" in _faces(r)]
    return sorted(types, key=lambda r: r.settings)


def _faces(record: Any) -> frozenset[str]:
    return (
        frozenset({"search"}) if not record.settings or record.model._meta.db_table.endswith("product") else frozenset()
    )


def _hits(actor: Actor, query: SearchQuery, text: str, per_type: int, typo: bool) -> list[Hit]:
    """All types in one query; each brings its candidates through its own door."""
    parts = [_candidates(record, actor, query) for record in searched()]
    found = list(parts[0].union(*parts[1:], all=True)) if parts else []
    asked = fold(text).strip()
    found.sort(key=lambda r: r["updated_at"], reverse=True)
    found.sort(key=lambda r: _rank(fold(r["hit_name"]), asked))
    hits = []
    for record in searched():
        own = [r for r in found if r["hit_type"] == record.name][:per_type]
        hits += [
            Hit(record.name, r["pk"], brief(r["hit_name"]) or f"#{r['pk']}", r["hit_sub"], record.url(r["pk"]), typo)
            for r in own
        ]
    return hits


def _candidates(record: Any, actor: Actor, query: SearchQuery) -> Any:
    rows = record.rows(actor, archived=False).filter(tsv=query).order_by()
    return rows.values(
        "pk", "updated_at", hit_type=Value(record.name), hit_name=title_of(record, actor), hit_sub=_subtitle(record, actor),
    )[:CANDIDATES]  # fmt: skip


def _subtitle(record: Any, actor: Actor) -> Any:
    """The quieter words: of a column that the actor may see, and of a linked row only within their reach."""
    fields, columns = {f.name for f in record.model._meta.fields}, record.columns(actor)
    about = next((f for f in SUBTITLES if f in fields), "")
    column = columns.get(about)
    if column is None:
        return Value("", TextField())
    if not isinstance(column.kind, Link):
        return Coalesce(Cast(F(about), TextField()), Value("", TextField()))
    target = column.kind.record
    name: Any = Cast(F(f"{about}__{target.title}"), TextField())
    if target.scope.q(actor, target.name, "see") != Q():
        name = Case(When(**{f"{about}__in": target.rows(actor).values("pk")}, then=name))
    return Coalesce(name, Value("", TextField()))


SUBTITLES = ("company", "industry", "sku", "kind", "email")


def _rank(name: str, asked: str) -> int:
    """0 the name itself, 1 it begins so, 2 a word of it does, 3 found elsewhere in the row."""
    if name == asked:
        return 0
    if name.startswith(asked):
        return 1
    return 2 if f" {asked}" in name else 3


def near_query(text: str) -> SearchQuery | None:
    """The query with each word that nothing begins with replaced by its nearest dictionary words; None if hopeless."""
    parts: list[str] = []
    changed = False
    for word in list(dict.fromkeys(words(text)))[:8]:
        if word.isdigit() or len(word) < 4:
            parts.append(f"{word}:*")
            continue
        near = nearest(word)
        if not near:
            return None
        changed = changed or near != [word]
        parts.append("(" + " | ".join(f"{n}:*" if n == word else n for n in dict.fromkeys([word, *near])) + ")")
    return SearchQuery(" & ".join(parts), search_type="raw", config="simple") if changed else None


def nearest(word: str, limit: int = 5) -> list[str]:
    """Dictionary words within one edit (two from eight letters), by shared trigrams first; needs no extension."""
    grams = trigrams(word)[:-2]  # the ending may not be typed yet
    most = 2 if len(word) >= 8 else 1
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH near AS MATERIALIZED (SELECT word, trigrams FROM search_word WHERE trigrams && %s::varchar[] "
            "AND length(word) BETWEEN %s AND %s) "
            "SELECT word, cardinality(ARRAY(SELECT unnest(trigrams) INTERSECT SELECT unnest(%s::varchar[]))) AS shared "
            "FROM near ORDER BY shared DESC LIMIT 60",
            [grams, len(word) - most, len(word) + most, grams],
        )
        found = [row[0] for row in cursor.fetchall()]
    scored = [(DamerauLevenshtein.distance(word, w), w) for w in found]
    return [w for d, w in sorted(scored) if d <= most][:limit]
