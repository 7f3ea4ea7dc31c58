"""Figures of surveys in words: as points, as a share, or that there are too few answers to say anything."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kith.surveys.figures import Figures
from kith.surveys.shares import LEAST, Estimate


def score_words(kind: str, one: Estimate | None, *, short: bool = False) -> str:
    """ "+42", or "81 %"; with its interval, unless short. Thin ones say only how few there are."""
    if one is None:
        return "–"
    if one.thin:
        return _("too few to say") if short else _("%(n)s answers, too few to say") % {"n": one.of}
    value = _points(one.value) if kind == "nps" else f"{one.value:.0%}".replace("%", " %")
    if short:
        return value
    ends = (
        (_points(one.low), _points(one.high)) if kind == "nps" else (f"{one.low * 100:.0f}", f"{one.high * 100:.0f} %")
    )
    return _("%(value)s (%(low)s to %(high)s)") % {"value": value, "low": ends[0], "high": ends[1]}


def _points(value: float) -> str:
    n = round(value * 100)
    return f"+{n}" if n > 0 else f"−{-n}" if n < 0 else "0"


def rate_words(one: Estimate | None) -> str:
    """ "38 % (31 to 46 %)"."""
    if one is None:
        return "–"
    return _("%(value)s %% (%(low)s to %(high)s %%)") % {
        "value": round(one.value * 100), "low": round(one.low * 100), "high": round(one.high * 100)}  # fmt: skip


def _share(one: Estimate | None) -> str:
    return "–" if one is None else f"{round(one.value * 100)} %"


def _between(one: Estimate | None, *, points: bool = False) -> str:
    """ "between +29 and +50": the interval of a headline, "" where there is nothing to say."""
    if one is None or (points and one.thin):
        return ""
    low, high = (
        (_points(one.low), _points(one.high)) if points else (f"{one.low * 100:.0f} %", f"{one.high * 100:.0f} %")
    )
    return _("between %(low)s and %(high)s") % {"low": low, "high": high}


def said(out: Figures) -> dict[str, Any]:
    """What templates of panels and pages show of figures."""
    return {
        "out": out, "rate": _share(out.rate), "score": score_words(out.kind, out.score, short=True), "least": LEAST,
        "rate_interval": _between(out.rate), "score_interval": _between(out.score, points=out.kind == "nps"),
        "what": _("Promoters less detractors") if out.kind == "nps" else _("Share of high answers"),
        "trend": [(f"{day.year} Q{(day.month + 2) // 3}", score_words(out.kind, one), one) for day, one in out.trend],
        "changed": {1: _("More than the quarter before, by more than chance explains."),
                    -1: _("Less than the quarter before, by more than chance explains.")}.get(out.changed, ""),
        "groups": [
            (label, [(one, rate_words(one.rate), score_words(out.kind, one.score, short=True)) for one in lines])
            for label, lines in out.groups
        ],
    }  # fmt: skip


def month_words(day: Any) -> str:
    return date_format(day, "M Y")
