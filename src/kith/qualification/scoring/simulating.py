"""What another scorecard would make of people: who would move where, and how those people in fact turned out. Writes nothing.

Only rules that differ are worked out again; what the others give is read from the lines people have. Two groups are looked
at: everybody, and those who came within the last 90 days. Of very many every n-th is looked at, and that is said.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Mod
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.qualification.models import Lead, ScoreRule, State
from kith.qualification.scoring.card import Card, card_now, check, differing, gives
from kith.qualification.scoring.computing import work_out
from kith.qualification.scoring.rules import band_of

MOST, BATCH = 20_000, 5000
DAYS = 90
NAMED = 5  # people named of each move
CLASSES, WIDTHS = 10, (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000, 50_000)


@dataclass
class Ended:
    """So many people, and how they in fact turned out: with a deal that was won, told that we are no fit."""

    people: int = 0
    won: int = 0
    not_a_fit: int = 0

    def count(self, person: Looked) -> None:
        self.people += 1
        self.won += person.won
        self.not_a_fit += person.not_a_fit

    def share(self, n: int) -> int | None:
        """Whole percent of these people; None where there is nobody."""
        return round(100 * n / self.people) if self.people else None


@dataclass(frozen=True)
class Looked:
    """One person: points by the card as it stands and by the other, and how it ended."""

    pk: int
    before: int
    after: int
    won: bool
    not_a_fit: bool


@dataclass
class Move:
    """People who would go from one band to another ("" is none), some of them by name as far as the actor sees them."""

    before: str
    after: str
    ended: Ended = field(default_factory=Ended)
    ids: list[int] = field(default_factory=list)
    some: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Group:
    """`people` were looked at of `of`. `bands`: (name, now, then); `classes`: (from, below, people now, people then);
    `moves`: the largest first."""

    key: str
    people: int
    of: int
    bands: list[tuple[str, Ended, Ended]]
    classes: list[tuple[int, int, int, int]]
    moves: list[Move]

    @property
    def moved(self) -> int:
        return sum(move.ended.people for move in self.moves)


def simulate(card: Card, actor: Actor, now: dt.datetime | None = None) -> list[Group]:
    """Everybody as they are now, and those who came within 90 days. Raises Invalid for bands that cannot be told apart."""
    check(card.bands)
    now = now or timezone.now()
    everybody = registry["person"].model._default_manager.filter(archived_at=None)
    found = {"now": everybody, "recent": everybody.filter(created_at__gte=now - dt.timedelta(days=DAYS))}
    others = differing(card)
    return [_group(key, _sample(rows), rows.count(), card, others, actor, now) for key, rows in found.items()]


def _sample(rows: QuerySet[Any]) -> list[int]:
    """Ids of at most so many of them, spread evenly."""
    every = max(1, -(-rows.count() // MOST))
    some = rows if every == 1 else rows.annotate(nth=Mod(F("pk"), every)).filter(nth=0)
    return list(some.order_by("pk").values_list("pk", flat=True))


def _group(
    key: str, ids: list[int], of: int, card: Card, others: list[ScoreRule], actor: Actor, now: dt.datetime
) -> Group:
    people = [one for at in range(0, len(ids), BATCH) for one in _look(ids[at : at + BATCH], others, now)]
    moves: dict[tuple[str, str], Move] = {}
    now_in, then_in = defaultdict[str, Ended](Ended), defaultdict[str, Ended](Ended)
    steps = card_now().bands
    for one in people:
        before, after = band_of(one.before, steps), band_of(one.after, card.bands)
        now_in[before].count(one)
        then_in[after].count(one)
        if before != after:
            move = moves.setdefault((before, after), Move(before, after))
            move.ended.count(one)
            move.ids.append(one.pk)
    names = dict.fromkeys([*(name for _start, name in sorted(card.bands)), *(name for _start, name in steps), ""])
    told = [
        (name, now_in[name], then_in[name]) for name in names if name or now_in[name].people or then_in[name].people
    ]
    found = sorted(moves.values(), key=lambda move: -move.ended.people)
    _name(found, actor)
    return Group(key, len(people), of, told, _classes(people), found)


def _look(ids: list[int], others: list[ScoreRule], now: dt.datetime) -> list[Looked]:
    """A batch of people by both cards. Two queries, and those of the rules that differ."""
    leads = {
        pk: rest
        for pk, *rest in Lead.objects.filter(person__in=ids).values_list("person_id", "total", "lines", "state")
    }
    won = _won(ids)
    new = _points(ids, [rule for rule in others if gives(rule)], now)
    gone = {rule.pk for rule in others}
    found = []
    for pk in ids:
        total, lines, state = leads.get(pk, (0, [], ""))
        after = total - sum(line["points"] for line in lines if line["rule"] in gone) + new.get(pk, 0)
        found.append(Looked(pk, total, after, pk in won, state == State.NOT_A_FIT))
    return found


def _points(ids: list[int], rules: list[ScoreRule], now: dt.datetime) -> dict[int, int]:
    if not rules:
        return {}
    return {pk: score.fit + score.engagement for pk, score in work_out(ids, now, among=rules).items()}


def _won(ids: list[int]) -> set[int]:
    deals = registry["deal"].model._default_manager.filter(archived_at=None, status="won", contact__in=ids)
    return set(deals.values_list("contact_id", flat=True))


def _classes(people: list[Looked]) -> list[tuple[int, int, int, int]]:
    """Points in at most ten classes of one width, with how many people are in each now and then."""
    if not people:
        return []
    every = [points for one in people for points in (one.before, one.after)]
    low, high = min(every), max(every)
    wide = next((w for w in WIDTHS if high // w - low // w < CLASSES), WIDTHS[-1])
    now, then = (
        Counter(points // wide for points in of) for of in ([p.before for p in people], [p.after for p in people])
    )
    return [(n * wide, (n + 1) * wide, now[n], then[n]) for n in range(low // wide, high // wide + 1)]


def _name(moves: list[Move], actor: Actor) -> None:
    """Some of those who would move, by name. One query."""
    record = registry["person"]
    wanted = [pk for move in moves for pk in move.ids[:NAMED]]
    if not wanted or not actor.can("person.see"):
        return
    names = {row.pk: record.name_of(row) for row in record.rows(actor).filter(pk__in=wanted)}
    for move in moves:
        move.some = [(pk, names[pk]) for pk in move.ids[:NAMED] if pk in names]


def label_of(group: Group) -> str:
    return _("Everybody now") if group.key == "now" else _("Who came in the last %d days") % DAYS


def as_text(groups: list[Group]) -> str:
    """For a terminal: a line for each band, and for each move."""
    out = []
    for group in groups:
        out.append(_("%(group)s: %(moved)d of %(people)d would move.") % {
            "group": label_of(group), "moved": group.moved, "people": group.people})  # fmt: skip
        for name, now, then in group.bands:
            said = {
                "band": name or _("none"),
                "now": now.people,
                "then": then.people,
                "won": then.won,
                "no": then.not_a_fit,
            }
            out.append("  " + _("%(band)s: %(now)d → %(then)d (%(won)d with a deal won, %(no)d not a fit)") % said)
    return "\n".join(out)


def as_json(groups: list[Group]) -> dict[str, Any]:
    """The same for programs; figures of `people` that were looked at."""
    return {"groups": [_as_json(group) for group in groups]}


def _as_json(group: Group) -> dict[str, Any]:
    return {
        "key": group.key, "people": group.people, "of": group.of, "moved": group.moved,
        "bands": [{"name": name, "now": vars(now), "then": vars(then)} for name, now, then in group.bands],
        "classes": [{"from": a, "below": b, "now": n, "then": t} for a, b, n, t in group.classes],
        "moves": [
            {"before": m.before, "after": m.after, **vars(m.ended), "some": [{"id": pk, "name": name} for pk, name in m.some]}
            for m in group.moves
        ],
    }  # fmt: skip
