"""Links to stages and reasons, found by name: several pipelines may share one, and so may the two outcomes."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from kith.deals.configuration import branches, default_pipeline, pipelines, stages_in
from kith.deals.models import Status
from kith.kernel.access.actor import system
from kith.kernel.configuration.references import with_names, with_numbers
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Kind, Link
from kith.kernel.lookups.compile import say_tree
from kith.kernel.lookups.tree import from_json, parse, to_json, to_text
from kith.kernel.records.registry import registry


class StageLink(Link):
    """A deal stage by id, "Proposal" or "Sales / Proposal". A name used by several pipelines means the first pipeline's."""

    name, customisable, widget = "stage", False, "select"

    def __init__(self) -> None:
        super().__init__("stage")

    @property
    def options(self) -> dict[str, str]:
        """The stages to choose from, by id; named with their pipeline when there are several."""
        several = len(pipelines()) > 1
        live = [s for p in pipelines() for s in stages_in(p.pk)]
        return {str(s.pk): f"{s.pipeline.name} / {s.name}" if several else s.name for s in live}

    def _by_name(self, rows: Any, text: str) -> list[Any]:
        rows = rows.filter(archived_at__isnull=True).select_related("pipeline")
        pipeline, _slash, name = (part.strip() for part in text.rpartition("/"))
        if pipeline:
            return list(rows.filter(name__iexact=name, pipeline__name__iexact=pipeline)[:2])
        found = list(rows.filter(name__iexact=text).order_by(F("pipeline__position"), "pk")[:3])
        first = default_pipeline()
        own = [s for s in found if first is not None and s.pipeline_id == first.pk]
        return own or found


class ReasonLink(Link):
    """A reason for one outcome ("won" or "lost"), by id or name; "Price / Budget cut" names a branch."""

    name, customisable, widget = "reason", False, "select"

    def __init__(self, outcome: str = "") -> None:
        super().__init__("reason")
        self.outcome = outcome

    @property
    def options(self) -> dict[str, str]:
        """The reasons to choose from, by id, branches before their twigs: "Price", "Price / Budget cut"."""
        outcomes = [self.outcome] if self.outcome else [Status.WON, Status.LOST]
        return {str(r.pk): path for outcome in outcomes for r, path in branches(outcome)}

    def parse(self, raw: Any, *, actor: Any = None) -> Any:
        found = super().parse(raw, actor=actor)
        if found is not None and self.outcome and found.outcome != self.outcome:
            raise Invalid(_("“%s” is a reason for the other outcome.") % found)
        return found

    def _by_name(self, rows: Any, text: str) -> list[Any]:
        rows = rows.filter(archived_at__isnull=True)
        if self.outcome:
            rows = rows.filter(outcome=self.outcome)
        parent, _slash, name = (part.strip() for part in text.rpartition("/"))
        if parent:
            return list(rows.filter(name__iexact=name, parent__name__iexact=parent)[:2])
        return list(rows.filter(name__iexact=text)[:2])


class ExitRule(Kind):
    """What a deal must meet to leave a stage forward: a filter tree, kept as JSON; a file has it as text."""

    name, sortable, blank = "exit_rule", False, {}
    accepts = (dict, str)

    def clean(self, value: Any) -> Any:
        tree = parse(value) if isinstance(value, str) else from_json(value)
        return to_json(tree) if tree else {}

    def outward(self, value: Any) -> Any:
        return with_names(to_text(from_json(value)), "deal") if value else ""

    def inward(self, data: Any, *, actor: Any = None) -> Any:
        return self.take(with_numbers(data, "deal", actor) if isinstance(data, str) else data, actor=actor)

    def even(self, data: Any, *, actor: Any = None) -> Any:
        return to_text(parse(data)) if isinstance(data, str) else super().even(data, actor=actor)

    def show(self, value: Any) -> str:
        return say_tree(registry["deal"], from_json(value), system()) if value else ""

    def edit(self, value: Any) -> str:
        return to_text(from_json(value)) if value else ""

    def schema(self) -> dict[str, Any]:
        return {"type": ["object", "string", "null"]}
