"""Moving deals: to a stage, into another pipeline, into other hands."""

from __future__ import annotations

from typing import Annotated, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.deals.configuration import stage_of, stages_in
from kith.deals.events import DealReassigned, PipelineChanged, StageMoved
from kith.deals.kinds import StageLink
from kith.deals.models import Deal, Pipeline, Stage, Status
from kith.deals.rules import Step, check, check_entry
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Colleague, Link, LongText, TeamLink
from kith.kernel.records.action import LATER, action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change


def is_open(deal: Deal) -> bool:
    return deal.status == Status.OPEN


def fill_columns(deal: Deal, columns: dict[str, Any] | None, by: Actor) -> None:
    """Save what came along with an action before the action itself is checked, in the same transaction."""
    if columns:
        from kith.deals.actions.editing import edit

        edit(deal, columns, by=by)


def must_be_open(deal: Deal) -> None:
    if not is_open(deal):
        raise Invalid(
            __("This deal is %s; open it again before it moves.") % deal.get_status_display().lower(), "stage"
        )


@action(
    "deal.move_to_stage", needs="deal.edit", label=_("Move to stage"), icon="columns", applies=is_open,
    done=_("{row} moved"), key="m", fills=True, many=True,
)  # fmt: skip
def move_to_stage(
    deal: Deal,
    *,
    stage: Annotated[Stage, StageLink(), _("Stage")],  # type: ignore[valid-type]
    override_reason: Annotated[str, LongText(2000), _("Why move it all the same"), LATER] = "",
    columns: dict[str, Any] | None = None,
    by: Actor,
) -> Deal:
    """Into another stage of the same pipeline. Raises NeedsInput with exactly the columns the stages passed still ask
    for; sent along (`columns`) they are saved in the same step. With `override_reason` an exception is made and kept."""
    with transaction.atomic():
        fill_columns(deal, columns, by)
        with change(deal, by=by) as c:
            if c.row.stage_id == stage.pk:
                return c.row  # asking twice is not an event
            must_be_open(c.row)
            old = stage_of(c.row.stage_id)
            if stage.pipeline_id != c.row.pipeline_id:
                raise Invalid(__("%(stage)s belongs to the pipeline %(other)s; change the deal's pipeline instead.") % {
                    "stage": stage.name, "other": stage.pipeline.name}, "stage")  # fmt: skip
            if stage.archived_at:
                raise Invalid(__("The stage %s is no longer used.") % stage.name, "stage")
            step = check(c.row, stage, override_reason, by=by)
            c.says(_moved(old, stage, step))
            c.row.stage, c.row.stage_since = stage, timezone.now()
    return c.row


def _moved(old: Stage, new: Stage, step: Step) -> StageMoved:
    return StageMoved(
        old.name, new.name, new.pipeline.name, old.pk, new.pk, new.pipeline_id,
        step.skipped, step.back, step.override, step.missing,
    )  # fmt: skip


@action(
    "deal.change_pipeline", needs="deal.edit", label=_("Change pipeline"), icon="columns", applies=is_open,
    done=_("{row} moved"), fills=True, many=True,
)  # fmt: skip
def change_pipeline(
    deal: Deal,
    *,
    pipeline: Annotated[Pipeline, Link("pipeline"), _("Pipeline")],  # type: ignore[valid-type]
    stage: Annotated[Stage | None, StageLink(), _("Stage")] = None,
    override_reason: Annotated[str, LongText(2000), _("Why move it all the same"), LATER] = "",
    columns: dict[str, Any] | None = None,
    by: Actor,
) -> Deal:
    """Into another pipeline, at its first stage or the one given. The stages before that one have their say."""
    with transaction.atomic():
        fill_columns(deal, columns, by)
        with change(deal, by=by) as c:
            target = _first(pipeline) if stage is None else stage
            if target.pipeline_id != pipeline.pk:
                raise Invalid(
                    __("%(stage)s is no stage of %(pipeline)s.") % {"stage": target, "pipeline": pipeline}, "stage"
                )
            if c.row.pipeline_id == pipeline.pk:
                raise Invalid(__("The deal is in %s already; move it to a stage instead.") % pipeline, "pipeline")
            must_be_open(c.row)
            step = check_entry(c.row, target, override_reason, by=by)
            old = stage_of(c.row.stage_id).pipeline
            c.says(PipelineChanged(
                old.name, pipeline.name, target.name, old.pk, pipeline.pk, target.pk, step.override, step.missing
            ))  # fmt: skip
            c.row.pipeline, c.row.stage, c.row.stage_since = pipeline, target, timezone.now()
    return c.row


def _first(pipeline: Pipeline) -> Stage:
    line = stages_in(pipeline.pk)
    if not line:
        raise Invalid(__("The pipeline %s has no stages yet.") % pipeline, "pipeline")
    return line[0]


@action("deal.reassign", needs="deal.edit", label=_("Hand over"), icon="person", done=_("{row} handed over"), many=True)
def reassign(
    deal: Deal,
    *,
    owner: Annotated[Any, Colleague(), _("To")],
    team: Annotated[Any, TeamLink(), _("Team")] = None,
    by: Actor,
) -> Deal:
    """Into a colleague's hands; the team follows only when given."""
    users = registry["deal"].columns()["owner"].kind
    with change(deal, by=by) as c:
        if c.row.owner_id != owner.pk:
            c.says(DealReassigned(users.show(c.row.owner) or __("nobody"), users.show(owner)))
        c.row.owner = owner
        c.row.team = team or c.row.team
    return c.row
