"""Saying what somebody agreed to: one way for forms, links, colleagues and pages; lines are added, never changed.

A yes to a purpose that is confirmed by mail begins as "asked" and counts once the link in the mail was used; whoever
asks sends that mail (`mails.ask_to_confirm`). What was confirmed is not asked for again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.contacts.consent import events
from kith.contacts.consent.models import Consent, Purpose, State, Through
from kith.contacts.consent.queries import holds, last_said, words_of
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.kinds import Link, Text
from kith.kernel.records.action import action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.write import Entry, write_events

SAYS = {
    State.ASKED: events.ConsentAsked, State.GIVEN: events.ConsentGiven,
    State.CONFIRMED: events.ConsentConfirmed, State.WITHDRAWN: events.ConsentWithdrawn,
}  # fmt: skip
ASK_AGAIN = dt.timedelta(days=1)
Aim = Annotated[Any, Link("purpose"), _("Purpose")]
Reason = Annotated[str, Text(500), _("Reason")]


@dataclass(frozen=True)
class Said:
    """What one person said about one purpose. wording, number, language: the words they saw; left out, those of today
    in `language`."""

    person: int
    purpose: Purpose
    yes: bool
    through: str
    address: str = ""
    language: str = ""
    source: str = ""
    page: str = ""
    reason: str = ""
    wording: str = ""
    number: int | None = None
    proof: dict[str, Any] = field(default_factory=dict)
    who: str = ""  # who said it, where that is not the actor: the person, by a form or a page of their own
    at: dt.datetime | None = None  # when they said it, where it is told afterwards


def record_many(said: Sequence[Said], *, by: Actor) -> list[Consent]:
    """Add a line for each, with its event on the person; returns the lines that a mail is to ask for.

    A yes that is confirmed and holds already is not written again: who fills in a form may be anybody. For the same reason
    somebody who was asked by mail within a day is not asked by another. Three statements for any number. Runs in the
    caller's transaction.
    """
    known = {(line.person_id, line.purpose_id): line for line in last_said({s.person for s in said})} if said else {}
    lines = []
    for one in said:
        last = known.get((one.person, one.purpose.pk))
        if one.yes and one.purpose.double_opt_in and holds(last, one.purpose):
            continue
        if not one.yes and (last is None or last.state == State.WITHDRAWN):
            continue
        lines.append((_line(one, _state(one), by), one.who))
    with transaction.atomic():
        asked = add_lines(lines, {p.pk: p for p in (s.purpose for s in said)}, by)
    return [line for line in asked if not _asked_lately(known.get((line.person_id, line.purpose_id)))]


def _asked_lately(last: Consent | None) -> bool:
    return last is not None and last.state == State.ASKED and last.at > timezone.now() - ASK_AGAIN


def _state(one: Said) -> State:
    if not one.yes:
        return State.WITHDRAWN
    return State.ASKED if one.purpose.double_opt_in else State.GIVEN


def _line(one: Said, state: State, by: Actor) -> Consent:
    words = words_of(one.purpose, one.language)
    return Consent(
        person_id=one.person, purpose=one.purpose, state=state, address=one.address[:254],
        wording=one.wording or words.text, wording_number=one.number or words.number,
        language=(one.language or words.language)[:12], through=one.through, source=one.source[:200],
        page=one.page[:1000], by_id=by.user_id, reason=one.reason[:500], proof=one.proof, at=one.at or timezone.now(),
    )  # fmt: skip


def add_lines(said: list[tuple[Consent, str]], purposes: dict[int, Purpose], by: Actor) -> list[Consent]:
    """Write lines, each with the name of who said it."""
    made = Consent.objects.bulk_create([line for line, _who in said])
    told = zip(made, (who for _line, who in said), strict=True)
    write_events(
        [
            Entry("person", line.person_id, _event(line, purposes[line.purpose_id]), at=line.at, actor_name=who[:200])
            for line, who in told
        ],
        by,
    )
    return [line for line in made if line.state == State.ASKED]


def _event(line: Consent, purpose: Purpose) -> Any:
    return SAYS[State(line.state)](
        purpose=purpose.key, name=purpose.name, through=line.through, source=line.source,
        wording=line.wording_number, reason=line.reason, ref=str(line.proof.get("ref", "")), line=line.pk,
    )  # fmt: skip


def confirm(ids: Sequence[int], *, proof: dict[str, Any]) -> list[Consent]:
    """The link in the mail was used: what still waits is confirmed, once; returns the lines written. Somebody who
    withdrew since is left withdrawn."""
    with transaction.atomic():
        asked = list(
            Consent.objects.select_for_update().filter(pk__in=ids, state=State.ASKED).select_related("purpose")
        )
        last = {(line.person_id, line.purpose_id): line for line in last_said({line.person_id for line in asked})}
        people = registry["person"].model._default_manager.filter(pk__in={line.person_id for line in asked})
        names = dict(people.values_list("pk", "name"))
        due = [line for line in asked if last[(line.person_id, line.purpose_id)].state == State.ASKED]
        lines = [
            Consent(
                person_id=line.person_id, purpose=line.purpose, state=State.CONFIRMED, address=line.address,
                wording=line.wording, wording_number=line.wording_number, language=line.language,
                through=Through.LINK, source=line.source, page=line.page,
                proof={**line.proof, **proof, "asked": line.pk},
            )
            for line in due
        ]  # fmt: skip
        said = [(line, names.get(line.person_id, "")) for line in lines]
        add_lines(said, {line.purpose_id: line.purpose for line in due}, system("mail"))
    return lines


def say(person: Any, one: Said, *, by: Actor) -> None:
    """One line for a person whom the caller has read through the door; a mail to confirm follows where it is asked for."""
    with transaction.atomic():
        waiting = record_many([one], by=by)
        if waiting:
            enqueue("consent.ask_to_confirm", ids=[line.pk for line in waiting])


@action("person.give_consent", needs="person.edit", label=_("Note that they agreed"), icon="shield", undo=False,
        done=_("Noted"))  # fmt: skip
def give_consent(person: Any, *, purpose: Aim, reason: Reason, by: Actor) -> Any:
    """They said yes to a colleague: when and how is the reason. A purpose that is confirmed by mail is still confirmed
    by mail. Raises Invalid."""
    if purpose.double_opt_in and not person.email:
        raise Invalid(__("“%s” is confirmed by mail; note an e-mail address first.") % purpose.name, "purpose")
    return _by_hand(person, purpose, True, reason, by)


@action("person.withdraw_consent", needs="person.edit", label=_("Note that they withdrew"), icon="x", undo=False,
        done=_("Withdrawn. Mail for this purpose does not leave any more."))  # fmt: skip
def withdraw_consent(person: Any, *, purpose: Aim, reason: Reason, by: Actor) -> Any:
    """They do not want it any more, and told a colleague."""
    return _by_hand(person, purpose, False, reason, by)


def _by_hand(person: Any, purpose: Purpose, yes: bool, reason: str, by: Actor) -> Any:
    with change(person, by=by) as c:  # locked, and within what the actor may change
        row = c.row
        say(
            row,
            Said(row.pk, purpose, yes, Through.HAND, address=row.email, language=row.language, reason=reason),
            by=by,
        )
    return registry["person"].model._default_manager.get(pk=person.pk)
