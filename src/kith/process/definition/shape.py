"""The shape of a process definition. Plain values without a database: files, versions, gates and the audit read the same.

Stages are known by their key, which never changes; names are free, so renaming a stage changes no history. Spans are
kept in the words people use ("2 business hours"); `kernel.calendars` reads them.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field
from functools import cached_property
from typing import Any

SOFT, STRICT = "soft", "strict"
FALLBACK_AFTER = "1 day"  # where a stage that names a fallback does not say when
BY = ("field", "rule", "event", "hand")  # how a need is seen to be met
MOMENTS = ("entry", "exit", "overdue", "silent")
# Which events tell that a moment of a stage has come, and under which key they name the stage.
TOLD_BY: dict[str, tuple[tuple[str, str], ...]] = {
    "entry": (("journey.created", "stage"), ("journey.moved", "stage")),
    "exit": (("journey.moved", "old"), ("journey.closed", "stage")),
    "overdue": (("journey.overdue", "stage"),),
    "silent": (("journey.silent", "stage"),),
}
OF = ("company", "person", "deal", "journey")  # whose columns rules and needs may look at
KNOWN_FIRST = OF[:3]  # of whom there are rows before a relationship begins


def written(f: Field[Any]) -> str:
    """The name of a field in documents, which may be a word that Python keeps for itself."""
    return str(f.metadata.get("written", f.name))


@dataclass(frozen=True)
class Rule:
    """A filter over the rows of one record type that belong to the customer: `where` is its text form."""

    of: str
    where: str


@dataclass(frozen=True)
class Segment:
    """Customers whose way differs: the first segment whose rule holds is a journey's own."""

    key: str
    name: str
    rule: Rule


@dataclass(frozen=True)
class Need:
    """One thing that must be true to leave a stage. `says` names it for people.

    by "field": `column` of `of` is filled in; "rule": a row of the customer matches `rule`; "event": an event `event`
    happened since the stage was entered; "hand": somebody ticks it.
    """

    key: str
    says: str
    by: str = "hand"
    of: str = ""
    column: str = ""
    rule: Rule | None = None
    event: str = ""


@dataclass(frozen=True)
class Automation:
    """What happens by itself: at `moment` (entry, exit, overdue, silent) the action `do` runs with `inputs`."""

    moment: str
    do: str
    inputs: dict[str, str] = field(default_factory=dict)
    says: str = ""


@dataclass(frozen=True)
class Stage:
    """One step of the way.

    `step` (1 to 9) is its colour; `team` owns it, `team_for` another one for customers of a segment; `enters_on` are event verbs that bring a journey here; `entry` is the rule a customer
    must meet as well; `within`, `warn` (before it is due) and `silence` are spans in words; `forward` and `back` are keys
    of stages one may go to from here (empty: the next one, and any earlier one with a reason); `only` are keys of
    segments this stage is for (empty: everybody); `gate` is soft (may be passed with a reason) or strict: nobody leaves it
    forward, and nobody goes past it, before its needs are met; `lead_only`: where it is soft, only those who lead a team pass it
    with a reason. `fallback` is the address of the colleague who gets what nobody takes within `fallback_after`.
    """

    key: str
    name: str
    step: int = 1
    team: str = ""
    team_for: dict[str, str] = field(default_factory=dict)
    purpose: str = ""
    prevents: str = ""
    enters_on: tuple[str, ...] = ()
    entry: Rule | None = None
    needs: tuple[Need, ...] = ()
    gate: str = SOFT
    within: str = ""
    within_for: dict[str, str] = field(default_factory=dict)
    warn: str = ""
    silence: str = ""
    playbook: str = ""
    automations: tuple[Automation, ...] = ()
    forward: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    handover: bool = False
    fallback: str = ""
    fallback_after: str = ""
    lead_only: bool = False

    def is_for(self, segment: str) -> bool:
        return not self.only or segment in self.only

    def owned_by(self, segment: str) -> str:
        """The team that owns the step for customers of this segment; "" for everybody."""
        return self.team_for.get(segment, self.team)

    def span(self, segment: str) -> str:
        """How long a journey of this segment may stay, in words; "" for as long as it takes."""
        return self.within_for.get(segment, self.within)


@dataclass(frozen=True)
class Definition:
    """A whole process. `opens` is the stage in which a journey begins ("" for the first): what comes before it happens
    while nobody is known yet, and is never skipped. `calendar` names the business calendar its spans are counted in.
    `whom` ("for" in documents) tells which new customers begin here; without it nobody but whom no other process is for."""

    key: str
    name: str
    about: str = ""
    whom: Rule | None = field(default=None, metadata={"written": "for"})
    calendar: str = ""
    opens: str = ""
    segments: tuple[Segment, ...] = ()
    stages: tuple[Stage, ...] = ()

    @cached_property
    def by_key(self) -> dict[str, Stage]:
        return {stage.key: stage for stage in self.stages}

    @cached_property
    def order(self) -> dict[str, int]:
        """Position of each stage, from 0."""
        return {stage.key: i for i, stage in enumerate(self.stages)}

    @property
    def first(self) -> Stage:
        """Where a journey begins."""
        return self.by_key[self.opens] if self.opens else self.stages[0]

    def way(self, segment: str = "") -> tuple[Stage, ...]:
        """The stages that a journey of this segment is meant to pass, in order, from the one where it begins."""
        begins = self.order[self.first.key]
        return tuple(s for s in self.stages if s.is_for(segment) and self.order[s.key] >= begins)

    def next_of(self, key: str, segment: str = "") -> Stage | None:
        """The stage that comes after this one on the way; None after the last."""
        after = [s for s in self.way(segment) if self.order[s.key] > self.order[key]]
        return ([*self.named_ways(key, segment), *after] or [None])[0]

    def named_ways(self, key: str, segment: str = "") -> tuple[Stage, ...]:
        """The stages that this one names as ways forward, as far as they are for this segment; none: any way is as good."""
        here = self.by_key[key]
        return tuple(s for s in self.way(segment) if s.key in here.forward and self.order[s.key] > self.order[key])

    def skipped(self, old: str, new: str, segment: str = "") -> tuple[str, ...]:
        """Keys of the stages left out by going from `old` to `new`; none when going back, or to a named way forward."""
        if old and new in self.by_key[old].forward:
            return ()
        first = self.order[old] if old else -1
        return tuple(s.key for s in self.way(segment) if first < self.order[s.key] < self.order[new])

    def may_go_back(self, old: str, new: str) -> bool:
        back = self.by_key[old].back
        return self.order[new] < self.order[old] and (not back or new in back)
