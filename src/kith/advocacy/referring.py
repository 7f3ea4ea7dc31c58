"""Referrals: somebody comes through somebody's code, is taken in like anybody who comes, and what was agreed falls due when
it came about. Nothing is paid before, nor while a doubt is open.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.advocacy import events
from kith.advocacy.fraud import doubts
from kith.advocacy.models import Code, Programme, Referral, Reward
from kith.contacts.arriving import Newcomer, come
from kith.contacts.consent import actions as consent
from kith.contacts.consent.queries import purposes
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.organisation.models import cached
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.write import Entry, write_events

WAY, WON = "referral", "deal.won"


@dataclass(frozen=True)
class Friend:
    """What somebody said who came through a code. `consent`: as `contacts.consent` keeps it, or {}."""

    name: str
    email: str
    phone: str = ""
    organisation: str = ""
    words: str = ""
    language: str = ""
    network: str = ""
    consent: dict[str, Any] = field(default_factory=dict)


def programme() -> Programme | None:
    """The open programme, the oldest where there are several."""
    return Programme.objects.filter(open=True, archived_at=None).order_by("pk").first()


def code_of(person: Any) -> Code:
    """A person's own code, made when it is first asked for."""
    found = Code.objects.filter(person=person).order_by("pk").first()
    return found or Code.objects.create(person=person)


def refer(code: Code, friend: Friend) -> Referral:
    """Somebody came through a code. Raises Invalid while no programme is open."""
    offered = programme()
    if offered is None:
        raise Invalid(_("Nobody can be recommended at the moment. Write to us directly."))
    referrer = code.person
    with transaction.atomic():
        row = Referral(
            programme=offered, referrer=referrer, name=friend.name, email=friend.email, phone=friend.phone, words=friend.words,
            organisation=friend.organisation, language=friend.language, network=friend.network, consent=friend.consent,
            amount=offered.amount, currency=offered.currency, owner_id=referrer.owner_id or offered.owner_id, team_id=referrer.team_id,
        )  # fmt: skip
        with change(row, by=system("web", name=friend.name[:200])):
            pass
        made = events.ReferralMade(friend.name, offered.name, row.pk)
        write_events(
            [Entry("person", referrer.pk, made, about=[("referral", row.pk), *referrer.about()])],
            system("web", name=referrer.name),
        )
        _look(row)
        newcomer = Newcomer(WAY, row.pk, friend.name, friend.email, friend.phone, offered.name, friend.words)
        come(newcomer, by=system("web"))
        row.refresh_from_db()
    return row


def _look(row: Referral) -> None:
    """Look at it: what settles it is refused at once, anything else waits for a colleague. What was looked at stays so."""
    found = doubts(row)
    settled = next((one for one in found if one.settles), None)
    with change(row, by=system()) as c:
        if c.row.reward in (Reward.PAID, Reward.REFUSED):
            return
        known = {one["key"] for one in c.row.doubts}
        fresh = [one for one in found if one.key not in known]
        c.row.doubts = [*c.row.doubts, *({"key": one.key, "words": one.words} for one in fresh)]
        c.row.cleared = c.row.cleared and not fresh
        if settled is not None:
            c.row.reward, c.row.reason = Reward.REFUSED, settled.words
            c.says(events.RewardRefused(settled.words))
    row.refresh_from_db()


def taken(ref: int, person: Any, by: Actor) -> None:
    """It is known who came: it stands on their story, they belong to whoever looks after who sent them, and are looked at."""
    row = Referral.objects.select_related("referrer", "programme").filter(pk=ref).first()
    if row is None or row.person_id == person.pk:
        return
    kith = dataclasses.replace(system("web", name=row.name[:200]), operation=by.operation)
    with change(row, by=kith) as c:
        c.row.person = person
        c.says(events.ReferralCame(str(row.referrer or "")))
    _agree(c.row, person, kith)
    _look(c.row)


def _agree(row: Referral, person: Any, by: Actor) -> None:
    purpose = purposes().get(str(row.consent.get("purpose", "")))
    if purpose is None:
        return
    asked = consent.record_many([consent.Said(
        person.pk, purpose, True, consent.Through.FORM, address=row.email, language=row.consent.get("language", ""),
        source=row.programme.name, page=row.consent.get("page", ""), wording=row.consent.get("wording", ""),
        number=row.consent.get("number"), who=str(person), proof={"referral": row.pk, "network": row.consent.get("network", "")},
    )], by=by)  # fmt: skip
    if asked:
        enqueue("consent.ask_to_confirm", ids=[line.pk for line in asked])


# --- what was agreed comes about ---------------------------------------------------------------------------------------


def outcomes() -> frozenset[str]:
    """The verbs after which rewards are due; without a query mostly."""
    found: frozenset[str] = cached("advocacy:outcomes", _outcomes)
    return found


def _outcomes() -> frozenset[str]:
    return frozenset(Programme.objects.filter(archived_at=None).values_list("outcome", flat=True))


def came_about(entries: list[Any], by: Actor) -> None:
    """What was agreed happened to somebody, or to their company: their referral falls due. One query, however many came."""
    told = [(entry, entry.says.verb_for(entry.record)) for entry in entries]
    told = [(entry, verb) for entry, verb in told if verb in outcomes()]
    rows = _agreed([ref for entry, _verb in told for ref in _refs(entry)]) if told else []
    for row in rows:
        theirs = {("person", row.person_id), ("company", row.person.company_id)}
        entry = next((e for e, verb in told if verb == row.programme.outcome and theirs & _refs(e)), None)
        if entry is None:
            continue
        _look(row)
        with change(row, by=system(cause=entry.id)) as c:
            if c.row.reward == Reward.AGREED and c.row.outcome_at is None:
                c.row.outcome_at = entry.at or timezone.now()
                _fall_due(c)


def _refs(entry: Any) -> set[tuple[str, int]]:
    return {(entry.record, entry.record_id), *entry.about}


def _agreed(refs: Iterable[tuple[str, int]]) -> list[Referral]:
    """Referrals of these people and companies that wait for what was agreed."""
    rows = Referral.objects.filter(_theirs(refs), person__isnull=False, reward=Reward.AGREED, archived_at=None)
    return list(rows.select_related("referrer", "person", "programme").order_by("pk"))


def _theirs(refs: Iterable[tuple[str, int]]) -> Q:
    """Referrals of these people, and of whoever works for these companies."""
    refs = list(refs)
    people = [pk for record, pk in refs if record == "person"]
    companies = [pk for record, pk in refs if record == "company"]
    return Q(person__in=people) | Q(person__company__in=companies)


def _fall_due(c: change) -> None:
    """Due once it came about and nothing is left to look at."""
    if c.row.reward == Reward.AGREED and c.row.outcome_at is not None and (c.row.cleared or not c.row.doubts):
        c.row.reward = Reward.DUE
        c.says(events.RewardDue())


def taken_back(gone: list[Any], by: Actor) -> None:
    """It was taken back: nothing is due that was not paid yet."""
    from kith.kernel.timeline.models import EventLink

    ids = [event.id for event in gone if event.verb in outcomes()]
    _no_more(EventLink.objects.filter(event__in=ids).values_list("record", "record_id"), Q(), system())


def opened_again(entries: list[Any], by: Actor) -> None:
    """Won deals are open again: what was due after a win is so no more, unless another deal of theirs stands won."""
    if WON not in outcomes():
        return
    day = OuterRef("created_at__date")
    won = registry["deal"].model._default_manager.filter(status="won", archived_at=None, closed_on__gte=day)
    others = won.filter(Q(contact=OuterRef("person")) | Q(company=OuterRef("person__company")))
    refs = [ref for entry in entries for ref in _refs(entry)]
    actor = dataclasses.replace(system(cause=entries[0].id), operation=by.operation)
    _no_more(refs, Q(programme__outcome=WON) & ~Exists(others), actor)


def _no_more(refs: Iterable[tuple[str, int]], which: Any, by: Actor) -> None:
    """What had come about for these people and companies has not: agreed again, where it was not paid or refused."""
    rows = Referral.objects.filter(_theirs(refs), which, outcome_at__isnull=False)
    for row in rows.filter(reward__in=(Reward.DUE, Reward.AGREED)).order_by("pk"):
        with change(row, by=by) as c:
            c.row.reward, c.row.outcome_at = Reward.AGREED, None


def clear(row: Referral, reason: str, *, by: Actor) -> Referral:
    """A colleague looked at the doubts and found it in order."""
    with change(row, by=by) as c:
        c.row.cleared = True
        c.says(events.DoubtsCleared(reason))
        _fall_due(c)
    return c.row


def pay(row: Referral, how: str, *, by: Actor) -> Referral:
    """The reward was given. Raises Invalid before it is due."""
    with transaction.atomic(), change(row, by=by) as c:
        if c.row.reward != Reward.DUE:
            raise Invalid(_("Nothing is due: what was agreed has not come about, or a doubt is open."))
        c.row.reward, c.row.paid_at = Reward.PAID, timezone.now()
        c.says(events.Rewarded(c.row.name, how))
    return c.row
