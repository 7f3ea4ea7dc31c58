"""Who a mailing is for: everybody of its segments less those left out, once each, as far as whoever starts it may see them.

`check` says beforehand what would become of each, by the same gates that are asked as mail leaves; nothing is counted
towards anybody's budget by looking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext as _

from kith.contacts.consent.queries import may
from kith.engagement.mailings.printing import Press
from kith.engagement.models import Held, Mailing
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.mail.clearing import Outreach, Receiver, clear
from kith.kernel.mail.models import Suppressed
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import INSIDE, Membership, Segment

CHUNK = 1_000  # people that gates are asked about at once


def segments(keys: Iterable[str]) -> dict[str, Segment]:
    """{key: segment of people in use}. Raises Invalid naming one that there is not."""
    wanted = list(keys)
    found = {s.key: s for s in Segment.objects.filter(key__in=wanted, subject="person", archived_at__isnull=True)}
    for key in wanted:
        if key not in found:
            raise Invalid(_("There is no segment of people “%s” any more; choose another one.") % key, "audience")
    return found


def gathered(mailing: Mailing, by: Actor) -> QuerySet[Any]:
    """People of the audience, with `came`: the segments they came by. Raises Invalid."""
    inside = Membership.objects.filter(INSIDE)
    wanted = {segment.pk for segment in segments(mailing.audience).values()}
    unwanted = {segment.pk for segment in segments(mailing.without).values()}
    if not wanted:
        raise Invalid(_("Choose at least one segment to write to."), "audience")
    rows: QuerySet[Any] = registry["person"].rows(by, archived=False)
    rows = rows.filter(pk__in=inside.filter(segment__in=wanted).values("row_id"))
    if unwanted:
        rows = rows.exclude(pk__in=inside.filter(segment__in=unwanted).values("row_id"))
    theirs = inside.filter(segment__in=wanted, row_id=OuterRef("pk")).order_by("segment_id")
    return rows.annotate(came=ArraySubquery(theirs.values("segment__key"))).order_by()


def outreach_of(mailing: Mailing) -> Outreach:
    """What a mailing is to the contact budget."""
    return Outreach("mailing", mailing.name, "mailing", mailing.pk)


def reasons(refused: Iterable[Receiver], purpose: str) -> dict[str, str]:
    """{address: key of `Held`} for those whom a gate refused: two queries."""
    asked = list(refused)
    known = set(Suppressed.objects.filter(address__in=[r.address for r in asked], archived_at=None).values_list("address", flat=True))  # fmt: skip
    agreed = may([r.person for r in asked if r.person is not None], purpose) if asked else set()
    return {
        r.address: Held.SUPPRESSED if r.address in known else Held.OTHER if r.person in agreed else Held.CONSENT for r in asked
    }  # fmt: skip


@dataclass
class Checked:
    """What would become of everybody of an audience: how many get it, in which language, how many do not and why."""

    gathered: int = 0
    get: int = 0
    held: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    blank: Counter[str] = field(default_factory=Counter)  # placeholders without a value, by the sentence that says so

    def as_json(self) -> dict[str, Any]:
        told = {"held": self.held, "languages": self.languages, "blank": dict(self.blank.most_common(5))}
        return {"gathered": self.gathered, "get": self.get, **{key: dict(value) for key, value in told.items()}}


def check(mailing: Mailing, press: Press, by: Actor) -> Checked:
    """Look at everybody; writes nothing. About a second for each 50,000."""
    out, taken = Checked(), set[str]()
    rows = gathered(mailing, by).order_by("pk").values_list("pk", "email", "language")
    with transaction.atomic():
        for chunk in _chunks(rows.iterator(chunk_size=CHUNK)):
            _look(out, taken, chunk, mailing, press)
    return out


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _look(out: Checked, taken: set[str], chunk: list[Any], mailing: Mailing, press: Press) -> None:
    out.gathered += len(chunk)
    languages, asked = {}, {}
    people = press.people([pk for pk, _email, _language in chunk]) if press.may_be_blank() else {}
    for pk, email, language in chunk:
        address = email.strip().lower()
        if not address:
            out.held[Held.NO_ADDRESS] += 1
        elif address in taken or address in asked:
            out.held[Held.SAME_ADDRESS] += 1
        elif pk in people and (words := press.lacks(people[pk], language)):
            out.held[Held.BLANK] += 1
            out.blank[words] += 1
        else:
            asked[address], languages[address] = Receiver(address, pk), language
    with transaction.atomic():
        found = clear(asked.values(), mailing.purpose.key, outreach_of(mailing))
        transaction.set_rollback(True)  # nobody was written to, so nothing counts
    out.held.update(reasons([asked[a] for a in found.refused], mailing.purpose.key).values())
    out.held[Held.BUDGET] += len(found.later)
    out.get += len(found.passed)
    out.languages.update(press.version.in_language(languages[address])["language"] for address in found.passed)
    taken |= found.passed
