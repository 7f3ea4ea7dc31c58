"""A proof said for programs and for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from kith.process.forgotten.models import Kind
from kith.process.forgotten.proving import Found
from kith.process.mining.shown import grid


def as_json(found: Found) -> dict[str, Any]:
    """Counts of all and by kind; what is wrong by type and id."""
    return {**found.totals, "violations": found.violations, "kinds": found.counts, "found": found.rows}


def lines(found: Found) -> Iterator[str]:
    yield _("Never forgotten")
    head = (_("What"), _("Checked"), _("Attended to"), _("On the list"))
    rows = [
        (str(kind.label), *(f"{found.counts[kind][key]:,}" for key in ("checked", "attended", "listed"))) for kind in Kind
    ]  # fmt: skip
    yield from grid(head, rows, len(rows), words=1)
    yield _("Violations: %s") % f"{found.violations:,}"
    for row in found.rows[:20]:
        yield f"  {row['what']}: {row['record']} {row['id']}"
