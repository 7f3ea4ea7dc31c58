"""Articles and gaps as records."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.scopes import by_owner
from kith.kernel.kinds import Integer, Language
from kith.kernel.records.columns import Facts
from kith.kernel.records.record import Record, Section, View
from kith.kernel.records.registry import registry
from kith.support.articles import actions, events
from kith.support.articles.kinds import Texts
from kith.support.articles.models import Article, Feedback, Gap, Outcome, Use
from kith.support.articles.panels import FARES, READ
from kith.support.articles.parts import FEEDBACK, VERSIONS

COUNTED = frozenset({"list", "filter"})


def _count(model: Any, label: Any, **which: Any) -> Facts:
    rows = model.objects.filter(article=OuterRef("pk"), **which).order_by().values("article").annotate(n=Count("pk"))
    counted = Coalesce(Subquery(rows.values("n"), output_field=IntegerField()), 0)
    return Facts(kind=Integer(), label=label, faces=COUNTED, expr=counted)


class ArticleRecord(Record):
    name, slug, icon = "article", "articles", "book"
    drawer = "customers"
    model, scope, title, placed, help = Article, by_owner(), "title", False, "knowledge-base"
    lists, sort = ("title", "category", "audience", "state", "helped", "solved", "published_at", "owner"), "-updated_at"
    quick, line = ("title", "category", "audience", "body"), ("category", "audience", "state")
    form = (
        Section(_("Article"), "title body category audience"),
        Section(_("Where"), "key language"),
        Section(_("Looked after by"), "owner team"),
    )
    views = (
        View("public", _("For customers"), "audience.is:public,state.is:published", "title"),
        View("drafts", _("Drafts"), "state.is:draft", "-updated_at"),
        View("unhelpful", _("Did not help"), "unhelped.over:0", "-unhelped"),
    )
    match, panels, parts = ("key", "title"), (READ, FARES), (VERSIONS, FEEDBACK)
    actions = (actions.publish, actions.withdraw, actions.translate, actions.drop_language, actions.use)
    events = (
        events.ArticlePublished, events.ArticleWithdrawn, events.ArticleTranslated, events.ArticleUntranslated, events.ArticleUsed,
    )  # fmt: skip
    fields = {
        "key": Facts(help=_("The page is /knowledge/ and this. Empty: made from the title.")),
        "body": Facts(help=_("Light marks: # a heading, - a list, **strong**, [a link](https://…).")),
        "language": Facts(kind=Language(), help=_("Of the words above; others are written from the article's page.")),
        "state": Facts(only_via="article.publish"),
        "number": Facts(only_via="article.publish", kind=Integer(grouped=False)),
        "published_at": Facts(only_via="article.publish"),
        "texts": Facts(
            kind=Texts(), label=_("In other languages"), faces=frozenset({"api", "history", "import", "export"})
        ),
        "helped": _count(Feedback, _("Helped"), helped=True),
        "unhelped": _count(Feedback, _("Did not help"), helped=False),
        "used": _count(Use, _("Used on tickets")),
        "solved": _count(Use, _("Solved tickets"), outcome=Outcome.SOLVED),
    }


class GapRecord(Record):
    name, slug, icon = "article_gap", "article-gaps", "search"
    model, scope, title, by_itself, placed, help = Gap, by_owner(), "words", True, False, "knowledge-base"
    lists, sort = ("words", "times", "by_readers", "last_at", "state", "article"), "-times"
    form = (Section(_("Gap"), "words times by_readers last_at state article owner team"),)
    views = (
        View("open", _("Nothing to read"), "state.is:open", "-times"),
        View("begun", _("Being written"), "state.is:begun"),
    )
    actions = (actions.begin, actions.dismiss)
    events = (events.GapBegun, events.GapDismissed)
    fields = {
        **dict.fromkeys(("words", "times", "by_readers", "last_at"), Facts(only_via="article_gap.dismiss")),
        **dict.fromkeys(("state", "article"), Facts(only_via="article_gap.begin")),
        "key": Facts(faces=frozenset()),
    }


registry.lend_actions("ticket", actions.use_on_ticket)
