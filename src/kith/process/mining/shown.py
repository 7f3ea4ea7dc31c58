"""What was found in a log, for programs and for a terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.process.mining.figures import Found, Spread

WIDEST = 40  # characters of an activity's name in a table


def as_json(found: Found) -> dict[str, Any]:
    """Everything; times in seconds, moments in UTC, shares from 0 to 1."""
    return {
        "log": found.name, "cases": found.cases, "events": found.events, "first": _moment(found.first), "last": _moment(found.last),
        "activities": found.activities, "start_activities": found.start, "end_activities": found.end,
        "directly_follows": [
            {"from": p.of, "to": p.to, "count": p.count, "cases": p.cases, **_seconds(p.time)} for p in found.pairs
        ],
        "variants": [
            {"activities": list(v.activities), "count": v.count, "share": v.share, **_seconds(v.time)} for v in found.variants
        ],
        "rework": {
            "cases": found.rework_cases, "share": found.rework_cases / found.cases,
            "activities": [{"activity": r.activity, "cases": r.cases, "repeats": r.again, "share": r.share} for r in found.rework],
        },
        "case_duration": _seconds(found.duration),
        "waiting": [{"activity": a, "count": s.count, **_seconds(s)} for a, s in found.waiting.items()],
        "working": [{"activity": a, "count": s.count, **_seconds(s)} for a, s in found.working.items()],
        "notes": found.notes,
    }  # fmt: skip


def _seconds(spread: Spread) -> dict[str, float]:
    return {
        "median_seconds": spread.median, "mean_seconds": spread.mean, "min_seconds": spread.least,
        "max_seconds": spread.most, "total_seconds": spread.total,
    }  # fmt: skip


def _moment(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat()


def as_text(found: Found, top: int = 15) -> str:
    """Tables of at most `top` rows each; what is left out is counted."""
    return "\n".join(_lines(found, top)) + "\n"


def _lines(found: Found, top: int) -> Iterator[str]:
    yield _("%(name)s: %(cases)s cases, %(events)s events, %(n)s activities, %(first)s to %(last)s") % {
        "name": found.name, "cases": f"{found.cases:,}", "events": f"{found.events:,}", "n": f"{len(found.activities):,}",
        "first": _moment(found.first)[:10], "last": _moment(found.last)[:10],
    }  # fmt: skip
    yield from found.notes
    duration = found.duration
    yield _("A case takes %(median)s at the median, %(mean)s on average, at most %(most)s.") % {
        "median": span(duration.median), "mean": span(duration.mean), "most": span(duration.most)}  # fmt: skip
    yield _("Rework: in %(n)s of %(cases)s cases something was done again.") % {"n": f"{found.rework_cases:,}", "cases": f"{found.cases:,}"}  # fmt: skip
    yield ""
    yield from _activities(found, top)
    yield ""
    pairs = [(p.of, p.to, f"{p.count:,}", span(p.time.median), span(p.time.mean)) for p in found.pairs]
    yield from grid((_("What"), _("is followed by"), _("Times"), _("Median"), _("Mean")), pairs, top, words=2)
    yield ""
    variants = [
        (f"{v.count:,}", f"{100 * v.share:.1f} %", span(v.time.median), " → ".join(v.activities))
        for v in found.variants
    ]
    yield from grid((_("Cases"), _("Share"), _("Median"), _("Way")), variants, top, words=0)


def _activities(found: Found, top: int) -> Iterator[str]:
    again = {r.activity: r.again for r in found.rework}
    head = [_("Activity"), _("Times"), _("First"), _("Last"), _("Again"), _("Waited before, median"), _("mean")]
    rows = [
        (a, f"{n:,}", f"{found.start.get(a, 0):,}", f"{found.end.get(a, 0):,}", f"{again.get(a, 0):,}",
         *(_spans(found.waiting.get(a))), *(_spans(found.working.get(a)) if found.working else ()))
        for a, n in found.activities.items()
    ]  # fmt: skip
    if found.working:
        head += [_("Worked, median"), _("mean")]
    yield from grid(tuple(head), rows, top, words=1)


def _spans(spread: Spread | None) -> tuple[str, str]:
    return ("–", "–") if spread is None else (span(spread.median), span(spread.mean))


def span(seconds: float) -> str:
    """ "45 s", "12 min", "3.4 h", "6.1 days"."""
    for size, word in ((86_400, _("days")), (3_600, _("h")), (60, _("min"))):
        if seconds >= size:
            return f"{seconds / size:.1f} {word}"
    return f"{seconds:.0f} s"


def grid(head: Sequence[str], rows: Sequence[Sequence[str]], top: int, *, words: int) -> Iterator[str]:
    """A table; the first `words` columns are words and stand left, numbers right, a last column of words unpadded."""
    shown = [
        [cell if i == len(row) - 1 and not words else _short(cell) for i, cell in enumerate(row)] for row in rows[:top]
    ]
    widths = [max(len(r[i]) for r in [list(head), *shown]) for i in range(len(head))]
    for row in [head, *shown]:
        last = len(row) - 1
        yield "  ".join(
            cell if i == last and not words else f"{cell:<{w}}" if i < words else f"{cell:>{w}}"
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
    if (left := len(rows) - top) > 0:
        yield ngettext("and %s more", "and %s more", left) % f"{left:,}"


def _short(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
