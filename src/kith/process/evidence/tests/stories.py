"""What the tests of evidence tell stories with: a way of six stages, walks along it, and random walks of any sort."""

from __future__ import annotations

import datetime as dt
import random

from kith.process.definition.shape import Definition, Stage
from kith.process.evidence.walks import Step, Walk

START = dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 3, 12, 17, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
KEYS = ("capture", "qualify", "engage", "deal", "onboard", "support")


def definition(keys=KEYS, only=None, forward=None, names=None) -> Definition:
    """Stages in this order; `only`, `forward` and `names` by key."""
    stages = tuple(
        Stage(
            key, (names or {}).get(key, key.title()), step=n + 1,
            only=(only or {}).get(key, ()), forward=(forward or {}).get(key, ()),
        )
        for n, key in enumerate(keys)
    )  # fmt: skip
    return Definition("tidewell", "Tidewell's way", stages=stages)


def walk(
    path, *, segment="", days=3, within=None, closed=False, outcome="", version=0, journey=1, start=START, facts=None
):
    """One stay of `days` after the other; a path is words, "capture@2" says the version. `within` days by stage."""
    steps, at = [], start
    words = path.split()
    for n, word in enumerate(words):
        key, _at, held = word.partition("@")
        due = at + within[key] * DAY if within and key in within else None
        left = at + days * DAY if n < len(words) - 1 or closed else None
        steps.append(Step(key, at, left, due, int(held or version)))
        at += days * DAY
    return Walk(journey, segment, tuple(steps), start, at if closed else None, outcome, facts or {})


def wanderings(seed: int, count: int, keys=KEYS, segments=("", "retail")) -> list[Walk]:
    """Random walks: mostly onwards, with leaps, returns, dues, ends of all kinds, and some without any step."""
    rng = random.Random(seed)
    return [_wandering(rng, n, keys, segments) for n in range(count)]


def _wandering(rng: random.Random, journey: int, keys, segments) -> Walk:
    at = START + dt.timedelta(minutes=rng.randrange(330 * 24 * 60))
    opened, steps, place = at, [], rng.choice((0, 0, 0, 1, 2))
    for _ in range(rng.choice((0, 1, 2, 3, 4, 5, 6, 9))):
        left = at + dt.timedelta(seconds=int(rng.lognormvariate(10, 2)))
        due = at + dt.timedelta(hours=rng.choice((2, 48, 240))) if rng.random() < 0.6 else None
        steps.append(Step(keys[place], at, left, due))
        at, place = left, (place + rng.choice((1, 1, 1, 1, 2, 3, -1, -2))) % len(keys)
    closed = at if rng.random() < 0.5 and steps else None
    if steps and closed is None:
        steps[-1] = Step(steps[-1].stage, steps[-1].entered, None, steps[-1].due)
    outcome = rng.choice(("", "lost", "churned", "joined")) if closed else ""
    return Walk(journey, rng.choice(segments), tuple(steps), opened, closed, outcome, {"value": rng.randrange(9_000)})
