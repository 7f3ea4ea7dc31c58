"""What the report on deals measures: each figure's sentence, formula and the rows it rests on.

Deals count on their own dates: won and lost ones in the period in which they closed, opened ones in that in which they
were opened, whenever they came into Kith.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.insight.figures import COUNT, DAYS, MONEY, SHARE, Measure, Part
from kith.insight.period import Period
from kith.kernel.lookups.tree import Condition, Group

KNOWN_OPENING = Condition("opened_on", "filled")
NEEDED = ("status", "opened_on", "closed_on")  # columns without which nothing can be said


def status(*values: str) -> Condition:
    return Condition("status", "is", values)


def won(p: Period) -> tuple[Part, ...]:
    return (status("won"), *p.within("closed_on"))


def lost(p: Period) -> tuple[Part, ...]:
    return (status("lost"), *p.within("closed_on"))


def closed(p: Period) -> tuple[Part, ...]:
    return (status("won", "lost"), *p.within("closed_on"))


def opened(p: Period) -> tuple[Part, ...]:
    return p.within("opened_on")


def still_open(p: Period) -> tuple[Part, ...]:
    """Open at the end of the period; one that still runs has today as its end."""
    if p.running or p.after is None:
        return (status("open"),)
    after = (p.after.isoformat(),)
    later = Group("any", (status("open"), Condition("closed_on", "since", after)))
    return (Condition("opened_on", "before", after), later)


def timed(p: Period) -> tuple[Part, ...]:
    return (*won(p), KNOWN_OPENING)


def closed_timed(p: Period) -> tuple[Part, ...]:
    return (*closed(p), KNOWN_OPENING)


WIN_RATE = Measure(
    "win_rate", _("Win rate"), _("Of the deals that closed in the period, the share that was won. Open deals do not count."),
    _("won ÷ (won + lost); range: 95 % score interval by Wilson"), SHARE, closed,
)  # fmt: skip
WON = Measure(
    "won",
    _("Won"),
    _("Deals won, by the day they closed."),
    _("number of deals with status won, closed in the period"),
    COUNT,
    won,
)
LOST = Measure(
    "lost",
    _("Lost"),
    _("Deals lost, by the day they closed."),
    _("number of deals with status lost, closed in the period"),
    COUNT,
    lost,
)
OPEN = Measure(
    "open", _("Open"),
    _("Deals open at the end of the period, today where it still runs. Where it lies behind us, deals count that were opened by then and not closed by then as their record says now; those without an opening day cannot be placed and count only today."),
    _("number of deals with status open; for past periods opened by its last day, and open still or closed after it"), COUNT, still_open,
)  # fmt: skip
OPENED = Measure(
    "opened",
    _("Opened"),
    _("Deals opened in the period, whatever became of them."),
    _("number of deals by their opening day"),
    COUNT,
    opened,
)
WON_VALUE = Measure(
    "won_value", _("Won value"),
    _("What the deals won are worth together. Amounts in other currencies are converted at the rate of the day each deal closed; where no rate is known nothing is added up, and the sums are given currency by currency."),
    _("sum of amount × rate on the closing day, rounded to cents once"), MONEY, won, ("amount", "currency"),
)  # fmt: skip
CYCLE_MEAN = Measure(
    "cycle_mean", _("Mean days to win"), _("How long deals that were won took from opening to closing, on average. Deals without an opening day are left out."),
    _("mean of (closed − opened) in days, over the deals won"), DAYS, timed,
)  # fmt: skip
CYCLE_MEDIAN = Measure(
    "cycle_median", _("Median days to win"), _("Half of the deals won took at most so long from opening to closing. Deals without an opening day are left out."),
    _("50th percentile of (closed − opened) in days, over the deals won"), DAYS, timed,
)  # fmt: skip
CYCLE_P25 = Measure(
    "cycle_p25", _("Days to win, fastest quarter"), _("A quarter of the deals won took at most so long."),
    _("25th percentile of (closed − opened) in days, over the deals won"), DAYS, timed, brief=True,
)  # fmt: skip
CYCLE_P75 = Measure(
    "cycle_p75", _("Days to win, three quarters"), _("Three quarters of the deals won took at most so long."),
    _("75th percentile of (closed − opened) in days, over the deals won"), DAYS, timed, brief=True,
)  # fmt: skip
CYCLE_P90 = Measure(
    "cycle_p90", _("Days to win, nine in ten"), _("Nine in ten of the deals won took at most so long."),
    _("90th percentile of (closed − opened) in days, over the deals won"), DAYS, timed, brief=True,
)  # fmt: skip
CLOSED_MEAN = Measure(
    "closed_mean", _("Mean days to close"), _("How long deals took from opening until they were won or lost, on average."),
    _("mean of (closed − opened) in days, over the deals won or lost"), DAYS, closed_timed, brief=True,
)  # fmt: skip
CLOSED_MEDIAN = Measure(
    "closed_median", _("Median days to close"), _("Half of the deals that were won or lost took at most so long."),
    _("50th percentile of (closed − opened) in days, over the deals won or lost"), DAYS, closed_timed, brief=True,
)  # fmt: skip

MEASURES = (
    WIN_RATE, WON, WON_VALUE, CYCLE_MEDIAN, CYCLE_MEAN, LOST, OPEN, OPENED, CYCLE_P25, CYCLE_P75, CYCLE_P90, CLOSED_MEAN,
    CLOSED_MEDIAN,
)  # fmt: skip
