"""Parts of advocacy for programs: what panels tell of it, within the reader's reach."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.advocacy import ideas
from kith.advocacy.ambassadors import DID as DEEDS
from kith.advocacy.models import Idea, Programme, Referral, Reward
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Choice, Currency, Day, Integer, Link, Moment, Money, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry

MOST = 200


@dataclass(frozen=True)
class Done:
    """One thing that somebody did for us. `id`: its row of that type; of a call, the reference."""

    what: str
    record: str
    id: int
    name: str
    on: dt.date | None


def _did(actor: Actor, person: Any) -> list[Done]:
    """What counts as "Did for us" and is within reach, the last first."""
    found: list[Done] = []
    for what, deed in DEEDS.items():
        record = registry[deed.record]
        rows = list(deed.of(person.pk).order_by("-pk").values_list(deed.id, deed.on)[:MOST])
        seen = record.rows(actor).in_bulk([pk for pk, _at in rows])
        found += [Done(what, record.name, pk, record.name_of(seen[pk]), _day(at)) for pk, at in rows if pk in seen]
    return sorted(found, key=lambda one: (one.on or dt.date.min, one.id), reverse=True)[:MOST]


def _day(at: Any) -> dt.date | None:
    return timezone.localdate(at) if isinstance(at, dt.datetime) else at


def _voters(actor: Actor, idea: Idea) -> list[Any]:
    """Who voted, of those within reach; `voters` of the idea counts all of them."""
    votes = (
        idea.votes.filter(person__in=registry["person"].rows(actor))
        .select_related("person__company")
        .order_by("at", "pk")
    )
    seen = {one.person_id: one for one in reversed(votes)}
    return sorted(seen.values(), key=lambda one: (one.at, one.pk))[:MOST]


def _revenue(actor: Actor, idea: Idea) -> list[Any]:
    found = ideas.revenue_behind(actor, idea)
    return [SimpleNamespace(currency=currency, **sums) for currency, sums in sorted(found.items())]


def _doubts(actor: Actor, row: Referral) -> list[Any]:
    return [SimpleNamespace(key=one["key"], words=one["words"]) for one in row.doubts]


def _rewards(actor: Actor, row: Programme) -> list[Any]:
    """How many referrals of it stand at which reward, and what they are worth, by currency."""
    rows = registry["referral"].rows(actor, archived=False).filter(programme=row).order_by()
    found = (
        rows.values("reward", "currency").annotate(n=Count("pk"), amount=Sum("amount")).order_by("reward", "currency")
    )
    return [SimpleNamespace(**one) for one in found]


DID = Part(
    "did", _("Did for us"),
    {"what": Choice({what: deed.says for what, deed in DEEDS.items()}), "record": Text(60), "id": Integer(), "name": Text(300), "on": Day()}, _did,
)  # fmt: skip
VOTERS = Part("votes", _("Who wants it"), {"person": Link("person"), "at": Moment()}, _voters)
REVENUE = Part(
    "revenue", _("Revenue behind it"), {"currency": Currency(), "yearly": Money(), "open": Money()}, _revenue
)
DOUBTS = Part("doubts", _("What speaks against it"), {"key": Text(40), "words": Text(300)}, _doubts)
REWARDS = Part(
    "rewards", _("How it fares"),
    {"reward": Choice(dict(Reward.choices)), "currency": Currency(), "n": Integer(), "amount": Money()}, _rewards,
)  # fmt: skip
CALLS = Part(
    "calls", _("Reference calls"), {"on": Day(), "asked_by": Text(200)},
    lambda actor, row: list(row.calls.order_by("-on", "-pk")[:MOST]),
)  # fmt: skip
