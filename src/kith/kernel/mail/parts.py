"""How a mailbox fares, for programs: what stands in its way, its folders, their days, and what is there and not here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Day, Integer, LongText, Moment, Text
from kith.kernel.mail.health import FolderHealth, Health, folders_of, health_of
from kith.kernel.mail.models import ArrivedState, DayCount, Mailbox
from kith.kernel.records.parts import Part

STATES = tuple(ArrivedState.values)


@dataclass(frozen=True)
class Fares:
    """The whole of a mailbox in one row; how many arrivals ended how, under the name of each state."""

    health: Health

    def __getattr__(self, name: str) -> Any:
        if name in STATES:
            return self.health.states.get(name, 0)
        return getattr(self.health, name)

    @property
    def unread(self) -> str:
        return ", ".join(self.health.unread)


@dataclass(frozen=True)
class Counted:
    """One folder; `lag` in seconds."""

    folder: FolderHealth

    def __getattr__(self, name: str) -> Any:
        return getattr(self.folder, name)

    @property
    def lag(self) -> int | None:
        return int(self.folder.lag.total_seconds()) if self.folder.lag is not None else None


@dataclass(frozen=True)
class OneDay:
    """A folder on one day of the server; `missing` counts what is there and not here."""

    folder: str
    count: DayCount

    def __getattr__(self, name: str) -> Any:
        return getattr(self.count, name)

    @property
    def missing(self) -> int:
        return self.count.there - self.count.here


@dataclass(frozen=True)
class Gap:
    folder: str
    day: dt.date
    uid: int
    why: str


def _health(actor: Actor, mailbox: Mailbox) -> list[Fares]:
    return [Fares(health_of(mailbox))]


def _folders(actor: Actor, mailbox: Mailbox) -> list[Counted]:
    return [Counted(folder) for folder in folders_of(mailbox)]


def _days(actor: Actor, mailbox: Mailbox) -> list[OneDay]:
    return [OneDay(folder.name, day) for folder in folders_of(mailbox) for day in folder.days]


def _gaps(actor: Actor, mailbox: Mailbox) -> list[Gap]:
    return [Gap(one.folder, one.day, uid, why) for one in _days(actor, mailbox) for uid, why in one.count.missing]


HEALTH = Part(
    "health", _("How it fares"),
    {"well": Bool(), "stale": Bool(), "signed_in": Text(20), "missing": Integer(), **{state: Integer() for state in STATES},
     "unread": LongText()},
    _health,
)  # fmt: skip
FOLDERS = Part(
    "folders_read", _("Its folders"),
    {"name": Text(300), "compared_at": Moment(), "lag": Integer(), "there": Integer(), "here": Integer(), "missing": Integer()},
    _folders,
)  # fmt: skip
DAYS = Part(
    "days", _("Counts by day"),
    {"folder": Text(300), "day": Day(), "there": Integer(), "here": Integer(), "gone": Integer(), "missing": Integer()}, _days,
)  # fmt: skip
GAPS = Part(
    "gaps", _("There and not here"), {"folder": Text(300), "day": Day(), "uid": Integer(), "why": LongText()}, _gaps
)
PARTS = (HEALTH, FOLDERS, DAYS, GAPS)
