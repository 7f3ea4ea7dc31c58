"""Addresses of what customers do for us: a code that anybody may use, and a page of one's own behind a signed link."""

from __future__ import annotations

from typing import Any

from django.core import signing

from kith.advocacy.referring import code_of
from kith.contacts.consent.links import about_person, open_person
from kith.kernel.accounts.links import site_address

OWN = "kith.advocacy.own"


def code_link(code: str) -> str:
    """What somebody gives to friends."""
    return f"{site_address()}/r/{code}"


def own_path(person: int, address: str) -> str:
    return f"/r/own/{signing.dumps(about_person(person, address), salt=OWN)}"


def own_link(person: Any) -> str:
    """A person's own page: their code, whom they sent, what they got. It makes their code, if they have none."""
    code_of(person)
    return site_address() + own_path(person.pk, person.email)


def person_behind(token: str) -> Any:
    """Whose page it is. Raises NotFound."""
    return open_person(token, OWN).person
