"""The public list as somebody may see it: rows within their reach, and of the others only how many; and past proofs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.lookups.directory import colleagues
from kith.kernel.records.registry import registry
from kith.process.forgotten.looking import RECORDS
from kith.process.forgotten.models import Kind, Proof, Unattended, Why

MOST = 50  # rows of a group on a page
CAP = 10_000  # counting stops here
NIGHTS = 30
OF = {
    Kind.LEAD: ("company", "person"),
    Kind.DEAL: ("deal",),
    Kind.CUSTOMER: ("company", "person"),
    Kind.TICKET: ("ticket",),
}


@dataclass(frozen=True)
class Row:
    """One that nobody attends to. `may`: may the reader change it; `mine`: is it in their care."""

    record: str
    pk: int
    name: str
    url: str
    kind: str
    why: str
    why_words: str
    since: dt.datetime
    owner: str
    mine: bool
    may: bool

    @property
    def days(self) -> int:
        """How many days it has stood there, on the reader's clock."""
        return (timezone.localdate() - timezone.localtime(self.since).date()).days


@dataclass(frozen=True)
class Group:
    """`total`: how many there are at all; `seen`: how many of them the reader may see; `next`: where the next page begins."""

    kind: str
    title: str
    total: int
    seen: int
    rows: tuple[Row, ...]
    next: int | None

    @property
    def unseen(self) -> int:
        return max(0, self.total - self.seen)


def groups(actor: Actor, kind: str = "", after: int = 0, limit: int = MOST) -> list[Group]:
    """Leads, deals, customers and tickets (or only `kind`, from behind the row `after`), those longest on the list first. Raises
    Invalid for a kind there is not. At most five queries a group."""
    if kind and kind not in Kind.values:
        raise Invalid(f"kind is one of {', '.join(Kind.values)}.", "kind")
    return [_group(actor, Kind(one), after, limit) for one in Kind.values if not kind or one == kind]


def _group(actor: Actor, kind: Kind, after: int, limit: int) -> Group:
    listed = Unattended.objects.filter(kind=kind)
    reach = Q()
    for record in OF[kind]:
        reach |= Q(record=record, record_id__in=registry[record].rows(actor, archived=False).values("pk"))
    seen = listed.filter(reach)
    page = list(seen.filter(pk__gt=after).order_by("pk")[: limit + 1])
    rows = _rows(actor, page[:limit])
    following = page[limit - 1].pk if len(page) > limit else None
    return Group(kind.value, str(kind.label), _count(listed), _count(seen), rows, following)


def _count(rows: QuerySet[Any]) -> int:
    return rows.order_by()[:CAP].count()


def _rows(actor: Actor, page: list[Unattended]) -> tuple[Row, ...]:
    found: dict[tuple[str, int], tuple[Any, bool]] = {}
    for name in RECORDS:
        pks = [one.record_id for one in page if one.record == name]
        if pks:
            record = registry[name]
            mine = set(record.rows(actor, "edit").filter(pk__in=pks).values_list("pk", flat=True)) if actor.can(f"{name}.edit") else set()  # fmt: skip
            for row in record.rows(actor).filter(pk__in=pks):
                found[name, row.pk] = row, row.pk in mine
    return tuple(_row(actor, one, *found[one.record, one.record_id]) for one in page if (one.record, one.record_id) in found)  # fmt: skip


def _row(actor: Actor, one: Unattended, row: Any, may: bool) -> Row:
    record = registry[one.record]
    owner = colleagues().get(row.owner_id)
    return Row(
        one.record, row.pk, record.name_of(row), record.url(row.pk), one.kind, one.why, str(Why(one.why).label), one.since,
        str(owner or ""), row.owner_id is not None and row.owner_id == actor.user_id, may,
    )  # fmt: skip


def proofs(actor: Actor, most: int = NIGHTS) -> list[Proof]:
    """The last proofs, newest first. Raises NotAllowed."""
    actor.require("settings.manage")
    return list(Proof.objects.order_by("-at", "-pk")[:most])


def found_rows(actor: Actor, proof: Proof) -> list[dict[str, Any]]:
    """What a proof found, with the names and addresses of rows the reader may see."""
    names: dict[tuple[str, int], str] = {}
    for name in RECORDS:
        pks = [one["id"] for one in proof.found if one["record"] == name]
        if pks:
            record = registry[name]
            names |= {(name, row.pk): record.name_of(row) for row in record.rows(actor).filter(pk__in=pks)}
    return [
        {**one, "name": names.get((one["record"], one["id"]), f"{registry[one['record']].label} {one['id']}"),
         "url": registry[one["record"]].url(one["id"])}
        for one in proof.found
    ]  # fmt: skip
