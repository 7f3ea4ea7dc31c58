"""Relationships whose clock runs: new ones until they are answered, and those over the time of any later step, or soon."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet, Value
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.process import queries
from kith.process.versions import definition_of
from kith.today import doing
from kith.today.prepared import rows_of
from kith.today.reading import counted, list_address, nearest, total_of
from kith.today.rows.journeys import customer_of
from kith.today.scope import Scope
from kith.today.sections import Do, Item, More, Section
from kith.ui.dates import day, duration
from kith.ui.filters import number

MOST = 5
NEW, OVER = "new", "over"
FIELDS = (
    "pk",
    "name",
    "company_id",
    "person_id",
    "opened_at",
    "due_at",
    "warn_at",
    "step",
    "stage",
    "process_id",
    "held_to",
)


def leads(actor: Actor, scope: Scope) -> Section | None:
    """New relationships, the one whose clock runs out first on top."""
    begins = dict.fromkeys(f"stage.is:{key}" for _process, key in queries.beginnings())
    where = next(iter(begins)) if len(begins) == 1 else f"any({','.join(begins)})"
    return _section(actor, scope, NEW, f"{where},closed_at.empty", _("The clock runs until they are answered"), _lead)


def steps(actor: Actor, scope: Scope) -> Section | None:
    """Relationships that should have left their step by now, or are to soon, whichever step that is; the longest over its
    time first. New ones have a section of their own."""
    new = [f"not(all(process.is:{pk},stage.is:{key},due_at.filled))" for pk, key in queries.beginnings()]
    where = ",".join(["any(late.is:1,warns.is:1)", *new])
    return _section(actor, scope, OVER, where, _("Longer in their step than it allows, or soon"), _over)


def _section(actor: Actor, scope: Scope, arm: str, where: str, hint: str, item: Any) -> Section | None:
    rows = [row for row in _running(actor, scope) if row.arm == arm]
    if not rows:
        return None
    total, exact = total_of(rows)
    address = list_address("journey", f"{where},owner.is:{scope.owner_word}", "due_at")
    more = (More(_("All %s of them") % number(total) if exact else _("All of them in the list"), address),)
    return Section(
        tuple(item(actor, scope, row) for row in rows),
        hint=hint,
        more=more if total > len(rows) else (),
        total=total,
        exact=exact,
    )


def _running(actor: Actor, scope: Scope) -> list[Any]:
    """The first of both, whose clock runs out first on top: one question for the two sections."""
    if "clocks" not in scope.memo:
        rows = rows_of("clocks", actor, scope, _read) if queries.in_use() and actor.can("journey.see") else []
        scope.memo["clocks"] = sorted(rows, key=lambda row: (row.due_at, row.pk))
    return list(scope.memo["clocks"])


def _read(actor: Actor, scope: Scope) -> QuerySet[Any]:
    over, new = queries.over_time(actor, scope.now), queries.with_clock(actor)
    ran, soon = Q(due_at__lt=scope.now), Q(due_at__gte=scope.now)
    arms = [_arm(over, scope, OVER, (ran, soon))]
    if new is not None:
        arms.append(_arm(new, scope, NEW, (Q(),)))
    return arms[0].union(*arms[1:], all=True) if arms[1:] else arms[0]


def _arm(every: QuerySet[Any], scope: Scope, arm: str, parts: tuple[Q, ...]) -> QuerySet[Any]:
    rows = nearest(every, scope, ("due_at", "pk"), MOST, parts).annotate(
        arm=Value(arm), total=counted(every, scope, parts)
    )
    return rows.values_list(*FIELDS, "arm", "total", named=True)


def _left(scope: Scope, row: Any) -> tuple[str, str]:
    """How much time is left, or how long it has been over; and the tone of that."""
    rest = (row.due_at - scope.now).total_seconds()
    if rest < 0:
        return _("%s over") % duration(-rest), "late"
    return _("%s left") % duration(rest), "warn" if row.warn_at and row.warn_at < scope.now else ""


def _over(actor: Actor, scope: Scope, row: Any) -> Item:
    record, pk = customer_of(row)
    when, tone = _left(scope, row)
    stage = definition_of(row.process_id, row.held_to).by_key.get(row.stage)
    said = _("%s should be left by now") if tone == "late" else _("%s is to be left soon")
    move = Do(_("Move to…"), "arrow", f"/journeys/{row.pk}/do/move", words=True) if actor.can("journey.edit") else None
    return Item(
        "journey", row.pk, row.name, registry[record].url(pk), what=said % (stage.name if stage else row.stage), step=row.step,
        when=when, tone=tone, about=(record, pk), actions=doing.some(
            move,
            doing.say(actor, record, pk, "mail", _("Write"), "mail", "m"),
            doing.say(actor, record, pk, "call", _("Log a call: %s") % row.name, "phone", "l"),
        ),
    )  # fmt: skip


def _lead(actor: Actor, scope: Scope, row: Any) -> Item:
    record, pk = customer_of(row)
    when, tone = _left(scope, row)
    end = (
        Do(_("Not a fit: %s") % row.name, "x", f"/journeys/{row.pk}/do/close?outcome=disqualified")
        if actor.can("journey.edit")
        else None
    )
    return Item(
        "journey", row.pk, row.name, registry[record].url(pk), what=_("New since %s") % day(row.opened_at), step=row.step,
        when=when, tone=tone, about=(record, pk),
        actions=doing.some(
            doing.say(actor, record, pk, "mail", _("Answer"), "mail", "m", words=True),
            doing.say(actor, record, pk, "call", _("Log a call: %s") % row.name, "phone", "l"),
            end,
        ),
    )  # fmt: skip
