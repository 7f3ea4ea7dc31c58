"""Relationships as the process sees them: all in one's care by stage, new ones whose clock runs, hand-overs to accept."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.process import queries
from kith.process.journeys.silence import allowed
from kith.process.versions import definition_of, standard
from kith.today import doing
from kith.today.prepared import rows_of
from kith.today.reading import counted, list_address, nearest, total_of
from kith.today.scope import TEAM, Scope
from kith.today.sections import Do, Item, More, Section
from kith.ui.dates import day, duration
from kith.ui.filters import number

MOST, HANDOVERS = 5, 20


def care(actor: Actor, scope: Scope) -> Section | None:
    """Everyone in care, as one bar from cold to warm."""
    running = standard()
    counts = queries.in_care(actor, scope.owners) if running else {}
    total = sum(counts.values())
    if running is None or not total:
        return None
    stages = [s for s in queries.stages_cared(running.definition, counts) if counts.get(s.key)]
    url = f"stage.is:%s,closed_at.empty,owner.is:{scope.owner_word}"
    items = tuple(
        Item("journey", n, s.name, list_address("journey", url % s.key, "due_at"), mark=number(counts[s.key]), step=s.step,
             share=max(1, round(100 * counts[s.key] / total)))
        for n, s in enumerate(stages)
    )  # fmt: skip
    one, many = _("%s relationship in your care"), _("%s relationships in your care")
    if scope.of == TEAM:
        one, many = _("%s relationship in the care of your team"), _("%s relationships in the care of your team")
    quiet, exact = total_of(_silent(actor, scope))
    several = number(quiet) if exact else f"{number(quiet)}+"
    hint = ngettext("%s of them silent for too long", "%s of them silent for too long", quiet) % several
    return Section(
        items,
        title=(one if total == 1 else many) % number(total),
        hint=hint if quiet else "",
        total=total,
        shape="care",
    )


def silent(actor: Actor, scope: Scope) -> Section | None:
    """Whom nobody talked with for longer than their step allows, the longest beyond it first. New ones have a clock and a
    section of their own."""
    if not actor.can("journey.see"):
        return None
    rows = _silent(actor, scope)
    if not rows:
        return None
    total, exact = total_of(rows)
    address = list_address("journey", f"owner.is:{scope.owner_word},{_silent_text()}", "silent_at")
    more = (More(_("All %s of them") % number(total) if exact else _("All of them in the list"), address),)
    return Section(
        tuple(_quiet(actor, scope, row) for row in rows), title=_("Silent for too long"), total=total, exact=exact,
        hint=_("Longer without a word than their step allows"), more=more if total > len(rows) else (),
    )  # fmt: skip


def _silent(actor: Actor, scope: Scope) -> list[Any]:
    """The longest silent with how many there are, read once for the bar and the section."""
    if "silent" not in scope.memo:
        scope.memo["silent"] = rows_of("silent", actor, scope, _read_silent) if actor.can("journey.see") else []
    return list(scope.memo["silent"])


def _read_silent(actor: Actor, scope: Scope) -> QuerySet[Any]:
    fields = (
        "pk",
        "name",
        "company_id",
        "person_id",
        "touched_at",
        "opened_at",
        "stage",
        "step",
        "process_id",
        "held_to",
    )
    every = queries.silent(actor, scope.now)
    rows = nearest(every, scope, ("silent_at", "pk"), MOST).annotate(total=counted(every, scope))
    return rows.values_list(*fields, "total", named=True)


def _silent_text() -> str:
    """The same as a filter of the list."""
    new = [f"not(all(process.is:{pk},stage.is:{key},due_at.filled))" for pk, key in queries.beginnings()]
    return ",".join(["silent.is:1", *new])


def _quiet(actor: Actor, scope: Scope, row: Any) -> Item:
    record, pk = _customer(row)
    stage = definition_of(row.process_id, row.held_to).by_key.get(row.stage)
    said = _("Last in touch %s") % day(row.touched_at) if row.touched_at else _("Never in touch")
    days = max((scope.now - (row.touched_at or row.opened_at)).days, 0)
    return Item(
        "journey", row.pk, row.name, registry[record].url(pk), what=said, step=row.step, tone="warn", about=(record, pk),
        small=_("%(step)s allows %(span)s") % {"step": stage.name if stage else row.stage, "span": allowed(stage)},
        when=ngettext("%d day", "%d days", days) % days, actions=doing.some(
            doing.say(actor, record, pk, "mail", _("Write"), "mail", "m", words=True),
            doing.say(actor, record, pk, "call", _("Log a call: %s") % row.name, "phone", "l"),
            doing.say(actor, record, pk, "task", _("Set next step: %s") % row.name, "calendar", "."),
        ),
    )  # fmt: skip


def leads(actor: Actor, scope: Scope) -> Section | None:
    """New relationships, the one whose clock runs out first on top."""
    rows = rows_of("leads", actor, scope, _read_leads)
    if not rows:
        return None
    total, exact = total_of(rows)
    begins = dict.fromkeys(f"stage.is:{key}" for _process, key in queries.beginnings())
    where = next(iter(begins)) if len(begins) == 1 else f"any({','.join(begins)})"
    address = list_address("journey", f"{where},closed_at.empty,owner.is:{scope.owner_word}", "due_at")
    more = (More(_("All %s of them") % number(total) if exact else _("All of them in the list"), address),)
    return Section(
        tuple(_lead(actor, scope, row) for row in rows), hint=_("The clock runs until they are answered"),
        more=more if total > len(rows) else (), total=total, exact=exact,
    )  # fmt: skip


def _read_leads(actor: Actor, scope: Scope) -> QuerySet[Any] | None:
    every = queries.with_clock(actor)
    if every is None:
        return None
    fields = ("pk", "name", "company_id", "person_id", "opened_at", "due_at", "warn_at", "step")
    rows = nearest(every, scope, ("due_at", "pk"), MOST).annotate(total=counted(every, scope))
    return rows.values_list(*fields, "total", named=True)


def _customer(row: Any) -> tuple[str, int]:
    return ("company", row.company_id) if row.company_id else ("person", row.person_id)


def _lead(actor: Actor, scope: Scope, row: Any) -> Item:
    record, pk = _customer(row)
    rest = (row.due_at - scope.now).total_seconds()
    tone = "late" if rest < 0 else "warn" if row.warn_at and row.warn_at < scope.now else ""
    end = (
        Do(_("Not a fit: %s") % row.name, "x", f"/journeys/{row.pk}/do/close?outcome=disqualified")
        if actor.can("journey.edit")
        else None
    )
    return Item(
        "journey", row.pk, row.name, registry[record].url(pk), what=_("New since %s") % day(row.opened_at), step=row.step,
        when=_("%s over") % duration(-rest) if rest < 0 else _("%s left") % duration(rest), tone=tone, about=(record, pk),
        actions=doing.some(
            doing.say(actor, record, pk, "mail", _("Answer"), "mail", "m", words=True),
            doing.say(actor, record, pk, "call", _("Log a call: %s") % row.name, "phone", "l"),
            end,
        ),
    )  # fmt: skip


def handovers(actor: Actor, scope: Scope) -> Section | None:
    """What colleagues offer, theirs until it is accepted."""
    if standard() is None:
        return None
    rows = rows_of("handovers", actor, scope, _read_handovers)
    return (
        Section(tuple(_handover(actor, scope, row) for row in rows), hint=_("Theirs until you accept"))
        if rows
        else None
    )


def _read_handovers(actor: Actor, scope: Scope) -> QuerySet[Any]:
    columns = {name: F(f"journey__{name}") for name in ("name", "company_id", "person_id", "step")}
    rows = queries.handovers_waiting(actor, scope.owners)[:HANDOVERS].annotate(giver_name=F("giver__name"), **columns)
    return rows.values_list("journey_id", "says", "offered_at", "giver_name", *columns, named=True)


def _handover(actor: Actor, scope: Scope, row: Any) -> Item:
    url = f"/journeys/{row.journey_id}/do"
    record, pk = _customer(row)
    days = max((scope.now - row.offered_at).days, 0)
    answers = (
        Do(_("Accept"), "check", f"{url}/accept_handover", asks=False, post=True, words=True),
        Do(_("Ask back: %s") % row.name, "undo", f"{url}/return_handover"),
    )
    waits = ngettext("%d day", "%d days", days) % days if days else _("today")
    return Item(
        "journey", row.journey_id, row.name, registry[record].url(pk), what=row.says, step=row.step,
        small=_("From %s") % (row.giver_name or _("somebody")), when=waits, tone="warn" if days > 1 else "", about=(record, pk),
        actions=answers if actor.can("journey.edit") else (),
    )  # fmt: skip
