"""Relationships as the process sees them: all in one's care by stage, and those silent for too long."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
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
from kith.today.sections import Item, More, Section
from kith.ui.dates import day
from kith.ui.filters import number

MOST = 5


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


def customer_of(row: Any) -> tuple[str, int]:
    """The customer of a relationship, as what it is and its id."""
    return ("company", row.company_id) if row.company_id else ("person", row.person_id)


def _quiet(actor: Actor, scope: Scope, row: Any) -> Item:
    record, pk = customer_of(row)
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
