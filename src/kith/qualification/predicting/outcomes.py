"""How leads ended, by what the organisation calls success: a deal won, a lead qualified, a field that says yes.

Who is still open counts as none only once the time is over within which leads are decided; until then they say nothing.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q

from kith.kernel.kinds import Bool
from kith.kernel.records.registry import registry
from kith.qualification.models import Prediction, State, Target, Verdict


def outcomes(prediction: Prediction, now: dt.datetime) -> dict[int, bool]:
    """{person: how it ended} of those that are decided."""
    if prediction.target == Target.FIELD:
        return _by_field(prediction)
    yes, no = _by_deals() if prediction.target == Target.WON else _by_verdicts()
    limit = now - dt.timedelta(days=prediction.within)
    old = _people().filter(created_at__lt=limit).exclude(pk__in=yes | no)
    if prediction.target == Target.WON and "deal" in registry:
        old = old.exclude(pk__in=deals().filter(status="open").values("contact"))
    return {
        **dict.fromkeys(old.values_list("pk", flat=True), False),
        **dict.fromkeys(no, False),
        **dict.fromkeys(yes, True),
    }


def _people() -> Any:
    return registry["person"].model._default_manager.filter(archived_at__isnull=True)


def deals() -> Any:
    """Deals that somebody is the contact of."""
    return registry["deal"].model._default_manager.filter(archived_at__isnull=True, contact__isnull=False)


def ended_so(target: str, people: list[int]) -> set[int]:
    """Those of these people for whom it is decided, by deals or by verdicts."""
    yes, no = _by_deals(people) if target == Target.WON else _by_verdicts(people)
    return yes | no


def _by_deals(people: list[int] | None = None) -> tuple[set[int], set[int]]:
    if "deal" not in registry:
        return set(), set()
    live = deals().filter(contact__archived_at__isnull=True, **({} if people is None else {"contact__in": people}))
    yes = set(live.filter(status="won").values_list("contact_id", flat=True))
    open_ones = set(live.filter(status="open").values_list("contact_id", flat=True))
    lost = set(live.filter(status="lost").values_list("contact_id", flat=True))
    return yes, lost - yes - open_ones


def _by_verdicts(people: list[int] | None = None) -> tuple[set[int], set[int]]:
    live = Verdict.objects.filter(
        archived_at=None, person__archived_at=None, **({} if people is None else {"person__in": people})
    )
    yes = set(live.filter(state__in=[State.QUALIFIED, State.CONVERTED]).values_list("person_id", flat=True))
    no = set(live.filter(state=State.NOT_A_FIT).values_list("person_id", flat=True))
    return yes, no - yes


def _by_field(prediction: Prediction) -> dict[int, bool]:
    """Whoever has the field filled is decided; a yes-or-no field is filled wherever somebody said no, too."""
    column = registry["person"].columns().get(prediction.field)
    if column is None:
        return {}
    told = Q(custom__has_key=column.custom) if column.custom else Q()
    ended = {}
    for row in _people().filter(told).only("pk", *(["custom"] if column.custom else [column.path])):
        raw = column.raw(row)
        if isinstance(column.kind, Bool):
            ended[row.pk] = bool(raw)
        elif raw not in (None, ""):
            ended[row.pk] = str(raw) == prediction.value or column.kind.show(column.get(row)) == prediction.value
    return ended


def field_of(prediction: Prediction) -> set[str]:
    """Columns that are the outcome itself."""
    return {prediction.field} if prediction.target == Target.FIELD else set()
