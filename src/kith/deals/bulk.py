"""Thousands of deals at once, from a file or for a sample: drafted like one, written by COPY, with their whole story."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from kith.deals.actions.editing import must_meet_rule
from kith.deals.configuration import before, stage_of, stages_in
from kith.deals.models import Deal, Stage, Status
from kith.deals.opening import Draft, Ways, draft
from kith.deals.rules import OVERRIDE, refuse, rule_parts, unknown
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany, KithError, NeedsInput, NotAllowed
from kith.kernel.kinds import EMPTY
from kith.kernel.lookups.compile import compile_tree, say_tree
from kith.kernel.lookups.tree import Group, from_json
from kith.kernel.records.actions import missing
from kith.kernel.records.bulk_create import Maker
from kith.kernel.records.registry import registry
from kith.kernel.search.words import learn
from kith.kernel.timeline.change import prepare, stay_in_scope
from kith.kernel.timeline.write import Entry, write_events

BATCH = 1000
Refused = Callable[[int, KithError], None]
Made = dict[int, Draft]  # by position in the list given


def create_deals(
    values_list: Sequence[dict[str, Any]], *, by: Actor, at: Sequence[dt.datetime | None] = (), authors: Sequence[str] = (),
    refused: Refused | None = None,
) -> list[Deal | None]:  # fmt: skip
    """The new deals in the order given, None where a rule refused (`refused(index, error)`; without it the first refusal
    stops everything). Values are typed, by column key; status, stage, closed_on and `history` are welcome, see `draft`.

    Batches of 1,000, one transaction each. at: when each began; authors: who made each elsewhere.
    """
    rows: list[Deal | None] = []
    for start in range(0, len(values_list), BATCH):
        batch = _Batch(
            values_list[start : start + BATCH], at[start : start + BATCH], authors[start : start + BATCH], by
        )

        def tell(n: int, problem: KithError, start: int = start) -> None:
            if refused is None:
                raise problem
            refused(start + n, problem)

        rows += batch.run(tell)
    return rows


class _Batch:
    """One transaction's worth of deals."""

    def __init__(self, values: Sequence[dict[str, Any]], at: Sequence[Any], authors: Sequence[str], by: Actor):
        self.values, self.at, self.authors, self.by = values, at, authors, by
        self.record = registry["deal"]
        self.maker = Maker(self.record)
        self.ways = Ways(self.maker.blank, self._fill, self._check)
        self.ruled: dict[tuple[int, str], list[Stage]] = {}

    def run(self, refused: Refused) -> list[Deal | None]:
        made = self._drafted(refused)
        with transaction.atomic():
            try:
                with transaction.atomic():
                    self._insert(made, refused)
            except (DatabaseError, NotAllowed):
                made = self._singly(made, refused)
            learn({word for d in made.values() for word in d.deal.search.split()})
            write_events(list(self._entries(made)), self.by)
        return [made[n].deal if n in made else None for n in range(len(self.values))]

    def _drafted(self, refused: Refused) -> Made:
        made: Made = {}
        for n, values in enumerate(self.values):
            values = dict(values)
            override = values.pop(OVERRIDE, "")
            try:
                new = draft(values, by=self.by, at=self._at(n), ways=self.ways)
                self._required(new.deal, override)
            except (Invalid, InvalidMany) as problem:
                refused(n, problem)
            else:
                made[n] = new
        return made

    def _at(self, n: int) -> dt.datetime | None:
        return self.at[n] if n < len(self.at) else None

    def _fill(self, deal: Deal, values: dict[str, Any]) -> None:
        for key, value in values.items():
            self.maker.columns[key].put(deal, value)
        if any(c.get(deal) in EMPTY for c in self.maker.required):
            raise InvalidMany(missing(self.record, deal, self.maker.columns))

    def _check(self, deal: Deal) -> None:
        """What `prepare` checks, at the price of what can be wrong after the kinds have looked."""
        deal.derive()
        if self.maker.doubtful(deal):
            prepare(deal, None, self.maker.columns)
        deal.verify()

    def _required(self, deal: Deal, override: str) -> None:
        """Columns that the stages before ask for; their filter trees follow when the rows are in."""
        stages = self._behind(deal)
        lacking = dict(found for stage in stages for found in unknown(deal, stage))
        try:
            refuse(deal, stages, list(lacking.items()), override, stage_of(deal.stage_id))
        except NeedsInput as wants:
            raise InvalidMany(wants.errors) from wants

    def _behind(self, deal: Deal) -> list[Stage]:
        """The stages with a rule that this deal must have met, worked out once for each stage and status."""
        key = (deal.stage_id, deal.status)
        if key not in self.ruled:
            line = before(stage_of(deal.stage_id)) if deal.status == Status.OPEN else stages_in(deal.pipeline_id)
            meets = must_meet_rule(deal, self.by)
            self.ruled[key] = [s for s in line if meets and (s.required or s.exit_rule)]
        return self.ruled[key]

    def _insert(self, made: Made, refused: Refused) -> None:
        self.maker.insert([d.deal for d in made.values()])
        for n, problem in self._unmet(made):
            refused(n, problem)
            Deal.objects.filter(pk=made.pop(n).deal.pk).delete()
        stay_in_scope(self.record, [d.deal.pk for d in made.values()], self.by, "edit")

    def _unmet(self, made: Made) -> Iterator[tuple[int, KithError]]:
        """Deals that a filter tree of a stage before theirs keeps out: one query for each part of a rule in play."""
        asked: dict[int, list[int]] = {}
        for n, d in made.items():
            for stage in self._behind(d.deal):
                if stage.exit_rule and not (self.values[n].get(OVERRIDE) and not stage.strict):
                    asked.setdefault(stage.pk, []).append(n)
        told: set[int] = set()
        for stage_id, numbers in asked.items():
            for n in self._outside(stage_of(stage_id), made, numbers):
                if n not in told:
                    told.add(n)
                    yield n, InvalidMany({"stage": [_rule_sentence(stage_of(stage_id), self.by)]})

    def _outside(self, stage: Stage, made: Made, numbers: list[int]) -> list[int]:
        pks = [made[n].deal.pk for n in numbers]
        inside = Deal.objects.filter(pk__in=pks)
        for part in rule_parts(stage):
            compiled = compile_tree(self.record, Group("all", (part,)), self.by)
            inside = inside if compiled.broken else compiled.apply(inside)
        kept = set(inside.values_list("pk", flat=True))
        return [n for n in numbers if made[n].deal.pk not in kept]

    def _singly(self, made: Made, refused: Refused) -> Made:
        """Row by row, so that one that broke a constraint or left the actor's reach does not stop the others."""
        kept: Made = {}
        for n, d in made.items():
            d.deal.pk, d.deal._state.adding = None, True
            try:
                with transaction.atomic():
                    one = {n: d}
                    self._insert(one, refused)
            except KithError as problem:
                refused(n, problem)
            except DatabaseError as problem:
                refused(n, Invalid(" ".join(str(problem).split("\n")[0].split())))
            else:
                kept |= one
        return kept

    def _entries(self, made: Made) -> Iterator[Entry]:
        for n, d in made.items():
            author = self.authors[n] if n < len(self.authors) else ""
            yield Entry("deal", d.deal.pk, d.opened(), self.maker.changes(d.deal), d.deal.about(), d.opened_at, author)
            for entry in d.later():
                entry.actor_name = author
                yield entry


def _rule_sentence(stage: Stage, by: Actor) -> str:
    rule = say_tree(registry["deal"], from_json(stage.exit_rule), by)
    return _("%(stage)s is left only when this holds: %(rule)s.") % {"stage": stage.name, "rule": rule}
