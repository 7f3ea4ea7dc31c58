"""Where a relationship may come in that goes over to another process, as a choice beside the process that was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kith.kernel.kinds import Choice, Kind
from kith.process.gates import ref_of
from kith.process.journeys.customers import customers_of
from kith.process.journeys.landing import Entrance, entrances
from kith.process.kinds import StageKey, fitting
from kith.process.models import Journey
from kith.process.versions import InForce, in_use


def process_meant(word: Any) -> InForce | None:
    """The process in use with that key or name."""
    every = in_use().values()
    return next((one for one in every if str(word) in (one.process.key, one.process.name)), None)


def entrances_of(journey: Journey, to: InForce) -> list[Entrance]:
    return entrances(journey, {c.ref: c for c in customers_of([ref_of(journey)])}, to)


class StageOver(StageKey):
    """A stage of another process. Whose it is asked for, and in which, is known where the process was said."""

    name = "stage_over"

    def among(self, rows: Any) -> Kind:
        return _Over(None if isinstance(rows, QuerySet) or len(rows) != 1 else rows[0])


class _Over(StageKey):
    name = "stage_over_of"

    def __init__(self, journey: Journey | None) -> None:
        super().__init__()
        self.journey = journey

    def beside(self, given: Mapping[str, Any]) -> Kind:
        to = process_meant(given.get("process"))
        return self if to is None else _StageIn(to, self.journey)


class _StageIn(Choice):
    """The stages of one process: where this relationship may enter, then any other, each with what speaks against it."""

    name, customisable = "stage_in", False

    def __init__(self, to: InForce, journey: Journey | None) -> None:
        self.names = _all(to)
        goes = journey is not None and journey.process_id != to.process.pk
        super().__init__(lambda: _offered(journey, to) if goes and journey is not None else _all(to))

    def clean(self, value: Any) -> Any:
        """By key or name; one that this process has not is refused by whoever moves it."""
        keys = [value] if value in self.names else fitting(value, self.names) if value else [""]
        return keys[0] if keys else StageKey().clean(value)


def _all(to: InForce) -> dict[str, str]:
    return {s.key: s.name for s in to.definition.stages}


def _offered(journey: Journey, to: InForce) -> dict[str, str]:
    every = entrances_of(journey, to)
    usual = {one.stage.key: one.stage.name for one in every if one.usual}
    return usual | {
        one.stage.key: _("Another stage, with a reason: %(stage)s (%(why)s)") % {"stage": one.stage.name, "why": one.why}
        for one in every if not one.usual
    }  # fmt: skip


@dataclass(frozen=True)
class Landable:
    """For programs: a stage of another process, whether it is offered there, and what speaks against it else."""

    process: str
    stage: str
    name: str
    offered: bool
    why: str


def landable(journey: Journey) -> list[Landable]:
    """Where it may go on in the other processes in use."""
    others = [one for one in in_use().values() if one.process.pk != journey.process_id]
    return [
        Landable(to.process.key, one.stage.key, one.stage.name, one.usual, one.why)
        for to in others for one in (entrances_of(journey, to) if journey.is_running else ())
    ]  # fmt: skip
