"""What may say who leaves: the points of each part of health, how long they are a customer, and columns of their company."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.learning.columns import Source, sources_of
from kith.retention.health.parts import parts

AGE = "age"


def sources() -> list[Source]:
    """Columns of companies that may be looked at."""
    return sources_of(("company",))


def part_key(pk: int) -> str:
    return f"part.{pk}"


def features_of(lines: Iterable[dict[str, Any]], since: dt.date, day: dt.date) -> dict[str, Any]:
    """Points by part (None where nothing is known), and months as a customer."""
    out: dict[str, Any] = {
        part_key(line["key"]): None if line["points"] is None else float(line["points"]) for line in lines
    }
    return out | {AGE: max((day - since).days, 0) / 30.44}


def labels() -> dict[str, str]:
    """What features are called, by key."""
    return {
        AGE: _("Months as a customer"),
        **{part_key(p.pk): p.name for p in parts()},
        **{s.key: s.label for s in sources()},
    }
