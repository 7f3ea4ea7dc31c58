"""The effect of all plays so far: customers with one against those of the same days without, as it stood then."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from kith.retention.models import Care, Churn, PlayRun
from kith.retention.plays.effect import Case, Effect, effect_of

WITHIN = 90


def effect_now(today: dt.date | None = None) -> Effect:
    """With a play: runs that began at least 90 days ago. Without: customers whose chance was at least as high as the lowest
    of those, and who had no play; looked at from the same middle day on."""
    day = today or timezone.localdate()
    since = day - dt.timedelta(days=WITHIN)
    runs = list(
        PlayRun.objects.filter(archived_at=None, began_on__lte=since, chance__isnull=False).order_by("began_on")
    )
    if not runs:
        return effect_of([])
    left = _left()
    cases = [Case(run.chance or 0.0, True, _gone(left, (run.company_id, run.person_id), run.began_on)) for run in runs]
    middle, lowest = runs[len(runs) // 2].began_on, min(run.chance or 0.0 for run in runs)
    with_play = {(run.company_id, run.person_id) for run in PlayRun.objects.filter(archived_at=None)}
    now = Care.objects.filter(chance__gte=lowest).values_list("company_id", "person_id", "chance")
    cases += [Case(chance, False, False) for company, person, chance in now if (company, person) not in with_play]
    gone = Churn.objects.filter(
        ended_on__gt=middle, ended_on__lte=middle + dt.timedelta(days=WITHIN), archived_at=None, chance__gte=lowest
    )
    cases += [Case(c.chance or 0.0, False, True) for c in gone if (c.company_id, c.person_id) not in with_play]
    return effect_of(cases)


def _left() -> dict[tuple[int | None, int | None], list[dt.date]]:
    out: dict[tuple[int | None, int | None], list[dt.date]] = {}
    for company, person, day in Churn.objects.filter(archived_at=None).values_list(
        "company_id", "person_id", "ended_on"
    ):
        out.setdefault((company, person), []).append(day)
    return out


def _gone(
    left: dict[tuple[int | None, int | None], list[dt.date]], who: tuple[int | None, int | None], began: dt.date
) -> bool:
    return any(began < day <= began + dt.timedelta(days=WITHIN) for day in left.get(who, ()))
