"""The map as it was meant: the way that the version in force describes, drawn and in words, without anything that happened.

Stages in their order, the ways on and back that they name, promised times and gates; of one segment where the reader chose
one. Nothing is counted for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.process.definition.shape import STRICT, Definition, Stage
from kith.process.evidence.drawing import RADIUS, Drawing, draw
from kith.process.evidence.flow import Arc, Flow
from kith.process.evidence.ledger import NOTHING, Figure, Line
from kith.process.evidence.walks import BACK, FLOW

WIDE = 8.0  # of the line and its arcs, since nobody is counted on them


@dataclass(frozen=True)
class Gate:
    """Where a stage is left: `x` in the drawing, whether it may be passed with a reason, and the words."""

    x: float
    strict: bool
    says: str


@dataclass(frozen=True)
class Designed:
    """`definition` has the stages that are shown. `items` are for phones: (stage, promised time, gate, ways on and back)."""

    definition: Definition
    drawing: Drawing
    gates: tuple[Gate, ...]
    ledger: tuple[Line, ...]
    items: tuple[tuple[Stage, str, str, str], ...]
    process: str

    def href(self, key: str) -> str:
        """Where people read the stage."""
        return f"/process/guide/{quote(self.process)}/#{quote(key)}"


def designed(definition: Definition, segment: str = "", process: str = "") -> Designed:
    """`segment` is a key, or "" for the ways of all; `process` the key under which its guide is found."""
    shown = replace(definition, stages=tuple(s for s in definition.stages if not segment or s.is_for(segment)))
    words = ways(definition, segment)
    arcs = [Arc(of, to, BACK if definition.order[to] < definition.order[of] else FLOW, 1) for of, to in words]
    drawing = draw(shown, Flow({}, tuple(arcs)), lambda arc, _skipped, _end: words[arc.of, arc.to], widest=WIDE)
    found = Designed(shown, drawing, _gates(shown, drawing), (), (), process or definition.key)
    items = tuple((s, s.span(segment), gate_words(s), _ways_words(definition, s, segment)) for s in shown.stages)
    return replace(found, ledger=tuple(_ledger(found, definition, segment)), items=items)


def ways(definition: Definition, segment: str = "") -> dict[tuple[str, str], str]:
    """Every way there is from a stage to another, with the words on it: to the next one, to those named, back to those named.

    Where segments go on to different stages, the words name them.
    """
    segments = [segment] if segment else [*(s.key for s in definition.segments), ""]
    names = {s.key: s.name for s in definition.segments}
    shown = [s for s in definition.stages if not segment or s.is_for(segment)]
    out: dict[tuple[str, str], str] = {}
    for stage in shown:
        goes: dict[str, list[str]] = {}
        for key in segments:
            on = definition.next_of(stage.key, key) if _walks(definition, stage, key) else None
            if on is not None:
                goes.setdefault(on.key, []).append(names.get(key, _("others")))
        for to, who in goes.items():
            name = definition.by_key[to].name
            apart = _("%(who)s on to %(stage)s") % {"who": ", ".join(who), "stage": name}
            out[stage.key, to] = apart if len(goes) > 1 else _("on to %s") % name
        for to in _named(shown, stage.forward):
            out.setdefault((stage.key, to.key), _("may go on to %s") % to.name)
        for to in _named(shown, stage.back):
            out.setdefault((stage.key, to.key), _("may go back to %s") % to.name)
    return out


def _walks(definition: Definition, stage: Stage, segment: str) -> bool:
    """Is the stage on the way of this segment?"""
    return stage in definition.way(segment)


def _named(shown: list[Stage], keys: tuple[str, ...]) -> list[Stage]:
    return [s for s in shown if s.key in keys]


def gate_words(stage: Stage) -> str:
    if not stage.needs:
        return NOTHING
    n = len(stage.needs)
    if stage.gate == STRICT:
        return ngettext("%s need, strict", "%s needs, strict", n) % n
    return ngettext("%s need", "%s needs", n) % n


def _gates(shown: Definition, drawing: Drawing) -> tuple[Gate, ...]:
    """One behind each stage that asks for something and has a stage after it."""
    out = []
    for node, stage in list(zip(drawing.nodes, shown.stages, strict=True))[:-1]:
        if stage.needs:
            needs = "; ".join(need.says for need in stage.needs)
            kind = _("Strict gate") if stage.gate == STRICT else _("Gate that may be passed with a reason")
            out.append(Gate(round(node.x + RADIUS + 10, 1), stage.gate == STRICT, f"{stage.name}. {kind}: {needs}"))
    return tuple(out)


def _ledger(found: Designed, whole: Definition, segment: str) -> list[Line]:
    """Rows that no stage says anything in are left out, but for promised times and gates."""
    stages = found.definition.stages
    lines = [Line(_("Promised time"), tuple(Figure(s.span(segment) or NOTHING) for s in stages), strong=True)]
    for other in [] if segment else whole.segments:
        lines.append(
            Line(_("For %s") % other.name, tuple(Figure(s.within_for.get(other.key, NOTHING)) for s in stages))
        )
    lines += [
        Line(_("Warns before"), tuple(Figure(s.warn or NOTHING) for s in stages)),
        Line(_("Longest silence"), tuple(Figure(s.silence or NOTHING) for s in stages)),
    ]
    lines = [lines[0], *(line for line in lines[1:] if any(f.text != NOTHING for f in line.figures))]
    gates = tuple(Figure(gate_words(s), found.href(s.key) if s.needs else "") for s in stages)
    lines.append(Line(_("Gate"), gates))
    names = {s.key: s.name for s in whole.segments}
    more = [
        Line(_("On to"), tuple(Figure(_on_words(whole, s, segment) or NOTHING) for s in stages)),
        Line(_("Back to"), tuple(Figure(_back_words(whole, s) or NOTHING, quiet=not s.back) for s in stages)),
        Line(_("Handed over"), tuple(Figure(_("accepted first") if s.handover else NOTHING) for s in stages)),
        Line(_("Only for"), tuple(Figure(", ".join(names.get(k, _("others")) for k in s.only) or NOTHING) for s in stages)),
    ]  # fmt: skip
    return [*lines, *(line for line in more if any(f.text != NOTHING for f in line.figures))]


def _on_words(definition: Definition, stage: Stage, segment: str) -> str:
    order, ahead = definition.order, {to for of, to in ways(definition, segment) if of == stage.key}
    return ", ".join(s.name for s in definition.stages if s.key in ahead and order[s.key] > order[stage.key])


def _back_words(definition: Definition, stage: Stage) -> str:
    if stage.back:
        return ", ".join(s.name for s in definition.stages if s.key in stage.back)
    return _("any earlier one") if definition.order[stage.key] > definition.order[definition.first.key] else ""


def _ways_words(definition: Definition, stage: Stage, segment: str) -> str:
    on = _on_words(definition, stage, segment)
    if on:
        return _("on to %s") % on
    known = definition.order[stage.key] >= definition.order[definition.first.key]
    return _("the last one") if known else _("before anybody is known")
