"""What skipping a stage cost, in words and figures for the page: a card for what may be claimed, a line for the rest."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kith.insight.period import CUSTOM, Period
from kith.kernel.lookups.tree import Condition
from kith.kernel.money.queries import home
from kith.kernel.records.registry import registry
from kith.process.evidence.cohort import MOST
from kith.process.evidence.cost import LEAST, LEAST_OF_EACH
from kith.process.evidence.curve import Curves, curves
from kith.process.evidence.finding import DID, MISSED, PASSED, WENT, Went
from kith.process.evidence.flow import Cell
from kith.process.evidence.page import Map
from kith.process.evidence.study import AGAIN, ARRIVED, DAYS, FOLLOWED, KEPT, OUTCOMES, SHARES, WORTH
from kith.process.evidence.walks import SKIP
from kith.ui.filters import money, number, percent

LABELS = {
    KEPT: gettext_lazy("Still with us"), AGAIN: gettext_lazy("Bought again"), ARRIVED: gettext_lazy("Came to the last step"),
    WORTH: gettext_lazy("Median value won"), DAYS: gettext_lazy("Days to won, on average"),
}  # fmt: skip
OF_DEALS = (AGAIN, WORTH)


@dataclass(frozen=True)
class Row:
    """One outcome: both sides as they are, of how many where that is not everybody, and the adjusted difference in words.

    `tone` is late or good where the difference may be claimed.
    """

    outcome: str
    label: str
    others: str
    skipped: str
    difference: str
    interval: str
    tone: str
    others_of: str = ""
    skipped_of: str = ""


@dataclass(frozen=True)
class Side:
    """Those who did it, or skipped it: how many, and the address of the list of them."""

    count: int
    href: str


@dataclass(frozen=True)
class Compared:
    """What skipping one stage cost. `rows` is empty where nothing can be said; `note` says why, or how it was compared."""

    stage: str
    name: str
    step: int
    followed: int
    hint: str
    skipped: Side
    others: Side
    rows: tuple[Row, ...]
    note: str
    claim: bool
    href: str
    curve: Curves | None = None
    full: bool = False  # shown as a table, else in a line

    @property
    def costly(self) -> bool:
        """May it be claimed that skipping it loses customers?"""
        return any(row.outcome == KEPT and row.tone == "late" for row in self.rows)

    @property
    def claimed(self) -> Row | None:
        """The first outcome of which something may be claimed."""
        return next((row for row in self.rows if row.tone), None)

    def kept_words(self) -> str:
        """The drawing in a sentence, for ears."""
        if self.curve is None:
            return ""
        return _("Still with us after %(n)s months: %(others)s of those who did it, %(skipped)s of those who skipped it") % {
            "n": min(self.curve.others.until, self.curve.skipped.until), "others": percent(self.curve.others.end),
            "skipped": percent(self.curve.skipped.end)}  # fmt: skip

    def kept_rows(self) -> list[tuple[str, ...]]:
        """The same month by month, as a table."""
        if self.curve is None:
            return []
        return [(number(m), percent(a) or "–", number(n), percent(b) or "–", number(k)) for m, a, n, b, k in self.curve.months]  # fmt: skip


def costs(found: Map) -> list[Compared]:
    """One for each stage somebody skipped, as of last night: what may be claimed first. Only for who sees all journeys."""
    study = found.study
    by_stage: dict[str, list[dict[str, Any]]] = {}
    for one in study.findings if study else ():
        if one["stage"] in found.definition.by_key and _sees(found, one["outcome"]):
            by_stage.setdefault(one["stage"], []).append(one)
    out = [_compared(found, key, findings) for key, findings in by_stage.items()]
    first = next((one.stage for one in out if one.rows), "")
    return [replace(one, full=one.claim or one.stage == first) for one in out]


def _sees(found: Map, outcome: str) -> bool:
    """What was bought is for those who see all deals and what they are worth."""
    deals = registry["deal"]
    return outcome not in OF_DEALS or (
        found.actor.level("deal", "see") == "all" and "amount" in deals.columns(found.actor)
    )


def _compared(found: Map, key: str, findings: list[dict[str, Any]]) -> Compared:
    findings = sorted(findings, key=lambda one: OUTCOMES.index(one["outcome"]))
    first, stage = findings[0], found.definition.by_key[key]
    about = first.get("cost") or first["silent"]
    counts = (about["skipped"]["count"], about["others"]["count"])
    spoken = [one for one in findings if "cost" in one]
    since, until = (dt.date.fromisoformat(first[name]) for name in ("since", "until"))
    whole = sum(counts) < MOST  # else the list behind a number would hold more than were compared
    sides = [
        Side(n, _who(found, PASSED, key, kind, since, until) if n and whole else "")
        for n, kind in zip(counts, (SKIP, DID), strict=True)
    ]
    window = Period(CUSTOM, since, until, timezone.localdate())
    hint = _("Came past it %(window)s, followed for %(days)s days") % {"window": window.days(), "days": first["followed"]}  # fmt: skip
    curve = curves(first["curve"]) if "curve" in first else None
    return Compared(
        key, stage.name, stage.step, first["followed"], hint, sides[0], sides[1], tuple(_row(one, counts) for one in spoken),
        _note(findings, spoken, about, curve), any(one.get("claim") for one in findings), _who(found, MISSED, key), curve,
    )  # fmt: skip


def _who(
    found: Map, what: str, stage: str, kind: str = "", since: dt.date | None = None, until: dt.date | None = None
) -> str:
    went = Went(Cell(what, stage, kind), since, until)
    return found.source.url(Condition("process", "is", (str(found.process),)), Condition(WENT, "is", (went.text(),)))


def _row(one: dict[str, Any], counts: tuple[int, int]) -> Row:
    cost, outcome = one["cost"], one["outcome"]
    sides = [_side_words(one, side) for side in ("others", "skipped")]
    words, interval = _difference(outcome, cost)
    worse = cost["difference"] > 0 if outcome == DAYS else cost["difference"] < cost["neutral"]
    tone = ("late" if worse else "good") if one.get("claim") else ""
    fewer = (cost["skipped"]["count"], cost["others"]["count"]) != counts
    of = [_("of %s") % number(cost[side]["count"]) if fewer else "" for side in ("others", "skipped")]
    return Row(outcome, str(LABELS[outcome]), *sides, words, interval, tone, *of)


def _side_words(one: dict[str, Any], side: str) -> str:
    if one["outcome"] in SHARES:
        return percent(one["cost"][side]["mean"])
    if one["outcome"] == WORTH:
        return money(one["medians"][side], home())
    return number(_rounded(one["cost"][side]["mean"]))


def _difference(outcome: str, cost: dict[str, Any]) -> tuple[str, str]:
    """("−23 points", "(−31 to −15)")"""
    ends = (cost["difference"], cost["low"], cost["high"])
    if outcome == WORTH:
        said, low, high = (number(round(v, 2), 2) for v in ends)
        words = _("%s times") % said
    elif outcome == DAYS:
        said, low, high = (signed(_rounded(v)) for v in ends)
        words = _("%s days") % said
    else:
        said, low, high = (points(v) for v in ends)
        words = _("%s points") % said
    return words, _("(%(low)s to %(high)s)") % {"low": low, "high": high}


def _rounded(value: float) -> float:
    return round(value) if abs(value) >= 10 else round(value, 1)


def points(share: float) -> str:
    """ "−23", "+4", "0": percentage points with their sign."""
    return signed(round(share * 100))


def signed(value: float) -> str:
    return f"+{number(value)}" if value > 0 else f"−{number(-value)}" if value < 0 else "0"


def _note(
    findings: list[dict[str, Any]], spoken: list[dict[str, Any]], about: dict[str, Any], curve: Curves | None
) -> str:
    if not spoken:
        return _silent_words(about)
    cost = spoken[0]["cost"]
    words = _(
        "Differences are between relationships of the same segment, source and size of first deal, with the 95 %% interval; %(n)s of those who skipped had their like."
    ) % {"n": number(cost["skipped"]["compared"])}
    if cost["alone"]:
        words += " " + ngettext("%s group had nobody to compare with.", "%s groups had nobody to compare with.", cost["alone"]) % number(cost["alone"])  # fmt: skip
    if curve:
        words += " " + _(
            "The lines are of everybody who came past it since then, unadjusted, each for as long as we know; the pale band is the interval of those who skipped."
        )
    mute = [_mute_words(one) for one in findings if "silent" in one]
    if mute:
        words += " " + _("Nothing is said of: %s.") % "; ".join(mute)
    if not any(one.get("claim") for one in spoken):
        words += " " + _("Beside all that was compared, this may be chance.")
    return words


def _silent_words(about: dict[str, Any]) -> str:
    words = {
        "few_skipped": _("Too few skipped it and can be compared to say what it costs: %(n)s, at least %(least)s are needed, %(missing)s more."),
        "few_others": _("Too few did not skip it and can be compared: %(n)s, at least %(least)s are needed, %(missing)s more."),
        "few_outcomes": _("Nearly all of them went the same way, so nothing can be said about a difference: of either way at least %(each)s are needed."),
    }[about["reason"]]  # fmt: skip
    n, missing = _lacking(about)
    return words % {"n": number(n), "least": LEAST, "missing": number(missing), "each": LEAST_OF_EACH}


def _mute_words(one: dict[str, Any]) -> str:
    """An outcome of which nothing is said, and how many are missing for it."""
    about = one["silent"]
    _n, missing = _lacking(about)
    words = {
        "few_skipped": ngettext("%(what)s, %(n)s more who skipped it is needed", "%(what)s, %(n)s more who skipped it are needed", missing),
        "few_others": ngettext("%(what)s, %(n)s more who did it is needed", "%(what)s, %(n)s more who did it are needed", missing),
        "few_outcomes": _("%(what)s, nearly all went the same way"),
    }[about["reason"]]  # fmt: skip
    return words % {"what": LABELS[one["outcome"]], "n": number(missing)}


def _lacking(about: dict[str, Any]) -> tuple[int, int]:
    """Of the side that is too small: how many can be compared, and how many are missing."""
    n = int(about["others" if about["reason"] == "few_others" else "skipped"]["compared"])
    return n, max(LEAST - n, 0)


def why_silent(found: Map, compared: list[Compared]) -> str:
    """Why the page says of no stage what skipping it costs; "" where it says of one."""
    if compared:
        return ""
    if not found.whole:
        return _(
            "It is compared from all relationships, so it stands here only for who sees them all, and without a filter."
        )
    if found.study is None:
        return _("It is compared every night; the first comparison has not been made yet.")
    return _("Nobody who came past a step %(days)s days ago or more, and within the year before that, skipped one: there is nothing to compare.") % {
        "days": min(FOLLOWED)
    }  # fmt: skip
