"""The one exit rule: what a deal still needs to leave its stage forward, whichever face moves it.

Every stage passed on the way counts, its required columns and its filter tree alike. Form, board, bulk edit, import,
API and command line all end in `check`; an exception is possible with a reason, which the event keeps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kith.deals.configuration import before, goes_back, passed, stage_of
from kith.deals.models import Deal, Stage
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import NeedsInput
from kith.kernel.kinds import EMPTY
from kith.kernel.lookups.compile import compile_tree, resolve, say_condition, say_tree
from kith.kernel.lookups.tree import Condition, Group, from_json
from kith.kernel.records.registry import registry

Missing = list[tuple[str, str]]  # (column key or "" for a rule over several, sentence)
OVERRIDE = "override_reason"


@dataclass(frozen=True)
class Step:
    """A way through a pipeline that may be gone: what is named, counted and kept in the event."""

    skipped: tuple[str, ...] = ()
    back: bool = False
    override: str = ""
    missing: tuple[str, ...] = ()


def missing_for(deal: Deal, stages: Iterable[Stage], *, by: Actor | None = None) -> Missing:
    """What these stages ask for and the deal has not; each column once.

    Values are read from the row given; filter trees are asked of the database, so the row must be saved.
    """
    out: dict[str, str] = {}
    actor = by or system()
    for stage in stages:
        for key, sentence in [*unknown(deal, stage), *_unmet(deal, stage, actor)]:
            out.setdefault(key or sentence, sentence)
    columns = registry["deal"].columns()
    return [(key if key in columns else "", sentence) for key, sentence in out.items()]


def unknown(deal: Deal, stage: Stage) -> Missing:
    """Required columns without a value; no query."""
    columns = registry["deal"].columns()
    wanted = [columns[key] for key in stage.required if key in columns]
    return [
        (c.key, _("%(stage)s is left only when %(field)s is known.") % {"stage": stage.name, "field": c.label})
        for c in wanted
        if c.get(deal) in EMPTY
    ]


def _unmet(deal: Deal, stage: Stage, actor: Actor) -> Missing:
    """Parts of the stage's filter tree that this one deal does not meet, one query each."""
    record = registry["deal"]
    found: Missing = []
    for part in rule_parts(stage):
        compiled = compile_tree(record, Group("all", (part,)), actor)
        if compiled.broken or compiled.apply(record.model._default_manager.filter(pk=deal.pk)).exists():
            continue  # a condition that can no longer be read must not trap deals; the settings page shows it struck through
        found.append(_say(stage, part, actor))
    return found


def rule_parts(stage: Stage) -> list[Condition | Group]:
    """The rule's parts that must each be met."""
    tree = from_json(stage.exit_rule)
    return list(tree.parts) if tree.how == "all" else [tree]


def _say(stage: Stage, part: Condition | Group, actor: Actor) -> tuple[str, str]:
    columns = registry["deal"].columns()
    if isinstance(part, Condition):
        column, _op = resolve(columns, part)
        rule = " ".join(w for w in say_condition(columns, part, actor) if w)
        key = column.key if column.writable else ""
    else:
        rule, key = say_tree(registry["deal"], Group("all", (part,)), actor), ""
    return key, _("%(stage)s is left only when this holds: %(rule)s.") % {"stage": stage.name, "rule": rule}


def check(deal: Deal, to_stage: Stage | None, override: str, *, by: Actor) -> Step:
    """May this saved deal go there? Gives what the event will keep, or raises NeedsInput with exactly what is missing."""
    stages = passed(stage_of(deal.stage_id), to_stage)
    back = to_stage is not None and goes_back(stage_of(deal.stage_id), to_stage)
    missing = missing_for(deal, stages, by=by)
    refuse(deal, stages, missing, override, to_stage)
    skipped = tuple(s.name for s in stages[1:]) if to_stage is not None else ()
    _ask_why(deal, skipped, back, override)
    return Step(skipped, back, override, tuple(sentence for _key, sentence in missing))


def check_entry(deal: Deal, stage: Stage, override: str, *, by: Actor) -> Step:
    """The same for a deal that starts in a stage, or comes into it from another pipeline: the stages before it count."""
    stages = before(stage)
    missing = missing_for(deal, stages, by=by)
    refuse(deal, stages, missing, override, stage)
    return Step(override=override, missing=tuple(sentence for _key, sentence in missing))


def refuse(deal: Deal, stages: list[Stage], missing: Missing, override: str, to_stage: Stage | None) -> None:
    """Raise NeedsInput when something is missing and no reason (or no exception at all) lets the deal pass."""
    if not missing or (override and not any(s.strict for s in stages)):
        return
    columns = registry["deal"].columns()
    labels = [columns[key].label for key, _sentence in missing if key]
    place = to_stage.name if to_stage is not None else _("Won")
    message = (
        _("%(stage)s first needs %(fields)s.") % {"stage": place, "fields": ", ".join(labels)}
        if len(labels) == len(missing)
        else " ".join(sentence for _key, sentence in missing)
    )
    errors: dict[str, list[str]] = {}
    for key, sentence in missing:
        errors.setdefault(key, []).append(sentence)
    if override:
        strict = next(s.name for s in stages if s.strict)
        errors.setdefault(OVERRIDE, []).append(_("“%s” allows no exceptions.") % strict)
    raise NeedsInput(message, tuple(key for key, _sentence in missing if key and columns[key].writable), errors)


def _ask_why(deal: Deal, skipped: tuple[str, ...], back: bool, override: str) -> None:
    """Pipelines that want a reason for skipping or going back get one."""
    pipeline = stage_of(deal.stage_id).pipeline
    if override or not ((skipped and pipeline.ask_on_skip) or (back and pipeline.ask_on_return)):
        return
    message = _("Say why the deal goes back.") if back else _("Say why %s is skipped.") % ", ".join(skipped)
    raise NeedsInput(message, (OVERRIDE,))
