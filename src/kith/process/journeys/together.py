"""A company and its people go one way: whoever has a journey of their own and belongs to a company by now, however that came
about (linked, merged, brought back, an undo), ends it in that of the company."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from kith.kernel.access.actor import Actor, system
from kith.process.journeys.closing import join
from kith.process.journeys.customers import customers_of
from kith.process.journeys.opening import open_journeys
from kith.process.models import RUNNING, Journey
from kith.process.versions import in_use


def go_together(*, people: Iterable[int] = (), companies: Iterable[int] = (), on: str, by: Actor) -> None:
    """Let these people, and those of these companies, go the way of their company. One query where nobody is apart."""
    _join(Q(person__in=list(people)) | Q(person__company__in=list(companies)), on=on, by=by)


def _join(whose: Q, *, on: str, by: Actor) -> None:
    apart = Journey.objects.filter(RUNNING, whose, person__company__isnull=False, person__company__archived_at=None)
    for journey in apart.select_related("person").order_by("pk"):
        [company] = customers_of([("company", journey.person.company_id)]) or [None]
        if company is None:
            continue
        if company.journey is None:
            open_journeys([company], at={company.ref: journey.opened_at}, on=on, by=by)
            [company] = customers_of([company.ref])
        if company.journey is not None:
            join(journey, company.journey, by=by)


def follow(ids: list[int]) -> None:
    """After these journeys ended or were put away, or that was taken back: somebody may stand apart who went elsewhere since."""
    if in_use():
        _join(Q(pk__in=ids), on="journey.reopened", by=system())
