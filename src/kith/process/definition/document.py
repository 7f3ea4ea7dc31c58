"""A definition as a document of plain values, and back: what a version keeps, what a file says, what a program sends.

Whatever is wrong is said in one sentence that names the place ("stage 3 (qualify): …"); all faults are told at once.
What says nothing is left out, so that a document written from a definition and read again is the same.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.process.definition.shape import (
    BY,
    MOMENTS,
    OF,
    SOFT,
    STRICT,
    Automation,
    Definition,
    Need,
    Rule,
    Segment,
    Stage,
    written,
)

_KEY = re.compile(r"^[a-z][a-z0-9-]{0,59}$")
MOST_STAGES, MOST_NEEDS = 40, 30


class Faults(Invalid):
    """All that is wrong with a document: `sentences`, each naming its place."""

    def __init__(self, sentences: list[str]):
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def read(document: Any) -> Definition:
    """The definition that a document says. Raises Faults."""
    reader = _Reader()
    made = reader.definition(document)
    if reader.faults:
        raise Faults(reader.faults)
    return made


def write(definition: Definition) -> dict[str, Any]:
    """The document of a definition, in the order in which people read it."""
    return _plain(definition)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((written(f), _plain(getattr(value, f.name))) for f in dataclasses.fields(value))
        kept = {name: held for name, held in pairs if held not in ("", [], {}, None, False)}
        if isinstance(value, Stage) and kept.get("gate") == SOFT:
            del kept["gate"]
        return kept
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return dict(value) if isinstance(value, dict) else value


class _Reader:
    def __init__(self) -> None:
        self.faults: list[str] = []

    def fault(self, where: str, words: str) -> None:
        self.faults.append(f"{where}: {words}" if where else words)

    # --- parts
    def definition(self, given: Any) -> Definition:
        top = _("process")
        if not isinstance(given, dict):
            self.fault("", _("A process is written as names with values (“name: …”), not as a list or a word."))
            return Definition("", "")
        self.known(given, Definition, top)
        stages = [self.stage(one, i) for i, one in enumerate(self.items(given, "stages", top), 1)]
        if not stages:
            self.fault(top, _("it needs at least one stage under “stages”."))
        if len(stages) > MOST_STAGES:
            self.fault(top, _("it has %(n)s stages; %(most)s is the most.") % {"n": len(stages), "most": MOST_STAGES})
        segments = tuple(self.segment(one, i) for i, one in enumerate(self.items(given, "segments", top), 1))
        made = Definition(
            self.key(given, top), self.text(given, "name", top, needed=True), self.text(given, "about", top),
            self.rule(given, "for", top), self.text(given, "calendar", top), self.text(given, "opens", top), segments,
            tuple(stages),
        )  # fmt: skip
        self.once([s.key for s in stages], top, _("two stages have the key “%s”."))
        self.once([s.key for s in segments], top, _("two segments have the key “%s”."))
        return made

    def segment(self, given: Any, n: int) -> Segment:
        where = _("segment %s") % n
        given = self.mapping(given, Segment, where)
        return Segment(
            self.key(given, where),
            self.text(given, "name", where, needed=True),
            self.rule(given, "rule", where) or Rule("", ""),
        )

    def stage(self, given: Any, n: int) -> Stage:
        where = _("stage %s") % n
        if isinstance(given, dict) and isinstance(given.get("key"), str):
            where = f"{where} ({given['key']})"
        given = self.mapping(given, Stage, where)
        gate = self.text(given, "gate", where) or SOFT
        if gate not in (SOFT, STRICT):
            self.fault(where, _("gate is “soft” or “strict”, not “%s”.") % gate)
        step = given.get("step", 1)
        if not isinstance(step, int) or isinstance(step, bool) or not 1 <= step <= 9:
            self.fault(where, _("step is a number from 1 to 9, not “%s”.") % step)
            step = 1
        needs = tuple(self.need(one, i, where) for i, one in enumerate(self.items(given, "needs", where), 1))
        self.once([need.key for need in needs], where, _("two needs have the key “%s”."))
        if len(needs) > MOST_NEEDS:
            self.fault(where, _("it has %(n)s needs; %(most)s is the most.") % {"n": len(needs), "most": MOST_NEEDS})
        texts = {
            k: self.text(given, k, where)
            for k in (
                "team",
                "purpose",
                "prevents",
                "within",
                "warn",
                "silence",
                "playbook",
                "fallback",
                "fallback_after",
            )
        }
        lists = {k: self.words(given, k, where) for k in ("enters_on", "forward", "back", "only")}
        return Stage(
            key=self.key(given, where), name=self.text(given, "name", where, needed=True), step=step, gate=gate, needs=needs,
            entry=self.rule(given, "entry", where), within_for=self.pairs(given, "within_for", where), team_for=self.pairs(given, "team_for", where),
            automations=tuple(self.automation(a, i, where) for i, a in enumerate(self.items(given, "automations", where), 1)),
            handover=self.flag(given, "handover", where), lead_only=self.flag(given, "lead_only", where), **texts, **lists,
        )  # fmt: skip

    def need(self, given: Any, n: int, stage: str) -> Need:
        where = _("%(stage)s, need %(n)s") % {"stage": stage, "n": n}
        given = self.mapping(given, Need, where)
        by, of = self.text(given, "by", where) or "hand", self.text(given, "of", where)
        made = Need(
            self.key(given, where), self.text(given, "says", where, needed=True), by, of,
            self.text(given, "column", where), self.rule(given, "rule", where), self.text(given, "event", where),
        )  # fmt: skip
        if by not in BY:
            self.fault(where, _("by is one of %(known)s, not “%(by)s”.") % {"known": ", ".join(BY), "by": by})
        lacks = {"field": "column" if not made.column else "", "rule": "rule" if made.rule is None else "",
                 "event": "event" if not made.event else ""}.get(by, "")  # fmt: skip
        if lacks:
            self.fault(where, _("a need by %(by)s says its “%(lacks)s”.") % {"by": by, "lacks": lacks})
        if by == "field" and of not in OF:
            self.fault(where, _("of is one of %(known)s, not “%(of)s”.") % {"known": ", ".join(OF), "of": of})
        return made

    def automation(self, given: Any, n: int, stage: str) -> Automation:
        where = _("%(stage)s, automation %(n)s") % {"stage": stage, "n": n}
        given = self.mapping(given, Automation, where)
        moment = self.text(given, "moment", where, needed=True)
        if moment and moment not in MOMENTS:
            known = {"known": ", ".join(MOMENTS), "moment": moment}
            self.fault(where, _("moment is one of %(known)s, not “%(moment)s”.") % known)
        return Automation(
            moment,
            self.text(given, "do", where, needed=True),
            self.pairs(given, "inputs", where),
            self.text(given, "says", where),
        )

    def rule(self, holder: dict[str, Any], name: str, where: str) -> Rule | None:
        given = holder.get(name)
        if given is None:
            return None
        where = f"{where}, {name}"
        given = self.mapping(given, Rule, where)
        of = self.text(given, "of", where, needed=True)
        if of and of not in OF:
            self.fault(where, _("of is one of %(known)s, not “%(of)s”.") % {"known": ", ".join(OF), "of": of})
        return Rule(of, self.text(given, "where", where, needed=True))

    # --- values
    def mapping(self, given: Any, shape: Any, where: str) -> dict[str, Any]:
        if not isinstance(given, dict):
            self.fault(where, _("it is written as names with values, not as “%s”.") % str(given)[:40])
            return {}
        self.known(given, shape, where)
        return given

    def known(self, given: dict[Any, Any], shape: Any, where: str) -> None:
        names = [written(f) for f in dataclasses.fields(shape)]
        for name in given:
            if name not in names:
                self.fault(
                    where,
                    _("there is no “%(name)s” here; known are: %(known)s.") % {"name": name, "known": ", ".join(names)},
                )

    def items(self, given: dict[str, Any], name: str, where: str) -> list[Any]:
        held = given.get(name) or []
        if isinstance(held, list):
            return held
        self.fault(where, _("“%s” is a list (lines that begin with a dash).") % name)
        return []

    def text(self, given: dict[str, Any], name: str, where: str, *, needed: bool = False) -> str:
        held = given.get(name)
        if held is None or held == "":
            if needed:
                self.fault(where, _("“%s” is needed.") % name)
            return ""
        if isinstance(held, str | int | float) and not isinstance(held, bool):
            return str(held)
        self.fault(where, _("“%s” is a text.") % name)
        return ""

    def words(self, given: dict[str, Any], name: str, where: str) -> tuple[str, ...]:
        held = self.items(given, name, where)
        if all(isinstance(one, str) for one in held):
            return tuple(held)
        self.fault(where, _("“%s” is a list of words.") % name)
        return ()

    def pairs(self, given: dict[str, Any], name: str, where: str) -> dict[str, str]:
        held = given.get(name) or {}
        if isinstance(held, dict) and all(isinstance(k, str) and isinstance(v, str | int) for k, v in held.items()):
            return {k: str(v) for k, v in held.items()}
        self.fault(where, _("“%s” is written as names with words.") % name)
        return {}

    def flag(self, given: dict[str, Any], name: str, where: str) -> bool:
        held = given.get(name, False)
        if isinstance(held, bool):
            return held
        self.fault(where, _("“%s” is true or false.") % name)
        return False

    def key(self, given: dict[str, Any], where: str) -> str:
        held = self.text(given, "key", where, needed=True)
        if held and not _KEY.match(held):
            self.fault(where, _("a key has small letters, digits and dashes only (“first-call”), not “%s”.") % held)
        return held

    def once(self, keys: list[str], where: str, words: str) -> None:
        for key in sorted({k for k in keys if k and keys.count(k) > 1}):
            self.fault(where, words % key)
