"""Whom the rules would have given the leads of the last 90 days to, against who took them. Nothing is written.

Leads are those who came to us in that time and whom nobody looked after then, asked in the order in which they came. Who was
away and who was at work is asked of that moment, and turns go on from lead to lead; filters are asked of people as they are
now, because what they were then is not kept, and the answer says so. Who took them is told by the events of their owner.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.models import User
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.qualification.assigning.choosing import Choice, Choosing, rules
from kith.qualification.assigning.past import Past
from kith.qualification.models import AssignmentRule

DAYS = 90
MOST = 10_000  # leads that are looked at, the latest
CAME, CHANGED = "person.captured", "person.changed"
ENDS = ("lead.not_a_fit", "lead.nurtured", "lead.converted")


@dataclass(frozen=True)
class Lead:
    """Somebody who came and whom nobody looked after: who took them first in fact, and when they were decided."""

    person: int
    at: dt.datetime
    did: int | None
    ends: dt.datetime | None


@dataclass
class Given:
    """One lead: whom the rules would have given it to and who took it ("" is nobody), and why in words."""

    pk: int
    name: str
    url: str
    last: dt.datetime
    to: str
    did: str
    would: list[str] = field(default_factory=list)
    times: int = 1
    problem: str = ""


@dataclass(frozen=True)
class Counted:
    name: str
    would: int
    did: int


@dataclass
class Replayed:
    """`count` leads, of which `touched` by the rule that was asked about (or by any), `nobody` nobody would have taken and
    `elsewhere` would have gone to somebody else than who took them; `kept` had an owner when they came."""

    sentence: str
    since: dt.datetime
    count: int = 0
    touched: int = 0
    nobody: int = 0
    elsewhere: int = 0
    kept: int = 0
    people: list[Counted] = field(default_factory=list)
    rules: dict[str, int] = field(default_factory=dict)
    rows: list[Given] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def replay(rule: AssignmentRule | None = None, *, by: Actor, days: int = DAYS, shown: int = 50) -> Replayed:
    """The rules in use over the last `days`, with `rule` among them as if it were in use; rows are then those that it would
    have taken. Raises NotAllowed."""
    by.require("settings.manage")
    now = timezone.now()
    asked = _asked(rule)
    told = Replayed(_sentence(rule, asked), now - dt.timedelta(days=days))
    leads = _leads(told)
    chosen = _choose(leads, asked, told, now)
    _count(leads, chosen, rule, told)
    mine = [(lead, choice) for lead, choice in zip(leads, chosen, strict=True) if _is_of(choice, rule)]
    told.touched = len(mine) if rule is not None else told.count - told.nobody
    told.rows = _rows(list(reversed(mine)), by, shown)
    return told


def _asked(rule: AssignmentRule | None) -> list[AssignmentRule]:
    """The rules in order, the one that is tried among them."""
    used = [one for one in rules() if rule is None or one.pk != rule.pk]
    return used if rule is None else sorted([*used, rule], key=lambda one: (one.position, one.pk))


def _sentence(rule: AssignmentRule | None, asked: list[AssignmentRule]) -> str:
    if rule is None:
        return _("The rules in use: %s.") % ", ".join(one.name for one in asked) if asked else _("No rule is in use.")
    return _("As if the rule “%s” were in use, in its place among the others.") % rule.name


# --- who came, and what became of them -------------------------------------------------------------------------------


def _leads(told: Replayed) -> list[Lead]:
    """Those who came since then, by when they first did; who had an owner is counted, no more."""
    came = Event.objects.filter(verb=CAME, record="person", at__gte=told.since).values_list("record_id")
    rows = list(came.annotate(first=Min("at")).order_by("-first", "-record_id")[: MOST + 1])
    if len(rows) > MOST:
        told.notes.append(
            _("There are more than %(most)s leads; only the latest were looked at.") % {"most": f"{MOST:,}"}
        )
    first = dict(rows[:MOST])
    owners = dict(registry["person"].rows(system(), archived=False).filter(pk__in=first).values_list("pk", "owner_id"))
    handed, ended = _handed(first, told.since), _ended(first, told.since)
    leads = []
    for pk, at in reversed(first.items()):
        if pk not in owners:
            continue
        moves = [(old, new) for when, old, new in handed.get(pk, []) if when >= at]
        if moves[0][0] if moves else owners[pk]:
            told.kept += 1
        else:
            ends = min((when for when in ended.get(pk, []) if when >= at), default=None)
            leads.append(Lead(pk, at, moves[0][1] if moves else None, ends))
    told.count = len(leads)
    return leads


def _handed(people: Iterable[int], since: dt.datetime) -> dict[int, list[tuple[dt.datetime, int | None, int | None]]]:
    """{person: [(when, the owner before, the owner after)]}, the first change first."""
    rows = (
        _told(people, since)
        .filter(verb=CHANGED, changes__has_key="owner")
        .values_list("record_id", "at", "changes__owner")
    )
    found: dict[int, list[tuple[dt.datetime, int | None, int | None]]] = {}
    for pk, at, (old, new) in rows:
        found.setdefault(pk, []).append((at, (old or {}).get("id"), (new or {}).get("id")))
    return found


def _ended(people: Iterable[int], since: dt.datetime) -> dict[int, list[dt.datetime]]:
    """{person: when they were decided}: from then on they are held open by nobody."""
    found: dict[int, list[dt.datetime]] = {}
    for pk, at in _links(people, since).filter(verb__in=ENDS).values_list("links__record_id", "at"):
        found.setdefault(pk, []).append(at)
    return found


def _links(people: Iterable[int], since: dt.datetime) -> Any:
    """Events on the timelines of these people."""
    return Event.objects.filter(links__record="person", links__record_id__in=list(people), links__at__gte=since)


def _told(people: Iterable[int], since: dt.datetime) -> Any:
    """Events of these people themselves, in order."""
    return _links(people, since).filter(record="person", record_id__in=list(people)).order_by("at", "pk").distinct()


# --- what the rules say ----------------------------------------------------------------------------------------------


def _choose(leads: list[Lead], asked: list[AssignmentRule], told: Replayed, now: dt.datetime) -> list[Choice]:
    """What the rules say of each, in the order in which they came."""
    roster = Past(told.since, now)
    choosing = Choosing([lead.person for lead in leads], now, roster, asked)
    chosen = []
    for lead in leads:
        roster.move(lead.at)
        choice = choosing.of(lead.person)
        if choice.user is not None:
            roster.take(choice.candidates, choice.user.pk, lead.ends)
        chosen.append(choice)
    if any(rule.where for rule in asked):
        told.notes.append(_("Filters are asked of people as they are now, not as they were when they came."))
    if any(rule.team_id or rule.pool_id for rule in asked):
        told.notes.append(_("Who is in a team or pool is asked of now; turns begin with the first lead of that time."))
    if roster.counts_loads:
        told.notes.append(_("What everybody holds begins at nothing, and is what they would have been given since."))
    return chosen


def _is_of(choice: Choice, rule: AssignmentRule | None) -> bool:
    return rule is None or (choice.rule is not None and choice.rule.pk == rule.pk)


def _count(leads: list[Lead], chosen: list[Choice], rule: AssignmentRule | None, told: Replayed) -> None:
    would = Counter(choice.user.pk for choice in chosen if choice.user is not None)
    did = Counter(lead.did for lead in leads if lead.did is not None)
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=[*would, *did])}
    people = [Counted(names.get(pk, _("somebody who is gone")), would[pk], did[pk]) for pk in {**would, **did}]
    told.people = sorted(people, key=lambda one: one.name)
    told.rules = dict(sorted(Counter(choice.rule.name for choice in chosen if choice.rule is not None).items()))
    told.nobody = sum(choice.user is None for choice in chosen)
    told.elsewhere = sum(
        choice.user is not None and choice.user.pk != lead.did for lead, choice in zip(leads, chosen, strict=True)
    )


def _rows(found: list[tuple[Lead, Choice]], by: Actor, shown: int) -> list[Given]:
    """The latest of them, as far as the actor sees them."""
    record, found = registry["person"], found[:shown]
    rows = record.rows(by).in_bulk([lead.person for lead, _choice in found])
    names = {user.pk: str(user) for user in User.objects.filter(pk__in={lead.did for lead, _choice in found} - {None})}
    told = []
    for lead, choice in found:
        if lead.person in rows:
            row = rows[lead.person]
            one = Given(row.pk, str(record.name_of(row)), record.url(row.pk), lead.at, "", names.get(lead.did or 0, ""))
            one.to = str(choice.user) if choice.user is not None else ""
            one.would = _words(one, choice)
            told.append(one)
    return told


def _words(one: Given, choice: Choice) -> list[str]:
    """What would have become of it, what did, and why no rule took it."""
    did = _("%s took it") % one.did if one.did else _("nobody took it")
    if choice.rule is None:
        why = [f"{passed['rule']}: {passed['why']}" for passed in choice.passed]
        return [f"{choice.why} {_('In fact: %s.') % did}", *why]
    words = _("%(who)s would have got it by the rule %(rule)s: %(why)s.")
    first = words % {"who": one.to, "rule": choice.rule.name, "why": choice.why}
    return [first, _("In fact too.") if one.to == one.did else _("In fact: %s.") % did]


def as_json(told: Replayed) -> dict[str, Any]:
    """The answer for programs."""
    return {
        "sentence": told.sentence, "since": told.since.isoformat(), "count": told.count, "touched": told.touched,
        "nobody": told.nobody, "elsewhere": told.elsewhere, "kept": told.kept, "rules": told.rules, "notes": told.notes,
        "people": [{"name": one.name, "would": one.would, "did": one.did} for one in told.people],
        "rows": [
            {"id": r.pk, "name": r.name, "url": r.url, "at": r.last.isoformat(), "to": r.to, "did": r.did, "would": r.would}
            for r in told.rows
        ],
    }  # fmt: skip
