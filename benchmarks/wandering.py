"""Ways of the sample company that go back and forth, as ways do: eight stages each, where the story has five."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from kith.process.journeys.telling import Entry, Walk
from kith.starters.tidewell.journeys import Guide
from kith.starters.tidewell.truth import Planted

TWICE = 0.62  # of all ways go back and forth twice instead of once, which makes eight stages a way


class Wandering(Guide):
    """The ways of the sample company, with a step back and forth, or two, in each."""

    def walk(self, story: Any, row: Any) -> tuple[Walk, Planted]:
        walk, planted = super().walk(story, row)
        dice, entries = Random(f"{self.seed}:{story.number}:back"), list(walk.entries)
        for _n in range(2 if dice.random() < TWICE else 1):
            if len(entries) > 1:
                _go_back(dice, entries, walk.ended[0] if walk.ended else self.now)
        return replace(walk, entries=tuple(entries)), planted


def _go_back(dice: Random, entries: list[Entry], end: Any) -> None:
    """Between one stage and the next: to the one before and here again."""
    n = dice.randrange(1, len(entries))
    here, before = entries[n], entries[n - 1]
    room = (entries[n + 1].at if n + 1 < len(entries) else end) - here.at
    first, second = sorted((dice.random(), dice.random()))
    entries[n + 1 : n + 1] = [
        Entry(before.stage, here.at + room * first, "", "They asked for it"),
        Entry(here.stage, here.at + room * second),
    ]
