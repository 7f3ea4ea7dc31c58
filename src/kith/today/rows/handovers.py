"""Hand-overs that wait: those offered to the reader, and the reader's own that came back with what is missing."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.process import queries
from kith.process.handovers.offering import may_answer, whom_of
from kith.process.versions import standard
from kith.today.prepared import rows_of
from kith.today.rows.journeys import customer_of
from kith.today.scope import Scope
from kith.today.sections import Do, Item, Section

MOST = 20
OFFERED, BACK = "offered", "back"
OF_JOURNEY = {name: F(f"journey__{name}") for name in ("name", "company_id", "person_id", "step")}


def handovers(actor: Actor, scope: Scope) -> Section | None:
    """What colleagues offer, theirs until it is accepted."""
    rows = [row for row in _waiting(actor, scope) if row.arm == OFFERED]
    return (
        Section(tuple(_offered(actor, scope, row) for row in rows), hint=_("Theirs until you accept")) if rows else None
    )


def asked_back(actor: Actor, scope: Scope) -> Section | None:
    """What was offered and came back: the giver adds what is missing and offers it again."""
    rows = [row for row in _waiting(actor, scope) if row.arm == BACK]
    hint = _("Yours until you offer them again and they are accepted")
    return Section(tuple(_back(actor, scope, row) for row in rows), hint=hint) if rows else None


def _waiting(actor: Actor, scope: Scope) -> list[Any]:
    """Both, the longest waiting first: one question for the two sections."""
    if "handovers" not in scope.memo:
        rows = rows_of("handovers", actor, scope, _read) if standard() is not None else []
        scope.memo["handovers"] = sorted(rows, key=lambda row: (row.since, row.journey_id))
    return list(scope.memo["handovers"])


def _read(actor: Actor, scope: Scope) -> QuerySet[Any]:
    offered = queries.handovers_waiting(actor, scope.owners)
    back = queries.handovers_asked_back(actor, scope.owners)
    return _arm(offered, OFFERED, "says", "offered_at", "giver").union(
        _arm(back, BACK, "missing", "returned_at", "receiver"), all=True
    )


def _arm(rows: QuerySet[Any], arm: str, words: str, since: str, whom: str) -> QuerySet[Any]:
    told = {"arm": Value(arm), "words": F(words), "since": F(since), "whom": F(f"{whom}__name"), **OF_JOURNEY}
    told |= {"to": F("receiver__name"), "to_team": F("team__name")}
    return rows[:MOST].annotate(**told).values_list("journey_id", "receiver_id", "team_id", *told, named=True)


def _offered(actor: Actor, scope: Scope, row: Any) -> Item:
    url = f"/journeys/{row.journey_id}/do"
    answers = (
        Do(_("Accept"), "check", f"{url}/accept_handover", asks=False, post=True, words=True),
        Do(_("Ask back: %s") % row.name, "undo", f"{url}/return_handover"),
    )
    small = _("From %s") % (row.whom or _("somebody"))
    if row.receiver_id not in (actor.user_id, None):  # a colleague's, on the day of the team
        small = " · ".join([small, _("for %s") % whom_of(row.to, row.to_team)])
    return _item(actor, scope, row, row.words, small, answers if may_answer(row, actor) else ())


def _back(actor: Actor, scope: Scope, row: Any) -> Item:
    again = Do(_("Offer again"), "arrow", f"/journeys/{row.journey_id}/do/hand_over", words=True)
    small = _("By %s") % (row.whom or _("somebody"))
    return _item(actor, scope, row, _("Asked back: %s") % row.words, small, (again,))


def _item(actor: Actor, scope: Scope, row: Any, what: str, small: str, actions: tuple[Do, ...]) -> Item:
    record, pk = customer_of(row)
    days = max((scope.now - row.since).days, 0)
    waits = ngettext("%d day", "%d days", days) % days if days else _("today")
    return Item(
        "journey", row.journey_id, row.name, registry[record].url(pk), what=what, step=row.step, small=small, when=waits,
        tone="warn" if days > 1 else "", about=(record, pk), actions=actions if actor.can("journey.edit") else (),
    )  # fmt: skip
