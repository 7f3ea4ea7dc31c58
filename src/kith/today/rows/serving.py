"""What is owed to those who buy from us already: tickets whose clock runs out today, promises that are due, first results that
are late, customers who may leave."""

from __future__ import annotations

from textwrap import shorten
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.onboarding import queries as onboarding
from kith.retention.contact.today import at_risk_rows, line_of
from kith.support.queries import unsolved
from kith.today import doing
from kith.today.prepared import rows_of
from kith.today.reading import counted, list_address, nearest, seen_name, shows, total_of
from kith.today.scope import Scope
from kith.today.sections import Do, Item, More, Section
from kith.ui.dates import day, duration
from kith.ui.filters import number

MOST, WORDS = 5, 120  # rows; characters of what they wrote
LATE, DUE = "late", "due"  # promises


def _more(total: int, exact: bool, shown: int, href: str) -> tuple[More, ...]:
    label = _("All %s of them") % number(total) if exact else _("All of them in the list")
    return (More(label, href),) if total > shown else ()


def tickets(actor: Actor, scope: Scope) -> Section | None:
    """Tickets to be answered today or earlier, whose clock runs out first on top."""
    if not actor.can("ticket.see"):
        return None
    rows = rows_of("tickets", actor, scope, _read_tickets)
    if not rows:
        return None
    total, exact = total_of(rows)
    address = list_address("ticket", f"state.is:new|open|waiting,owner.is:{scope.owner_word}", "next_step_at")
    return Section(
        tuple(_ticket(actor, scope, row) for row in rows), hint=_("Their clocks run out today"), total=total, exact=exact,
        more=_more(total, exact, len(rows), address),
    )  # fmt: skip


def _read_tickets(actor: Actor, scope: Scope) -> QuerySet[Any]:
    every = unsolved(actor).order_by().filter(archived_at=None, next_step_at__lt=scope.end)
    rows = nearest(every, scope, ("next_step_at", "pk"), MOST)
    who = {"who": seen_name(actor, "person", "person", "name"), "firm": seen_name(actor, "company", "company", "name")}
    fields = ("pk", "subject", "person_id", "company_id", "next_step", "next_step_at", "last_words")
    return rows.annotate(total=counted(every, scope), **who).values_list(*fields, "who", "firm", "total", named=True)


def _ticket(actor: Actor, scope: Scope, row: Any) -> Item:
    """What they wrote last stands on the row, and the answer is written over the page; the name leads to the whole talk."""
    rest = (row.next_step_at - scope.now).total_seconds()
    about = ("company", row.company_id) if row.company_id else ("person", row.person_id or 0)
    return Item(
        "ticket", row.pk, row.who or row.firm or _("Nobody we know yet"), f"/tickets/{row.pk}/talk", under=row.firm if row.who else "",
        what=row.subject, small=_words(actor, row) or row.next_step, when=_("%s over") % duration(-rest) if rest < 0 else _("%s left") % duration(rest),
        tone="late" if rest < 0 else "warn" if rest < 7200 else "", about=about,
        actions=(Do(_("Answer"), "mail", f"/tickets/{row.pk}/do/answer", words=True),) if actor.can("ticket.edit") else (),
    )  # fmt: skip


def late_promises(actor: Actor, scope: Scope) -> Section | None:
    """What was promised for a day that is over, the longest over first."""
    return _promised(actor, scope, LATE)


def _words(actor: Actor, row: Any) -> str:
    return shorten(row.last_words, WORDS, placeholder="…") if shows(actor, "ticket", "last_words") else ""


def promises(actor: Actor, scope: Scope) -> Section | None:
    """What was promised for today and is open."""
    return _promised(actor, scope, DUE)


def _promised(actor: Actor, scope: Scope, arm: str) -> Section | None:
    if "promises" not in scope.memo:  # one question for the two sections
        scope.memo["promises"] = rows_of("promises", actor, scope, _read_promises) if actor.can("promise.see") else []
    rows = [row for row in scope.memo["promises"] if row.arm == arm]
    if not rows:
        return None
    total, exact = total_of(rows)
    days = "due_on.before:today" if arm == LATE else "due_on.on:today"
    address = list_address("promise", f"state.is:open,{days},owner.is:{scope.owner_word}", "due_on")
    return Section(
        tuple(_promise(actor, scope, row) for row in sorted(rows, key=lambda row: (row.due_on, row.pk))),
        tone="late" if arm == LATE else "", total=total, exact=exact, hint=_("They were told so"),
        more=_more(total, exact, len(rows), address),
    )  # fmt: skip


def _read_promises(actor: Actor, scope: Scope) -> QuerySet[Any]:
    every = registry["promise"].rows(actor, archived=False).order_by().filter(state="open")
    late, due = (_promises_of(actor, scope, every.filter(q), arm) for arm, q in (
        (LATE, Q(due_on__lt=scope.today)), (DUE, Q(due_on=scope.today)),
    ))  # fmt: skip
    return late.union(due, all=True)


def _promises_of(actor: Actor, scope: Scope, every: QuerySet[Any], arm: str) -> QuerySet[Any]:
    rows = nearest(every, scope, ("due_on", "pk"), MOST)
    who = {"who": seen_name(actor, "person", "person", "name"), "firm": seen_name(actor, "company", "company", "name")}
    fields = ("pk", "wording", "person_id", "company_id", "due_on")
    told = {"arm": Value(arm), "total": counted(every, scope), **who}
    return rows.annotate(**told).values_list(*fields, *told, named=True)


def _promise(actor: Actor, scope: Scope, row: Any) -> Item:
    about = ("company", row.company_id) if row.company_id else ("person", row.person_id or 0)
    url = f"/promises/{row.pk}/do"
    verbs = (Do(_("Kept"), "check", f"{url}/keep", words=True), Do(_("Broken: %s") % row.wording, "x", f"{url}/break"))
    return Item(
        "promise", row.pk, row.firm or row.who or _("Somebody"), f"/promises/{row.pk}", under=row.who if row.firm else "", what=row.wording,
        when=day(row.due_on), tone="late" if row.due_on < scope.today else "", about=about,
        actions=verbs if actor.can("promise.edit") else (),
    )  # fmt: skip


def first_results(actor: Actor, scope: Scope) -> Section | None:
    """New customers who have no first result yet, though it is time."""
    if not actor.can("onboarding_plan.see"):
        return None
    rows = rows_of("first_results", actor, scope, _read_results)
    if not rows:
        return None
    items = []
    for row in rows:
        days = (scope.today - row.first_value_due).days
        about = ("company", row.company_id) if row.company_id else ("person", row.person_id or 0)
        items.append(Item(
            "onboarding_plan", row.pk, row.name, f"/onboarding-plans/{row.pk}", what=_("No first result yet"),
            small=row.by_name or "", when=ngettext("%d day late", "%d days late", days) % days, tone="late", about=about,
            actions=doing.some(doing.say(actor, *about, "call", _("Log a call: %s") % row.name, "phone", "l")),
        ))  # fmt: skip
    return Section(tuple(items))


def _read_results(actor: Actor, scope: Scope) -> QuerySet[Any]:
    rows = onboarding.late(actor, scope.owners, scope.today)[:MOST].annotate(by_name=F("first_value__name"))
    return rows.values_list("pk", "name", "company_id", "person_id", "first_value_due", "by_name", named=True)


def risks(actor: Actor, scope: Scope) -> Section | None:
    """Customers who may leave us, the likeliest first, with why."""
    if not (actor.can("company.see") and actor.can("renewal.see")):
        return None
    items = tuple(
        Item(
            one.record, one.pk, one.name, one.href, what=one.what, small=one.small, mark=one.mark, mark_icon=one.icon, tone=one.tone,
            about=(one.record, one.pk), actions=doing.some(
                doing.say(actor, one.record, one.pk, "call", _("Log a call: %s") % one.name, "phone", "l"),
                doing.say(actor, one.record, one.pk, "mail", _("Write"), "mail", "m", words=True),
            ),
        )
        for one in (line_of(row, scope.today) for row in rows_of("risks", actor, scope, _read_risks))
    )  # fmt: skip
    return Section(items, hint=_("Health, renewal, and how likely it is")) if items else None


def _read_risks(actor: Actor, scope: Scope) -> QuerySet[Any]:
    return at_risk_rows(actor, scope.owners)[:MOST]
