"""Who gets what nobody takes: where a stage names somebody, a hand-over that waits and a relationship that nobody looks after go
to them once the stage's time for it is over."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.notices import Telling, notify_many
from kith.kernel.access.actor import system
from kith.kernel.accounts.models import User
from kith.kernel.errors import KithError
from kith.kernel.records.actions import edit
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.sides import image
from kith.process import clock
from kith.process.definition.shape import FALLBACK_AFTER, Stage
from kith.process.events import HandoverPassedOn
from kith.process.handovers.asking import KIND
from kith.process.models import RUNNING, UNANSWERED, Handover, Journey
from kith.process.versions import in_use

log = logging.getLogger("kith.process")
MOST = 200  # of one stage in one look; the rest a little later


@dataclass(frozen=True)
class Late:
    """A stage with somebody to fall back on: what was there before `limit` has waited for too long."""

    process: int
    stage: Stage
    user: User
    limit: dt.datetime

    @property
    def allowed(self) -> str:
        return self.stage.fallback_after or FALLBACK_AFTER


def give_to_fallback() -> int:
    """Give on what nobody took in time; returns how many. Running it twice gives nothing the second time. What cannot be
    given is logged, and holds up nothing else."""
    return sum(_apart(one, _offers) + _apart(one, _unowned) for one in _stages())


def _apart(late: Late, give: Callable[[Late], int]) -> int:
    try:
        return give(late)
    except (OperationalError, InterfaceError):
        raise  # a deadlock, a lost connection: the job tries again
    except Exception:
        log.exception("What waits in “%s” of process %s could not be given on.", late.stage.key, late.process)
        return 0


def _stages() -> Iterator[Late]:
    named = [(pk, one, s) for pk, one in in_use().items() for s in one.definition.stages if s.fallback]
    if not named:
        return
    users = {u.email.casefold(): u for u in User.objects.filter(is_active=True)}
    for pk, one, stage in named:
        user = users.get(stage.fallback.casefold())
        try:
            span = clock.read_span(stage.fallback_after or FALLBACK_AFTER)
            calendar = clock.calendar_for(one.definition)
        except KithError:
            continue  # told by Settings, Process
        if user is not None and span is not None:
            yield Late(pk, stage, user, span.before(timezone.now(), calendar))


def _offers(late: Late) -> int:
    """Hand-overs into the stage, offered to a team or to a colleague, that nobody answered."""
    with transaction.atomic():
        rows = Handover.objects.select_for_update(of=("self",)).filter(
            UNANSWERED, stage=late.stage.key, offered_at__lte=late.limit, journey__process=late.process
        )
        waiting = {offer.journey_id: offer for offer in rows.exclude(receiver=late.user).order_by("offered_at")[:MOST]}

        def apply(row: Any) -> list[HandoverPassedOn]:
            offer = waiting[row.pk]
            before, offer.receiver = image(offer), late.user
            side = {"table": offer._meta.label_lower, "id": offer.pk, "before": before, "after": image(offer)}
            return [HandoverPassedOn(str(late.user), late.stage.key, late.allowed, sides=(side,))]

        if waiting:
            change_many(Journey.objects.filter(pk__in=list(waiting)).order_by("pk"), apply, by=system())
            Handover.objects.bulk_update(waiting.values(), ["receiver"])
            words = _("%(name)s is offered to you now: nobody took it over within %(allowed)s.")
            _tell(late, words, [(offer.journey, f"handover.passed_on:{offer.pk}") for offer in waiting.values()])
    return len(waiting)


def _unowned(late: Late) -> int:
    """Relationships that stand in the stage and that nobody looks after."""
    rows = Journey.objects.filter(
        RUNNING, process=late.process, stage=late.stage.key, owner=None, entered_at__lte=late.limit
    )
    found = list(rows.select_related("company", "person").order_by("entered_at")[:MOST])
    given = [journey for journey in found if _give(journey, late.user)]
    words = _("%(name)s is yours now: nobody looked after them within %(allowed)s.")
    _tell(late, words, [(j, f"journey.given:{j.pk}:{j.entered_at:%Y%m%d%H%M}") for j in given])
    return len(given)


def _give(journey: Journey, user: User) -> bool:
    """Whether its customer is theirs now; one that is refused stays as it is."""
    record = registry["company" if journey.company_id else "person"]
    try:
        with transaction.atomic():
            edit(record, journey.customer, {"owner": user}, by=system())
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("“%s” could not be given to %s.", journey.name, user)
        return False
    return True


def _tell(late: Late, words: str, about: list[tuple[Journey, str]]) -> None:
    if about:
        told = [
            Telling([late.user], words % {"name": j.name, "allowed": late.allowed}, key, ("journey", j.pk))
            for j, key in about
        ]
        notify_many(told, kind=KIND, by=system())
