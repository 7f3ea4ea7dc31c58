"""The figures under the map, row by row: what a cell says and where it leads; and the same as a list for phones."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.process.definition.shape import Definition, Stage
from kith.process.evidence.drawing import WAY, Drawing
from kith.process.evidence.flow import CAME, HERE, LATE, LEFT, ON, TIME, StageFigures
from kith.process.evidence.page import Map
from kith.process.evidence.patience import MOST
from kith.process.evidence.waiting import THEM, US
from kith.process.evidence.walks import BACK, SKIP
from kith.ui.filters import number, percent

NOTHING = "–"
WARNS, LATE_FROM = 0.2, 0.4  # shares of broken promises from which a figure is coloured
SYMBOLS = {SKIP: "skip", BACK: "loop", WAY: "right"}
UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


@dataclass(frozen=True)
class Figure:
    """One cell. `tone` is warn or late, and `worst` the worst of its row."""

    text: str
    href: str = ""
    tone: str = ""
    worst: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Line:
    label: str
    figures: tuple[Figure, ...]
    strong: bool = False
    says: str = ""  # what is counted, where the label does not say it


@dataclass(frozen=True)
class Item:
    """One stage for phones. `told` are sentences on detours: (words, symbol, tone, address)."""

    stage: Stage
    came: Figure
    time: str
    on: str
    broken: Figure
    told: tuple[tuple[str, str, str, str], ...]


def short_time(seconds: float | None, working: bool = False) -> str:
    """ "1 h 40 min", "1.8 d", "16 d", "45 s"; a dash for nothing. Working time is told in hours, however long: "46 h"."""
    if seconds is None:
        return NOTHING
    if working and seconds >= 86_400:
        return _("%s h") % number(round(seconds / 3_600))
    if seconds < 60:
        return _("%s s") % round(seconds)
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours < 24:
        parts = [_("%s h") % hours if hours else "", _("%s min") % minutes if minutes or not hours else ""]
        return " ".join(part for part in parts if part)
    days = seconds / 86_400
    return _("%s d") % number(round(days, 1) if days < 10 else round(days))


def ledger(found: Map) -> list[Line]:
    """The rows, a figure for each stage."""
    stages = found.shown.stages
    figures = [found.flow.stages.get(stage.key, StageFigures(stage.key)) for stage in stages]
    lines = [
        Line(_("Came in"), tuple(_count(found, f, CAME, f.came) for f in figures), strong=True,
             says=_("First came to the stage in the period; each once, however often they came.")),
        Line(_("Moved on"), tuple(_share(found, f, f.stage == stages[-1].key) for f in figures),
             says=_("Of those who came in: went further, as designed or past steps, or ended well in it.")),
        Line(_("Left here"), tuple(_count(found, f, LEFT, f.left) for f in figures),
             says=_("Of those who came in: ended in the stage, and not well.")),
        Line(_("In it now"), tuple(_count(found, f, HERE, f.here) for f in figures),
             says=_("Of those who came in: are in the stage.")),
        Line(_("Median time"), tuple(_time(found, f, f.median) for f in figures),
             says=_("Half of those who came in and are no longer in the stage were there at most so long, all their stays together. %s Right to two in a hundred; the figure opens them.") % _clock(found)),
        Line(_("Nine in ten"), tuple(_time(found, f, f.p90) for f in figures),
             says=_("Nine in ten of the same were in the stage at most so long.")),
    ]  # fmt: skip
    if not found.actual:  # a promise belongs to what was meant
        segment = found.asked.segment.key if found.asked.segment else ""
        promised = tuple(Figure(s.span(segment) or NOTHING, quiet=True) for s in stages)
        lines += [
            Line(_("Service level"), promised, says=_("What the version in force promises.")),
            Line(_("Broken"), tuple(_broken(found, figures)),
                 says=_("Of those whose promise was kept or broken by now: left later than the version of their time promised, or are still there.")),
        ]  # fmt: skip
    waits = found.study.waiting if found.study else {}
    if any(sum(parts.values()) for parts in waits.values()):
        whom = {US: _("Waited for us"), THEM: _("Waited for them"), "handover": _("Waited for a hand-over")}
        says = _(
            "Share of the time in the stage, of everybody who came in during the last year; of more than %s only the latest. After their last word they wait for us, after ours we wait for them."
        )
        lines += [
            Line(label, tuple(_waited(found, s.key, waits.get(s.key, {}), who) for s in stages), says=says % number(MOST))
            for who, label in whom.items()
        ]  # fmt: skip
    return lines


def _clock(found: Map) -> str:
    if found.asked.working:
        return _("Only while the calendar of the process is open, nights, weekends and days off left out.")
    return _("By the clock, nights and weekends among it.")


def _time(found: Map, f: StageFigures, seconds: float | None) -> Figure:
    """A time, which leads to all whose time it is made of."""
    return Figure(short_time(seconds, found.asked.working), found.rows(f.cell(TIME)) if f.timed else "")


def _waited(found: Map, stage: str, parts: dict[str, float], who: str) -> Figure:
    """The share of the time in a stage, over the last year; it leads to those who came in then, a hand-over to how all of
    them go."""
    whole = sum(parts.values())
    if not whole:
        return Figure(NOTHING)
    more = (
        "/process/handovers/" if who == "handover" and parts.get(who) else found.came_since(stage, found.waited_since)
    )
    return Figure(percent(parts[who] / whole), more)


def _count(found: Map, f: StageFigures, what: str, n: int) -> Figure:
    return Figure(number(n), found.rows(f.cell(what))) if n else Figure(NOTHING if not f.came else "0")


def _share(found: Map, f: StageFigures, last: bool) -> Figure:
    """There is nowhere to go from the last stage, so that few who end well there make no share worth showing."""
    if f.on:
        return Figure(percent(f.on_share, 1), found.rows(f.cell(ON)))
    return Figure(NOTHING if last or not f.came else percent(0))


def _broken(found: Map, figures: list[StageFigures]) -> list[Figure]:
    worst = max((f.broken or 0 for f in figures), default=0)
    out = []
    for f in figures:
        share = f.broken
        if share is None:
            out.append(Figure(NOTHING))
            continue
        tone = "late" if share >= LATE_FROM else "warn" if share >= WARNS else ""
        href = found.rows(f.cell(LATE)) if f.late else ""
        out.append(Figure(percent(share, 1), href, tone, bool(tone) and share == worst))
    return out


def items(found: Map, drawing: Drawing) -> list[Item]:
    """The same figures stage by stage, with detours told in words where they leave."""
    stages = found.shown.stages
    figures = [found.flow.stages.get(stage.key, StageFigures(stage.key)) for stage in stages]
    out = []
    broke = [Figure("")] * len(stages) if found.actual else _broken(found, figures)
    for stage, f, broken in zip(stages, figures, broke, strict=True):
        told = tuple(
            (c.whole, SYMBOLS[c.kind], "" if c.kind != SKIP else "late" if c.worst else "warn", found.rows(c.cell))
            for c in drawing.curves
            if c.of.key == stage.key
        )
        out.append(Item(stage, _count(found, f, CAME, f.came), short_time(f.median, found.asked.working), percent(f.on_share, 1) if f.on else NOTHING, broken, told))  # fmt: skip
    return out


def teams(shown: Definition, segment: str = "") -> list[tuple[str, int]]:
    """(owner team, how many stages in a row are theirs), as heads over the names; for customers of a segment, where one is."""
    out: list[tuple[str, int]] = []
    for stage in shown.stages:
        team = stage.owned_by(segment)
        if out and out[-1][0] == team:
            out[-1] = (team, out[-1][1] + 1)
        else:
            out.append((team, 1))
    return out if any(team for team, _n in out) else []


def came_words(n: int) -> str:
    return ngettext("%s came in", "%s came in", n) % number(n)
