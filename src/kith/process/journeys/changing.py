"""Moving relationships to another process: the journey in the old one ends without loss, and goes on as a new one.

A journey keeps to one process, so that the map and the audit of each stay true: what the old one tells of it happened, and
in the new one nothing was skipped that lies before the stage where it comes in. One of them or thousands, by the same queries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.timeline.change import change_many
from kith.process.events import JourneyClosed, JourneyOpened
from kith.process.gates import Ref, asked_of, ref_of
from kith.process.journeys.closing import end
from kith.process.journeys.customers import Customer, customers_of
from kith.process.journeys.entering import bear, enter, entered, segments_of
from kith.process.journeys.landing import Landing, entrances, landings, named, stood
from kith.process.journeys.moving import refused as refused_by
from kith.process.journeys.moving import unattended
from kith.process.journeys.opening import lock, write_journeys
from kith.process.models import UNANSWERED, Handover, Journey, Outcome, Tick
from kith.process.versions import InForce, in_use
from kith.ui.dates import full

Refused = Callable[[Any, Exception], None]


def process_called(key: str) -> InForce:
    """The process in use with this key. Raises Invalid."""
    found = next((one for one in in_use().values() if one.process.key == key), None)
    if found is None:
        raise Invalid(_("There is no process “%s” in force.") % key, "process")
    return found


def foreseen(journey: Journey, to: InForce, key: str = "") -> str:
    """Where it would land, until when it may stay there and what its gate asks for, in sentences; nothing is written."""
    customers = _customers([journey])
    found = landings([journey], customers, to, key)
    _may(journey, to, _offered([journey]), found[journey.pk])
    stage = found[journey.pk].stage
    [new] = _begun([journey], customers, to, found)
    new.pk = journey.pk  # the gate looks at what is known of the customer
    against = next((one.why for one in entrances(journey, customers, to) if key and one.stage is stage), "")
    missing = [a.says for a in asked_of(stage, [new])[new.pk] if not a.met]
    words = [_("It goes on in %(process)s, in %(stage)s.") % {"process": to.process.name, "stage": stage.name}]
    words.append(_("It is to be left by %s.") % full(new.due_at) if new.due_at else _("No clock runs there."))
    words.append(
        _("To go on from there it still needs: %s.") % ", ".join(missing) if missing else _("Its gate is open.")
    )
    if against:
        words.append(_("That is another stage than it would come in at (%s).") % against)
    return " ".join([*words, _("Say why, and it is done.")])


def change_process(
    journeys: Sequence[Journey],
    *,
    process: str,
    stage: str = "",
    reason: str = "",
    by: Actor,
    refused: Refused | None = None,
) -> list[Journey]:
    """Let these journeys go on in another process; returns the new ones. Raises NeedsInput without a reason, Invalid for a
    process or stage there is not; a journey that cannot move is handed to `refused`, or stops everything without it."""
    to = process_called(process)
    named(to, stage)
    if not reason:
        raise NeedsInput(_("Say why they go on in %s.") % to.process.name, ("reason",))
    with transaction.atomic():
        lock([Customer(ref_of(j), None) for j in journeys])
        customers = _customers(journeys)
        found = landings(journeys, customers, to, stage)
        ended = _end(journeys, to, found, reason, by, refused)
        made = _begun(ended, customers, to, found)
        names = {pk: one.process.name for pk, one in in_use().items()}
        now = timezone.now()
        told = [
            (j, JourneyOpened(
                **entered(j, to.definition.by_key[j.stage]), process=to.process.name, came_from=_name(j.earlier, names)), now)
            for j in made
        ]  # fmt: skip
        write_journeys(made, told, by)
        _keep_ticks(made, to)
    return made


def _name(journey: Any, names: dict[int, str]) -> str:
    return names.get(journey.process_id) or str(journey.process)


def _customers(journeys: Sequence[Journey]) -> dict[Ref, Customer]:
    return {c.ref: c for c in customers_of([ref_of(j) for j in journeys])}


def _may(row: Journey, to: InForce, offered: set[int], landing: Landing, by: Actor | None = None) -> None:
    if not row.is_running:
        raise Invalid(_("This relationship has ended; take it up again first."))
    if row.process_id == to.process.pk:
        raise Invalid(
            _("%(row)s is in %(process)s already.") % {"row": row.name, "process": to.process.name}, "process"
        )
    if row.pk in offered:
        raise Invalid(_("A handover of %s waits for an answer; settle it first.") % row.name)
    if by is not None and unattended(by) and landing.stage.handover and row.stage != landing.stage.key:
        raise Invalid(
            _("%s is taken over from another team, so only somebody by hand moves a relationship there from another process.")
            % landing.stage.name, "stage",
        )  # fmt: skip
    if landing.barred:
        raise Invalid(" ".join(refused_by(one) for one in landing.barred), "stage")


def _offered(journeys: Sequence[Journey]) -> set[int]:
    """Those of which a hand-over waits."""
    rows = Handover.objects.filter(UNANSWERED, journey__in=[j.pk for j in journeys], receiver__isnull=False)
    return set(rows.values_list("journey_id", flat=True))


def _end(
    journeys: Sequence[Journey], to: InForce, found: dict[int, Landing], reason: str, by: Actor, refused: Refused | None
) -> list[Journey]:
    """The old journeys end; those that did."""
    offered = _offered(journeys)
    names = {pk: one.process.name for pk, one in in_use().items()}
    ended: dict[int, Journey] = {}

    def apply(row: Journey) -> list[Any]:
        _may(row, to, offered, found[row.pk], by)
        end(row, Outcome.JOINED, reason)
        ended[row.pk] = row
        return [JourneyClosed(Outcome.JOINED, reason, row.stage, to.process.name, _name(row, names))]

    def told(row: Any, problem: Exception) -> None:
        ended.pop(row.pk, None)
        if refused is not None:
            refused(row, problem)

    change_many(journeys, apply, by=by, refused=told if refused is not None else None)
    return list(ended.values())


def _begun(
    journeys: Sequence[Journey], customers: dict[Ref, Customer], to: InForce, found: dict[int, Landing]
) -> list[Journey]:
    """A journey in the other process for each of these, not yet saved."""
    segments, now = segments_of(to.definition, list(customers.values())), timezone.now()
    out = []
    for old in journeys:
        customer = customers.get(ref_of(old))
        if customer is None:
            continue
        new = Journey(
            process=to.process, held_to=to.number, segment=segments.get(customer.ref, ""), opened_at=now, earlier=old, came_over=True
        )  # fmt: skip
        setattr(new, customer.ref[0], customer.row)
        bear(new, customer.row)
        new.silence_told = old.silence_told  # a silence that lasts is no news over there
        enter(new, to.definition, found[old.pk].stage, now)
        out.append(new)
    return out


def _keep_ticks(made: Sequence[Journey], to: InForce) -> None:
    """What somebody ticked in a stage that both processes have, or when it last stood here, is not asked again."""
    by_hand = {s.key: {n.key for n in s.needs if n.by == "hand"} for s in to.definition.stages}
    new = [j for j in made if by_hand[j.stage]]
    before = stood(new, to)
    sources = {j.earlier_id: j for j in new} | {before[j.pk].pk: j for j in new if j.pk in before}
    kept: dict[tuple[int, str], Tick] = {}
    for tick in Tick.objects.filter(journey__in=list(sources)).order_by("at"):
        journey = sources[tick.journey_id]
        if tick.stage == journey.stage and tick.need in by_hand[journey.stage]:
            kept[journey.pk, tick.need] = Tick(
                journey=journey, stage=tick.stage, need=tick.need, at=tick.at, by_name=tick.by_name
            )
    Tick.objects.bulk_create(kept.values())
