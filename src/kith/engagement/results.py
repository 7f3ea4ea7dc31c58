"""What became of those in a sequence: per step, per reason to stop, and per wording where two are tried."""

from __future__ import annotations

from collections import Counter
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
from kith.kernel.steps import Instruction, program

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
    """One step of a version. `version` is its number; `waiting` stand before it, `done` have had it."""

    version: int
    number: str
    words: str
    do: str
    waiting: int = 0
    done: int = 0
    replied: int = 0
    bounced: int = 0
    agreed: int = 0  # mails whose reader agreed that it is known
    opened: int = 0
    clicked: int = 0
    sides: dict[str, Side] = field(default_factory=dict)

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


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")


def results_of(actor: Actor, sequence: Sequence, number: int | None = None) -> dict[str, Any]:
    """Counts of the version given, else of the one in use: four queries whatever number is enrolled. People out of the
    reader's reach are not counted."""
    version = SequenceVersion.objects.filter(sequence=sequence, number=number or sequence.number or 0).first()
    if version is None:
        return {"steps": [], "version": None, "ended": [], "total": 0, "going": 0}
    rows = _reached(actor).filter(sequence=sequence, version_number=version.number, archived_at__isnull=True)
    line = program(read(version.document).steps)
    ended = Counter(
        {row["outcome"]: row["n"] for row in rows.exclude(outcome="").values("outcome").annotate(n=Count("pk"))}
    )
    states = {row["state"]: row["n"] for row in rows.order_by().values("state").annotate(n=Count("pk"))}
    return {
        "steps": _steps({version.number: line}, rows), "version": version.number, "total": sum(states.values()),
        "going": sum(states.get(state, 0) for state in GOING), "finished": states.get("done", 0),
        "ended": [(str(Outcome(key).label), key, n) for key, n in ended.most_common()],
    }  # fmt: skip


def _reached(actor: Actor) -> Any:
    from kith.kernel.records.registry import registry

    return registry["enrolment"].rows(actor)


def _steps(lines: dict[int, list[Instruction]], rows: Any) -> list[StepResult]:
    """Each step of these versions, in their order; two queries however many there are."""
    before = rows.filter(state__in=GOING).order_by().values("version_number", "at_step").annotate(n=Count("pk"))
    waiting = {(row["version_number"], row["at_step"]): row["n"] for row in before}
    of = rows.filter(version_number__in=lines).order_by().values("pk")
    told: Any = (
        Step.objects.filter(enrolment__in=of).values("enrolment__version_number", "position", "variant").order_by()
        .annotate(n=Count("pk"), answers=Count("pk", filter=Q(replied=True)), back=Count("pk", filter=Q(bounced=True)),
                  **{what: Count("pk", filter=Q(**{f"tracked__{field}__isnull": False})) for what, field in READ.items()})
    )  # fmt: skip
    out = {
        (version, place): StepResult(
            version, each.number, say_step(each.step), each.step["do"], waiting=waiting.get((version, place), 0)
        )
        for version, line in lines.items() for place, each in enumerate(line) if each.step is not None
    }  # fmt: skip
    for row in told:
        step = out[row["enrolment__version_number"], row["position"]]
        step.done, step.replied, step.bounced = (
            step.done + row["n"],
            step.replied + row["answers"],
            step.bounced + row["back"],
        )
        for what in READ:
            setattr(step, what, getattr(step, what) + row[what])
        if row["variant"]:
            step.sides[row["variant"]] = Side(row["n"], row["answers"])
    return list(out.values())


def figures(actor: Actor, sequence: Sequence) -> list[StepResult]:
    """Each step of every version, those of the newest first."""
    versions = SequenceVersion.objects.filter(sequence=sequence).order_by("-number")
    lines = {version.number: program(read(version.document).steps) for version in versions}
    return _steps(lines, _reached(actor).filter(sequence=sequence, archived_at__isnull=True))


FIGURES = ("waiting", "done", "replied", "bounced", "agreed", "opened", "clicked")
STEPS = Part(
    "results", _l("Results"), {"version": Integer(), "number": Text(40), "do": Text(10), "words": Text(300)} | dict.fromkeys(FIGURES, Integer()), figures,
)  # fmt: skip
