"""Ways that are kept as journeys and stays, and what the pages of the map say of them."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qsl, urlsplit

from kith.contacts.models import Company
from kith.kernel.lookups.look import look_at
from kith.kernel.records.registry import registry
from kith.process.definition.shape import STRICT, Need, Rule, Segment
from kith.process.evidence.counting import rebuild, versions
from kith.process.evidence.study import KEPT
from kith.process.evidence.tests.stories import DAY, KEYS, NOW, definition, walk, wanderings
from kith.process.evidence.walks import Step, Walk
from kith.process.models import Journey, Stay
from tests.cast import actor

SECOND_VERSION = ("capture", "qualify", "trial", "deal", "onboard", "support")
ALL_TIME = "/process/map?period=all"
DONE, SKIPPED = "capture qualify engage deal onboard support", "capture qualify engage deal support"
SEGMENTS = tuple(Segment(key, key.title(), Rule("company", f"name.has:{key}")) for key in ("retail", "consulting"))


def some_walks(seed, count):
    """Random walks of which the later steps are held to version 2."""
    rng = random.Random(seed)
    out = []
    for one in wanderings(seed, count, tuple(dict.fromkeys((*KEYS, *SECOND_VERSION)))):
        change = rng.randrange(0, 12)
        steps = tuple(Step(s.stage, s.entered, s.left, s.due, 1 if n < change else 2) for n, s in enumerate(one.steps))
        if steps:
            over = rng.random() < 0.2
            out.append(Walk(one.journey, one.segment, steps, one.opened, one.closed, one.outcome, came_over=over))
    return out


def stored(process, walks):
    """The walks as journeys and stays; ids by position."""
    customers = Company.objects.bulk_create([Company(name=f"Hotel {n}") for n in range(len(walks))])
    rows = Journey.objects.bulk_create(
        Journey(
            process=process, held_to=one.steps[-1].version, company=customer, stage=one.steps[-1].stage,
            segment=one.segment, opened_at=one.opened, entered_at=one.steps[-1].entered, closed_at=one.closed,
            outcome=one.outcome, came_over=one.came_over,
        )
        for one, customer in zip(walks, customers, strict=True)
    )  # fmt: skip
    Stay.objects.bulk_create(stay for row, one in zip(rows, walks, strict=True) for stay in stays_of(row.pk, one))
    return [row.pk for row in rows]


def stays_of(pk, one):
    return [
        Stay(journey_id=pk, stage=s.stage, held_to=s.version, entered_at=s.entered, left_at=s.left, due_at=s.due)
        for s in one.steps
    ]


def held(process):
    return {number: definition for (pk, number), definition in versions().items() if pk == process.pk}


def filled(process, walks):
    ids = stored(process, walks)
    Journey.objects.filter(pk__in=ids).update(held_to=1)
    rebuild(NOW)
    return ids


def steps_of_one_version(walks):
    return [type(w)(w.journey, w.segment, tuple(type(s)(s.stage, s.entered, s.left, s.due, 1) for s in w.steps), w.opened, w.closed, w.outcome) for w in walks]  # fmt: skip


def links(html):
    """(words, address) of every link into the list of journeys."""
    found = re.findall(r'<a [^>]*?href="(/journeys/[^"]*)"[^>]*>(.*?)</a>', html, re.DOTALL)
    return [(re.sub(r"<[^>]+>", "", words).strip(), unescape(href)) for href, words in found]


def behind(href, by="astrid"):
    """How many relationships are at that address."""
    look = look_at(registry["journey"], actor(by), dict(parse_qsl(urlsplit(href).query)))
    assert look.sound and not look.problems, (href, look.problems)
    return look.matched.count()


def customers(count, path, kept, rng, segment=""):
    """Some customers who came to the end 400 to 700 days ago; a share of them is still there."""
    out = []
    for _ in range(count):
        start = NOW - rng.randrange(420, 700) * DAY
        lost = rng.random() >= kept
        out.append(
            walk(path, days=2, start=start, closed=lost, outcome="churned" if lost else "", version=1, segment=segment)
        )
    return out


def with_rules():
    """A way of six stages: qualify is for consulting, deal may go on to support, onboard may go back to deal alone."""
    base = definition(only={"qualify": ("consulting",)}, forward={"deal": ("onboard", "support")})
    rules = {
        "capture": {"within": "2 business hours"},
        "deal": {
            "needs": (Need("budget", "Budget is known"), Need("yes", "They said yes")),
            "gate": STRICT,
            "within_for": {"retail": "3 days"},
        },
        "engage": {"needs": (Need("plan", "There is a plan"),)},
        "onboard": {"back": ("deal",)},
    }
    return replace(
        base,
        segments=SEGMENTS,
        stages=tuple(replace(s, **rules.get(s.key, {})) for s in base.stages),
    )


def of(stage, found, outcome=KEPT):
    return next((one for one in found if one["stage"] == stage and one["outcome"] == outcome), None)
