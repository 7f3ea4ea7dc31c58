"""The stage a deal stood in at the beginning of a day, as something lists filter by: "5@2026-01-01", "any@2026-01-01"."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.deals.kinds import StageLink
from kith.deals.queries import came_after, standing_at
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Kind, Operator
from kith.kernel.kinds.time import Day, read_day

ANYWHERE = "any"
Stood = tuple[int | None, dt.date]  # None: whatever stage


def write(stage: int | str, day: dt.date) -> str:
    return f"{stage}@{day.isoformat()}"


def beginning_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


class StoodIn(Kind):
    """A stage and a day; `parse` gives (id of the stage or None, day)."""

    name, sortable = "stood_in", False

    def clean(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return value
        stage, at, day = str(value).rpartition("@")
        if not at or not stage.strip():
            raise Invalid(__("Write a stage and a day, such as Proposal@2026-01-01, or any@2026-01-01."))
        return self._stage(stage.strip()), read_day(day.strip())

    def _stage(self, word: str) -> int | None:
        if word.casefold() == ANYWHERE:
            return None
        return int(word) if word.isdecimal() and int(word) < 2**63 else int(StageLink().parse(word).pk)

    def dump(self, value: Any) -> Any:
        return None if value is None else write(value[0] or ANYWHERE, value[1])

    def show(self, value: Any) -> str:
        if value is None:
            return ""
        stage = StageLink().load(value[0]) if value[0] else None
        name = str(stage) if stage is not None else __("any stage") if value[0] is None else __("a stage that is gone")
        return __("%(stage)s on %(day)s") % {"stage": name, "day": Day().show(value[1])}

    def ops(self) -> tuple[Operator, ...]:
        return (
            Operator("is", _("was, at the beginning of the day"), "many", lambda p, v: _any(p, v, _standing)),
            Operator("is_not", _("was not, at the beginning of the day"), "many", lambda p, v: ~_any(p, v, _standing)),
            Operator("since", _("was come to after the beginning of the day"), "many", lambda p, v: _any(p, v, _after)),
        )


def _standing(stage: int | None, day: dt.date) -> Any:
    return standing_at(stage, beginning_of(day))


def _after(stage: int | None, day: dt.date) -> Any:
    return came_after(stage, beginning_of(day))


def _any(path: str, values: list[Stood], rows: Any) -> Q:
    found = Q(pk__in=[])
    for stage, day in values:
        found |= Q(**{f"{path}__in": rows(stage, day)})
    return found
