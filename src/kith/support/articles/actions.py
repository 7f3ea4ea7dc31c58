"""What colleagues do with articles: publish, withdraw, translate, use one on a ticket, begin one from a gap."""

from __future__ import annotations

from typing import Annotated, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Language, Link, LongText, Text
from kith.kernel.records import actions as records
from kith.kernel.records.action import action
from kith.kernel.records.registry import registry
from kith.kernel.text import search_text
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides
from kith.support.articles import events
from kith.support.articles.models import Article, ArticleState, Gap, GapState, Use, Version


def _here(row: Any) -> bool:
    return row.archived_at is None


@action(
    "article.publish",
    needs="article.edit",
    label=_("Publish"),
    icon="globe",
    applies=_here,
    done=_("{row} is published."),
)
def publish(article: Article, *, note: Annotated[str, Text(200), _("What changed")] = "", by: Actor) -> Article:
    """Its words as they are now, in every language, become the version that readers see. Raises Invalid without a text."""
    with transaction.atomic():
        with change(article, by=by) as c:
            row = c.row
            empty = [code for code, _title, body in _said(row) if not body.strip()]
            if empty:
                raise Invalid(__("Nothing is written in %s yet.") % ", ".join(empty), "body")
            last = Version.objects.filter(article=row).order_by("-number").values_list("number", flat=True).first()
            row.number, row.state, row.published_at = (last or 0) + 1, ArticleState.PUBLISHED, timezone.now()
            c.says(events.ArticlePublished(row.number, f": {note}" if note else ""))
        Version.objects.bulk_create([
            Version(article=row, number=row.number, language=code, title=title, body=body, by_id=by.user_id,
                    search=search_text(title, row.category, body))
            for code, title, body in _said(row)
        ])  # fmt: skip
    return row


def _said(row: Article) -> list[tuple[str, str, str]]:
    """(language, title, text) of each language."""
    others = [(code, text.get("title", ""), text.get("body", "")) for code, text in sorted(row.texts.items())]
    return [(row.language, row.title, row.body), *others]


@action("article.withdraw", needs="article.edit", label=_("Withdraw"), icon="ban",
        applies=lambda row: row.state == ArticleState.PUBLISHED and row.archived_at is None, done=_("Nobody reads {row} any more."))  # fmt: skip
def withdraw(article: Article, *, by: Actor) -> Article:
    """Readers find it no more; its versions stay."""
    with change(article, by=by) as c:
        c.row.state = ArticleState.WITHDRAWN
        c.says(events.ArticleWithdrawn())
    return c.row


@action("article.translate", needs="article.edit", label=_("Write in another language"), icon="globe", applies=_here)
def translate(
    article: Article,
    *,
    language: Annotated[str, Language(), _("Language")],
    title: Annotated[str, Text(200), _("Title")],
    body: Annotated[str, LongText(), _("Text")],
    by: Actor,
) -> Article:
    """Write it, or write it anew, in one more language; readers get it when it is published. Raises Invalid for the language
    it is written in itself."""
    with change(article, by=by) as c:
        code = language.lower()
        if code == c.row.language:
            raise Invalid(__("It is written in this language; edit it."), "language")
        c.row.texts = {**c.row.texts, code: {"title": title.strip(), "body": body}}
        c.says(events.ArticleTranslated(code))
    return c.row


@action("article.drop_language", needs="article.edit", label=_("Take out a language"), icon="trash",
        applies=lambda row: bool(row.texts) and row.archived_at is None,
        offers=lambda row: {"language": [(code, code) for code in sorted(row.texts)]})  # fmt: skip
def drop_language(article: Article, *, language: Annotated[str, Language(), _("Language")], by: Actor) -> Article:
    """Raises Invalid for a language it is not written in."""
    with change(article, by=by) as c:
        code = language.lower()
        if code not in c.row.texts:
            raise Invalid(__("It is not written in %(code)s; there is: %(known)s.") % {
                "code": code, "known": ", ".join(sorted(c.row.texts)) or __("none")}, "language")  # fmt: skip
        c.row.texts = {key: text for key, text in c.row.texts.items() if key != code}
        c.says(events.ArticleUntranslated(code))
    return c.row


@action("article.use", needs="article.edit", label=_("Use on a ticket"), icon="ticket",
        applies=lambda row: row.state == ArticleState.PUBLISHED and row.archived_at is None)  # fmt: skip
def use(article: Article, *, ticket: Annotated[Any, Link("ticket"), _("Ticket")], by: Actor) -> Article:
    """It was used for this ticket; whether that solved it follows from the ticket."""
    return used(article, "ticket", ticket.pk, by=by)


@action("ticket.use_article", needs="ticket.edit", label=_("Use an article"), icon="book", applies=_here)
def use_on_ticket(ticket: Any, *, article: Annotated[Any, Link("article"), _("Article")], by: Actor) -> Any:
    """The same, from the ticket."""
    used(article, "ticket", ticket.pk, by=by)
    return ticket


def used(article: Article, record: str, pk: int, *, by: Actor) -> Article:
    """Keep that an article was used for a row. Twice is once; raises Invalid for one that nobody can read."""
    with change(article, by=by.via(by.channel), verb="see") as c:
        if c.row.state != ArticleState.PUBLISHED:
            raise Invalid(__("“%s” is not published; publish it first.") % c.row)
        side = Sides(Use.objects.filter(article=c.row, record=record, record_id=pk))
        _row, made = Use.objects.get_or_create(
            article=c.row, record=record, record_id=pk, defaults={"number": c.row.number}
        )
        if made:
            c.says(events.ArticleUsed(c.row.title, c.row.pk, sides=side.touched()))
            c.about(record, pk)
    return c.row


@action("article_gap.begin", needs="article.create", label=_("Begin an article"), icon="pencil",
        applies=lambda row: row.state == GapState.OPEN and row.archived_at is None)  # fmt: skip
def begin(gap: Gap, *, title: Annotated[str, Text(200), _("Title")], by: Actor) -> Gap:
    """A draft for what people looked for, in your care."""
    words = title.strip()
    made = records.create(registry["article"], {"title": words}, by=by)
    with change(gap, by=by) as c:
        c.row.state, c.row.article = GapState.BEGUN, made
        c.says(events.GapBegun(words))
    return c.row


@action("article_gap.dismiss", needs="article.edit", label=_("Not for us"), icon="ban",
        applies=lambda row: row.state == GapState.OPEN and row.archived_at is None)  # fmt: skip
def dismiss(gap: Gap, *, by: Actor) -> Gap:
    """Nothing will be written about it; it is counted on."""
    with change(gap, by=by) as c:
        c.row.state = GapState.DISMISSED
        c.says(events.GapDismissed())
    return c.row
