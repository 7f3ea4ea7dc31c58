"""A process with a year of relationships behind it, for the tests of reviews: figures are planted, not drawn by chance."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from kith.kernel.records.action import ACTIONS, perform
from kith.process.definition.files import to_yaml
from kith.process.evidence.counting import rebuild
from kith.process.evidence.tests.lives import stored
from kith.process.evidence.tests.stories import DAY, definition, walk
from kith.process.models import Journey
from kith.process.tests.cast import in_force

KEYS = ("capture", "qualify", "deal", "onboard", "support")
WAY = definition(KEYS)
DONE, SKIPPED = "capture qualify deal onboard support", "capture qualify deal support"


def process():
    """Five steps in force."""
    return in_force(to_yaml(WAY))


def planted(row, *walks):
    """These walks as journeys of the process, counted."""
    ids = stored(row, [one for many in walks for one in many])
    Journey.objects.filter(pk__in=ids).update(held_to=row.in_force, owner=None)
    rebuild()
    return ids


def some(count, path, *, ago, days=1, late=(), closed=False, outcome=""):
    """Walks that began so many days ago; `late`: stages whose promise was broken, all others kept theirs."""
    start = timezone.now() - ago * DAY
    within = {key: (0.5 if key in late else 300) for key in path.split()}
    return [
        walk(path, days=days, start=start + n * dt.timedelta(minutes=1), within=within, closed=closed, outcome=outcome, version=1)
        for n in range(count)
    ]  # fmt: skip


def do(name, row, by, /, **raw):
    return perform(ACTIONS[name], row, raw, by=by)
