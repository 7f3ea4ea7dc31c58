"""Parts of record pages: an article as it reads and how it fares; for a ticket, articles that may answer it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.accounts.links import site_address
from kith.kernel.records.reach import seen_ids
from kith.kernel.records.registry import registry
from kith.support.articles import finding
from kith.support.articles.models import Article, Feedback, Use, Version
from kith.support.articles.reading import rendered
from kith.ui.panels import Panel, register_panel

MOST = 5


def read(actor: Actor, row: Article) -> dict[str, Any]:
    """As it is written now, in each language, and whether readers see the same."""
    shown = [(row.language, row.title, rendered(row.body))]
    shown += [(code, text.get("title", ""), rendered(text.get("body", ""))) for code, text in sorted(row.texts.items())]
    last = {v.language: (v.title, v.body) for v in Version.objects.filter(article=row, number=row.number)}
    now = {row.language: (row.title, row.body)} | {
        c: (t.get("title", ""), t.get("body", "")) for c, t in row.texts.items()
    }
    versions = list(
        Version.objects.filter(article=row, language=row.language).select_related("by").order_by("-number")[:MOST]
    )
    return {"row": row, "tongues": shown, "changed": bool(row.number) and last != now, "versions": versions,
            "link": f"{site_address()}/knowledge/{row.key}" if row.is_open else ""}  # fmt: skip


def fares(actor: Actor, row: Article) -> dict[str, Any] | None:
    """What readers said, and on which tickets it was used, with what came of it."""
    said = list(Feedback.objects.filter(article=row).exclude(comment="").order_by("-at")[:MOST])
    every = Feedback.objects.filter(article=row).values_list("helped", flat=True)
    uses = list(Use.objects.filter(article=row, record="ticket").order_by("-at")[:MOST])
    tickets = registry["ticket"].rows(actor).in_bulk([one.record_id for one in uses])
    if not every and not uses:
        return None
    return {"said": said, "helped": sum(every), "asked": len(every),
            "uses": [(one, tickets[one.record_id]) for one in uses if one.record_id in tickets]}  # fmt: skip


def for_ticket(actor: Actor, ticket: Any) -> dict[str, Any] | None:
    """Articles that were used, and those that may answer it; of both those that the reader may see."""
    used = list(Use.objects.filter(record="ticket", record_id=ticket.pk).select_related("article").order_by("at"))
    person = getattr(ticket, "person", None)
    found = finding.suggest(ticket.subject, language=person.language if person is not None else "", public=False)
    new = [one for one in found if one.article not in {u.article_id for u in used}]
    seen = seen_ids(actor, registry["article"], {one.article_id for one in used} | {one.article for one in new})
    used, new = [one for one in used if one.article_id in seen], [one for one in new if one.article in seen]
    if not used and not new:
        return None
    return {"used": used, "found": new, "count": len(used) or None, "ticket": ticket}


READ = Panel("read", _("As it reads"), "articles/panel_read.html", read, place="main", order=5)
FARES = Panel(
    "fares", _("How it fares"), "articles/panel_fares.html", fares, depends_on=("ticket",), order=20, lazy=True
)
register_panel(
    Panel("articles", _("Articles"), "articles/panel_ticket.html", for_ticket, depends_on=("article",), order=45, lazy=True),
    on="ticket",
)  # fmt: skip
