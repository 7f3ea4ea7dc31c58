"""The companies of people who write to us: found by web domain, else by their exact name, else made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from kith.capture.matching import domain_of
from kith.capture.models import Submission
from kith.contacts.enrichment.applying import note
from kith.contacts.enrichment.builtin import DOMAIN, BuiltIn
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import KithError
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from kith.kernel.text import fold


def companies_of(rows: Sequence[Submission], *, by: Actor) -> dict[int, Any]:
    """{submission id: company} of those that name one or write from the domain of one. Two queries, and one more
    statement where some are new; two from the same new company share it."""
    domains = {row.pk: domain_of(row) for row in rows}
    names = {row.pk: " ".join(str(row.facts.get("company.name") or "").split())[:300] for row in rows}
    by_domain, by_name = _known({d for d in domains.values() if d}, {fold(n) for n in names.values() if n})
    wanted: dict[str, tuple[Submission, str, str]] = {}
    for row in rows:
        domain, name = domains[row.pk], names[row.pk]
        if (domain or name) and _find(domain, name, by_domain, by_name) is None:
            wanted.setdefault(domain or fold(name), (row, domain, name))
    _make(wanted, by_domain, by_name, by)
    found = {row.pk: _find(domains[row.pk], names[row.pk], by_domain, by_name) for row in rows}
    return {pk: company for pk, company in found.items() if company is not None}


def known_company(row: Submission) -> Any:
    """The company that somebody names or writes from the domain of, if we know it; none is made."""
    domain, name = domain_of(row), " ".join(str(row.facts.get("company.name") or "").split())[:300]
    by_domain, by_name = _known({domain} - {""}, {fold(name)} - {""})
    return _find(domain, name, by_domain, by_name)


def _find(domain: str, name: str, by_domain: dict[str, Any], by_name: dict[str, Any]) -> Any:
    return by_domain.get(domain) or by_name.get(fold(name)) if name else by_domain.get(domain)


def _known(domains: set[str], names: set[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    if not (domains or names):
        return {}, {}
    rows = registry["company"].rows(system(), archived=False)
    found = rows.filter(Q(identifiers__overlap=[f"d:{d}" for d in sorted(domains)]) | Q(sort_name__in=sorted(names)))
    by_domain: dict[str, Any] = {}
    by_name: dict[str, Any] = {}
    for company in found.order_by("pk"):
        by_domain.setdefault(company.domain.lower(), company)
        by_name.setdefault(company.sort_name, company)
    by_domain.pop("", None)
    return by_domain, by_name


def _make(
    wanted: dict[str, tuple[Submission, str, str]], by_domain: dict[str, Any], by_name: dict[str, Any], by: Actor
) -> None:
    """Make the companies nobody knows. One that a rule refuses is left out: the person counts without it."""
    from kith.capture.taking import values_of

    if not wanted:
        return
    asked = list(wanted.values())
    items = [
        New({**values_of(row, "company"), "name": name or domain, "domain": domain}) for row, domain, name in asked
    ]

    def refused(_n: int, _problem: KithError) -> None:
        """The name stays among the answers."""

    for (_row, domain, name), company in zip(
        asked, bulk_create(registry["company"], items, by=by, refused=refused), strict=True
    ):
        if company is not None:
            if domain:
                by_domain[domain] = company
            by_name.setdefault(fold(name or domain), company)


def by_domain(pairs: Sequence[tuple[Submission, Any]], companies: dict[int, Any]) -> None:
    """Keep with people that their company was read from the address they wrote from, where they named none."""
    found = {
        (person.pk, "company"): (companies[row.pk], BuiltIn.key, DOMAIN)
        for row, person in pairs
        if row.pk in companies and not (row.facts.get("company.name") or row.facts.get("company.domain"))
    }
    if found:
        note("person", found)
