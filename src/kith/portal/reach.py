"""Which rows a customer reaches: their own, and where the organisation allows it those of their company.

Read through the one door as Kith sees it, and then narrowed to what is theirs; there is no other way to rows from these
pages. What colleagues wrote for each other is no row of theirs.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import NotFound
from kith.kernel.files.models import StoredFile
from kith.kernel.records.registry import registry
from kith.kernel.timeline.queries import timeline
from kith.portal.doors import Line, support
from kith.portal.models import Visit
from kith.portal.setup import door
from kith.support.aloud import files_aloud

FILES_OF = ("onboarding_plan", "order")  # types whose files customers see with the row
SAID = frozenset({"ticket.created", "ticket.answered", "ticket.customer_replied", "ticket.solved", "ticket.reopened"})
TOLD = frozenset({"ticket.solved", "ticket.reopened"})  # by their sentence, where nothing was written


def actor_for(visit: Visit) -> Actor:
    """The customer, doing what these pages let them do."""
    return system("web", name=str(visit.person)[:200])


def rows(visit: Visit, record: str) -> QuerySet[Any]:
    """The rows of a type that are this customer's; none of a type that customers do not see."""
    person = visit.person
    own = Q(person=person.pk)
    everybodys = Q(company=person.company_id) if door().company_wide and person.company_id else Q(pk__in=())
    where = {
        "ticket": own | everybodys,
        "onboarding_plan": own | everybodys,
        "order": (own | everybodys) if door().shows_orders else Q(pk__in=()),
    }.get(record, Q(pk__in=()))
    return registry[record].rows(actor_for(visit), archived=False).filter(where)


def quotes(visit: Visit, most: int = 20) -> list[Any]:
    """Quotes made to them that wait for their answer or that they accepted, the newest first. Only their own, whatever else a
    company shares, since who opens one can accept it."""
    theirs = Q(deal__contact=visit.person.pk) | Q(sent_to__iexact=visit.address)
    sent = registry["quote"].rows(actor_for(visit), archived=False).filter(theirs, state__in=("sent", "accepted"))
    found = sent.select_related("deal").order_by("-sent_at", "-pk")[: 5 * most]
    return [one for one in found if one.state == "accepted" or one.waits][:most]


def get(visit: Visit, record: str, pk: int) -> Any:
    """One of them. Raises NotFound, whether it is somebody else's or was never there."""
    row = rows(visit, record).filter(pk=pk).first() if 0 < pk < 2**63 else None
    if row is None:
        raise NotFound("There is nothing of yours at this address.")
    return row


def documents(visit: Visit, most: int = 50) -> list[StoredFile]:
    """Files of their rows, the newest first. Of tickets, those that came or went with what was said: what colleagues keep
    there for themselves is not a customer's."""
    where = Q(pk__in=files_aloud(rows(visit, "ticket")).values("file"))
    for record in FILES_OF:
        where |= Q(record_type=record, record_id__in=rows(visit, record).values("pk"))
    return list(StoredFile.objects.filter(where, archived_at=None)[:most])


def document(visit: Visit, pk: int) -> StoredFile:
    """One of their files. Raises NotFound."""
    known = (*FILES_OF, "ticket")
    stored = (
        StoredFile.objects.filter(pk=pk, archived_at=None, record_type__in=known).first() if 0 < pk < 2**63 else None
    )
    if stored is None:
        raise NotFound("There is nothing of yours at this address.")
    get(visit, stored.record_type, stored.record_id)
    if stored.record_type == "ticket" and not files_aloud(rows(visit, "ticket")).filter(file=stored).exists():
        raise NotFound("There is nothing of yours at this address.")
    return stored


def conversation(visit: Visit, ticket: Any) -> list[Line]:
    """What was said in a ticket, the oldest first, without what colleagues say among themselves."""
    joined = support()
    if joined is not None and joined.conversation is not None:
        return joined.conversation(visit.person, ticket)
    story, _more = timeline(system("web"), "ticket", ticket.pk, limit=200)
    lines = []
    for one in reversed(story):
        body = one.body
        if one.event.verb in SAID and not one.undone_by and not (body is not None and body.internal):
            ours = one.event.verb in ("ticket.answered", "ticket.solved")
            words = body.text if body is not None else one.sentence if one.event.verb in TOLD else ""
            if words:
                lines.append(Line(one.event.at, one.event.actor_name, ours, words))
    return lines
