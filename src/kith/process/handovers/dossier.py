"""What is handed over with a relationship: goals in the customer's words, who is who, dates, risks, promises, documents.

Everything that Kith knows already is there before anybody writes: from the deal and its committee, from answers and
orders. Goals, people, dates and risks are kept as they were said; promises and documents are read afresh, since they go on
living. People and dates are written one a line, and read leniently: a line that says no date is a line all the same.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.deals.queries import committee
from kith.kernel.access.actor import Actor
from kith.kernel.files.queries import files_of
from kith.kernel.records.registry import registry
from kith.process.models import Handover, Journey

MOST_PEOPLE, MOST_ANSWERS, MOST_PROMISES, MOST_FILES = 12, 8, 50, 20
LOW = 2  # how somebody sees it, of 5: from here on they are a risk
DAY_FIRST = re.compile(r"\s*(\d{4}-\d{2}-\d{2})\s*[:,–-]?\s*(.*)")


@dataclass(frozen=True)
class Dossier:
    """`people`: {"person": id or None, "name", "role"}; `dates`: {"on": ISO day or "", "what"}. `promises` and `documents`
    are rows within the reader's reach."""

    goals: str = ""
    people: list[dict[str, Any]] = field(default_factory=list)
    dates: list[dict[str, str]] = field(default_factory=list)
    risks: str = ""
    promises: list[Any] = field(default_factory=list)
    documents: list[Any] = field(default_factory=list)

    @property
    def people_words(self) -> str:
        """One a line, as a form shows them."""
        return "\n".join(f"{one['name']}: {one['role']}" if one["role"] else one["name"] for one in self.people)

    @property
    def dates_words(self) -> str:
        return "\n".join(" ".join(part for part in (one["on"], one["what"]) if part) for one in self.dates)

    @property
    def empty(self) -> bool:
        return not (self.goals or self.people or self.dates or self.risks)


def known(actor: Actor, journey: Journey) -> Dossier:
    """What may be handed over before anybody writes a word, as far as the actor sees it."""
    deal = deal_of(actor, journey)
    promised = promises_of(actor, journey)
    return Dossier(
        goals=_goals(actor, journey, deal), people=_people(actor, journey, deal), dates=_dates(actor, journey, deal),
        risks=_risks(actor, deal, promised), promises=promised, documents=documents_of(actor, journey, deal),
    )  # fmt: skip


def said(actor: Actor, handover: Handover) -> Dossier:
    """A hand-over as it was offered, with promises and documents as they are now."""
    journey = handover.journey
    return Dossier(
        handover.goals, handover.stakeholders, handover.dates, handover.risks, promises_of(actor, journey),
        documents_of(actor, journey, deal_of(actor, journey)),
    )  # fmt: skip


def read_people(actor: Actor, journey: Journey, words: str) -> list[dict[str, Any]]:
    """People from lines "Name: role"; those whose name we know for this customer are tied to their row."""
    rows = {str(row).casefold(): row.pk for row in _everybody(actor, journey)[:200]}
    found = []
    for line in (one.strip() for one in words.splitlines()):
        if line:
            name, _colon, role = line.partition(":")
            name = name.strip()
            found.append({"person": rows.get(name.casefold()), "name": name[:200], "role": role.strip()[:200]})
    return found[:50]


def read_dates(words: str) -> list[dict[str, str]]:
    """Dates from lines "2026-12-01 The house opens"; a line without a day is kept as it is."""
    found = []
    for line in (one.strip() for one in words.splitlines()):
        match = DAY_FIRST.fullmatch(line)
        if match and _day(match[1]):
            found.append({"on": match[1], "what": match[2].strip()[:300]})
        elif line:
            found.append({"on": "", "what": line[:300]})
    return found[:50]


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def of_customer(journey: Journey, company: str = "company", person: str = "person") -> Q:
    """The condition on rows that are about the customer of a journey, their people included."""
    if journey.company_id:
        return Q(**{company: journey.company_id}) | Q(**{f"{person}__company": journey.company_id})
    return Q(**{person: journey.person_id})


def deal_of(actor: Actor, journey: Journey) -> Any:
    """The deal that is handed over: the one won last, else the newest open one; None."""
    rows = registry["deal"].rows(actor, archived=False).filter(of_customer(journey, person="contact"))
    won = rows.filter(status="won").order_by(F("closed_on").desc(nulls_last=True), "-pk").first()
    return won or rows.filter(status="open").order_by("-pk").first()


def promises_of(actor: Actor, journey: Journey) -> list[Any]:
    """What we promised this customer: open ones first, the next due on top."""
    rows = registry["promise"].rows(actor, archived=False).filter(of_customer(journey)).exclude(state="waived")
    return sorted(
        rows.select_related("owner")[:MOST_PROMISES], key=lambda p: (p.state != "open", p.due_on or dt.date.max)
    )


def documents_of(actor: Actor, journey: Journey, deal: Any) -> list[Any]:
    """Files of the journey, its deal and its customer, those of the deal first."""
    customer = ("company", journey.company_id) if journey.company_id else ("person", journey.person_id)
    places = [("deal", deal.pk)] if deal is not None else []
    places.append(("journey", journey.pk))
    if registry[customer[0]].rows(actor).filter(pk=customer[1]).exists():
        places.append(customer)  # type: ignore[arg-type]
    return [one for record, pk in places for one in files_of(record, pk, by=actor, limit=MOST_FILES)]


def _everybody(actor: Actor, journey: Journey) -> Any:
    people = registry["person"].rows(actor, archived=False)
    own = Q(company=journey.company_id) if journey.company_id else Q(pk=journey.person_id)
    return people.filter(own).order_by("sort_name", "pk")


def _people(actor: Actor, journey: Journey, deal: Any) -> list[dict[str, Any]]:
    if deal is not None:
        seats = committee(deal).seats
        seen = set(
            registry["person"].rows(actor).filter(pk__in=[s.person_id for s in seats]).values_list("pk", flat=True)
        )
        found = [
            {"person": seat.person_id, "name": str(seat.person), "role": str(seat.get_role_display())}
            for seat in seats if seat.person_id in seen
        ]  # fmt: skip
        if found:
            return found
    rows = list(_everybody(actor, journey)[:MOST_PEOPLE])
    return [{"person": row.pk, "name": str(row), "role": row.job_title} for row in rows]


def _goals(actor: Actor, journey: Journey, deal: Any) -> str:
    words = [deal.reason_words.strip()] if deal is not None and deal.reason_words.strip() else []
    rows = registry["answer"].rows(actor, archived=False).filter(of_customer(journey), replaced_at=None)
    words += [
        f"{row.criterion}: {row.answer}" for row in rows.select_related("criterion").order_by("pk")[:MOST_ANSWERS]
    ]
    return "\n".join(words)[:4000]


def _dates(actor: Actor, journey: Journey, deal: Any) -> list[dict[str, str]]:
    found = [(deal.closed_on, _("Signed"))] if deal is not None and deal.closed_on else []
    orders = registry["order"].rows(actor, archived=False).filter(of_customer(journey), ended_on=None)
    order = orders.order_by("-placed_on", "-pk").first()
    if order is not None:
        for day, what in (
            (order.starts_on, _("Starts")),
            (order.ends_on, _("Runs until")),
            (order.renews_on, _("Renews")),
        ):
            if day:
                found.append((day, what))
    return [{"on": day.isoformat(), "what": what} for day, what in sorted(found)]


def _risks(actor: Actor, deal: Any, promised: list[Any]) -> str:
    words = []
    if deal is not None:
        seats = committee(deal).seats
        seen = set(
            registry["person"].rows(actor).filter(pk__in=[s.person_id for s in seats]).values_list("pk", flat=True)
        )
        against = [s for s in seats if s.person_id in seen and (s.role == "blocker" or (s.sentiment or 5) <= LOW)]
        words += [_("%s is not convinced.") % seat.person for seat in against]
    today = timezone.localdate()
    late = [p for p in promised if p.state == "broken" or (p.state == "open" and p.due_on and p.due_on < today)]
    words += [_("Promised and not kept so far: %s") % p.wording for p in late]
    return "\n".join(words)[:4000]
