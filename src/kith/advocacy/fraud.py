"""Is a referral what it seems? Each check is one sentence. Some settle it (somebody recommends themselves), others are for a
colleague to look at, and nothing is paid before they did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.advocacy.models import Code, Referral, Reward
from kith.contacts.identify import FREE_MAIL, email_identifier, phone_identifier
from kith.kernel.records.registry import registry
from kith.kernel.text import fold


@dataclass(frozen=True)
class Doubt:
    """`settles`: the reward is refused at once."""

    key: str
    words: str
    settles: bool = False


def doubts(row: Referral) -> list[Doubt]:
    """What speaks against a reward, as far as it is known now; asked again once it is known who came, and when it would be
    due."""
    referrer, person = row.referrer, row.person
    found = [_same_mail(row, referrer), _same_phone(row, referrer), _twice(row), _network(row)]
    if person is not None:
        found += [
            _themselves(person, referrer),
            _address(person, referrer),
            _customer(row, person),
            _known(row, person),
        ]
    found.append(_company(row, person, referrer))
    return [one for one in found if one is not None]


def _same_mail(row: Referral, referrer: Any) -> Doubt | None:
    if referrer is not None and email_identifier(row.email) in referrer.identifiers:
        return Doubt("mail", _("The e-mail address is one of whoever recommends us."), True)
    return None


def _same_phone(row: Referral, referrer: Any) -> Doubt | None:
    if referrer is not None and row.phone and phone_identifier(row.phone) in referrer.identifiers:
        return Doubt("phone", _("The phone number is one of whoever recommends us."), True)
    return None


def _themselves(person: Any, referrer: Any) -> Doubt | None:
    if referrer is not None and person.pk == referrer.pk:
        return Doubt("self", _("They recommended themselves."), True)
    return None


def _twice(row: Referral) -> Doubt | None:
    """Whoever recommended somebody first is the one."""
    same = Referral.objects.filter(email__iexact=row.email, archived_at=None, created_at__lt=row.created_at)
    first = same.exclude(pk=row.pk).order_by("created_at").first()
    if first is None:
        return None
    return Doubt("twice", _("They were recommended before, on %s.") % f"{first.created_at:%Y-%m-%d}", True)


def _customer(row: Referral, person: Any) -> Doubt | None:
    """Were they, or their company, a customer before they came this way?"""
    since = [getattr(one, "customer_since", None) for one in (person, person.company) if one is not None]
    before = row.created_at.date()
    if any(day is not None and day < before for day in since):
        return Doubt("customer", _("They were a customer before they were recommended."), True)
    won = registry["deal"].model._default_manager.filter(status="won", archived_at=None, closed_on__lt=before)
    theirs = won.filter(contact_id=person.pk)
    if person.company_id:
        theirs = theirs | won.filter(company_id=person.company_id)
    if theirs.exists():
        return Doubt("customer", _("They were a customer before they were recommended."), True)
    return None


def _known(row: Referral, person: Any) -> Doubt | None:
    if person.created_at < row.created_at:
        return Doubt("known", _("We knew them before, since %s.") % f"{person.created_at:%Y-%m-%d}")
    return None


def _company(row: Referral, person: Any, referrer: Any) -> Doubt | None:
    """The same employer, by the company we know or by the domain of their mail."""
    if referrer is None:
        return None
    words = _("They work for the same company as whoever recommends us.")
    if person is not None and person.company_id is not None and person.company_id == referrer.company_id:
        return Doubt("company", words)
    domain = row.email.rpartition("@")[2].lower()
    theirs = {e["value"].rpartition("@")[2].lower() for e in referrer.emails}
    if referrer.company is not None and referrer.company.domain:
        theirs.add(referrer.company.domain)
    return Doubt("company", words) if domain and domain not in FREE_MAIL and domain in theirs else None


def _address(person: Any, referrer: Any) -> Doubt | None:
    """The same street and town, however it is written."""
    if referrer is None:
        return None
    shared = _places(person) & _places(referrer)
    return Doubt("address", _("They have the same postal address as whoever recommends us.")) if shared else None


def _places(row: Any) -> set[str]:
    def plain(words: str) -> str:
        return "".join(c for c in fold(words) if c.isalnum())

    return {
        plain(a["street"]) + "|" + plain(a.get("postcode") or a.get("city") or "")
        for a in row.addresses or []
        if a.get("street")
    }


def _network(row: Referral) -> Doubt | None:
    """Sent from where whoever recommends us opened their own page, or sent somebody from before."""
    if not row.network or row.referrer_id is None:
        return None
    own = Code.objects.filter(person=row.referrer_id, network=row.network).exists()
    others = Referral.objects.filter(referrer=row.referrer_id, network=row.network, archived_at=None).exclude(pk=row.pk)
    if own or others.exclude(email__iexact=row.email).exclude(reward=Reward.REFUSED).exists():
        return Doubt("network", _("It was sent from the network that whoever recommends us uses."))
    return None
