"""How many rows stand behind the tabs: only of pinned views, capped, asked for after the page, kept for a minute.

A count can cost more than the rows themselves, so the page never waits for one: tabs whose count is not at hand ask
for it once the page is there.
"""

from __future__ import annotations

from typing import Any

from django.core.cache import caches
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from kith.kernel.lookups.look import Look, look_with
from kith.kernel.lookups.views import ViewOffer
from kith.kernel.organisation.models import current

Counts = dict[str, tuple[int, bool]]  # view key -> (count, exact)
CAP, MOST, KEPT = 1000, 6, 60  # rows counted, views counted, seconds a count is kept


def counted(look: Look) -> list[ViewOffer]:
    """The views whose tabs tell how many."""
    return [offer for offer in look.views if offer.counted][:MOST]


def known_counts(look: Look) -> Counts:
    """The counts that were made within the last minute."""
    found = caches["local"].get_many([_key(look, offer) for offer in counted(look)])
    return {offer.key: found[_key(look, offer)] for offer in counted(look) if _key(look, offer) in found}


def waits(look: Look) -> bool:
    """Is there a tab whose count has to be asked for?"""
    return len(known_counts(look)) < len(counted(look))


def count_tabs(look: Look) -> Counts:
    """Count every counted view anew, all in one query."""
    offers = counted(look)
    rows = [look_with(look.record, look.actor, offer.state).matched for offer in offers]
    found = {offer.key: count for offer, count in zip(offers, capped_counts(rows), strict=True)}
    caches["local"].set_many({_key(look, offer): found[offer.key] for offer in offers}, KEPT)
    return found


def capped_counts(querysets: list[QuerySet[Any]], cap: int = CAP) -> list[tuple[int, bool]]:
    """(count, exact) of each, at most `cap` + 1 rows read for each, in one query."""
    parts, params = [], []
    for rows in querysets:
        try:
            sql, given = rows.order_by().values_list("pk")[: cap + 1].query.get_compiler("default").as_sql()
        except EmptyResultSet:
            sql, given = "SELECT 1 WHERE false", ()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS capped)")  # noqa: S608 - compiled by the ORM
        params += given
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        return [(min(n, cap), n <= cap) for n in cursor.fetchone()]


def _key(look: Look, offer: ViewOffer) -> str:
    """Counts belong to one reader, one state of the view and one state of the configuration (roles, teams, fields)."""
    version = offer.saved.version if offer.saved else 0
    return f"tab:{current().config}:{look.actor.user_id}:{look.record.name}:{offer.key}:{version}"
