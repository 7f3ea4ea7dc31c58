"""Relationships nobody is at: customers who have been silent for long, and open ones without a dated next step.

A relationship is a company, or a person without one: what is planned with somebody is planned with their company too, so
that nobody is counted twice. Rows are those of a list under a filter; the list is one press away and shows the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import F, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.process.versions import standard
from kith.today import doing
from kith.today.prepared import rows_of
from kith.today.reading import CAP, counted, list_address, listed, nearest, shows, total_of
from kith.today.rows import journeys
from kith.today.scope import Scope
from kith.today.sections import Item, More, Section
from kith.ui.dates import day
from kith.ui.filters import number

SILENT_DAYS, NEW_DAYS = 60, 30
MOST_SILENT, MOST_LOOSE = 5, 9
ALONE = {"company": "", "person": ",company.empty"}


def silent(actor: Actor, scope: Scope) -> Section | None:
    """By what their steps allow; without a process, customers nobody spoke with for very long."""
    if standard() is not None:
        return journeys.silent(actor, scope)
    text = f"standing.is:won,last_touch_at.before:-{SILENT_DAYS}d"
    hint = _("Customers without a word for more than %d days") % SILENT_DAYS
    return _section(actor, scope, text, MOST_SILENT, hint, _quiet)


def loose(actor: Actor, scope: Scope) -> Section | None:
    text = f"next_step_at.empty,any(standing.is:won|open,created_at.since:-{NEW_DAYS}d)"
    hint = _("Nobody is forgotten once each has a date")
    found = _section(actor, scope, text, MOST_LOOSE, hint, _dateless, shape="loose")
    everyone = More(_("Everyone without one, whoever looks after them"), "/unattended/")
    return found and replace(found, more=(*found.more, everyone))


def _section(actor: Actor, scope: Scope, text: str, most: int, hint: str, item: Any, **more: Any) -> Section | None:
    read = rows_of(text, actor, scope, lambda a, s: _read(a, s, text, most))
    found = sorted(read, key=lambda row: (row.touched is None, row.touched, row.pk))
    rows = found[:most]
    if not rows:
        return None
    total, exact = total_of(found)
    items = tuple(item(actor, scope, row) for row in rows)
    return Section(
        items,
        hint=hint,
        more=_more(f"owner.is:{scope.owner_word},{text}", rows, found),
        total=total,
        exact=exact,
        **more,
    )


def _read(actor: Actor, scope: Scope, text: str, most: int) -> QuerySet[Any] | None:
    """The rows of both types together; None where the actor sees neither."""
    tried = (_arm(actor, scope, record, text + ALONE[record], most) for record in ALONE)
    arms = [arm for arm in tried if arm is not None]
    return arms[0].union(*arms[1:], all=True) if arms else None


def _arm(actor: Actor, scope: Scope, record: str, text: str, most: int) -> QuerySet[Any] | None:
    """The rows of one type; None where the actor does not see it, or not what it takes to tell."""
    every = listed(actor, record, text) if actor.can(f"{record}.see") else None
    if every is None or not shows(actor, record, "name", "next_step", "next_step_at", "last_touch_at"):
        return None
    columns = {
        "arm": Value(record),
        "touched": F("last_touch_at"),
        "made": F("created_at"),
        "total": counted(every, scope),
    }
    fields = ("arm", "pk", "name", "touched", "made", "next_step", "next_step_at", "total")
    return nearest(every, scope, ("last_touch_at", "pk"), most).annotate(**columns).values_list(*fields, named=True)


def _more(text: str, shown: list[Any], found: list[Any]) -> tuple[More, ...]:
    """A way to the whole list of each type that has more rows than are shown."""
    out = []
    for record, words in (("company", _("All %s companies")), ("person", _("All %s people without a company"))):
        total = next((row.total for row in found if row.arm == record), 0)
        if total > sum(row.arm == record for row in shown):
            label = words % number(total) if total <= CAP else _("All of them in the list")
            out.append(More(label, list_address(record, text + ALONE[record], "last_touch_at")))
    return tuple(out)


def _quiet(actor: Actor, scope: Scope, row: Any) -> Item:
    days = (scope.now - row.touched).days
    step = _("Next: %(step)s, %(day)s") % {"step": row.next_step, "day": day(row.next_step_at)} if row.next_step else ""
    return Item(
        row.arm, row.pk, row.name, registry[row.arm].url(row.pk), what=_("Last in touch %s") % day(row.touched),
        small=step or _("No next step"), when=ngettext("%d day", "%d days", days) % days, tone="warn", about=(row.arm, row.pk),
        actions=doing.some(
            doing.say(actor, row.arm, row.pk, "mail", _("Write"), "mail", "m", words=True),
            doing.say(actor, row.arm, row.pk, "call", _("Log a call: %s") % row.name, "phone", "l"),
            doing.say(actor, row.arm, row.pk, "task", _("Set next step: %s") % row.name, "calendar", "."),
        ),
    )  # fmt: skip


def _dateless(actor: Actor, scope: Scope, row: Any) -> Item:
    if row.touched is not None:
        days = max(0, (scope.now - row.touched).days)
        under = ngettext("silent %d day", "silent %d days", days) % days if days else _("in touch today")
    else:
        under = _("never in touch, known since %s") % day(row.made)
    step = doing.say(actor, row.arm, row.pk, "task", _("Set date"), "calendar", ".", words=True)
    return Item(
        row.arm,
        row.pk,
        row.name,
        registry[row.arm].url(row.pk),
        under=under,
        actions=doing.some(step),
        about=(row.arm, row.pk),
    )
