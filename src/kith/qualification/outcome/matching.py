"""What a lead may belong to already: companies, people and open deals, each with the evidence in words.

Certain things first (an address of the company's domain, an identifier in common), then what only looks alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from kith.contacts.enrichment.domains import company_domain
from kith.kernel.access.actor import Actor
from kith.kernel.lookups.finding import matching
from kith.kernel.records.registry import registry
from kith.kernel.text import fold

FEW = 5
ALIKE = 84  # of 100, from which two names are worth a look


@dataclass(frozen=True)
class Match:
    """A row and why it is proposed; `sure` ones are chosen for whoever does not choose."""

    row: Any
    why: str
    sure: bool = False


def companies_of(person: Any, actor: Actor, called: str = "") -> list[Match]:
    """Companies that this person may work for."""
    rows = registry["company"].rows(actor, archived=False)
    found: dict[int, Match] = {}
    if person.company_id and (own := rows.filter(pk=person.company_id).first()):
        found[own.pk] = Match(own, _("stands on %s") % person, True)
    domains = sorted({company_domain(e["value"]) for e in person.emails} - {""})
    for row in rows.filter(domain__in=domains)[:FEW]:
        found.setdefault(row.pk, Match(row, _("the e-mail address is of its domain %s") % row.domain, True))
    if called:
        for row in matching(rows, called)[: FEW * 4]:
            if fuzz.token_set_ratio(fold(row.name), fold(called)) >= ALIKE:
                found.setdefault(row.pk, Match(row, _("is called nearly the same")))
    return list(found.values())[:FEW]


def deals_of(person: Any, companies: list[Match], actor: Actor) -> list[Match]:
    """Open deals with this person or their company."""
    if "deal" not in registry:
        return []
    rows = registry["deal"].rows(actor, archived=False).filter(status="open").select_related("company")
    found = {row.pk: Match(row, _("open with %s") % person, True) for row in rows.filter(contact=person)[:FEW]}
    sure = [m.row.pk for m in companies if m.sure]
    for row in rows.filter(company__in=sure).order_by("-updated_at")[:FEW]:
        found.setdefault(row.pk, Match(row, _("open with %s") % row.company))
    return list(found.values())[:FEW]


def contacts_of(person: Any, actor: Actor) -> list[Match]:
    """Other people who may be the same: identifiers in common, or alike by what duplicates go by."""
    record = registry["person"]
    rows = record.rows(actor, archived=False).exclude(pk=person.pk)
    shared = rows.filter(identifiers__overlap=person.identifiers)[:FEW] if person.identifiers else []
    found = {row.pk: Match(row, _("has the same address or number"), True) for row in shared}
    values = {key: getattr(person, key) for key in ("given_name", "family_name", "emails", "phones", "company")}
    for row, why in record.duplicates(actor, values, own=person.pk):
        if row.pk != person.pk:
            found.setdefault(row.pk, Match(row, str(why)))
    return list(found.values())[:FEW]
