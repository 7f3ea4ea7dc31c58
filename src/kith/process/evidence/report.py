"""The audit, for programs and for a terminal."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid, NotFound
from kith.kernel.kinds.time import read_day
from kith.kernel.organisation.models import current
from kith.kernel.zones import zone
from kith.process.evidence.auditing import Audit, audit
from kith.process.evidence.conformance import Count
from kith.process.evidence.counting import refresh
from kith.process.evidence.models import Study
from kith.process.forgotten.proving import check
from kith.process.forgotten.shown import as_json as forgotten_json
from kith.process.forgotten.shown import lines as forgotten_lines
from kith.process.mining.shown import grid, span
from kith.process.models import Process

FIGURES = ("done", "skipped", "repeated", "out_of_order", "late", "here", "ended", "ahead")


def audited(args: argparse.Namespace) -> int:
    """`kith process audit`: prints the audit of one process or of all. Raises NotFound and Invalid."""
    begins = since(args.since, "--since")
    refresh()
    found = [audit(process, begins) for process in _processes(args.process)]
    if args.json:
        told = {"processes": [as_json(one) for one in found], "never_forgotten": forgotten_json(check())}
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        print("\n\n".join(["\n".join(_lines(one)) for one in found] + ["\n".join(forgotten_lines(check()))]))
    return 0


def since(text: str, called: str = "since") -> dt.datetime | None:
    """The beginning of that day on the organisation's clock."""
    if not text:
        return None
    try:
        day = read_day(text)
    except Invalid as problem:
        raise Invalid(f"{called}: {problem.message}", "since") from None
    return dt.datetime.combine(day, dt.time(), zone(current().time_zone))


def _processes(name: str) -> list[Process]:
    rows = list(Process.objects.filter(in_force__isnull=False, archived_at__isnull=True).order_by("name"))
    if not name:
        if not rows:
            raise NotFound(_("No process is in force yet, so there is nothing to check; see kith process publish."))
        return rows
    named = [row for row in rows if name in (row.key, row.name)]
    if not named:
        known = ", ".join(row.key for row in rows) or "–"
        raise NotFound(
            _("No process in force is called “%(name)s”; there is %(known)s.") % {"name": name, "known": known}
        )
    return named


def as_json(found: Audit) -> dict[str, Any]:
    """Everything; times in seconds, shares from 0 to 1. Stages are told by key and by the name they have now."""
    return {
        "process": found.process, "name": found.name, "since": found.since and found.since.isoformat(),
        "journeys": found.found.journeys, "conforming": found.found.conforming,
        "stages": [
            {"stage": key, "name": name, **{figure: getattr(count, figure) for figure in FIGURES}}
            for key, name, count in _stages(found)
        ],
        "bottlenecks": [
            {"stage": b.stage, "name": b.name, "median_seconds": b.median, "p90_seconds": b.p90, "promised": b.due,
             "broken": b.late, "broken_share": b.broken, "here": b.here}
            for b in found.bottlenecks
        ],
        "costs": costs_json(found.process),
    }  # fmt: skip


def costs_json(key: str) -> dict[str, Any] | None:
    """What skipping each stage cost, as it was worked out last night (`study.study` says the fields); None before the first."""
    one = Study.objects.filter(process__key=key, process__archived_at__isnull=True).first()
    return None if one is None else {"as_of": one.made_at.isoformat(), "findings": one.findings}


def _stages(found: Audit) -> list[tuple[str, str, Count]]:
    """In the order of the way; those that are gone stand at the end."""
    definition = found.definition
    keys = sorted(found.found.stages, key=lambda key: definition.order.get(key, len(definition.order)))
    names = {key: stage.name for key, stage in definition.by_key.items()}
    return [(key, names.get(key, key), found.found.stages[key]) for key in keys]


def _lines(found: Audit) -> Iterator[str]:
    journeys, conforming = found.found.journeys, found.found.conforming
    words = {"name": found.name, "n": f"{journeys:,}", "since": found.since}
    yield (
        _("%(name)s: %(n)s journeys checked, opened since %(since)s.") % words
        if found.since
        else _("%(name)s: %(n)s journeys checked.") % words
    )
    yield _("%(n)s went as designed: nothing skipped, out of order or late.") % {"n": f"{conforming:,}"}
    yield ""
    head = (_("Stage"), _("Done"), _("Skipped"), _("Repeated"), _("Out of order"), _("Late"), _("In it now"), _("Ended in it"), _("Ahead"))  # fmt: skip
    rows = [(name, *(f"{getattr(count, figure):,}" for figure in FIGURES)) for _key, name, count in _stages(found)]
    yield from grid(head, rows, len(rows), words=1)
    yield ""
    yield (
        _(
            "Where time is lost, of those who came to the stage since %(day)s, whenever they began; most broken promises first:"
        )
        % {"day": found.since}
        if found.since
        else _("Where time is lost, most broken promises first:")
    )
    more = [
        (b.name, _span(b.median), _span(b.p90), f"{b.late:,} / {b.due:,}", f"{b.here:,}") for b in found.bottlenecks
    ]
    yield from grid((_("Stage"), _("Median"), _("Nine in ten"), _("Broken"), _("In it now")), more, len(more), words=1)


def _span(seconds: float | None) -> str:
    return "–" if seconds is None else span(seconds)
