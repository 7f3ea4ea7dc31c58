"""Who was waited for in each stage: us, them or a hand-over, from the calls, meetings and mail of the customers in it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from kith.activities.queries import talks_with
from kith.process.evidence.waiting import THEM, US, Offer, Said, Waited, waited
from kith.process.models import Handover, Process, Stay

YEAR = dt.timedelta(days=365)
MOST = 50_000  # stays looked at, the latest ones
AT_ONCE = 5_000  # customers whose talk is asked for in one question

Customer = tuple[str, int]  # "company" or "person", and its id


def waiting(process: Process, now: dt.datetime) -> dict[str, dict[str, float]]:
    """{stage: {"us": seconds, "them": …, "handover": …}} over the stays that began in the last
    year, at most the latest `MOST` of them. Read as the machine: sums only."""
    stays = list(
        Stay.objects.filter(journey__process=process, journey__archived_at__isnull=True, entered_at__gte=now - YEAR)
        .order_by("-entered_at")
        .values_list("journey", "stage", "entered_at", "left_at", "journey__company", "journey__person")[:MOST]
    )
    journeys = {row[0] for row in stays}
    said = _said({_customer(company, person) for *_more, company, person in stays})
    offers = _offers(journeys)
    sums: dict[str, Waited] = defaultdict(Waited)
    for journey, stage, entered, left, company, person in stays:
        talk = said.get(_customer(company, person), ())
        sums[stage] += waited(entered, min(left or now, now), talk, offers.get(journey, ()))
    return {
        stage: {US: w.us.total_seconds(), THEM: w.them.total_seconds(), "handover": w.handover.total_seconds()}
        for stage, w in sums.items()
    }


def _customer(company: int | None, person: int | None) -> Customer:
    return ("company", company) if company else ("person", person or 0)


def _said(customers: set[Customer]) -> dict[Customer, list[Said]]:
    """What was said by whom, by customer: with them, with their people (as `journeys.customers` has it) and about their deals."""
    out: dict[Customer, list[Said]] = defaultdict(list)
    for kind in ("company", "person"):
        ids = sorted(pk for what, pk in customers if what == kind)
        for n in range(0, len(ids), AT_ONCE):
            for pk, at, theirs in talks_with(kind, ids[n : n + AT_ONCE]):
                out[kind, pk].append(Said(at, THEM if theirs else US))
    return out


def _offers(journeys: set[int]) -> dict[int, list[Offer]]:
    out: dict[int, list[Offer]] = defaultdict(list)
    rows = Handover.objects.filter(journey__in=journeys)
    answers = ("accepted_at", "returned_at", "withdrawn_at")
    for journey, offered, *answered in rows.values_list("journey", "offered_at", *answers):
        out[journey].append(Offer(offered, next((at for at in answered if at), None)))
    return out
