"""Offers to a colleague that need no answer any more: where the relationship ended or went elsewhere meanwhile they are
withdrawn, and what was offered to somebody who leaves goes back to its giver."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.activities.notices import Telling, notify_many
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.models import User
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.sides import image
from kith.kernel.timeline.types import EventType
from kith.kernel.timeline.write import Entry
from kith.process.events import HandoverReturned, HandoverWithdrawn
from kith.process.handovers.asking import KIND
from kith.process.models import OPEN, UNANSWERED, Handover, Journey
from kith.process.versions import in_use

ELSEWHERE, LEFT = ("journey.moved", "journey.closed"), "user.deactivated"
# An offer for the stage that the relationship waits for still stands, whatever stage before it that waits in.
NO_MORE = Q(journey__closed_at__isnull=False) | ~Q(stage=F("journey__wanted"))


def handles(verb: str) -> bool:
    return verb in (*ELSEWHERE, LEFT) and bool(in_use())


def hear(entries: list[Entry], by: Actor) -> None:
    """Settle what these events leave without anybody to answer; two questions at most, however many they are."""
    actor = dataclasses.replace(system(cause=entries[0].id), operation=by.operation)
    verbs = [(entry.says.verb_for(entry.record), entry.record_id) for entry in entries]
    if moved := [pk for verb, pk in verbs if verb in ELSEWHERE]:
        _withdraw(_addressed().filter(OPEN, NO_MORE, journey__in=moved), actor, by.user_id)
    if gone := [pk for verb, pk in verbs if verb == LEFT]:
        _give_back(_addressed().filter(UNANSWERED, receiver__in=gone), actor)


def warning(user: User) -> str:
    """What an administrator is told before this colleague goes; "" where nothing waits for their answer."""
    n = Handover.objects.filter(UNANSWERED, receiver=user).count()
    words = ngettext(
        "%d hand-over waits for their answer; it goes back to whoever offered it.",
        "%d hand-overs wait for their answer; they go back to whoever offered them.",
        n,
    )
    return words % n if n else ""


def _addressed() -> QuerySet[Handover]:
    rows = Handover.objects.filter(receiver__isnull=False).select_for_update(of=("self",))
    return rows.select_related("giver", "receiver", "journey").order_by("journey_id")


def _withdraw(offers: Iterable[Handover], by: Actor, mover: int | None) -> None:
    def settled(offer: Handover) -> HandoverWithdrawn:
        offer.withdrawn_at = timezone.now()
        return HandoverWithdrawn(str(offer.receiver), offer.stage)

    found = _settle(offers, settled, ["withdrawn_at"], by)
    words = _("%(name)s is offered to you no more: the relationship went elsewhere.")
    told = [(o.receiver, o, words % {"name": o.journey.name}) for o in found if o.receiver_id != mover]
    _tell(told, "withdrawn", by)


def _give_back(offers: Iterable[Handover], by: Actor) -> None:
    def settled(offer: Handover) -> HandoverReturned:
        offer.returned_at, offer.missing = timezone.now(), _("%s no longer works here.") % offer.receiver
        return HandoverReturned(offer.missing, offer.stage)

    found = _settle(offers, settled, ["returned_at", "missing"], by)
    words = _("%(name)s came back to you: %(why)s Offer it to somebody else.")
    _tell([(o.giver, o, words % {"name": o.journey.name, "why": o.missing}) for o in found], "back", by)


def _settle(
    offers: Iterable[Handover], settled: Callable[[Handover], Any], fields: list[str], by: Actor
) -> list[Handover]:
    """Settle each and tell it of its journey, as many statements for one as for a thousand."""
    waiting = {offer.journey_id: offer for offer in offers}

    def apply(row: Any) -> list[EventType]:
        offer = waiting[row.pk]
        before, says = image(offer), settled(offer)
        side = {"table": offer._meta.label_lower, "id": offer.pk, "before": before, "after": image(offer)}
        return [dataclasses.replace(says, sides=(side,))]

    if waiting:
        change_many(Journey.objects.filter(pk__in=list(waiting)).order_by("pk"), apply, by=by)
        Handover.objects.bulk_update(waiting.values(), fields)
    return list(waiting.values())


def _tell(told: list[tuple[Any, Handover, str]], state: str, by: Actor) -> None:
    lines = [
        Telling([whom], words, f"handover.{state}:{offer.pk}", ("journey", offer.journey_id))
        for whom, offer, words in told
        if whom is not None and whom.is_active
    ]
    if lines:
        notify_many(lines, kind=KIND, by=by)
