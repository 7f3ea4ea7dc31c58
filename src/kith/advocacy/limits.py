"""How often we ask somebody for something: limits of the organisation, and who had enough of us.

What counts as asking: for a reference, for a public review, and a reference call that was held. What the
organisation never kept a limit of its own for, is limited as Kith comes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.advocacy.models import Asked, AskLimit, Call, Reference, Review
from kith.kernel.access.actor import Actor
from kith.kernel.organisation.models import cached
from kith.kernel.records import actions
from kith.kernel.records.registry import registry

YEAR = dt.timedelta(days=365)


@dataclass(frozen=True)
class Limit:
    """`most` in a year (None: any number), `rest` days between one and the next."""

    most: int | None = None
    rest: int = 0


SHIPPED = {
    Asked.ANYTHING: Limit(6), Asked.REFERENCE: Limit(rest=90), Asked.CALL: Limit(4, 30), Asked.REVIEW: Limit(),
}  # fmt: skip


def bring(by: Actor) -> int:
    """Put the limits that come with Kith down as rows, to be changed; returns how many. Nothing where there are some."""
    if AskLimit.objects.exists():
        return 0
    names = {
        Asked.ANYTHING: _("Anything"), Asked.REFERENCE: _("References"), Asked.CALL: _("Reference calls"),
        Asked.REVIEW: _("Public reviews"),
    }  # fmt: skip
    for what, limit in SHIPPED.items():
        values = {"name": names[what], "what": what.value, "most": limit.most, "rest_days": limit.rest}
        actions.create(registry["ask_limit"], values, by=by)
    return len(SHIPPED)


def limit_of(what: str) -> Limit:
    """The limit that holds, read once per configuration stamp."""
    found: dict[str, Limit] = cached("advocacy:limits", _read)
    return found.get(what, Limit())


def _read() -> dict[str, Limit]:
    rows = list(AskLimit.objects.all())
    kept = {row.what for row in rows}
    out = {what.value: limit for what, limit in SHIPPED.items() if what.value not in kept}
    for row in rows:
        if row.archived_at is None:
            held = out.get(row.what, Limit())
            most = [n for n in (held.most, row.most) if n is not None]
            out[row.what] = Limit(min(most, default=None), max(held.rest, row.rest_days))
    return out


def days_asked(person: int) -> list[dt.date]:
    """On which days somebody was asked for anything, within a year and a rest. Three queries."""
    since = timezone.localdate() - YEAR - dt.timedelta(days=limit_of(Asked.ANYTHING).rest)
    references = Reference.objects.filter(person=person, asked_on__gt=since, archived_at=None)
    calls = Call.objects.filter(reference__person=person, on__gt=since)
    reviews = Review.objects.filter(person=person, asked_at__date__gt=since, archived_at=None)
    asked = [timezone.localdate(at) for at in reviews.values_list("asked_at", flat=True) if at is not None]
    return [*references.values_list("asked_on", flat=True), *calls.values_list("on", flat=True), *asked]  # type: ignore[list-item]


def had_enough(person: int | None, on: dt.date | None = None) -> str:
    """Why this person is asked for nothing on that day; "" where they may be."""
    if person is None or limit_of(Asked.ANYTHING) == Limit():
        return ""
    return beyond(Asked.ANYTHING, days_asked(person), on or timezone.localdate())


def near(what: str, days: Iterable[dt.date], on: dt.date) -> dt.date | None:
    """The day of these, the latest, within whose rest that day falls."""
    rest = limit_of(what).rest
    return max((day for day in days if abs((on - day).days) < rest), default=None)


def full(what: str, days: Iterable[dt.date], on: dt.date) -> int | None:
    """How often it was within a year until that day, where that is as often as the limit says; None where it is not."""
    most = limit_of(what).most
    n = sum(on - YEAR < day <= on for day in days)
    return n if most is not None and n >= most else None


def beyond(what: str, days: Iterable[dt.date], on: dt.date) -> str:
    """Both in words, about one person; "" where they may be asked."""
    some = list(days)
    if (last := near(what, some, on)) is not None:
        return _("They were asked for something on %(day)s, and are left alone for %(rest)s days.") % {
            "day": f"{last:%Y-%m-%d}", "rest": limit_of(what).rest}  # fmt: skip
    if (n := full(what, some, on)) is not None:
        return ngettext(
            "They were asked %s time within a year, which is as often as we ask.",
            "They were asked %s times within a year, which is as often as we ask.", n,
        ) % n  # fmt: skip
    return ""
