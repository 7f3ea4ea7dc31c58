"""Normalised identifiers by which the same person or company is recognised. Blank never equals blank.

Prefixes keep kinds apart: "e:" e-mail, "p:" phone, "d:" web domain. All addresses count, not only the main one.
"""

from __future__ import annotations

from typing import Any

# Mail providers whose domain says nothing about the employer.
FREE_MAIL = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "yahoo.com",
        "icloud.com",
        "me.com",
        "aol.com",
        "gmx.de",
        "gmx.net",
        "web.de",
        "t-online.de",
        "proton.me",
        "protonmail.com",
        "mail.ru",
        "yandex.ru",
        "wp.pl",
        "o2.pl",
        "seznam.cz",
        "orange.fr",
        "free.fr",
    ]
)


def email_identifier(address: str) -> str:
    """ "Marta.K+news@GoogleMail.com" and "martak@gmail.com" are one mailbox; elsewhere only case and +tag fold."""
    local, _at, domain = address.strip().lower().rpartition("@")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return f"e:{local}@{domain}"


def phone_identifier(e164: str) -> str:
    return f"p:{e164.partition(';')[0]}"


def reach_identifiers(row: Any) -> list[str]:
    return [
        *(email_identifier(e["value"]) for e in row.emails if e.get("value")),
        *(phone_identifier(p["value"]) for p in row.phones if p.get("value")),
    ]


def person_identifiers(row: Any) -> list[str]:
    return sorted(set(reach_identifiers(row)))


def company_identifiers(row: Any) -> list[str]:
    own = [f"d:{row.domain.lower()}"] if row.domain else []
    return sorted({*own, *reach_identifiers(row)})


def identifiers_of(values: dict[str, Any]) -> list[str]:
    """The same from column values that belong to no row yet: `{"emails": […], "phones": […], "domain": "…"}`."""
    domain = bare_domain(values.get("domain") or "")
    return [
        *([f"d:{domain}"] if domain else []),
        *(email_identifier(e["value"]) for e in values.get("emails") or () if e.get("value")),
        *(phone_identifier(p["value"]) for p in values.get("phones") or () if p.get("value")),
    ]


def bare_domain(address: str) -> str:
    """ "https://www.Bellevue.example/" -> "bellevue.example"."""
    return address.lower().removeprefix("https://").removeprefix("http://").removeprefix("www.").strip("/")
