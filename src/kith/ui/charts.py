"""Where the lines and bars of server-made charts stand, in the units of their own viewBox.

Pure arithmetic: figures in, coordinates out. The macros `line`, `columns` and `spark` turn them into SVG.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from zlib import crc32

from kith.ui.filters import number

LEFT, TOP, FOOT = 44, 14, 28  # room for the axis words, the topmost stroke and the words under the drawing


def scale(lowest: float, highest: float, hairlines: int = 4) -> list[float]:
    """Round figures for the axis, at most five, that enclose both ends. Equal ends still give an axis."""
    if highest <= lowest:
        highest = lowest + 1
    rough = (highest - lowest) / (hairlines - 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    start = math.floor(lowest / step) * step
    count = math.ceil((highest - start) / step - 1e-9)
    return [start + step * n for n in range(count + 1)]


def short(value: float) -> str:
    """An axis figure in few characters: 1.2M, 480k, 35."""
    for size, letter in ((1_000_000_000, "bn"), (1_000_000, "M"), (1000, "k")):
        if abs(value) >= size:
            return number(round(value / size, 2)) + letter
    return number(round(value, 2))


def _frame(low: float, high: float, unit: str, goal, width: int, height: int, right: float) -> dict:
    marks = scale(low, high)
    bottom = height - FOOT

    def y(value: float) -> float:
        return round(bottom - (value - marks[0]) / (marks[-1] - marks[0]) * (bottom - TOP), 1)

    texts = [short(mark) for mark in marks]
    texts[-1] += f" {unit}" if unit else ""
    left = max(LEFT, 7 * max(len(text) for text in texts) + 12)
    grid = [{"y": y(mark), "text": text} for mark, text in zip(marks, texts, strict=True)]
    return {"left": left, "right": right, "grid": grid, "goal": None if goal is None else y(goal), "y": y}


def _floats(values: Iterable) -> list[float | None]:
    return [None if value is None else float(value) for value in values]


def line_chart(
    series: Sequence[dict], ticks: Sequence[str], unit="", goal=None, width=566, height=206, zero=True
) -> dict:
    """Paths, end marks and axis of one or more lines over the same points. A None is a gap, not a zero."""
    lines = [{**item, "values": _floats(item["values"])} for item in series]
    known = [v for item in lines for v in item["values"] if v is not None] + ([float(goal)] if goal is not None else [])
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    room = 9 + 7 * max((len(str(item.get("label", ""))) for item in lines), default=0)
    frame = _frame(min(0.0, low) if zero else low, high, unit, goal, width, height, width - room)
    count = max((len(item["values"]) for item in lines), default=1)
    step = (frame["right"] - frame["left"]) / max(1, count - 1)
    xs = [round(frame["left"] + step * n, 1) for n in range(count)]
    drawn = [_line(item, xs, frame["y"]) for item in lines]
    _part_labels([item["end"] for item in drawn if item["end"]])
    words = [{"x": x, "text": text} for x, text in zip(xs, ticks, strict=False) if text]
    return {**frame, "series": drawn, "ticks": words}


def _line(item: dict, xs: list[float], y) -> dict:
    paths, run = [], []
    for x, value in [*zip(xs, item["values"], strict=False), (0, None)]:
        if value is not None:
            run.append((x, y(value)))
            continue
        if run:
            paths.append("M" + " ".join(f"{px} {py}" for px, py in run) + ("h.1" if len(run) == 1 else ""))
            end = {"x": run[-1][0], "y": run[-1][1], "label_y": run[-1][1] + 4}
        run = []
    return {"paths": paths, "end": end if paths else None, "label": item.get("label", ""),
            "compare": bool(item.get("compare")), "late": bool(item.get("late"))}  # fmt: skip


def _part_labels(ends: list[dict], apart: float = 15) -> None:
    """Words at the ends of lines must not lie on each other: push the lower ones down."""
    ends.sort(key=lambda end: end["label_y"])
    for above, below in pairwise(ends):
        below["label_y"] = max(below["label_y"], above["label_y"] + apart)


def column_chart(items: Sequence[dict], unit="", goal=None, width=566, height=206) -> dict:
    """Upright bars from zero; `expected` stands hatched on top of `value`. Words are thinned when they would touch."""
    whole = [float(i["value"] or 0) + float(i.get("expected") or 0) for i in items]
    known = [*whole, *(float(i["value"] or 0) for i in items), 0.0] + ([float(goal)] if goal is not None else [])
    frame = _frame(min(known), max(known), unit, goal, width, height, width - 4)
    slot = (frame["right"] - frame["left"]) / max(1, len(items))
    wide = round(max(1.0, min(44.0, slot * 0.72)), 1)
    longest = max((len(str(i["label"])) for i in items), default=1)
    every = max(1, math.ceil((longest * 6.5 + 6) / slot))
    y, bars = frame["y"], []
    for n, item in enumerate(items):
        value, extra = float(item["value"] or 0), float(item.get("expected") or 0)
        mid = round(frame["left"] + slot * (n + 0.5), 1)
        top, foot = sorted((y(value), y(0)))
        bars.append({
            "x": round(mid - wide / 2, 1), "w": wide, "mid": mid, "y": top, "h": round(foot - top, 1),
            "extra": round(y(value) - y(value + extra), 1), "extra_y": y(value + extra), "step": item.get("step"),
            "quiet": bool(item.get("quiet")), "label": item["label"] if n % every == 0 else "",
            "title": f"{item['label']}: {item.get('text') or number(item['value'])}",
        })  # fmt: skip
    return {**frame, "bars": bars, "id": crc32(repr([(b["x"], b["y"], b["extra"]) for b in bars]).encode())}


def spark_path(values: Iterable) -> dict:
    """A small line through the known values in a box of 84 by 22, and where it ends."""
    known = [value for value in _floats(values) if value is not None] or [0.0]
    low, spread = min(known), (max(known) - min(known)) or 1
    step = 78 / max(1, len(known) - 1)
    points = [(round(2 + step * n, 1), round(19 - (v - low) / spread * 16, 1)) for n, v in enumerate(known)]
    return {"path": "M" + " ".join(f"{x} {y}" for x, y in points), "x": points[-1][0], "y": points[-1][1]}


FILTERS = {"line_chart": line_chart, "column_chart": column_chart, "spark_path": spark_path}
