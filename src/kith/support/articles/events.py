"""What happens with articles, as facts."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class ArticlePublished(EventType):
    verb, icon, sentence = "article.published", "globe", _("published version {number}{note}")
    number: int
    note: str = ""


@dataclass(frozen=True)
class ArticleWithdrawn(EventType):
    verb, icon, sentence = "article.withdrawn", "ban", _("withdrew it; nobody reads it any more")


@dataclass(frozen=True)
class ArticleTranslated(EventType):
    verb, icon, sentence = "article.translated", "globe", _("wrote it in {language}")
    language: str


@dataclass(frozen=True)
class ArticleUntranslated(EventType):
    verb, icon, sentence = "article.untranslated", "globe", _("took out {language}")
    language: str


@dataclass(frozen=True)
class ArticleUsed(EventType):
    """On the article, about the ticket it was used for."""

    verb, icon, chip, sentence = "article.used", "book", "steps", _("used the article “{title}”")
    title: str
    article: int | None = None


@dataclass(frozen=True)
class GapBegun(EventType):
    verb, icon, sentence = "article_gap.begun", "pencil", _("began an article: {title}")
    title: str = ""


@dataclass(frozen=True)
class GapDismissed(EventType):
    verb, icon, sentence = "article_gap.dismissed", "ban", _("put it aside: not for us")
