"""What Tidewell did for customers who were not well, and what came of it beside those for whom nothing was done.

Planted: of the customers who were not well on a day and left within the play's time, `PLAYED["left"]` had a play; of those
who stayed, `PLAYED["stayed"]`. So the odds of leaving are a quarter with a play of what they are without (`ODDS`). Whom each
play is judged against is noted as the product does it. Everything is told; nobody is written to.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from kith.retention.events import PlayBegan, PlayEnded
from kith.retention.plays.peers import EACH, REST, tell, tenth_of
from kith.retention.plays.running import ENDS
from kith.retention.queries import churns, health_then
from kith.starters.tidewell.writing import write_told

UNWELL = 70  # health below which a play is thought of
PLAYED = {"left": 0.2, "stayed": 0.5}
ODDS = (PLAYED["left"] / PLAYED["stayed"]) / ((1 - PLAYED["left"]) / (1 - PLAYED["stayed"]))
SAVED, LOST, RUNNING = "saved", "lost", ""
WORDS = {
    SAVED: ("They had not seen the night view yet.", "A new caretaker; we trained her.", "Two sensors were in the wrong place."),
    LOST: ("We came too late.", "They had decided before we called.", "Nobody there had time for us."),
}  # fmt: skip


@dataclass
class Told:
    """A play of one company, with whom it is judged against; `left`: when they went, where that was within its time."""

    company: int
    day: dt.date
    health: int
    left: dt.date | None
    peers: list[tuple[int, int]] = field(default_factory=list)  # (company, health then)


def write_plays(play: Any, by: Actor, seed: int, now: dt.datetime, moments: Iterable[dt.datetime]) -> int:
    """Tell the plays that began on these days, from health as it stood and who left; returns how many tasks they were."""
    random, today = Random(f"{seed}:plays"), timezone.localdate(now)
    left = dict(churns(by).filter(company__isnull=False).values_list("company_id", "ended_on"))
    known = [(timezone.localdate(at), health_then(at)) for at in sorted(moments)]
    told = list(choose(known, left, play.within, random))
    rows = (
        registry["company"]
        .model._default_manager.select_related("owner", "team")
        .in_bulk([one.company for one in told])
    )
    runs = [_run(one, rows[one.company], play, today, random) for one in told]
    write_told("play_run", runs, by=by, story=[_story(run) for run in runs])
    tell((run, *peer) for run, one in zip(runs, told, strict=True) for peer in one.peers)
    return _tasks(runs, play, by, now)


def choose(
    known: Iterable[tuple[dt.date, dict[int, int]]], left: dict[int, dt.date], within: int, random: Random
) -> Iterator[Told]:
    """Of those who were not well on each day (`known`: the health of all), the planted share of each fate; nobody twice within
    half a year, and no peer meanwhile. `left`: who left when."""
    busy: dict[int, dt.date] = {}
    due = {fate: random.random() for fate in PLAYED}
    for day, health in known:
        until = day + dt.timedelta(days=within)
        unwell = {
            pk: n for pk, n in health.items()
            if n < UNWELL and busy.get(pk, day) <= day and (pk not in left or left[pk] > day)
        }  # fmt: skip
        begun = []
        for pk in random.sample(sorted(unwell), len(unwell)):
            gone = left[pk] if pk in left and left[pk] <= until else None
            fate = "left" if gone else "stayed"
            due[fate] += PLAYED[fate]
            if due[fate] >= 1:
                due[fate] -= 1
                begun.append(Told(pk, day, unwell.pop(pk), gone))
                busy[pk] = day + dt.timedelta(days=REST)
        _judged_against(begun, unwell)
        busy |= {pk: until for one in begun for pk, _health in one.peers}
        yield from begun


def _judged_against(begun: list[Told], others: dict[int, int]) -> None:
    """Those nearest in the same tenth of health, each once."""
    tenths: dict[int | None, dict[int, int]] = defaultdict(dict)
    for pk, health in others.items():
        tenths[tenth_of(None, health)][pk] = health
    for one in begun:
        alike = tenths[tenth_of(None, one.health)]
        for pk in sorted(alike, key=lambda pk: (abs(alike[pk] - one.health), pk))[:EACH]:
            one.peers.append((pk, alike.pop(pk)))


def _run(one: Told, company: Any, play: Any, today: dt.date, random: Random) -> Any:
    end = one.day + dt.timedelta(days=play.within)
    outcome, ended = (LOST, one.left) if one.left else (SAVED, end) if end <= today else (RUNNING, None)
    return registry["play_run"].model(
        title=str(company)[:300], play=play, company=company, began_on=one.day, health=one.health, outcome=outcome, ended_on=ended,
        words=random.choice(WORDS[outcome]) if ended else "", owner_id=company.owner_id, team_id=company.team_id,
        created_at=_at(one.day, 9), updated_at=_at(ended or one.day, 9),
    )  # fmt: skip


def _story(run: Any) -> list[tuple[Any, dt.datetime]]:
    told: list[tuple[Any, dt.datetime]] = [(PlayBegan(play=run.play.name), _at(run.began_on, 9))]
    if run.ended_on is not None:
        told.append((PlayEnded(play=run.play.name, outcome=str(ENDS[run.outcome])), _at(run.ended_on, 9)))
    return told


def _tasks(runs: list[Any], play: Any, by: Actor, now: dt.datetime) -> int:
    """The steps that were gone by now, done on their days; whoever left before was not called any more."""
    news = []
    for run in runs:
        for days, what in play.lines():
            due = _at(run.began_on + dt.timedelta(days=days), 9)
            if due > now or (run.outcome == LOST and run.ended_on is not None and due.date() >= run.ended_on):
                continue
            values = {
                "kind": "task", "subject": what, "due_at": due, "done_at": min(due + dt.timedelta(hours=5), now), "company": run.company,
                "owner": run.company.owner, "team": run.company.team,
            }  # fmt: skip
            news.append(New(values, at=_at(run.began_on, 9)))
    return len(bulk_create(registry["activity"], news, by=by, refused=_never))


def _at(day: dt.date, hour: int) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))


def _never(_n: int, problem: Exception) -> None:
    raise problem
