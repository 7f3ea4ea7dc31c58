"""What became of those in a sequence: per step and path, per reason to stop, and per wording where two are tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from kith.engagement.definition import read
from kith.engagement.models import GOING, Outcome, Sequence, SequenceVersion, Step
from kith.engagement.saying import say_step
from kith.kernel.access.actor import Actor
from kith.kernel.intervals import LEAST, Difference, difference
from kith.kernel.kinds import Integer, Text
from kith.kernel.records.parts import Part
from kith.kernel.steps import BRANCH, Instruction, halves, program, standing
from kith.kernel.steps import Step as Does

READ = {"agreed": "id", "opened": "opened_at", "clicked": "clicked_at"}


@dataclass
class Side:
    """One wording of a mail: how many got it, how many of them answered."""

    sent: int = 0
    replied: int = 0

    @property
    def share(self) -> float:
        return self.replied / self.sent if self.sent else 0.0


@dataclass
class StepResult:
    """One step of a version. `version` is its number; `before` came as far as it on this path, `waiting` stand before it,
    `done` have had it, `reached` had reached the goal before it, `lost` went no further for any other reason."""

    version: int
    number: str
    words: str
    do: str
    before: int = 0
    waiting: int = 0
    done: int = 0
    reached: int = 0
    met: int = 0  # of a branch: who took its first path
    replied: int = 0
    bounced: int = 0
    agreed: int = 0  # mails whose reader agreed that it is known
    opened: int = 0
    clicked: int = 0
    sides: dict[str, Side] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        return max(0, self.before - self.done - self.waiting - self.reached)

    @property
    def share(self) -> float | None:
        """Of those before it, those who had it."""
        return min(1.0, self.done / self.before) if self.before else None

    @property
    def compared(self) -> Difference | None:
        a, b = self.sides.get("a"), self.sides.get("b")
        return difference(a.replied, a.sent, b.replied, b.sent) if a and b else None

    @property
    def verdict(self) -> str:
        """What the two wordings say, in a sentence."""
        found = self.compared
        if found is None:
            return _("Too few to compare: at least %s of each are needed.") % LEAST
        words = {
            "diff": _points(found.value), "low": _points(found.low), "high": _points(found.high),
        }  # fmt: skip
        if not found.claims:
            return (
                _("No difference that could not be chance: B %(diff)s points (95 %% between %(low)s and %(high)s).")
                % words
            )
        return _("B brings %(diff)s points of replies (95 %% between %(low)s and %(high)s).") % words


Results = dict[tuple[int, int], StepResult]  # by version and place in its line


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")


def results_of(actor: Actor, sequence: Sequence, number: int | None = None) -> dict[str, Any]:
    """Counts of the version given, else of the one in use: four queries whatever number is enrolled. People out of the
    reader's reach are not counted."""
    version = SequenceVersion.objects.filter(sequence=sequence, number=number or sequence.number or 0).first()
    if version is None:
        return {"steps": [], "version": None, "ended": [], "total": 0, "going": 0}
    rows = _of(actor, sequence).filter(version_number=version.number)
    states: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for end in _ends(rows):
        states[end.state] += end.people
        ended[end.outcome] += end.people
    del ended[""]
    if read(version.document).goal:
        ended[Outcome.GOAL.value] += 0  # nobody yet is a figure too
    return {
        "steps": _steps([version], rows), "version": version.number, "total": sum(states.values()),
        "going": sum(states[state] for state in GOING), "finished": states["done"],
        "ended": [(str(Outcome(key).label), key, n) for key, n in ended.most_common()],
    }  # fmt: skip


@dataclass(frozen=True)
class End:
    """So many of a version are in this state, for this reason."""

    version: int
    state: str
    outcome: str
    people: int


def _ends(rows: Any) -> list[End]:
    told = rows.order_by("-version_number", "state", "outcome").values("version_number", "state", "outcome")
    return [End(row["version_number"], row["state"], row["outcome"], row["n"]) for row in told.annotate(n=Count("pk"))]


def _steps(versions: Iterable[SequenceVersion], rows: Any) -> list[StepResult]:
    """Each step of these versions, in their order; two queries however many there are."""
    documents = {version.number: read(version.document).steps for version in versions}
    lines = {number: program(steps) for number, steps in documents.items()}
    out = {
        (version, place): StepResult(version, each.number, say_step(each.step), each.step["do"])
        for version, line in lines.items() for place, each in enumerate(line) if each.step is not None
    }  # fmt: skip
    _add_what_was_done(out, rows.filter(version_number__in=lines))
    enrolled = _add_who_stands(out, lines, rows)
    for version, steps in documents.items():
        numbered = {step.number: step for (of, _place), step in out.items() if of == version}
        _add_who_came(steps, enrolled[version], numbered)
    return list(out.values())


def _add_who_stands(out: Results, lines: dict[int, list[Instruction]], rows: Any) -> Counter[int]:
    """Who waits before each step, and who ended there by reaching the goal; returns how many each version has in all."""
    enrolled: Counter[int] = Counter()
    told = rows.filter(version_number__in=lines).order_by().values("version_number", "at_step")
    counts = {"waiting": Q(state__in=GOING), "reached": Q(outcome=Outcome.GOAL)}
    for row in told.annotate(n=Count("pk"), **{key: Count("pk", filter=q) for key, q in counts.items()}):
        version = row["version_number"]
        enrolled[version] += row["n"]
        step = out.get((version, standing(lines[version], row["at_step"])))
        if step is not None:  # else they had the last one
            step.waiting, step.reached = step.waiting + row["waiting"], step.reached + row["reached"]
    return enrolled


def _add_what_was_done(out: Results, rows: Any) -> None:
    told: Any = (
        Step.objects.filter(enrolment__in=rows.order_by().values("pk"))
        .values("enrolment__version_number", "position", "variant").order_by()
        .annotate(n=Count("pk"), answers=Count("pk", filter=Q(replied=True)), back=Count("pk", filter=Q(bounced=True)),
                  first=Count("pk", filter=Q(do=BRANCH, said="a")),
                  **{what: Count("pk", filter=Q(**{f"tracked__{field}__isnull": False})) for what, field in READ.items()})
    )  # fmt: skip
    for row in told:
        step = out[row["enrolment__version_number"], row["position"]]
        step.done, step.replied, step.bounced, step.met = (
            step.done + row["n"],
            step.replied + row["answers"],
            step.bounced + row["back"],
            step.met + row["first"],
        )
        for what in READ:
            setattr(step, what, getattr(step, what) + row[what])
        if row["variant"]:
            step.sides[row["variant"]] = Side(row["n"], row["answers"])


def _add_who_came(steps: Iterable[Does], came: int, numbered: dict[str, StepResult], above: str = "") -> int:
    """How many came as far as each step on its path; returns how many had the last one, on whichever path."""
    for n, does in enumerate(steps, 1):
        step = numbered[f"{above}{n}"]
        step.before, came = came, step.done
        paths = {"a": step.met, "b": step.done - step.met}
        if under := halves(does):
            came = sum(_add_who_came(half, paths[key], numbered, f"{step.number}{key}.") for key, half in under)
    return came


def figures(actor: Actor, sequence: Sequence) -> list[StepResult]:
    """Each step of every version, those of the newest first."""
    versions = SequenceVersion.objects.filter(sequence=sequence).order_by("-number")
    return _steps(versions, _of(actor, sequence))


def ends(actor: Actor, sequence: Sequence) -> list[End]:
    """How many of each version are in which state, and why; those of the newest first."""
    return _ends(_of(actor, sequence))


def _of(actor: Actor, sequence: Sequence) -> Any:
    from kith.kernel.records.registry import registry

    return registry["enrolment"].rows(actor).filter(sequence=sequence, archived_at__isnull=True)


FIGURES = ("before", "waiting", "done", "reached", "lost", "replied", "bounced", "agreed", "opened", "clicked")
STEPS = Part(
    "results", _l("Results"), {"version": Integer(), "number": Text(40), "do": Text(10), "words": Text(300)} | dict.fromkeys(FIGURES, Integer()), figures,
)  # fmt: skip
ENDS = Part(
    "outcomes", _l("What became of it"), {"version": Integer(), "state": Text(10), "outcome": Text(10), "people": Integer()}, ends,
)  # fmt: skip
