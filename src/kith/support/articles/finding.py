"""Finding articles: by words somebody searches for, or by what somebody is writing to us; and what was not found.

Customers find published versions of public articles, colleagues those of internal ones too. A search that finds nothing is
counted as a gap, by its words: nothing that names anybody (an address, a long number) is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchRank
from django.db.models import F, QuerySet
from django.utils import timezone

from kith.kernel.lookups.alike import any_of, telling
from kith.kernel.lookups.finding import candidates, tsquery
from kith.kernel.text import fold, words
from kith.support.articles.models import ArticleState, Audience, Gap, GapState, Version
from kith.support.articles.reading import summary

MOST, LONGEST = 20, 200


@dataclass(frozen=True)
class Found:
    """An article in the language that fits best. `href` is where customers read it, "" for internal ones."""

    article: int
    title: str
    summary: str
    href: str
    category: str
    language: str

    @property
    def own(self) -> str:
        return f"/articles/{self.article}"


def readable(public: bool) -> QuerySet[Version]:
    """The versions that readers see."""
    rows = Version.objects.filter(
        article__state=ArticleState.PUBLISHED, article__archived_at__isnull=True, number=F("article__number")
    )
    return rows.filter(article__audience=Audience.PUBLIC) if public else rows


def search(text: str, *, language: str = "", public: bool = True, limit: int = MOST) -> list[Found]:
    """Articles that have every word (as a beginning), the best first; [] for words that find nothing."""
    query = tsquery(text[:LONGEST])
    return _ranked(readable(public).filter(tsv=query), query, text, language, limit) if query is not None else []


def suggest(text: str, *, language: str = "", public: bool = True, limit: int = 5) -> list[Found]:
    """Articles that may answer what somebody is writing: those that share most of its words. Never counted as a search."""
    asked = telling(text)
    if not asked:
        return []
    query = any_of(asked)
    return _ranked(
        readable(public).filter(tsv=query), query, " ".join(asked), language, limit, least=min(2, len(asked))
    )


def _ranked(rows: QuerySet[Version], query: Any, text: str, language: str, limit: int, least: int = 1) -> list[Found]:
    near = (
        rows.filter(pk__in=candidates(rows, 500)).annotate(rank=SearchRank(F("tsv"), query)).select_related("article")
    )
    asked = words(text)
    best: dict[int, tuple[tuple[int, int, float], Version]] = {}
    for row in near.order_by("-rank", "pk")[:100]:
        titled = sum(any(t.startswith(w) for t in words(row.title)) for w in asked)
        shared = sum(any(t.startswith(w) for t in row.search.split()) for w in asked)
        if max(shared, titled) < least:
            continue
        mark = (2 * titled + shared, int(_near(row.language, language)), float(row.rank))
        kept = best.get(row.article_id)
        if kept is None or (mark[1], mark[0]) > (kept[0][1], kept[0][0]):
            best[row.article_id] = (mark, row)
    ranked = sorted(best.values(), key=lambda one: (-one[0][0], -one[0][2], one[1].pk))
    return [found_of(row) for _mark, row in ranked[:limit]]


def _near(language: str, wanted: str) -> bool:
    return bool(wanted) and language.partition("-")[0] == wanted.lower().partition("-")[0]


def found_of(row: Version) -> Found:
    article = row.article
    href = f"/knowledge/{article.key}" if article.is_open else ""
    return Found(article.pk, row.title, summary(row.body), href, article.category, row.language)


def version_for(article: Any, language: str) -> Version | None:
    """The published version in the language that fits best, else the article's own."""
    rows = {row.language: row for row in Version.objects.filter(article=article, number=article.number)}
    for code in (language.lower(), language.lower().partition("-")[0]):
        if code in rows:
            return rows[code]
    return rows.get(article.language) or next(iter(rows.values()), None)


def missed(text: str, *, reader: bool) -> Gap | None:
    """Count a search that found nothing; None where it says nothing, or names somebody. reader: a customer searched."""
    said = [w for w in words(text[:LONGEST]) if not _names(w)][:8]
    if not said or max(len(w) for w in said) < 3 or "@" in text:
        return None
    key = " ".join(sorted(set(said)))[:160]
    shown = " ".join(w for w in fold(text).split() if not _names(w))[:120]
    row, _made = Gap.objects.get_or_create(key=key, defaults={"words": shown, "search": shown, "state": GapState.OPEN})
    Gap.objects.filter(pk=row.pk).update(
        times=F("times") + 1, by_readers=F("by_readers") + int(reader), last_at=timezone.now(), words=shown or row.words
    )
    row.refresh_from_db()
    return row


def _names(word: str) -> bool:
    """Looks like what belongs to somebody: a long number, an address."""
    digits = sum(c.isdigit() for c in word)
    return digits > 4 or (digits > 2 and word.isdecimal()) or "@" in word
