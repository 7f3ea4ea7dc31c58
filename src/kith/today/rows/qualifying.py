"""Leads that wait for a verdict: those whose clock runs first, then whoever has waited longest. The verdict is given from here."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.qualification import queries
from kith.today import doing
from kith.today.prepared import rows_of
from kith.today.reading import counted, list_address, nearest, seen_name, shows, total_of
from kith.today.scope import Scope
from kith.today.sections import Do, Item, More, Section
from kith.ui.dates import duration
from kith.ui.filters import number

MOST, ASKED, SOON = 5, 2, 30 * 60  # rows; questions named in one of them; seconds before the end that colour the clock
ORDER = ("due_at", "since", "pk")


def to_qualify(actor: Actor, scope: Scope) -> Section | None:
    if not actor.can("person.see") or not shows(actor, "person", "name", "lead_state"):
        return None
    rows = rows_of("qualify", actor, scope, _read)
    if not rows:
        return None
    total, exact = total_of(rows)
    address = list_address("person", f"waiting_since.filled,owner.is:{scope.owner_word}", "waiting_since")
    more = (More(_("All %s of them") % number(total) if exact else _("All of them in the list"), address),)
    return Section(
        tuple(_item(actor, scope, row) for row in rows), hint=_("Can we help them? A verdict takes them off this list"),
        more=more if total > len(rows) else (), total=total, exact=exact,
    )  # fmt: skip


def _read(actor: Actor, scope: Scope) -> QuerySet[Any]:
    every = queries.waiting(actor)
    columns = {
        "name": F("person__name"), "company_name": seen_name(actor, "company", "person__company", "name"),
        "source": F("person__source"), "score": F("person__lead__total"), "band": F("person__lead__band"),
        "missing": F("person__lead__missing"),
    }  # fmt: skip
    rows = nearest(every, scope, ORDER, MOST).annotate(total=counted(every, scope), **columns)
    return rows.values_list("person_id", "since", "due_at", "total", *columns, named=True)


def _item(actor: Actor, scope: Scope, row: Any) -> Item:
    pk = row.person_id
    rest = None if row.due_at is None else (row.due_at - scope.now).total_seconds()
    tone = "" if rest is None or rest > SOON else "warn" if rest >= 0 else "late"
    return Item(
        "person", pk, row.name, registry["person"].url(pk), under=row.company_name or "", what=_asks(actor, row),
        small=_("Came through %s") % row.source if row.source and shows(actor, "person", "source") else "",
        mark=_worth(actor, row), when=_clock(row, rest, scope.now), when_small=_("no answer yet") if row.due_at else "",
        tone=tone, about=("person", pk), actions=_verdicts(actor, pk, row.name),
    )  # fmt: skip


def _asks(actor: Actor, row: Any) -> str:
    """What nobody knows of them yet: the next questions to ask."""
    names = queries.names_of(row.missing or ()) if shows(actor, "person", "checklist") else []
    if not names:
        return _("Waits for a verdict")
    told = ", ".join(names[:ASKED])
    return _("Ask: %s") % (told if len(names) <= ASKED else _("%(some)s and %(more)d more") % {
        "some": told, "more": len(names) - ASKED})  # fmt: skip


def _worth(actor: Actor, row: Any) -> str:
    """The band and the points that make it: "Hot 72"."""
    band = row.band if shows(actor, "person", "score_band") else ""
    points = str(row.score) if row.score is not None and shows(actor, "person", "score") else ""
    return " ".join(word for word in (band, points) if word)


def _clock(row: Any, rest: float | None, now: dt.datetime) -> str:
    """What is left of the answer's time; where none runs, how long they have waited."""
    if rest is None:
        days = max((now - row.since).days, 0)
        return ngettext("%d day", "%d days", days) % days if days else _("new today")
    return _("%s over") % duration(-rest) if rest < 0 else _("%s left") % duration(rest)


def _verdicts(actor: Actor, pk: int, name: str) -> tuple[Do, ...]:
    if not actor.can("person.edit"):
        return ()
    url = registry["person"].url(pk)
    return doing.some(
        Do(_("Qualify"), "check", f"{url}/do/qualify", key="q", words=True),
        Do(_("Nurture: %s") % name, "clock", f"{url}/do/nurture", key="n"),
        Do(_("Not a fit: %s") % name, "x", f"{url}/do/not_a_fit", key="x"),
    )
