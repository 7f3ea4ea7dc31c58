"""What a deal's row says of itself, computed in the database: whether it stalls, its days in the stage.

Thresholds belong to stages, of which there are few and which are known (`configuration.stages`). They
go into the statement as values instead of a join, so that boards add up all open deals from an index alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Q,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, ExtractDay, Greatest, Now
from django.db.models.lookups import LessThan
from django.utils import timezone

from kith.deals.configuration import stages
from kith.deals.models import Stage


class OfStage(Func):
    """A value that depends on the row's stage, read from the configuration when the statement is made."""

    def __init__(self, value: Callable[[Stage], Any], sql_type: str, output_field: Any, **extra: Any):
        super().__init__(F("stage_id"), output_field=output_field, **extra)
        self.value, self.sql_type = value, sql_type

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = compiler.compile(self.get_source_expressions()[0])
        known = [(pk, self.value(stage)) for pk, stage in stages().items()]
        known = [(pk, value) for pk, value in known if value is not None]
        if not known:
            return f"NULL::{self.sql_type}", []
        arms = f" WHEN %s THEN %s::{self.sql_type}" * len(known)
        return f"CASE {column}{arms} END", [*params, *(x for pair in known for x in pair)]


def cutoff(now: Callable[[], dt.datetime] = timezone.now) -> OfStage:
    """Since when a deal must have neither moved nor been touched to be stalled, by its stage; unknown: it never is."""

    def of(stage: Stage) -> dt.datetime | None:
        return None if stage.stalls_after is None else now() - dt.timedelta(days=stage.stalls_after)

    return OfStage(of, "timestamptz", DateTimeField())


IDLE_SINCE = Greatest(F("stage_since"), F("last_touch_at"))  # PostgreSQL leaves unknown ones out

STALLED = Coalesce(
    ExpressionWrapper(Q(status="open") & Q(LessThan(IDLE_SINCE, cutoff())), BooleanField()), Value(False)
)
DAYS_IN_STAGE = Case(
    When(
        status="open",
        then=Cast(ExtractDay(ExpressionWrapper(Now() - F("stage_since"), DurationField())), IntegerField()),
    ),
    default=None,
)
