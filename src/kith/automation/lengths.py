"""Lengths of time as people write them in a workflow: "3 days", "90 minutes", "2 business days".

Days and weeks keep the time of day on the organisation's clock, through summer time too.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.automation import business
from kith.kernel.errors import Invalid
from kith.kernel.organisation.models import current
from kith.kernel.zones import zone

_LENGTH = re.compile(r"^\s*([+-]?\d{1,5})\s*(minute|hour|day|week|business day)s?\s*$", re.IGNORECASE)
EXACT = {"minute": dt.timedelta(minutes=1), "hour": dt.timedelta(hours=1)}


@dataclass(frozen=True)
class Length:
    """`amount` may be negative: before a date."""

    amount: int
    unit: str

    def after(self, moment: dt.datetime) -> dt.datetime:
        """The moment this much later (earlier, when negative), aware."""
        if self.unit in EXACT:
            return moment + self.amount * EXACT[self.unit]
        if self.unit == "business day":
            return business.days_after(moment, self.amount)
        here = moment.astimezone(zone(current().time_zone))
        days = self.amount * (7 if self.unit == "week" else 1)
        return (here.replace(tzinfo=None) + dt.timedelta(days=days)).replace(tzinfo=here.tzinfo)

    def say(self) -> str:
        """ "3 days" in the reader's language; the sign is left to the sentence around it."""
        n = abs(self.amount)
        words = {
            "minute": ngettext("%(n)s minute", "%(n)s minutes", n), "hour": ngettext("%(n)s hour", "%(n)s hours", n),
            "day": ngettext("%(n)s day", "%(n)s days", n), "week": ngettext("%(n)s week", "%(n)s weeks", n),
            "business day": ngettext("%(n)s business day", "%(n)s business days", n),
        }  # fmt: skip
        return words[self.unit] % {"n": n}


def read_length(text: str) -> Length:
    """Raises Invalid in words."""
    match = _LENGTH.match(text)
    if match is None:
        raise Invalid(
            _("“%s” is not a length of time; write it like 30 minutes, 3 days, 2 weeks or 2 business days.") % text[:60]
        )
    return Length(int(match[1]), match[2].lower())


def is_length(text: str) -> bool:
    return _LENGTH.match(text) is not None
