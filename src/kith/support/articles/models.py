"""Articles of the knowledge base: what is written now, every version that was ever published, and what became of them.

`number` on the article says which version readers see; a version never changes. What people looked for and did not find are
gaps, counted by their words and by nothing of who looked.
"""

from __future__ import annotations

import re

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import Owned, RecordModel, list_indexes
from kith.kernel.text import fold

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


class Audience(models.TextChoices):
    INTERNAL = "internal", _("Colleagues")
    PUBLIC = "public", _("Everybody")


class ArticleState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Article(RecordModel, Owned):
    """`title` and `body` are in `language`; `texts` holds {language: {"title", "body"}} of the others, `gap` nothing once it
    is begun from one (see `Gap.article`)."""

    title = models.CharField(_("Title"), max_length=200)
    key = models.CharField(_("Address"), max_length=80, default="", blank=True)
    body = models.TextField(_("Text"), default="", blank=True)
    language = models.CharField(_("Language"), max_length=12, default="en")
    category = models.CharField(_("Category"), max_length=80, default="", blank=True)
    audience = models.CharField(_("For"), max_length=8, choices=Audience.choices, default=Audience.INTERNAL)
    state = models.CharField(_("State"), max_length=9, choices=ArticleState.choices, default=ArticleState.DRAFT)
    texts = models.JSONField(default=dict, blank=True)
    number = models.PositiveIntegerField(_("Version"), default=0)
    published_at = models.DateTimeField(_("Published"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("article"), _("articles")
        indexes = [
            *list_indexes("article", "title", "updated_at", "created_at", "published_at", "category"),
            models.Index(fields=["audience", "state", "category"], name="article_public"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="article_key_once",
                                    violation_error_message=_("Another article has this address; choose a different one.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    def derive(self) -> None:
        self.key = self.key.strip().lower() or re.sub(r"[^a-z0-9]+", "-", fold(self.title)).strip("-")[:80]
        super().derive()

    def search_parts(self) -> list[str | None]:
        told = [part for text in self.texts.values() for part in (text.get("title"), text.get("body"))]
        return [self.title, self.category, self.body, *told]

    def verify(self) -> None:
        if not KEY.fullmatch(self.key):
            raise Invalid(__("An address has small letters, digits and hyphens, for example “reset-a-sensor”."), "key")

    @property
    def is_open(self) -> bool:
        """Can everybody read it?"""
        return self.state == ArticleState.PUBLISHED and self.audience == Audience.PUBLIC and self.archived_at is None

    @property
    def languages(self) -> list[str]:
        return [self.language, *sorted(self.texts)]


class Version(models.Model):
    """One language of a published version, as readers got it."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=12)
    title = models.CharField(max_length=200)
    body = models.TextField(default="")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    search = models.TextField(default="")
    tsv = models.GeneratedField(
        expression=SearchVector("search", config="simple"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "number", "language"], name="article_version_once")]
        indexes = [GinIndex(fields=["tsv"], name="article_version_tsv")]


class Feedback(models.Model):
    """What a reader said of a version. `mark`: a mark of the network, so that one says it once a day."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="feedback")
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=12, default="")
    helped = models.BooleanField()
    comment = models.TextField(default="", blank=True)
    day = models.DateField()
    at = models.DateTimeField(default=timezone.now)
    mark = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "mark", "day"], name="article_feedback_once_a_day")]


class Outcome(models.TextChoices):
    OPEN = "", _("Not known yet")
    SOLVED = "solved", _("Solved it")
    REOPENED = "reopened", _("Came back")


class Use(models.Model):
    """An article was used for something ("ticket", 7): what came of it follows the ticket."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="uses")
    record = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    number = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "record", "record_id"], name="article_used_once")]
        indexes = [models.Index(fields=["record", "record_id"], name="article_use_row")]


class GapState(models.TextChoices):
    OPEN = "open", _("Nothing to read")
    BEGUN = "begun", _("Being written")
    DISMISSED = "dismissed", _("Not for us")


class Gap(RecordModel, Owned):
    """Words that were looked for and found nothing. `words` as they were last typed, `key` without order and case."""

    words = models.CharField(_("Looked for"), max_length=120)
    key = models.CharField(max_length=160)
    times = models.PositiveIntegerField(_("Times"), default=0)
    by_readers = models.PositiveIntegerField(_("By customers"), default=0)
    last_at = models.DateTimeField(_("Last"), default=timezone.now)
    state = models.CharField(_("State"), max_length=9, choices=GapState.choices, default=GapState.OPEN)
    article = models.ForeignKey(
        Article, models.SET_NULL, null=True, blank=True, related_name="gaps", verbose_name=_("Article")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("gap"), _("gaps")
        indexes = list_indexes("gap", "times", "last_at", "updated_at")
        constraints = [models.UniqueConstraint(fields=["key"], name="gap_once")]

    def __str__(self) -> str:
        return self.words

    def search_parts(self) -> list[str | None]:
        return [self.words]
