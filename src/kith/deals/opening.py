"""How a deal begins: defaults, and the story a deal brings along when it comes from elsewhere.

One deal from a form and a hundred thousand from a file are drafted by the same function; only the writing differs
(`actions.editing.create` for one, `bulk.create_deals` for many).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.deals.configuration import default_pipeline, reason_of, stage_of, stages_in
from kith.deals.events import DealLost, DealOpened, DealWon, StageMoved
from kith.deals.models import Deal, Stage, Status
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.kinds import EMPTY
from kith.kernel.organisation.models import current
from kith.kernel.records.actions import adopt, fill
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import prepare
from kith.kernel.timeline.write import Entry

HISTORY = "history"  # key among the values: [(stage, moment it was entered), …], oldest first


@dataclass
class Draft:
    """A deal not saved yet, and when its story happened."""

    deal: Deal
    opened_at: dt.datetime
    history: list[tuple[Stage, dt.datetime]] = field(default_factory=list)

    def opened(self) -> DealOpened:
        first = self.history[0][0] if self.history else stage_of(self.deal.stage_id)
        return DealOpened(first.name, first.pipeline.name, first.pk, first.pipeline_id)

    def later(self) -> list[Entry]:
        """Everything after the opening, each at its own time."""
        deal = self.deal
        refs = deal.about()
        out = [Entry("deal", deal.pk, moved(a, b), {}, refs, at) for (a, _), (b, at) in _pairs(self.history)]
        if deal.status != Status.OPEN and deal.closed_on:
            at = max(at_noon(deal.closed_on), self.history[-1][1] if self.history else self.opened_at)
            out.append(Entry("deal", deal.pk, closing(deal), {}, refs, min(at, timezone.now())))
        return out


def _pairs(history: list[Any]) -> Iterable[tuple[Any, Any]]:
    return zip(history, history[1:], strict=False)


def moved(old: Stage, new: Stage) -> StageMoved:
    return StageMoved(old.name, new.name, new.pipeline.name, old.pk, new.pk, new.pipeline_id)


def closing(deal: Deal, override: str = "", missing: tuple[str, ...] = ()) -> DealWon | DealLost:
    """The event of a deal that is won or lost, from the row."""
    stage = stage_of(deal.stage_id)
    reason = reason_of(deal.reason_id).name if deal.reason_id else ""
    kind = DealWon if deal.status == Status.WON else DealLost
    return kind(reason, deal.reason_id, deal.competitor, deal.reason_words, stage.name, stage.pk, override, missing)


def at_noon(day: dt.date) -> dt.datetime:
    """The moment that stands for a day: noon where the organisation is, never in the future."""
    return min(_noon(day, current().time_zone), timezone.now())


@lru_cache(maxsize=20_000)
def _noon(day: dt.date, zone: str) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), tzinfo=ZoneInfo(zone))


@dataclass(frozen=True)
class Ways:
    """How a draft is begun, filled and checked; a batch has cheaper ways than one deal."""

    blank: Callable[[], Deal]
    fill: Callable[[Deal, dict[str, Any]], None]
    check: Callable[[Deal], None]


def one_by_one(by: Actor) -> Ways:
    record = registry["deal"]
    return Ways(
        Deal, lambda deal, values: fill(record, deal, values, by=by), lambda deal: prepare(deal, None, record.columns())
    )


def draft(values: dict[str, Any], *, by: Actor, at: dt.datetime | None = None, ways: Ways | None = None) -> Draft:
    """A checked deal from typed values by column key; `at` is when it began. Raises Invalid, InvalidMany."""
    values, ways = dict(values), ways or one_by_one(by)
    history = read_history(values.pop(HISTORY, ()))
    deal = ways.blank()
    _place(deal, values, history)
    values["status"] = values.get("status") or Status.OPEN.value
    ways.fill(deal, values)
    deal.currency = deal.currency or current().currency
    now = timezone.now()
    _dates(deal, by, at, timezone.localdate(now))
    adopt(deal, by)
    begun = _begun(deal, at, now)
    if history:
        begun = min(begun, history[0][1])
        history[0] = (history[0][0], begun)
    deal.stage_since = history[-1][1] if history else begun
    _closed(deal, by)
    ways.check(deal)
    return Draft(deal, begun, history)


def _place(deal: Deal, values: dict[str, Any], history: list[tuple[Stage, dt.datetime]]) -> None:
    """Pipeline and stage from what was given: the stage's own pipeline, else the first stage of the pipeline."""
    stage = values.pop("stage", None) or (history[-1][0] if history else None)
    pipeline = values.pop("pipeline", None) or (stage.pipeline if stage else default_pipeline())
    if pipeline is None:
        raise Invalid(_("There is no pipeline with stages yet; add one under Settings, Pipelines."), "pipeline")
    line = stages_in(pipeline.pk)
    if stage is None:
        stage = line[0] if line else None
    elif stage.pipeline_id != pipeline.pk:
        stage = next((s for s in line if s.name.lower() == stage.name.lower()), stage)
    if stage is None:
        raise Invalid(_("The pipeline %s has no stages yet; add one under Settings, Pipelines.") % pipeline, "pipeline")
    if history and history[-1][0].pk != stage.pk:
        raise Invalid(_("The history of stages ends in %(last)s, but the deal stands in %(stage)s.") % {
            "last": history[-1][0], "stage": stage}, "stage")  # fmt: skip
    deal.pipeline, deal.stage = pipeline, stage


def _dates(deal: Deal, by: Actor, at: dt.datetime | None, today: dt.date) -> None:
    """Days nobody gave: today, except that an import does not guess. Where the other system knows one close date for
    what is expected and what was, a closed deal closed on it."""
    if deal.status != Status.OPEN and deal.closed_on is None:
        deal.closed_on = today if by.channel != "import" else deal.closes_on and min(deal.closes_on, today)
    if deal.opened_on is None and (at is not None or by.channel != "import"):
        made = timezone.localdate(at) if at is not None else today  # perhaps written down only when it was over
        deal.opened_on = min(made, deal.closed_on or made)


def _begun(deal: Deal, at: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    if at is not None:
        local = timezone.localtime(at)
        if local.time() == dt.time() and local.date() == deal.opened_on:
            at = at_noon(local.date())  # a day without an hour, as its closing will be
        deal.created_at = at
        return at
    day = deal.opened_on or deal.closed_on
    return now if day is None or day == timezone.localdate(now) else at_noon(day)


def _closed(deal: Deal, by: Actor) -> None:
    """A deal that arrives closed says why, unless it is history from elsewhere that never recorded it."""
    if deal.status == Status.OPEN or by.channel == "import":
        return
    columns = registry["deal"].columns()
    if columns["reason"].get(deal) in EMPTY:
        raise InvalidMany({"reason": [_("%s is needed.") % columns["reason"].label]})


def read_history(raw: Any) -> list[tuple[Stage, dt.datetime]]:
    """[(stage, moment)] oldest first from pairs of a stage (or its id) and a moment or day. Raises Invalid."""
    out: list[tuple[Stage, dt.datetime]] = []
    for stage, moment in raw or ():
        if not isinstance(stage, Stage):
            stage = stage_of(int(stage))
        if not isinstance(moment, dt.datetime):
            moment = at_noon(moment)
        out.append((stage, moment))
    if any(b[1] < a[1] for a, b in _pairs(out)):
        raise Invalid(_("The history of stages is not in the order of time."), HISTORY)
    if len({s.pipeline_id for s, _at in out}) > 1:
        raise Invalid(_("The history of stages names stages of more than one pipeline."), HISTORY)
    return out
