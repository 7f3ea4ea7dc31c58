"""What one can do to a definition, as functions from one definition to the next. Nothing here writes or asks.

Ways that a change leaves pointing in the wrong direction, or at nothing, are taken out: an editor cannot leave a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid, NotFound
from kith.process.definition.shape import Automation, Definition, Need, Segment, Stage
from kith.process.models import key_from


def stage_of(definition: Definition, key: str) -> Stage:
    """The stage with this key. Raises NotFound."""
    found = definition.by_key.get(key)
    if found is None:
        raise NotFound(_("There is no step “%(key)s” in %(process)s.") % {"key": key, "process": definition.name})
    return found


def put_stage(definition: Definition, stage: Stage) -> Definition:
    """The same with this stage in the place of the one with its key."""
    return replace(definition, stages=tuple(stage if s.key == stage.key else s for s in definition.stages))


def add_stage(definition: Definition, name: str, after: str = "") -> tuple[Definition, str]:
    """A new stage behind `after` ("" for the first place); returns (definition, its key). A way forward that led from
    `after` to the stage behind it leads to the new one, so that nobody passes it by unseen."""
    if not name.strip():
        raise Invalid(_("A step needs a name, for example Trial."), "name")
    key = _free(key_from(name), definition.by_key)
    at = definition.order[after] + 1 if after else 0
    before = definition.by_key.get(after)
    stages = list(definition.stages)
    if before is not None and at < len(stages) and stages[at].key in before.forward:
        stages[at - 1] = replace(before, forward=tuple(key if way == stages[at].key else way for way in before.forward))
    stages.insert(at, Stage(key, name.strip(), before.step if before else 1))
    return replace(definition, stages=tuple(stages)), key


def move_stage(definition: Definition, key: str, by: int) -> Definition:
    """The stage `by` places further on (negative: earlier); at the end it stays where it is."""
    stages = list(definition.stages)
    at = definition.order[key]
    to = min(max(at + by, 0), len(stages) - 1)
    stages.insert(to, stages.pop(at))
    return _straight(replace(definition, stages=tuple(stages)))


def order_stages(definition: Definition, keys: Sequence[str]) -> Definition:
    """The stages in this order; those that it does not name stay behind the one they stand behind."""
    stages = in_order(definition.stages, keys)
    return definition if stages == definition.stages else _straight(replace(definition, stages=stages))


def in_order(items: Sequence[Any], keys: Sequence[str]) -> tuple[Any, ...]:
    """Things with keys in this order; those that it does not name stay behind the one they stand behind."""
    known = {item.key: item for item in items}
    out = [known[key] for key in dict.fromkeys(keys) if key in known]
    for at, item in enumerate(items):
        if item not in out:
            out.insert(out.index(items[at - 1]) + 1 if at else 0, item)
    return tuple(out)


def remove_stage(definition: Definition, key: str) -> Definition:
    """The same without this stage. Raises Invalid for the last one."""
    if len(definition.stages) == 1:
        raise Invalid(_("A process keeps at least one step."))
    left = tuple(s for s in definition.stages if s.key != key)
    return _straight(replace(definition, stages=left, opens="" if definition.opens == key else definition.opens))


def _straight(definition: Definition) -> Definition:
    order = definition.order
    return replace(
        definition,
        stages=tuple(
            replace(
                s,
                forward=tuple(k for k in s.forward if k in order and order[k] > order[s.key]),
                back=tuple(k for k in s.back if k in order and order[k] < order[s.key]),
            )
            for s in definition.stages
        ),
    )


# --- parts of a stage
def put_need(stage: Stage, key: str, need: Need) -> Stage:
    """`need` in the place of the one with this key; with "" it comes last, under a key made of its words."""
    if key:
        return replace(stage, needs=tuple(replace(need, key=key) if n.key == key else n for n in stage.needs))
    made = replace(need, key=_free(key_from(need.says), {n.key: n for n in stage.needs}))
    return replace(stage, needs=(*stage.needs, made))


def put_automation(stage: Stage, at: int | None, line: Automation) -> Stage:
    lines = list(stage.automations)
    if at is None:
        lines.append(line)
    else:
        lines[at] = line
    return replace(stage, automations=tuple(lines))


def shifted(items: Sequence[Any], at: int, by: int) -> tuple[Any, ...]:
    """These items with number `at` moved `by` places; with `by` 0 it is taken out."""
    out = list(items)
    if not 0 <= at < len(out):
        return tuple(out)
    one = out.pop(at)
    if by:
        out.insert(min(max(at + by, 0), len(out)), one)
    return tuple(out)


# --- segments
def put_segment(definition: Definition, key: str, segment: Segment) -> Definition:
    if key:
        kept = tuple(replace(segment, key=key) if s.key == key else s for s in definition.segments)
        return replace(definition, segments=kept)
    made = replace(segment, key=_free(key_from(segment.name), {s.key: s for s in definition.segments}))
    return replace(definition, segments=(*definition.segments, made))


def remove_segment(definition: Definition, key: str) -> Definition:
    """The same without this segment; stages that were only for it are for everybody."""
    stages = tuple(
        replace(
            s,
            only=tuple(k for k in s.only if k != key),
            within_for={k: w for k, w in s.within_for.items() if k != key},
            team_for={k: t for k, t in s.team_for.items() if k != key},
        )
        for s in definition.stages
    )
    left = tuple(s for s in definition.segments if s.key != key)
    return replace(definition, segments=left, stages=stages)


def _free(key: str, taken: Any) -> str:
    """This key, or with the first number that nobody has."""
    made, n = key, 1
    while made in taken:
        n += 1
        made = f"{key[:56]}-{n}"
    return made
