"""What waits for one's yes: process reviews to hold, from when one is prepared until it was held, and discounts to approve.

Both are few and are asked for in one query.
"""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.deals.quotes.limits import to_approve
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Percent
from kith.kernel.records.registry import registry
from kith.process.review import queries
from kith.today.prepared import rows_of
from kith.today.scope import Scope
from kith.today.sections import Do, Item, Section
from kith.ui.dates import day

MOST = 20
FIELDS = ("pk", "record", "called", "at", "under", "says", "who", "percent")


def reviews(actor: Actor, scope: Scope) -> Section | None:
    rows = [row for row in _waiting(actor, scope) if row.record == "review"]
    return (
        Section(tuple(_review(actor, scope, row) for row in rows), hint=_("Prepared by Kith, held by you"))
        if rows
        else None
    )


def approvals(actor: Actor, scope: Scope) -> Section | None:
    """Quotes that do not leave before somebody who may offer as much says so."""
    rows = [row for row in _waiting(actor, scope) if row.record == "quote"]
    return Section(tuple(_approval(scope, row) for row in rows), hint=_("They wait to be sent")) if rows else None


def _waiting(actor: Actor, scope: Scope) -> list[Any]:
    if "waiting" not in scope.memo:
        scope.memo["waiting"] = rows_of("waiting", actor, scope, _read)
    return list(scope.memo["waiting"])


def _read(actor: Actor, scope: Scope) -> QuerySet[Any]:
    nothing = Value("", output_field=CharField())
    held = queries.hosted(actor, scope.owners)[:MOST].annotate(
        record=Value("review", output_field=CharField()), called=Cast("name", CharField()), at=F("meets_at"), under=nothing,
        says=nothing, who=nothing, percent=nothing,
    )  # fmt: skip
    asked = to_approve(actor)
    if asked is None:
        return held.values_list(*FIELDS, named=True)
    quotes = asked.order_by("updated_at", "pk")[:MOST].annotate(
        record=Value("quote", output_field=CharField()), called=Cast("deal__name", CharField()), at=F("updated_at"), under=Cast("number", CharField()),
        says=Cast("approval_reason", CharField()), who=Cast("owner__name", CharField()), percent=Cast("discount", CharField()),
    )  # fmt: skip
    return held.values_list(*FIELDS, named=True).union(quotes.values_list(*FIELDS, named=True), all=True)


def _review(actor: Actor, scope: Scope, row: Any) -> Item:
    """The meeting is moved, something proposed for it, and once its time has come it is ticked as held; all over the page."""
    href, url, may = f"/process/reviews/{row.pk}", registry["review"].url(row.pk), actor.can("settings.manage")
    verbs = (
        Do(_("Propose something: %s") % row.called, "plus", f"{url}/do/propose"),
        Do(_("Move the meeting: %s") % row.called, "clock", f"{url}/do/postpone", key="h"),
    )
    tone = "late" if row.at < scope.start else "warn" if row.at < scope.end else ""
    return Item(
        "review", row.pk, row.called, href, what=_("Figures, what colleagues say and proposals are there"), when=day(row.at), tone=tone,
        tick=f"{url}/do/hold" if may and row.at <= scope.now else "",
        actions=(Do(_("Open the review"), "map", href, asks=False, words=True), *(verbs if may else ())),
    )  # fmt: skip


def _approval(scope: Scope, row: Any) -> Item:
    url, days = registry["quote"].url(row.pk), max((scope.now - row.at).days, 0)
    return Item(
        "quote", row.pk, row.called, url, under=row.under, what=row.says, small=_("From %s") % (row.who or _("somebody")),
        mark=_("%s off") % Percent().show(row.percent), when=ngettext("%d day", "%d days", days) % days if days else _("today"),
        tone="warn" if days > 1 else "", actions=(
            Do(_("Approve"), "check", f"{url}/do/approve", asks=False, post=True, words=True),
            Do(_("Refuse: %s") % row.called, "x", f"{url}/do/refuse"),
        ),
    )  # fmt: skip
