"""The suggested next step of a relationship: one thing, from the stage where it stands, that one press does.

In this order: what the gate misses and can be filled in, a hand-over that waits for the reader, a promise to the customer that
is over its day, the next move of the playbook (planned, then done), the way forward. Pages and programs read it here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as __

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.process.filling import Filling
from kith.process.gates import ref_of
from kith.process.handovers.offering import may_answer
from kith.process.playbook import parts
from kith.process.relationship import Relationship
from kith.ui.dates import day, full

LONGEST = 300  # characters of a task's subject


@dataclass(frozen=True)
class Suggestion:
    """`kind`: missing, handover, promise, move, planned or way. `says`: what is to be done, `press`: the word on its button.

    Done by the action `do` of the row (`record`, `pk`) with `inputs`; where people write it, by the page at `href` (`over` the one
    they are on), or in place at `edit`."""

    kind: str
    says: str
    press: str
    why: str = ""
    do: str = ""
    record: str = ""
    pk: int | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    href: str = ""
    over: bool = False
    edit: str = ""

    @property
    def post(self) -> str:
        """Where a press posts to; "" where a page opens."""
        return f"{registry[self.record].url(self.pk)}/do/{self.do.partition('.')[2]}" if self.do and self.pk else ""

    @property
    def path(self) -> str:
        """The same for programs."""
        verb = self.do.partition(".")[2]
        return f"/api/v1/{registry[self.record].slug}/{self.pk}/actions/{verb}" if self.do and self.pk else ""


def suggestion(actor: Actor, found: Relationship, row: Any) -> Suggestion | None:
    """What to do next; None where the relationship has ended, or the reader may do nothing of it."""
    if found.stage is None or not found.journey.is_running:
        return None
    return next((one for way in WAYS for one in way(actor, found, row)), None)


def _missing(actor: Actor, found: Relationship, row: Any) -> Iterator[Suggestion]:
    if not actor.can("journey.edit"):
        return
    filling, why = (
        Filling(actor, found, row),
        __("The gate of %s asks for it.") % (found.stage.name if found.stage else ""),
    )
    for asked in found.gate.asked:
        if asked.met or asked.fault or asked.need.by == "handover":
            continue
        line = filling.line(asked)
        if line["hand"]:
            yield Suggestion(
                "missing", line["label"], __("Tick"), why, "journey.tick", "journey", found.journey.pk, {"need": asked.need.key}
            )  # fmt: skip
        elif line["edit"] or line["href"]:
            yield Suggestion(
                "missing", line["label"], line["small"], why, href=line["href"] or line["edit"], over=line["over"], edit=line["edit"]
            )  # fmt: skip


def _handover(actor: Actor, found: Relationship, row: Any) -> Iterator[Suggestion]:
    offered = found.handover
    if offered is not None and actor.can("journey.edit") and may_answer(offered, actor):
        said = {"who": offered.giver or __("Somebody"), "since": full(offered.offered_at)}
        yield Suggestion(
            "handover", __("Take them over"), __("Accept the handover"), __("%(who)s offered it on %(since)s.") % said,
            "journey.accept_handover", "journey", found.journey.pk,
        )  # fmt: skip


def _promise(actor: Actor, found: Relationship, row: Any) -> Iterator[Suggestion]:
    if not actor.can("promise.edit"):
        return
    record, customer = ref_of(found.journey)
    late = registry["promise"].rows(actor, "edit", archived=False).filter(
        **{record: customer}, state="open", due_on__lt=timezone.localdate()
    )  # fmt: skip
    for one in late.order_by("due_on", "pk")[:1]:
        why = __("Promised for %s.") % day(one.due_on)
        yield Suggestion(
            "promise", __("Keep the promise: %s") % one.wording, __("Kept"), why, "promise.keep", "promise", one.pk
        )


def _playbook(actor: Actor, found: Relationship, row: Any) -> Iterator[Suggestion]:
    """The first move that nobody has planned since they came to the stage; the one that is planned, until it is done."""
    moves = [
        line[:LONGEST]
        for part in parts(found.stage.playbook if found.stage else "")
        if part.kind == "moves"
        for line in part.lines
    ]
    if not moves or not actor.can("activity.create"):
        return
    record, customer = ref_of(found.journey)
    tasks = registry["activity"].model._default_manager.filter(
        **{record: customer}, subject__in=moves, created_at__gte=found.journey.entered_at, archived_at=None
    )  # fmt: skip
    planned = {one.subject: one for one in tasks.order_by("-pk")}
    waits = next((planned[move] for move in moves if move in planned and planned[move].done_at is None), None)
    if waits is not None and waits in registry["activity"].rows(actor, "edit"):
        why = __("Planned for %s.") % day(waits.due_at) if waits.due_at else ""
        yield Suggestion("planned", waits.subject, __("Done"), why, "activity.finish", "activity", waits.pk)
    elif waits is None and (move := next((move for move in moves if move not in planned), None)):
        why = __("From the playbook of this step.")
        yield Suggestion(
            "move", move, __("Plan it"), why, "journey.plan_move", "journey", found.journey.pk, {"subject": move}
        )


def _way(actor: Actor, found: Relationship, row: Any) -> Iterator[Suggestion]:
    to = found.next
    if to is None or not actor.can("journey.edit") or found.handover is not None:
        return
    pk, why = found.journey.pk, __("All that its gate asks for is met.") if found.gate.asked else to.purpose
    missing = [need for need in found.gate.missing if need.by != "handover"]
    if to.handover and not missing and not found.gate.open:
        says = __("Hand over for %s") % to.name
        yield Suggestion("way", says, __("Hand over…"), why, href=f"{registry['journey'].url(pk)}/handover")
    elif found.gate.open and not found.gate.skipped and not found.gate.instead:
        says = __("Move to %s") % to.name
        yield Suggestion("way", says, says, why, "journey.move", "journey", pk, {"stage": to.key})


WAYS: tuple[Callable[[Actor, Relationship, Any], Iterator[Suggestion]], ...] = (
    _missing,
    _handover,
    _promise,
    _playbook,
    _way,
)
