"""Parts of articles for programs: what readers got and said, and for a ticket the articles that may answer it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Colleague, Integer, Language, LongText, Moment, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry
from kith.support.articles.models import Article, Feedback, Version
from kith.support.articles.panels import for_ticket

MOST = 200


def _versions(actor: Actor, row: Article) -> list[Any]:
    """Every language of each published version, the newest first."""
    return list(Version.objects.filter(article=row).select_related("by").order_by("-number", "language")[:MOST])


def _said(actor: Actor, row: Article) -> list[Any]:
    """What readers said of it, the last first."""
    return list(Feedback.objects.filter(article=row).order_by("-at", "-pk")[:MOST])


def _for_ticket(actor: Actor, ticket: Any) -> list[Any]:
    """Those that were used first, then those that may answer it."""
    found = for_ticket(actor, ticket)
    if found is None:
        return []
    rows = [SimpleNamespace(id=one.article_id, title=one.article.title, used=True) for one in found["used"]]
    return rows + [SimpleNamespace(id=one.article, title=one.title, used=False) for one in found["found"]]


VERSIONS = Part(
    "versions", _("Versions"),
    {"number": Integer(), "language": Language(), "title": Text(200), "body": LongText(), "at": Moment(), "by": Colleague()}, _versions,
)  # fmt: skip
FEEDBACK = Part(
    "feedback", _("What readers said"),
    {"number": Integer(), "language": Language(), "helped": Bool(), "comment": LongText(), "at": Moment()}, _said,
)  # fmt: skip
registry.lend_parts(
    "ticket", Part("articles", _("Articles"), {"id": Integer(), "title": Text(200), "used": Bool()}, _for_ticket)
)
