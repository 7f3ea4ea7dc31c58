"""Learning whose visits these were: visits that somebody agreed to become touches, the others are dropped.

Who a visitor is, a form or a chat says. Whether their visits count is said by the log of consent, in which the yes to the
site's banner gets a line of its own as soon as we know whose it was.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from kith.awareness.events import VisitsJoined
from kith.awareness.models import Known, Visit
from kith.awareness.touches import consenting
from kith.awareness.touches.writing import KEPT, Came, because, digest, origin_of, write_many
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import EventLink, Operation
from kith.kernel.timeline.write import Entry, write_events


@dataclass(frozen=True)
class Told:
    """Somebody said who they are, in a browser that the site knows by this key; `event` is what told us."""

    person: int
    visitor: str
    event: Any = None
    at: dt.datetime | None = None

    @property
    def key(self) -> str:
        return digest(self.visitor)


def told_lately(people: Iterable[int], verbs: Sequence[str]) -> list[Told]:
    """By which keys the site knew these people, as long as visits are kept; what was taken back does not count."""
    links = EventLink.objects.filter(record="person", record_id__in=list(people), at__gte=timezone.now() - KEPT)
    rows = links.filter(event__verb__in=verbs).exclude(
        event__operation__in=Operation.objects.filter(undone_at__isnull=False).values("pk")
    )
    found = rows.order_by("at", "pk").values_list("record_id", "event__payload", "event_id", "at")
    return [Told(person, str(said.get("visitor") or ""), event, at) for person, said, event, at in found]


def join_many(told: Sequence[Told], *, by: Actor) -> None:
    """Visits of these people become touches where they agreed to them; logged on the person. A fixed number of queries
    for any number, and nothing where nothing is to be learned."""
    told = [one for one in told if 8 <= len(one.visitor) <= 64]
    if not told or not consenting.asked():
        return
    with transaction.atomic():
        _note_banners(told, by)
        _join(told, by)


def _note_banners(told: Sequence[Told], by: Actor) -> None:
    """The yes to the site's banner, by which these visits were reported, becomes a line of consent of whoever it was. (The
    line may join them by itself: then nothing is left to do.)"""
    first: dict[str, Visit] = {}
    for visit in Visit.objects.filter(visitor__in={one.key for one in told}, agreed_at__isnull=False).order_by("-at"):
        first[visit.visitor] = visit
    said = {one.key: one for one in told if one.key in first}
    consenting.note_banners(
        [
            consenting.Banner(one.person, visit.agreed_at, visit.wording, visit.landing, one.event)
            for key, one in said.items()
            if (visit := first[key]).agreed_at is not None
        ],
        by=because(by, told[0].event if len(told) == 1 else None),
    )


def _join(told: Sequence[Told], by: Actor) -> None:
    standing = consenting.standings({one.person for one in told})
    agreed = {one.key: one for one in told if standing[one.person].since is not None}
    known = dict(Known.objects.filter(visitor__in=agreed).values_list("visitor", "person_id"))
    visits: dict[str, list[Visit]] = defaultdict(list)
    for visit in Visit.objects.filter(visitor__in=agreed).order_by("at", "pk"):
        visits[visit.visitor].append(visit)
    news = {key: one for key, one in agreed.items() if visits[key] or known.get(key) != one.person}
    if not news:
        return
    kept = {key: [v for v in visits[key] if standing[one.person].allows(v)] for key, one in news.items()}
    Known.objects.bulk_create(
        [Known(visitor=key, person_id=one.person, since=one.at or timezone.now()) for key, one in news.items()],
        update_conflicts=True, unique_fields=["visitor"], update_fields=["person", "since"],
    )  # fmt: skip
    write_many(
        [Came(one.person, origin_of(v), "visit", v.at, one.event) for key, one in news.items() for v in kept[key]],
        by=by,
    )
    Visit.objects.filter(visitor__in=news).delete()
    _tell(news, kept, visits, by)


def _tell(news: dict[str, Told], kept: dict[str, Any], visits: dict[str, Any], by: Actor) -> None:
    people = registry["person"].model._default_manager.in_bulk({one.person for one in news.values()})
    entries = [
        Entry("person", one.person, VisitsJoined(len(kept[key]), len(visits[key]) - len(kept[key])),
              about=people[one.person].about(), at=one.at)
        for key, one in news.items()
    ]  # fmt: skip
    write_events(entries, because(by, next(iter(news.values())).event if len(news) == 1 else None))
