"""Which rows a customer reaches: their own, and where the organisation allows it those of their company.

Read through the one door, `record.rows(actor)`, as colleagues read; what a type shows to customers is declared with it
(`customers`), and one that declares nothing shows nothing. What colleagues wrote for each other is no row of theirs.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from kith.kernel.access.actor import Actor, Customer, customer_actor, system
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
    """The customer who came in, as the one door to rows knows them."""
    person, now = visit.person, door()
    hides = frozenset() if now.shows_orders else frozenset({"order"})
    customer = Customer(person.pk, person.company_id, visit.address, shares=now.company_wide, hides=hides)
    return customer_actor(str(person)[:200], customer)


def rows(visit: Visit, record: str) -> QuerySet[Any]:
    """The rows of a type that are this customer's, as the type declares it (`customers`)."""
    found: QuerySet[Any] = registry[record].rows(actor_for(visit), archived=False)
    return found


def quotes(visit: Visit, most: int = 20) -> list[Any]:
    """Quotes made to them, the newest first, without those whose answer comes too late."""
    found = rows(visit, "quote").select_related("deal").order_by("-sent_at", "-pk")[: 5 * most]
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
