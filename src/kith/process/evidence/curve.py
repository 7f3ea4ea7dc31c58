"""Where the two lines of those still with us stand, month by month, and the figures under them. Pure arithmetic.

Steps, since a share stays what it is until somebody leaves; the pale band is the 95 % interval of those who skipped, mostly
the smaller group. A line ends where too few are still followed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Any

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 520, 46, 374, 14, 214
APART = 42  # between the words at the ends of the lines
LEAST_DEEP = 0.2  # the axis shows at least this much under 100 %


@dataclass(frozen=True)
class Side:
    """One line. `end` is the share where it ends (0 to 1), in month `until`; `x`, `y`, `label_y` say where, and its words."""

    path: str
    band: str
    end: float
    until: int
    began: int
    x: float
    y: float
    label_y: float


@dataclass(frozen=True)
class Curves:
    """`grid` are (y, share in per cent), `ticks` (x, month); `at_risk` (x, others, skipped) at the ticks."""

    others: Side
    skipped: Side
    grid: tuple[tuple[float, int], ...]
    ticks: tuple[tuple[float, int], ...]
    at_risk: tuple[tuple[float, int, int], ...]
    months: tuple[tuple[int, float | None, int, float | None, int], ...]  # month, then share and still followed of both
    width: int = WIDTH
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM


def curves(data: Mapping[str, Mapping[str, Sequence[Any]]]) -> Curves | None:
    """`data` is the `curve` of a finding. None where too few were followed to draw either line."""
    others, skipped = data["others"], data["skipped"]
    many = len(others["kept"]) - 1
    if many < 1 or others["kept"][0] is None or skipped["kept"][0] is None:
        return None
    lows = [share for one in (others, skipped) for share in one["kept"] if share is not None]
    marks = _marks(min(lows))
    foot = marks[0] / 100

    def y(share: float) -> float:
        return round(BOTTOM - (max(share, foot) - foot) / (1 - foot) * (BOTTOM - TOP), 1)

    def x(month: int) -> float:
        return round(LEFT + month / many * (RIGHT - LEFT), 1)

    sides = [_side(one, x, y) for one in (others, skipped)]
    every = range(0, many + 1, max(1, many // 4))
    return Curves(
        *_parted(sides), tuple((y(mark / 100), mark) for mark in marks), tuple((x(m), m) for m in every),
        tuple((x(m), others["at_risk"][m], skipped["at_risk"][m]) for m in every),
        tuple((m, others["kept"][m], others["at_risk"][m], skipped["kept"][m], skipped["at_risk"][m]) for m in range(many + 1)),
    )  # fmt: skip


def _marks(low: float) -> list[int]:
    """Per cent on the axis, up to 100: five or six hairlines that enclose the lowest share."""
    deep = max(LEAST_DEEP, 1 - low)
    step = 5 if deep <= 0.25 else 10 if deep <= 0.5 else 20
    foot = max(0, 100 - step * ceil(round(deep * 100 / step, 6)))
    return list(range(floor(foot), 101, step))


def _side(data: Mapping[str, Sequence[Any]], x: Any, y: Any) -> Side:
    kept = data["kept"]
    until = max(m for m, share in enumerate(kept) if share is not None)
    shares = list(kept[: until + 1])
    upper = _steps([y(v) for v in data["high"][: until + 1]], x)
    lower = _back([y(v) for v in data["low"][: until + 1]], x)
    end = y(shares[-1])
    band = f"M{upper[1:]}{lower}Z" if until else ""
    return Side(_steps([y(v) for v in shares], x), band, shares[-1], until, data["at_risk"][0], x(until), end, end + 4)


def _steps(heights: Sequence[float], x: Any) -> str:
    """To the right, then down, month by month."""
    return f"M{x(0):g} {heights[0]:g}" + "".join(f"H{x(m):g}V{h:g}" for m, h in enumerate(heights) if m)


def _back(heights: Sequence[float], x: Any) -> str:
    """The same from right to left."""
    parts = [f"V{heights[-1]:g}"]
    parts += [f"V{heights[m]:g}H{x(m - 1):g}" for m in range(len(heights) - 1, 0, -1)]
    return "".join(parts) + f"V{heights[0]:g}"


def _parted(sides: Sequence[Side]) -> list[Side]:
    """The same with their words so far apart that they do not touch, both within the drawing."""
    upper, lower = sorted((0, 1), key=lambda n: sides[n].label_y)
    top = min(max(TOP + 4, sides[upper].label_y), BOTTOM - 2 * APART)
    low = min(max(top + APART, sides[lower].label_y), BOTTOM - 24)
    out = list(sides)
    out[upper], out[lower] = replace(sides[upper], label_y=top), replace(sides[lower], label_y=low)
    return out
