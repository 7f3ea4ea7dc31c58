"""What Kith finds by itself, without asking anybody: companies by the domain of an address, countries by phone numbers,
names by addresses, clocks and languages by countries. Gender is never guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from kith.contacts.enrichment import names, places
from kith.contacts.enrichment.domains import company_domain
from kith.contacts.enrichment.providers import Finding
from kith.kernel.access.actor import system
from kith.kernel.records.registry import registry

DOMAIN, ADDRESS, PHONE, COUNTRY = "email_domain", "email_address", "phone", "country"


class BuiltIn:
    """The provider that is always there."""

    key, label = "kith", _("Kith itself")
    sources: ClassVar[Mapping[str, Any]] = {
        DOMAIN: _("from the e-mail domain"), ADDRESS: _("from the e-mail address"), PHONE: _("from the phone number"),
        COUNTRY: _("from the country"),
    }  # fmt: skip

    def look_up(self, record: str, rows: Sequence[Any]) -> Iterable[Finding]:
        if record == "company":
            return [finding for row in rows for finding in (*_domain(row), *_country(row))]
        companies = _companies(rows)
        return [
            finding for row in rows
            for finding in (*_company(row, companies), *_name(row), *_country(row), *_clock(row), *_language(row))
        ]  # fmt: skip


def _domains(row: Any) -> list[str]:
    return [domain for entry in row.emails if (domain := company_domain(entry.get("value", "")))]


def _companies(rows: Sequence[Any]) -> dict[str, Any]:
    """{domain: company} where one company alone has it; one query."""
    wanted = {domain for row in rows if row.company_id is None for domain in _domains(row)}
    if not wanted:
        return {}
    found: dict[str, list[Any]] = defaultdict(list)
    companies = registry["company"].rows(system(), archived=False)
    for company in companies.filter(identifiers__overlap=[f"d:{domain}" for domain in sorted(wanted)]):
        found[company.domain.lower()].append(company)
    return {domain: those[0] for domain, those in found.items() if len(those) == 1}


def _company(row: Any, companies: dict[str, Any]) -> Iterator[Finding]:
    found = next((companies[domain] for domain in _domains(row) if domain in companies), None)
    if found is not None:
        yield Finding(row.pk, "company", found, DOMAIN)


def _domain(row: Any) -> Iterator[Finding]:
    for domain in _domains(row)[:1]:
        yield Finding(row.pk, "domain", domain, DOMAIN)


def _name(row: Any) -> Iterator[Finding]:
    if row.given_name or row.family_name or not row.email:
        return
    given, family = names.parts_of_address(row.email)
    if given:
        yield Finding(row.pk, "given_name", given, ADDRESS)
        yield Finding(row.pk, "family_name", family, ADDRESS)


def _country(row: Any) -> Iterator[Finding]:
    country = places.country_of_number(row.phone) if row.phone else ""
    if country:
        yield Finding(row.pk, "addresses", [{"country": country, "label": ""}], PHONE)


def _where(row: Any) -> str:
    """The country by the address, else by the number."""
    return row.country or (places.country_of_number(row.phone) if row.phone else "")


def _clock(row: Any) -> Iterator[Finding]:
    """By the number, whose area code may tell more; but not against an address elsewhere."""
    country = _where(row)
    by_number = places.zone_of_number(row.phone) if row.phone and places.country_of_number(row.phone) == country else ""
    if by_number:
        yield Finding(row.pk, "time_zone", by_number, PHONE)
    elif zone := places.zone_of_country(country):
        yield Finding(row.pk, "time_zone", zone, COUNTRY)


def _language(row: Any) -> Iterator[Finding]:
    if language := places.language_of_country(_where(row)):
        yield Finding(row.pk, "language", language, COUNTRY)
