"""What assignment hears: somebody came to us, somebody answered, somebody else took over.

A capture only enqueues, in its own transaction: taking somebody in must neither wait for the turn of a pool nor fail because
of a rule, and the job finds them a moment after their commit. Clocks stop at once, with what stopped them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.events import OUTREACH
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.models import User
from kith.kernel.jobs import enqueue
from kith.kernel.timeline.change import change
from kith.kernel.timeline.write import Entry
from kith.qualification import events
from kith.qualification.assigning.deciding import stop
from kith.qualification.models import Decision, Kind

CAPTURED, CHANGED = "person.captured", "person.changed"
DECIDED = frozenset({"lead.qualified", "lead.nurtured", "lead.not_a_fit", "lead.converted"})
AT_ONCE = 500  # people of a file that one job deals out
HEARS = frozenset({CAPTURED, CHANGED, *OUTREACH, *DECIDED})


def handles(verb: str) -> bool:
    return verb in HEARS


def hear(entries: list[Entry], by: Actor) -> None:
    """Follow what was just written."""
    verbs = [(e.says.verb_for(e.record), e) for e in entries]
    came = sorted({e.record_id for verb, e in verbs if verb == CAPTURED})
    if came:
        enqueue("qualification.assign", people=came)
    if by.user_id is None:
        return  # what Kith does by itself (an acknowledgement) is no answer of anybody
    handed = [e for verb, e in verbs if verb == CHANGED and "owner" in e.changes]
    answered = [e for verb, e in verbs if (verb in OUTREACH and _outward(e, by)) or verb in DECIDED]
    if handed or answered:
        _stop_clocks(handed, answered, by)


def deal_out_imported(people: Iterator[int]) -> None:
    """A file is in whose mapping leaves it to the rules who looks after its people."""
    while batch := list(islice(people, AT_ONCE)):
        enqueue("qualification.assign", people=batch)


def _outward(entry: Entry, by: Actor) -> bool:
    """Did a colleague reach out? What a sequence or a workflow writes in their name is no answer of theirs."""
    return by.channel != "automation" and not getattr(entry.says, "incoming", False)


def _stop_clocks(handed: list[Entry], answered: list[Entry], by: Actor) -> None:
    """Those who were answered or handed on by a colleague: their clocks end. One query where no clock runs."""
    now, actor = timezone.now(), by
    said = {pk: min(e.at or now, now) for e in answered for pk in _people([e])}
    people = {e.record_id for e in handed} | said.keys()
    running = Decision.objects.filter(person__in=people, stopped_at__isnull=True, archived_at=None)
    open_ones = (
        running.filter(Q(due_at__isnull=False) | Q(kind=Kind.UNROUTED)).select_related("person", "user").order_by("pk")
    )
    by_hand = {e.record_id: e for e in handed}
    for decision in open_ones:
        entry = by_hand.get(decision.person_id)
        if entry is None and (at := said[decision.person_id]) >= _begun(decision):
            stop(decision, _("answered by %s") % by.name, at, _within(actor))
        elif entry is not None:
            stop(decision, _("handed on by %s") % by.name, now, _within(actor))
            _note_handing(decision, entry, _within(actor))


def _begun(decision: Decision) -> dt.datetime:
    """When the wait began. Mail from elsewhere is told late: what was written before they came answers nothing, what was
    written before they were passed on does."""
    if not decision.rounds:
        return decision.created_at
    chain = Decision.objects.filter(person=decision.person_id, pk__lt=decision.pk, rounds=0, archived_at=None)
    first = chain.order_by("-pk").values_list("created_at", flat=True).first()
    return first or decision.created_at


def _within(by: Actor) -> Actor:
    """Kith's own hand, in the operation of whoever did it: that colleague need not have rights on assignments."""
    return system(by.channel, name=by.name).within(by.operation) if by.operation else system(by.channel, name=by.name)


def _people(entries: Iterable[Entry]) -> list[int]:
    refs: Iterable[Any] = (ref for e in entries for ref in ((e.record, e.record_id), *e.about))
    return [pk for record, pk in refs if record == "person"]


def _note_handing(decision: Decision, entry: Entry, by: Actor) -> None:
    """The chain of owners goes on when a colleague hands the lead to another."""
    to = (entry.changes["owner"][1] or {}).get("id") if isinstance(entry.changes["owner"][1], dict) else None
    user = User.objects.filter(pk=to or 0).first()
    made = Decision(person=decision.person, kind=Kind.HANDED, user=user, previous=decision.user, rule=decision.rule)
    made.why, made.stopped_at = _("handed on by %s") % by.name, timezone.now()
    with change(made, by=by) as d:
        d.says(events.LeadHanded(str(user) if user else _("nobody"), str(decision.user or _("nobody"))))
