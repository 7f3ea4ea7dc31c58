"""What the page of a review shows, in the order of the meeting: figures, worst stages, voices, proposals, what came of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.insight.period import CUSTOM, Period
from kith.kernel.access.actor import Actor
from kith.process.definition.shape import Definition, Stage
from kith.process.evidence.advised import Advised, advised_to
from kith.process.evidence.reading import sees_all
from kith.process.review import comparing, words
from kith.process.review.models import Figures, Proposal, Review, Sort, State, Verdict
from kith.process.review.proposing import HAND, thin
from kith.process.review.queries import figures_of, proposals_of, said_for
from kith.process.review.snapshot import today
from kith.process.versions import definition_of
from kith.ui.filters import number

TONES = {Verdict.ADOPT: "good", Verdict.REJECT: "", Verdict.LATER: "warn"}


@dataclass(frozen=True)
class Offer:
    """A proposal as the page shows it."""

    row: Proposal
    said: words.Said
    step: int
    from_kith: bool
    verdict: str
    tone: str

    @property
    def stale(self) -> bool:
        """Do the figures of these days no longer show what it rests on?"""
        return bool(self.row.data.get("stale"))

    @property
    def came_back(self) -> str:
        """From which review it comes back."""
        return self.row.earlier.review.name if self.row.earlier is not None else ""


@dataclass(frozen=True)
class Voices:
    """What was said about one stage."""

    name: str
    step: int
    said: tuple[Any, ...]


@dataclass
class Meeting:
    """One review for one reader."""

    actor: Actor
    review: Review

    @cached_property
    def may(self) -> bool:
        """May the reader decide?"""
        return self.actor.can("settings.manage") and self.review.archived_at is None

    @cached_property
    def whole(self) -> bool:
        return sees_all(self.actor)

    @cached_property
    def definition(self) -> Definition:
        return definition_of(self.review.process_id, self.review.process.in_force or self.review.before)

    @cached_property
    def figures(self) -> dict[str, Any]:
        return figures_of(self.actor, self.review)

    @property
    def now(self) -> dict[str, Any] | None:
        return self.figures.get(Sort.HELD) or self.figures.get(Sort.PREPARED)

    @property
    def before(self) -> dict[str, Any] | None:
        return self.figures.get(Sort.AGAINST)

    @cached_property
    def rows(self) -> list[comparing.Row]:
        return comparing.rows(self.now, self.before) if self.now else []

    @cached_property
    def headlines(self) -> list[tuple[str, comparing.Change, str]]:
        """(label, figure with its change, what it counts)."""
        now, old = self.now, self.before
        if now is None:
            return []
        kept = comparing.share((now["kept"], now["customers"]), (old["kept"], old["customers"]) if old else None, True)
        goal = now["stages"].get(now["goal"], {}).get("name", now["goal"])
        return [
            (_("Began"), comparing.count(now["began"], old["began"] if old else None), _("relationships that began in these days")),
            (_("Won"), comparing.count(now["won"], old["won"] if old else None), _("came to %s in these days") % goal),
            (_("Kept"), kept, _("of the %s customers there were when these days began") % number(now["customers"])),
        ]  # fmt: skip

    @cached_property
    def worst(self) -> list[comparing.Worst]:
        return comparing.worst(self.now) if self.now else []

    @cached_property
    def advice(self) -> list[tuple[Stage, Advised]]:
        """What those had who bring most on, by stage, as of last night: while the meeting is still to come."""
        told = advised_to(self.actor, self.review.process_id) if self.review.state == State.PREPARING else {}
        return [(stage, told[stage.key]) for stage in self.definition.stages if stage.key in told]

    @property
    def period(self) -> str:
        """ "1 March to 25 April 2026, against 4 January to 28 February 2026"."""
        if self.now is None:
            return ""
        days = _days(self.now)
        if self.before is None:
            return days
        last = _("last time, %s") if self.before.get("review") else _("as many days before, %s")
        return _("%(days)s; against %(before)s") % {"days": days, "before": last % _days(self.before)}

    # --- proposals
    @cached_property
    def offers(self) -> list[Offer]:
        return [self._offer(row) for row in proposals_of(self.review)]

    def _offer(self, row: Proposal) -> Offer:
        said = words.say(row.kind, row.data, row.title, row.hopes)
        if not self.whole and row.kind != HAND:
            said = words.Said(said.title)
        label = str(Verdict(row.verdict).label) if row.verdict else ""
        return Offer(row, said, row.data.get("step", 0), row.kind != HAND, label, TONES.get(row.verdict, ""))  # type: ignore[call-overload]

    @property
    def undecided(self) -> int:
        return sum(not one.row.verdict for one in self.offers)

    @property
    def adopted(self) -> list[Offer]:
        return [one for one in self.offers if one.row.verdict == Verdict.ADOPT]

    @property
    def nothing_proposed(self) -> str:
        """Why Kith proposes nothing."""
        if self.now is not None and thin(self.now):
            return _(
                "Too little has happened in these days to propose anything; what rests on few cases is left unsaid."
            )
        return _("Nothing in the figures gives reason to change something: no stage is often late, none costs customers when it is passed over.")  # fmt: skip

    # --- voices
    @cached_property
    def voices(self) -> list[Voices]:
        """What colleagues said, by stage in the order of the process; about the whole last."""
        said = said_for(self.actor, self.review)
        by_stage: dict[str, list[Any]] = {}
        for one in said:
            by_stage.setdefault(one.stage, []).append(one)
        order = {**self.definition.order, "": len(self.definition.order) + 1}
        out = []
        for key in sorted(by_stage, key=lambda k: order.get(k, len(order))):
            stage = self.definition.by_key.get(key)
            name = stage.name if stage else key or _("The process as a whole")
            out.append(Voices(name, stage.step if stage else 0, tuple(by_stage[key])))
        return out

    @property
    def heard(self) -> int:
        return sum(len(one.said) for one in self.voices)

    # --- what came of it
    @property
    def effect(self) -> dict[str, Any] | None:
        found = self.figures.get(Sort.EFFECT)
        return found and {**found, "told": [words.say_effect(line) for line in found["lines"]], "headline": words.headline(found["lines"])}  # fmt: skip

    @cached_property
    def last_effect(self) -> tuple[Review, str] | None:
        """What came of the version published from the review before."""
        if not self.whole:
            return None
        rows = Figures.objects.filter(
            sort=Sort.EFFECT, review__process=self.review.process_id, review__archived_at=None
        )
        found = rows.filter(review__planned_on__lt=self.review.planned_on).select_related("review").order_by("-review__planned_on").first()  # fmt: skip
        return (found.review, words.headline(found.data["lines"])) if found else None

    @property
    def waits(self) -> str:
        """When the effect will be looked at."""
        if self.review.follow_on is None or self.review.state == State.FOLLOWED:
            return ""
        left = (self.review.follow_on - today()).days
        if left <= 0:
            return _("Four weeks are over; the effect is looked at in the coming night.")
        return ngettext("The effect is looked at in %s day.", "The effect is looked at in %s days.", left) % left


def _days(snapshot: dict[str, Any]) -> str:
    since, until = (dt.date.fromisoformat(snapshot[key]) for key in ("since", "until"))
    return Period(CUSTOM, since, until, today()).days()
