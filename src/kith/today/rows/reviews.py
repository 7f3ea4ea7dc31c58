"""Process reviews for those who host them: from when one is prepared until it was held."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.process.review import queries
from kith.today.prepared import rows_of
from kith.today.scope import Scope
from kith.today.sections import Do, Item, Section
from kith.ui.dates import day

MOST = 20


def reviews(actor: Actor, scope: Scope) -> Section | None:
    rows = rows_of("reviews", actor, scope, _read)
    return (
        Section(tuple(_review(scope, row) for row in rows), hint=_("Prepared by Kith, held by you")) if rows else None
    )


def _read(actor: Actor, scope: Scope) -> QuerySet[Any]:
    return queries.hosted(actor, scope.owners)[:MOST].values_list("pk", "name", "meets_at", named=True)


def _review(scope: Scope, row: Any) -> Item:
    href = f"/process/reviews/{row.pk}"
    tone = "late" if row.meets_at < scope.start else "warn" if row.meets_at < scope.end else ""
    return Item(
        "review", row.pk, row.name, href, what=_("Figures, what colleagues say and proposals are there"), when=day(row.meets_at), tone=tone,
        actions=(Do(_("Open the review"), "map", href, asks=False, words=True),),
    )  # fmt: skip
