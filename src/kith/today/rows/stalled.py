"""Deals that stand still: longer without a move or a word than won deals of their stage usually were."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.deals.configuration import stage_of
from kith.deals.queries import stalled_of
from kith.kernel.access.actor import Actor
from kith.kernel.money.queries import home
from kith.kernel.records.registry import registry
from kith.today import doing
from kith.today.prepared import rows_of
from kith.today.reading import counted, list_address, nearest, seen_name, shows, total_of
from kith.today.scope import Scope
from kith.today.sections import Item, More, Section
from kith.ui.filters import money, number

MOST = 5


def stalled(actor: Actor, scope: Scope) -> Section | None:
    if not actor.can("deal.see") or not shows(actor, "deal", "name", "stalled", "next_step"):
        return None
    rows = rows_of("stalled", actor, scope, _read)
    if not rows:
        return None
    total, exact = total_of(rows)
    return Section(
        tuple(_item(actor, scope, row) for row in rows), hint=_("Longer without a move or a word than usual"),
        more=_more(scope, total, exact) if total > len(rows) else (), total=total, exact=exact,
    )  # fmt: skip


def _read(actor: Actor, scope: Scope) -> QuerySet[Any]:
    every = stalled_of(actor, scope.now)
    columns = {
        f"{link}_name": seen_name(actor, record, link, "name")
        for link, record in (("company", "company"), ("contact", "person"))
    }
    fields = ("pk", "name", "amount", "currency", "stage_id", "company_id", "contact_id", "next_step", "idle")
    rows = nearest(every, scope, ("idle", "pk"), MOST).annotate(total=counted(every, scope), **columns)
    return rows.values_list(*fields, "total", *columns, named=True)


def _more(scope: Scope, total: int, exact: bool) -> tuple[More, ...]:
    label = _("All %s stalled deals") % number(total) if exact else _("All of them in the list")
    return (More(label, list_address("deal", f"stalled.is:1,owner.is:{scope.owner_word}", "stage_since")),)


def _item(actor: Actor, scope: Scope, row: Any) -> Item:
    days, usual = (scope.now - row.idle).days, stage_of(row.stage_id).usual_days
    name = row.company_name or row.contact_name or row.name
    return Item(
        "deal", row.pk, name, registry["deal"].url(row.pk), under=(row.contact_name or "") if row.company_name else "",
        what=row.name, small=_("Next: %s") % row.next_step if row.next_step else _("No next step"),
        mark=money(row.amount, row.currency or home()) if shows(actor, "deal", "amount") else "", when=ngettext("%d day", "%d days", days) % days,
        when_small="" if usual is None else _("usual gap %d") % usual, tone="warn", about=("deal", row.pk),
        actions=doing.some(
            doing.say(actor, "deal", row.pk, "mail", _("Nudge"), "send", "m", words=True),
            doing.say(actor, "deal", row.pk, "call", _("Log a call: %s") % name, "phone", "l"),
            doing.say(actor, "deal", row.pk, "task", _("Set next step: %s") % name, "calendar", "."),
        ),
    )  # fmt: skip
