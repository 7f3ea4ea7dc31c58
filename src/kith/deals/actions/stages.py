"""Changing how deals go: taking a stage or pipeline away without losing a deal, and learning what is usual."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.deals.configuration import stages_in
from kith.deals.events import RuleChanged, StageMoved
from kith.deals.kinds import StageLink
from kith.deals.models import CommitteeRole, Deal, Pipeline, Stage, Status
from kith.deals.queries import usual_days
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid, InvalidMany, NeedsInput
from kith.kernel.jobs import enqueue
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import Group, to_json
from kith.kernel.records.action import action
from kith.kernel.records.actions import archive
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change, change_many
from kith.kernel.timeline.operations import operation

IN_FLIGHT = dt.timedelta(minutes=1)  # after which every write that began before a change has ended
ENDINGS = ("closed_on", "reason", "reason_words")  # an open deal has none, so asking for them would trap it


@action("stage.remove", needs="settings.manage", label=_("Remove this stage"), icon="trash", tone="late",
        done=_("{row} removed"))  # fmt: skip
def remove_stage(
    stage: Stage, *, move_to: Annotated[Stage | None, StageLink(), _("Its deals go to")] = None, by: Actor
) -> Stage:
    """A stage is no longer used; the deals that stand in it move to another one of the pipeline, in one change that can
    be undone. Closed deals keep the stage they ended in. Raises NeedsInput when nobody said where they go."""
    rest = [s for s in stages_in(stage.pipeline_id) if s.pk != stage.pk]
    here = Deal.objects.filter(stage=stage, status=Status.OPEN)
    if here.exists():
        if not rest:
            raise Invalid(__("This is the only stage of the pipeline and deals stand in it; add another stage first."))
        if move_to is None:
            raise NeedsInput(__("Say where the deals in “%s” go.") % stage.name, ("move_to",))
        if move_to.pk not in {s.pk for s in rest}:
            raise Invalid(__("Choose another stage of the same pipeline."), "move_to")
        _remap(here.order_by("pk").iterator(chunk_size=1000), stage, move_to, by)
    archive(registry["stage"], stage, by=by)
    return stage


def _remap(deals: object, old: Stage, new: Stage, by: Actor) -> None:
    """Not a step forward or back, so no exit rule: the deals stay where they were under another name."""
    now = timezone.now()

    def move(deal: Deal) -> list[StageMoved]:
        deal.stage, deal.stage_since = new, now
        why = __("“%s” is no longer used") % old.name
        return [StageMoved(old.name, new.name, new.pipeline.name, old.pk, new.pk, new.pipeline_id, override=why)]

    change_many(deals, move, by=by)  # type: ignore[arg-type]


@action("pipeline.remove", needs="settings.manage", label=_("Remove this pipeline"), icon="trash", tone="late",
        done=_("{row} removed"))  # fmt: skip
def remove_pipeline(pipeline: Pipeline, *, by: Actor) -> Pipeline:
    """A pipeline is no longer used. Open deals must be moved or closed first; closed ones keep it."""
    if Deal.objects.filter(pipeline=pipeline, status=Status.OPEN).exists():
        raise Invalid(__("Open deals are still in %s; move them to another pipeline first.") % pipeline)
    if Pipeline.objects.filter(archived_at=None).exclude(pk=pipeline.pk).count() == 0:
        raise Invalid(__("This is the only pipeline; add another one first."))
    archive(registry["pipeline"], pipeline, by=by)
    return pipeline


def set_rule(stage: Stage, *, required: list[str], roles: list[str], rule: Group, by: Actor) -> Stage:
    """What a deal needs to leave this stage: columns that are known, and a filter it meets; which buying roles should be
    known by then. Raises InvalidMany, NotAllowed."""
    by.require("settings.manage")
    record = registry["deal"]
    columns = record.columns()
    errors: dict[str, list[str]] = {}
    for key in required:
        if key in ENDINGS:
            errors.setdefault("required", []).append(__("An open deal cannot have “%s” yet.") % columns[key].label)
        elif key not in columns:
            errors.setdefault("required", []).append(__("There is no field “%s”.") % key)
    for role in roles:
        if role not in CommitteeRole.values:
            errors.setdefault("roles", []).append(__("There is no role “%s”.") % role)
    errors |= {"rule": broken} if (broken := [why for _c, why in compile_tree(record, rule, by).broken]) else {}
    if errors:
        raise InvalidMany(errors)
    label = __("Rule of %s") % stage.name
    with operation("stage.edit", label, by=by, record="stage") as (_op, actor), change(stage, by=actor) as c:
        c.row.required, c.row.roles, c.row.exit_rule = required, roles, to_json(rule) if rule else {}
        c.says(RuleChanged(stage.name))
    return c.row


def settle_stages(pairs: list[tuple[Stage | None, Stage]], by: Actor) -> None:
    """When a stage's likelihood changed, its open deals weigh something else. Those being written at this very moment may
    still have taken the old one, so they are weighed once more by a job."""
    changed = [row.pk for old, row in pairs if old is not None and old.probability != row.probability]
    if changed:
        weigh_again(changed)
        enqueue("deals.weigh_again", stages=changed, at=IN_FLIGHT)


def weigh_again(stages: list[int] | None = None) -> int:
    """Give open deals of these stages (default: all) the weight that `weight_of` says; how many had another one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE deals_deal d SET weighted = round(d.amount * s.probability / 100, 2) FROM deals_stage s
            WHERE s.id = d.stage_id AND d.status = 'open' AND (%(all)s OR s.id = ANY(%(stages)s))
              AND d.weighted IS DISTINCT FROM round(d.amount * s.probability / 100, 2)""",
            {"all": stages is None, "stages": stages or []},
        )
        return int(cursor.rowcount)


def learn_usual_days(by: Actor | None = None) -> int:
    """Keep on each stage the median whole days that deals won in it had stood there; how many stages changed."""
    actor, changed = by or system(name="Kith"), 0
    learned = usual_days()
    for stage in Stage.objects.filter(archived_at=None):
        if stage.usual_days != learned.get(stage.pk):
            with change(stage, by=actor) as c:
                c.row.usual_days = learned.get(stage.pk)
            changed += 1
    return changed
