"""What a drawing shows, as its title. A difference is only claimed where it is larger than chance explains."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from kith.insight.figures import SMALL, Figure, TableRow, differ
from kith.insight.stages import StageRow
from kith.ui.filters import percent


def of_win_rate(year: Sequence[TableRow], before: Sequence[TableRow]) -> str:
    """Of twelve months beside the twelve before."""
    won, closed = _sums(year)
    won_before, closed_before = _sums(before)
    if not closed:
        return _("Nothing closed in these twelve months")
    if closed < SMALL:
        return _("Too few deals closed to say how often we win")
    if closed_before < SMALL:
        return _("We win %s of what we close") % percent(won / closed)
    if not differ(won, closed, won_before, closed_before):
        return _("We win about as often as the year before")
    if won / closed > won_before / closed_before:
        return _("We win more often than the year before")
    return _("We win less often than the year before")


def _sums(rows: Sequence[TableRow]) -> tuple[int, int]:
    won = sum(row.figures["won"].count for row in rows)
    return won, won + sum(row.figures["lost"].count for row in rows)


def of_months(rows: Sequence[tuple[str, float | None, str]], nothing: str) -> str:
    """Of (month, amount, amount in words): the best one. A tie names nobody."""
    known = sorted(((value, month, words) for month, value, words in rows if value), reverse=True)
    if not known:
        return nothing
    if len(known) > 1 and known[0][0] == known[1][0]:
        return _("No month stands out")
    return _("%(month)s brought the most: %(amount)s") % {"month": known[0][1], "amount": known[0][2]}


def of_funnel(rows: Sequence[StageRow]) -> str:
    """Where most deals end, among the stages that enough of them came to."""
    whole = rows[0].figures["reached"].count if rows else 0
    if whole < SMALL:
        return _("Too few deals to see a way")
    lost = sorted(((r.figures["lost_here"].count, r.stage.name) for r in rows), reverse=True)
    if not lost[0][0]:
        return _("No deal of these was lost yet")
    if len(lost) > 1 and lost[0][0] == lost[1][0]:
        return _("Deals are lost all along the way")
    return _("Most deals are lost in %s") % lost[0][1]


def of_time(rows: Sequence[StageRow]) -> str:
    """Which stage takes longest."""
    known = [(r.figures["stage_median"].value, r) for r in rows if not r.figures["stage_median"].small]
    known = [(days, r) for days, r in known if days]
    if not known:
        return _("Too few deals have moved on to say what takes how long")
    _days, row = max(known, key=lambda item: item[0])
    words = {"stage": row.stage.name, "days": row.figures["stage_median"].show()}
    if any((r.figures["stage_median"].value or 0) > row.figures["stage_median"].value for r in rows):
        return _("%(stage)s: half of the deals stay more than %(days)s") % words  # too few elsewhere to say more
    return _("%(stage)s takes longest: half of the deals stay more than %(days)s") % words


def of_people(rows: Sequence[TableRow], key: str) -> str:
    """Who did most."""
    known = sorted(((row.figures[key].count, row.label) for row in rows), reverse=True)
    if not known or not known[0][0]:
        return _("Nobody has done anything yet")
    if len(known) > 1 and known[0][0] == known[1][0]:
        return _("The busiest are equally busy")
    return _("%s was busiest") % known[0][1]


def change(now: Figure, before: Figure) -> tuple[str, str | None]:
    """(how a figure changed, its tone) beside the one before; ("", None) where that cannot be said.

    Only shares and days change in words; how much was won in a period that still runs is no change yet.
    """
    if now.value is None or before.value is None or not before.count:
        return "", None
    if now.measure.unit == "share":
        points = round(float(now.value) * 100) - round(float(before.value) * 100)
        words = _("unchanged") if not points else _("%s points") % f"{points:+d}".replace("-", "−")
        won, lost = round(float(now.value) * now.count), round(float(before.value) * before.count)
        real = differ(won, now.count, lost, before.count)
        return words, ("good" if points > 0 else "late") if real and points else None
    if now.measure.unit == "days":
        days = round(float(now.value)) - round(float(before.value))
        if not days:
            return _("unchanged"), None
        return (_("%s days slower") if days > 0 else _("%s days faster")) % abs(days), None
    return "", None
