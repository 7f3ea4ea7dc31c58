"""Who sent this? People found by their normalised addresses, companies by their domain; for many submissions at once.

Sure: the e-mail address is one person's alone; or the phone number, and the family name is the same. Unsure: an address
that two people have, a shared phone, the same name at the same company. Whoever came by a link of their own is sure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kith.capture.models import Submission
from kith.contacts.enrichment.domains import company_domain, free_mail
from kith.contacts.enrichment.names import parts_of
from kith.contacts.identify import bare_domain, email_identifier, phone_identifier
from kith.kernel.access.actor import system
from kith.kernel.records.registry import registry
from kith.kernel.text import fold


@dataclass
class Found:
    """Who a submission is from: `person` when that is sure, `proposed` with `why` when it is not, neither for a new one."""

    person: Any = None
    proposed: Any = None
    why: str = ""


@dataclass
class Known:
    """People and companies that a batch may be from."""

    people: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))  # by identifier
    named: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))  # by folded name
    by_id: dict[int, Any] = field(default_factory=dict)


def names_of(row: Submission) -> tuple[str, str]:
    """(first name, last name) as given; a whole name is parted as `enrichment.names` does."""
    given, family = row.facts.get("person.given_name"), row.facts.get("person.family_name")
    if given or family:
        return str(given or "").strip(), str(family or "").strip()
    return parts_of(str(row.facts.get("person.name") or ""))


def emails_of(row: Submission) -> list[str]:
    return [str(row.facts["person.email"])] if row.facts.get("person.email") else ([row.email] if row.email else [])


def identifiers_of(row: Submission) -> list[str]:
    phone = row.facts.get("person.phone") or row.phone
    return [*(email_identifier(e) for e in emails_of(row)), *([phone_identifier(str(phone))] if phone else [])]


def domain_of(row: Submission) -> str:
    """The company's web domain, from what was said or from the e-mail address; "" where it is a mail provider's."""
    said = bare_domain(str(row.facts.get("company.domain") or "")).partition("/")[0]
    mail = emails_of(row)
    if said:
        return "" if said in free_mail() else said
    return company_domain(mail[0]) if mail else ""


def learn(rows: Sequence[Submission]) -> Known:
    """Everybody these submissions may be from; one query, two where links were used."""
    known = Known()
    identifiers = {one for row in rows for one in identifiers_of(row)}
    names = {fold(" ".join(names_of(row))) for row in rows if all(names_of(row))}
    people = registry["person"].rows(system(), archived=False).select_related("company")
    found = people.filter(Q(identifiers__overlap=sorted(identifiers)) | Q(sort_name__in=sorted(names)))
    for person in found.order_by("pk"):
        known.by_id[person.pk] = person
        for one in identifiers & set(person.identifiers):
            known.people[one].append(person)
        if person.sort_name in names:
            known.named[person.sort_name].append(person)
    linked = {row.known for row in rows if row.known} - set(known.by_id)
    known.by_id |= {person.pk: person for person in people.filter(pk__in=linked)} if linked else {}
    return known


def match(row: Submission, known: Known) -> Found:
    """Who this one is from."""
    if row.known and row.known in known.by_id:
        return Found(known.by_id[row.known])
    by_mail = _alike([email_identifier(e) for e in emails_of(row)], known)
    if len(by_mail) > 1:
        return Found(None, by_mail[0], _("its e-mail address belongs to %s people") % len(by_mail))
    if by_mail:
        return Found(by_mail[0])
    by_phone = _alike([one for one in identifiers_of(row) if one.startswith("p:")], known)
    given, family = names_of(row)
    same = [person for person in by_phone if fold(person.family_name) == fold(family) and family]
    if len(same) == 1 and not emails_of(row):
        return Found(same[0])
    if by_phone:
        return Found(None, (same or by_phone)[0], _("the phone number is that of %s") % (same or by_phone)[0])
    if given and family:
        for person in known.named.get(fold(f"{given} {family}"), ()):
            if _same_company(row, person):
                return Found(None, person, _("somebody of this name works at %s") % person.company)
    return Found()


def _alike(identifiers: list[str], known: Known) -> list[Any]:
    return list({person.pk: person for one in identifiers for person in known.people.get(one, ())}.values())


def _same_company(row: Submission, person: Any) -> bool:
    if person.company is None:
        return False
    name, domain = fold(str(row.facts.get("company.name") or "")), domain_of(row)
    theirs = (
        {person.company.domain, *(e["value"].rpartition("@")[2].lower() for e in person.emails)} - free_mail() - {""}
    )
    return bool((name and name == person.company.sort_name) or (domain and domain in theirs))
