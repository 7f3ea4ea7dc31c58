"""The ways of the sample company as they are planned, for tests that hold figures against them."""

import datetime as dt
from types import SimpleNamespace

from kith.process.journeys.telling import Under
from kith.process.models import Process
from kith.process.starters import starter
from kith.starters.tidewell.journeys import PROCESS, Guide
from kith.starters.tidewell.load import COLLEAGUES, SEED, Role, Teller

NOW = dt.datetime(2026, 3, 11, 14, 20, tzinfo=dt.UTC)


def stories(people, now=NOW, seed=SEED):
    owners = {t: [i for i, c in enumerate(COLLEAGUES) if c[3] == t and c[2] == Role.MEMBER] for t in ("South", "North")}
    leads = {c[3]: i for i, c in enumerate(COLLEAGUES) if c[2] != Role.MEMBER}
    return Teller(seed=seed, now=now, owners=owners, leads=leads).companies(people)


def planted(people, now=NOW, seed=SEED):
    """(walk, what was planted) of every company of a story."""
    guide = Guide(seed, now, Under(Process(), 1, starter(PROCESS)))
    return [guide.walk(story, SimpleNamespace(pk=n)) for n, story in enumerate(stories(people, now, seed))]
