"""Whom a survey asks: of a hundred how many, and nobody who was asked by any survey a short while ago.

Chance is drawn from the survey, the person and the occasion, so that asking twice gives the same, and no machine can
choose whom to leave out: neither the score before nor who looks after somebody is looked at.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import INSIDE, Membership
from kith.surveys.models import Response, ResponseState, Survey

MOST_A_TURN = 2_000  # people whom a calendar survey begins to ask in one turn


def drawn(survey: Survey, person: int, occasion: str) -> bool:
    """Does the lot fall on them?"""
    digest = hashlib.sha256(f"{survey.pk}:{person}:{occasion}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < survey.share


def resting(people: Iterable[int], days: int, now: dt.datetime | None = None) -> set[int]:
    """Those of these people whom any survey asked, or is about to ask, within so many days."""
    if not days:
        return set()
    since = (now or timezone.now()) - dt.timedelta(days=days)
    rows = Response.objects.filter(person__in=list(people)).exclude(state=ResponseState.UNASKED)
    return set(rows.filter(Q(asked_at__gt=since) | Q(state=ResponseState.WAITING)).values_list("person_id", flat=True))


def inside(survey: Survey, person: int) -> bool:
    """Are they, or is their company, in the survey's segment? Everybody is where it names none."""
    if survey.segment_id is None:
        return True
    segment = survey.segment
    if segment is None or segment.archived_at is not None:
        return False
    if segment.subject == "person":
        return Membership.objects.filter(INSIDE, segment=segment, row_id=person).exists()
    company = registry["person"].model.objects.filter(pk=person).values_list("company_id", flat=True).first()
    return company is not None and Membership.objects.filter(INSIDE, segment=segment, row_id=company).exists()


def due_today(survey: Survey, now: dt.datetime | None = None) -> QuerySet[Any]:
    """People whom a survey by the calendar asks today: of its segment, in reach by mail, each on a day of their own in the
    round of `every_days`, so that answers come all the time; not asked by it within a round, nor at rest."""
    now, every = now or timezone.now(), survey.every_days or 1
    ids = Membership.objects.filter(INSIDE, segment=survey.segment).values("row_id")
    people = registry["person"].rows(system(), archived=False).exclude(email="")
    subject = survey.segment.subject if survey.segment is not None else "person"
    people = people.filter(pk__in=ids) if subject == "person" else people.filter(company__in=ids)
    day = (now.date() - dt.date(2020, 1, 1)).days
    asked = Response.objects.exclude(state=ResponseState.UNASKED)
    before = asked.filter(survey=survey, created_at__gt=now - dt.timedelta(days=every - 1))
    rest = asked.filter(Q(state=ResponseState.WAITING) | Q(asked_at__gt=now - dt.timedelta(days=survey.rest_days)))
    turn = people.extra(where=["contacts_person.id %% %s = %s"], params=[every, day % every])
    turn = turn.exclude(pk__in=before.filter(person__isnull=False).values("person"))
    turn = turn.exclude(pk__in=rest.filter(person__isnull=False).values("person")) if survey.rest_days else turn
    return turn.order_by("pk")[:MOST_A_TURN]
