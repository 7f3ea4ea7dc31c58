"""The books of Maven kept a second time: every figure straight from the four files, with the standard library alone.

Nothing here knows of Kith. What the shipped mappings translate is translated here by hand: one product has two names,
one sector is misspelt.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from statistics import median, quantiles

SPELLINGS = {"GTXPro": "GTX Pro", "technolgy": "technology"}
FIGURES = (
    "won", "lost", "open", "opened", "win_rate", "won_value", "cycle_mean", "cycle_median", "cycle_p25", "cycle_p75",
    "closed_mean", "closed_median",
)  # fmt: skip


@dataclass(frozen=True)
class Sale:
    """One line of the pipeline, with what the other files know of it. `sector` is "" where no account is named."""

    owner: str
    team: str
    office: str
    product: str
    account: str
    sector: str
    status: str
    opened: dt.date | None
    closed: dt.date | None
    value: Decimal

    @property
    def days(self) -> int | None:
        return (self.closed - self.opened).days if self.opened and self.closed else None


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def sales(folder: Path) -> list[Sale]:
    """Every line of the pipeline."""
    agents = {row["sales_agent"]: row for row in _read(folder / "sales_teams.csv")}
    sectors = {row["account"]: SPELLINGS.get(row["sector"], row["sector"]) for row in _read(folder / "accounts.csv")}
    words = {"Won": "won", "Lost": "lost"}
    return [
        Sale(
            owner=row["sales_agent"],
            team=agents[row["sales_agent"]]["manager"],
            office=agents[row["sales_agent"]]["regional_office"],
            product=SPELLINGS.get(row["product"], row["product"]),
            account=row["account"],
            sector=sectors[row["account"]] if row["account"] else "",
            status=words.get(row["deal_stage"], "open"),
            opened=_day(row["engage_date"]),
            closed=_day(row["close_date"]),
            value=Decimal(row["close_value"] or 0),
        )
        for row in _read(folder / "sales_pipeline.csv")
    ]


def figures(book: Iterable[Sale], first: dt.date | None, last: dt.date | None, today: dt.date) -> dict[str, object]:
    """{key of the figure: value} of these sales between two days, both included; None where nothing can be said."""
    book = list(book)

    def within(day: dt.date | None) -> bool:
        return (first is None or (day is not None and day >= first)) and (
            last is None or (day is not None and day <= last)
        )

    won = [s for s in book if s.status == "won" and within(s.closed)]
    lost = [s for s in book if s.status == "lost" and within(s.closed)]
    if last is None or last >= today:
        still = [s for s in book if s.status == "open"]
    else:
        began = [s for s in book if s.opened is not None and s.opened <= last]
        still = [s for s in began if s.status == "open" or s.closed > last]
    days = sorted(s.days for s in won if s.days is not None)
    closed_days = sorted(s.days for s in (*won, *lost) if s.days is not None)
    quarters = quantiles(days, n=4, method="inclusive") if len(days) > 1 else [days[0]] * 3 if days else [None] * 3
    return {
        "won": len(won),
        "lost": len(lost),
        "open": len(still),
        "opened": sum(within(s.opened) for s in book),
        "win_rate": len(won) / (len(won) + len(lost)) if won or lost else None,
        "won_value": sum((s.value for s in won), Decimal(0)),
        "cycle_mean": float(Fraction(sum(days), len(days))) if days else None,
        "cycle_median": float(median(days)) if days else None,
        "cycle_p25": quarters[0],
        "cycle_p75": quarters[2],
        "closed_mean": float(Fraction(sum(closed_days), len(closed_days))) if closed_days else None,
        "closed_median": float(median(closed_days)) if closed_days else None,
    }


def groups(book: Iterable[Sale], name: Callable[[Sale], str]) -> dict[str, list[Sale]]:
    """The sales by a name."""
    out: dict[str, list[Sale]] = {}
    for sale in book:
        out.setdefault(name(sale), []).append(sale)
    return out


def month_ends(first: dt.date, last: dt.date, months: int) -> list[tuple[dt.date, dt.date]]:
    """First and last day of each calendar month (or quarter, 3) from one day to another."""
    year, month = first.year, (first.month - 1) // months * months + 1
    out = []
    while (start := dt.date(year, month, 1)) <= last:
        year, month = year + (month + months > 12), (month + months - 1) % 12 + 1
        out.append((start, dt.date(year, month, 1) - dt.timedelta(1)))
    return out
