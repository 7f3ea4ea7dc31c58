"""What surveys found, for programs and terminals: the figures of their pages as plain values."""

from __future__ import annotations

from typing import Any

from kith.surveys.figures import Figures
from kith.surveys.shares import Estimate

LESS = {-1: "less", 0: "", 1: "more"}


def as_json(out: Figures) -> dict[str, Any]:
    """`groups` says who answers less or more often than the others by more than chance explains: what all answers together
    are bent by."""
    return {
        "kind": out.kind, "asked": out.asked, "answered": out.answered, "low": out.low, "high": out.high,
        "rate": _estimate(out.rate), "score": _estimate(out.score), "loops": out.loops,
        "quarters": [{"from": day.isoformat(), "score": _estimate(one)} for day, one in out.trend],
        "groups": [
            {"title": str(title), "lines": [
                {"name": one.label, "asked": one.asked, "answered": one.answered, "rate": _estimate(one.rate),
                 "score": _estimate(one.score), "answers": LESS[one.less]}
                for one in lines
            ]}
            for title, lines in out.groups
        ],
        "unasked": [{"why": why, "people": n} for why, n in out.unasked],
    }  # fmt: skip


def _estimate(one: Estimate | None) -> dict[str, Any] | None:
    """`thin`: too few answers to say anything."""
    return None if one is None else {"value": round(one.value, 4), "low": round(one.low, 4), "high": round(one.high, 4), "of": one.of, "thin": one.thin}  # fmt: skip
