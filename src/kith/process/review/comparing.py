"""Two snapshots side by side: what became more or less, in words, and whether that can be more than chance. Pure.

Shares are compared by the statistics of `evidence/cost.py`; a difference is only called better or worse where its 95 %
interval leaves out that there is none. Times and counts are put beside each other without a judgement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.process.evidence.compared import points
from kith.process.evidence.cost import LEAST, Cost, Silent, hold_together, share_difference
from kith.process.evidence.ledger import NOTHING, short_time
from kith.process.review.snapshot import Snapshot, in_order
from kith.ui.filters import number, percent

DONE, SKIPPED, LATE, ENDED = "done", "skipped", "late", "ended"
GOOD_UP = {DONE: True, SKIPPED: False, LATE: False, ENDED: False}  # is more of it good?


@dataclass(frozen=True)
class Change:
    """One figure and how it changed. `words` is what it is now, `delta` the change with its sign, `tone` (good or late)
    and `note` (the same in a word) stand only where it is more than chance."""

    words: str
    delta: str = ""
    tone: str = ""
    note: str = ""


@dataclass(frozen=True)
class Row:
    """A stage in both snapshots; `fresh`: it was not there last time."""

    key: str
    name: str
    step: int
    entered: Change
    done: Change
    skipped: Change
    late: Change
    median: Change
    p90: Change
    ended: Change
    fresh: bool = False


def of_stage(stage: dict[str, Any], what: str) -> tuple[int, int]:
    """(how many with this outcome, of how many) in one stage of a snapshot."""
    whole = {
        LATE: stage["due"],
        SKIPPED: stage["entered"] + stage["skipped"],
        DONE: stage["entered"],
        ENDED: stage["entered"],
    }
    return min(stage[what], whole[what]), whole[what]


def rows(now: Snapshot, before: Snapshot | None) -> list[Row]:
    """A row for each stage there is now, in order."""
    olds = before["stages"] if before else {}
    return [_row(key, stage, olds.get(key), fresh=bool(before) and key not in olds) for key, stage in in_order(now)]


def _row(key: str, now: dict[str, Any], old: dict[str, Any] | None, fresh: bool) -> Row:
    return Row(
        key, now["name"], now["step"], entered=count(now["entered"], old["entered"] if old else None),
        done=_share(now, old, DONE), skipped=_share(now, old, SKIPPED), late=_share(now, old, LATE),
        median=_time(now["median"], old["median"] if old else None), p90=_time(now["p90"], old["p90"] if old else None),
        ended=_share(now, old, ENDED, counted=True), fresh=fresh,
    )  # fmt: skip


def count(now: int, old: int | None) -> Change:
    """ "124", "+12"."""
    return Change(number(now), "" if old is None or old == now else signed(now - old))


def signed(n: int) -> str:
    return f"+{number(n)}" if n > 0 else f"−{number(-n)}"


def share(now: tuple[int, int], old: tuple[int, int] | None, good_up: bool) -> Change:
    """A share of a whole, against the same share before."""
    if not now[1]:
        return Change(NOTHING)
    words = percent(now[0] / now[1])
    if old is None or not old[1]:
        return Change(words)
    by = now[0] / now[1] - old[0] / old[1]
    if not round(by * 100):
        return Change(words)
    delta = _("%s points") % points(by)
    found = share_difference(now, old)
    if isinstance(found, Silent) or not found.claims:
        return Change(words, delta)
    better = (by > 0) == good_up
    return Change(words, delta, "good" if better else "late", _("better") if better else _("worse"))


def _share(now: dict[str, Any], old: dict[str, Any] | None, what: str, counted: bool = False) -> Change:
    found = share(of_stage(now, what), of_stage(old, what) if old else None, GOOD_UP[what])
    if not counted:
        return found
    return Change(number(now[what]) if now["entered"] else NOTHING, found.delta, found.tone, found.note)


def _time(now: float | None, old: float | None) -> Change:
    if now is None or old is None or round(now) == round(old):
        return Change(short_time(now))
    words = _("%s longer") if now > old else _("%s shorter")
    return Change(short_time(now), words % short_time(abs(now - old)))


# --- the worst stages
@dataclass(frozen=True)
class Worst:
    """A stage to speak about, and what is wrong with it in sentences, the weightiest first."""

    key: str
    name: str
    step: int
    says: tuple[str, ...]


def worst(now: Snapshot, most: int = 3) -> list[Worst]:
    """Stages by how many relationships were late in them, went past them or ended there; those under three are left out."""
    weighed = [(s["late"] + s["skipped"] + s["ended"], key, s) for key, s in in_order(now)]
    bad = sorted((one for one in weighed if one[0] >= 3), key=lambda one: -one[0])[:most]
    return [Worst(key, s["name"], s["step"], _wrong(s)) for _n, key, s in bad]


def _wrong(s: dict[str, Any]) -> tuple[str, ...]:
    told = []
    if s["late"]:
        told.append(
            (s["late"], _("%(late)s of %(due)s were late.") % {"late": number(s["late"]), "due": number(s["due"])})
        )
    if s["skipped"]:
        told.append((s["skipped"], _("%(n)s went past it, %(entered)s came in.") % {"n": number(s["skipped"]), "entered": number(s["entered"])}))  # fmt: skip
    if s["ended"]:
        told.append((s["ended"], _("%(n)s of %(entered)s ended here.") % {"n": number(s["ended"]), "entered": number(s["entered"])}))  # fmt: skip
    told.sort(key=lambda one: -one[0])
    return tuple(words for _n, words in told)


# --- what came of a version
def effect(before: Snapshot, after: Snapshot, keys: Sequence[str]) -> list[dict[str, Any]]:
    """What became of these stages, as plain JSON: {"stage", "name", "step", "what", "before", "after" (how many, of how many
    each)}, and "difference", "low", "high", "claim", or "silent" with the reason where one side has fewer than `LEAST`.

    What is claimed holds beside all else that was compared (Holm).
    """
    found = [one for key in keys for one in _of_stage(key, before["stages"].get(key), after["stages"].get(key))]
    costs = [one["_cost"] for one in found if "_cost" in one]
    claims = iter(hold_together(costs))
    for one in found:
        if one.pop("_cost", None) is not None:
            one["claim"] = next(claims)
    return found


def _of_stage(key: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[dict[str, Any]]:
    if old is None or new is None:
        return []
    out = []
    for what in (LATE, SKIPPED, DONE):
        now, then = of_stage(new, what), of_stage(old, what)
        if not (now[0] or then[0]):
            continue
        one: dict[str, Any] = {"stage": key, "name": new["name"], "step": new["step"], "what": what, "before": list(then), "after": list(now)}  # fmt: skip
        out.append(one | _compared(share_difference(now, then)))
    return out


def _compared(found: Cost | Silent) -> dict[str, Any]:
    if isinstance(found, Silent):
        return {"silent": found.reason, "least": LEAST}
    return {"difference": found.difference, "low": found.low, "high": found.high, "_cost": found}
