"""What is known of a mailing's audience and out of date, said at its check: research belongs to awareness, mailings to engagement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count
from django.utils.translation import ngettext

from kith.engagement.mailings.cautions import Caution
from kith.kernel.access.actor import Actor
from kith.kernel.lookups.compile import filtered
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry


def stale_research(mailing: Any, by: Actor) -> Iterator[Caution]:
    """One sentence for each segment of the audience whose research is out of date: one query. None for who may not see any."""
    record = registry["research"]
    if not by.can("research.see") or "stale" not in record.columns(by):
        return
    rows = record.rows(by, archived=False).filter(segment__key__in=mailing.audience)
    stale = filtered(record, parse("stale.is:1"), by, rows).order_by("segment__name")
    for pk, name, n in stale.values_list("segment", "segment__name").annotate(n=Count("pk")):
        words = ngettext(
            "A finding on the segment “%(segment)s” is out of date; look whether it still holds before you write to them.",
            "%(n)s findings on the segment “%(segment)s” are out of date; look whether they still hold before you write to them.",
            n,
        )  # fmt: skip
        yield Caution(words % {"segment": name, "n": n}, f"/{record.slug}/?filter=segment.is:{pk},stale.is:1")
