"""Where onboarding, health and complaints meet: what is known of a customer says how much at risk their onboarding is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.timeline.write import Entry
from kith.onboarding.risking import Risk, Sign, register_sign, weigh_soon
from kith.retention.customers import Batch
from kith.retention.health.dirty import hears_kept
from kith.retention.queries import cares
from kith.support.queries import open_complaints

# What opens, ends or turns into a complaint; what is said in one meanwhile moves nothing.
MOVES = frozenset({
    "ticket.created", "ticket.changed", "ticket.solved", "ticket.reopened", "ticket.closed", "ticket.archived", "ticket.restored",
    "ticket.merged", "ticket.taken_back",
})  # fmt: skip


def of_health(plans: Sequence[Any]) -> dict[int, list[Sign]]:
    """What health and the chance of leaving say of those who are customers."""
    out: dict[int, list[Sign]] = defaultdict(list)
    known = _by_customer(plans, cares)
    for plan in plans:
        for care in known(plan):
            if care.band == "poor":
                out[plan.pk].append(Sign(Risk.HIGH, _("health is %d of 100") % (care.health or 0)))
            elif care.band == "good":
                out[plan.pk].append(Sign(Risk.LOW, _("health is good, %d of 100") % (care.health or 0)))
            elif care.band == "watch":
                out[plan.pk].append(Sign(Risk.NORMAL, _("health is to be watched, %d of 100") % (care.health or 0)))
            if care.may_leave:
                out[plan.pk].append(
                    Sign(Risk.HIGH, _("the chance that they leave is %d %%") % round(care.chance * 100))
                )
    return out


def of_complaints(plans: Sequence[Any]) -> dict[int, list[Sign]]:
    """Complaints that are open."""
    out: dict[int, list[Sign]] = {}
    known = _by_customer(plans, open_complaints)
    for plan in plans:
        if found := known(plan):
            said = ngettext(
                "a complaint is open: %(which)s", "%(n)d complaints are open, the first: %(which)s", len(found)
            )
            out[plan.pk] = [Sign(Risk.HIGH, said % {"n": len(found), "which": f"“{found[0]}”"})]
    return out


def _by_customer(
    plans: Sequence[Any], find: Callable[[set[int], set[int]], Iterable[Any]]
) -> Callable[[Any], list[Any]]:
    """Rows of the customers of these plans: of the company where there is one, else of the person. One query."""
    companies = {one.company_id for one in plans if one.company_id}
    people = {one.person_id for one in plans if one.person_id and not one.company_id}
    found: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for row in find(companies, people):
        for key in (("company", row.company_id), ("person", row.person_id)):
            if key[1]:
                found[key].append(row)
    return lambda plan: found[("company", plan.company_id) if plan.company_id else ("person", plan.person_id or 0)]


def handles(verb: str) -> bool:
    return verb in MOVES


def hear(entries: list[Entry], by: Actor) -> None:
    refs = {ref for entry in entries if entry.record == "ticket" and _counts(entry) for ref in entry.about}
    companies, people = ({pk for name, pk in refs if name == kind} for kind in ("company", "person"))
    if companies or people:
        weigh_soon(companies, people)


def _counts(entry: Entry) -> bool:
    """Most tickets are no complaints: those that come and change as such ask nothing of the database."""
    verb = entry.says.verb_for("ticket")
    if verb == "ticket.created":
        return "complaint" in entry.changes.get("kind", ())
    return verb != "ticket.changed" or bool(entry.changes.keys() & {"kind", "company", "person"})


def health_kept(batch: Batch) -> None:
    weigh_soon(batch.companies, batch.people)


def join() -> None:
    """Called once at start-up."""
    from kith.kernel.timeline.readers import register_listener

    register_sign(of_health)
    register_sign(of_complaints)
    register_listener(handles, hear)
    hears_kept(health_kept)
