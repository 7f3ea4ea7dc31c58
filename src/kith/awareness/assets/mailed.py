"""Assets that went with mail, and answers to such mail: heard from the events of the rooms that send and receive it.

A mail to one tells each asset by itself (`asset.sent`), a mailing names them as it reaches somebody. Whoever writes back in
that conversation, or answers that mailing, answered to what went along.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from kith.activities.queries import threads_of
from kith.awareness.assets.actions import answered
from kith.awareness.models import Asset, AssetUse, Through
from kith.kernel.access.actor import Actor

SENT, REACHED = "asset.sent", "mailing.reached"
RECEIVED, ANSWERED = "mail.received", "mailing.answered"
MOST = 1_000  # uses written by one statement


@dataclass(frozen=True)
class _Given:
    asset: int
    person: int
    ref: str


def handles(verb: str) -> bool:
    return verb in (SENT, REACHED, RECEIVED, ANSWERED)


def hear(entries: list[Any], by: Actor) -> None:
    """A use for each asset, person and conversation; an answer for each that was given there."""
    given: dict[_Given, dt.datetime] = {}
    answers: dict[dt.datetime | None, set[tuple[str, int]]] = {}
    replies = [e for e in entries if _verb(e) == RECEIVED]
    threads = threads_of(e.says for e in replies) if replies else {}
    for entry in entries:
        for person in _people(entry):
            match _verb(entry):
                case "asset.sent":
                    given.setdefault(_Given(entry.says.asset_id, person, entry.says.ref), entry.at or timezone.now())
                case "mailing.reached":
                    for asset in entry.says.assets:
                        ref = f"mailing:{entry.says.mailing}"
                        given.setdefault(_Given(asset, person, ref), entry.at or timezone.now())
                case "mailing.answered":
                    answers.setdefault(entry.at, set()).add((f"mailing:{entry.says.mailing}", person))
                case _ if entry.says.message in threads:
                    answers.setdefault(entry.at, set()).add((f"thread:{threads[entry.says.message]}", person))
    if given:
        _write(given, by)
    for at, some in answers.items():
        _answer(some, at)


def _write(given: dict[_Given, dt.datetime], by: Actor) -> None:
    there = set(Asset.objects.filter(pk__in={g.asset for g in given}).values_list("pk", flat=True))
    known = {
        _Given(*row)
        for row in AssetUse.objects.filter(
            ref__in={g.ref for g in given}, person__in={g.person for g in given}
        ).values_list("asset_id", "person_id", "ref")
    }  # fmt: skip
    AssetUse.objects.bulk_create(
        [
            AssetUse(asset_id=g.asset, person_id=g.person, ref=g.ref, through=Through.MAIL, at=at, by_name=by.name[:200])
            for g, at in given.items()
            if g.asset in there and g not in known
        ],
        batch_size=MOST,
    )  # fmt: skip


def _answer(answers: Iterable[tuple[str, int]], at: dt.datetime | None) -> None:
    meant = Q()
    for ref, person in answers:
        meant |= Q(ref=ref, person=person)
    answered(*AssetUse.objects.filter(meant, answered_at__isnull=True).values_list("pk", flat=True), at=at)


def _verb(entry: Any) -> str:
    return str(entry.says.verb_for(entry.record))


def _people(entry: Any) -> list[int]:
    """Whom it happened to."""
    return [pk for name, pk in dict.fromkeys([(entry.record, entry.record_id), *entry.about]) if name == "person"]
