"""Making and changing deals. Columns with a rule of their own (stage, pipeline, status) are led to the action that has it,
so that a form, the API, bulk edit and an import that updates all meet the same rule."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kith.deals.actions.closing import lose, reopen, win
from kith.deals.actions.moving import change_pipeline, move_to_stage
from kith.deals.configuration import before, stages_in
from kith.deals.models import Deal, LineItem, Status
from kith.deals.opening import draft
from kith.deals.rules import OVERRIDE, missing_for, refuse
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Conflict, InvalidMany, NeedsInput
from kith.kernel.records.actions import put_values
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.write import write_events

RULED = ("pipeline", "stage", "status")
CLOSING = ("reason", "competitor", "reason_words", "closed_on")


def create(values: dict[str, Any], *, by: Actor, at: dt.datetime | None = None) -> Deal:
    """A new deal from typed values; `history` may hold its stages, `at` when it began.

    An open deal that starts beyond the first stage brings what the stages before ask for. Raises InvalidMany.
    """
    values = dict(values)
    override = values.pop(OVERRIDE, "")
    made = draft(values, by=by, at=at)
    with transaction.atomic():
        with change(made.deal, by=by, at=made.opened_at) as c:
            c.says(made.opened())
        write_events(made.later(), by)
        if must_meet_rule(made.deal, by):
            stages = before(made.deal.stage) if made.deal.status == Status.OPEN else stages_in(made.deal.pipeline_id)
            _as_errors(
                lambda: refuse(made.deal, stages, missing_for(made.deal, stages, by=by), override, made.deal.stage)
            )
    return made.deal


def must_meet_rule(deal: Deal, by: Actor) -> bool:
    """Does the exit rule apply to a deal that begins? Not to what was lost, nor to deals won elsewhere long ago."""
    return deal.status == Status.OPEN or (deal.status == Status.WON and by.channel != "import")


def _as_errors(ask: Any) -> Any:
    """What an action would ask for in a dialog, as errors beside the fields of a form."""
    try:
        return ask()
    except NeedsInput as wants:
        raise InvalidMany(wants.errors or {key: [wants.message] for key in wants.inputs}) from wants


def edit(row: Any, values: dict[str, Any], *, by: Actor, base: dict[str, Any] | None = None) -> Deal:
    """Change a deal. Plain columns first, then pipeline, stage and status through their own actions.

    Raises InvalidMany, Conflict, NotFound.
    """
    record = registry["deal"]
    values = dict(values)
    override = values.pop(OVERRIDE, "")
    ruled = {key: values.pop(key) for key in RULED if key in values}
    closing = {key: values.pop(key) for key in CLOSING if key in values} if "status" in ruled else {}
    with transaction.atomic():
        with change(row, by=by) as c:
            _follows_lines(c.row, values)
            put_values(record, c.row, values, base)
            ruled = _wanted(record, c.row, ruled, base)
            if "status" not in ruled:
                put_values(record, c.row, closing, base)
        return _as_errors(lambda: _lead(c.row, ruled, closing, override, by))


def _wanted(record: Any, row: Deal, ruled: dict[str, Any], base: dict[str, Any] | None) -> dict[str, Any]:
    """The ruled columns that somebody really means to change; an overlapping change of a colleague is a Conflict."""
    columns, out = record.columns(), {}
    clashes: dict[str, tuple[Any, Any, Any]] = {}
    for key, value in ruled.items():
        column = columns[key]
        now, new = column.raw(row), column.kind.dump(value)
        if _same(now, new) or value in (None, ""):
            continue
        if base is not None and key in base:
            if _same(base[key], new):
                continue  # untouched in this form; a colleague moved it meanwhile
            if not _same(base[key], now):
                clashes[key] = (base[key], column.get(row), value)
                continue
        out[key] = value
    if clashes:
        names = ", ".join(columns[key].label for key in clashes)
        raise Conflict(_("Somebody else changed %s while you were editing; choose which value stays.") % names, clashes)
    return out


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return bool(a.get("id") == b.get("id"))
    return bool(a == b)


def _lead(deal: Deal, ruled: dict[str, Any], closing: dict[str, Any], override: str, by: Actor) -> Deal:
    """The ruled columns, each through its action. Opening again comes first, closing last."""
    status, stage = ruled.get("status"), ruled.get("stage")
    if status == Status.OPEN or (status and deal.status != Status.OPEN):
        deal = reopen(deal, by=by)
    pipeline = ruled.get("pipeline") or (stage.pipeline if stage and stage.pipeline_id != deal.pipeline_id else None)
    if pipeline is not None and pipeline.pk != deal.pipeline_id:
        stage = stage if stage is not None and stage.pipeline_id == pipeline.pk else None
        deal = change_pipeline(deal, pipeline=pipeline, stage=stage, override_reason=override, by=by)
    elif stage is not None:
        deal = move_to_stage(deal, stage=stage, override_reason=override, by=by)
    if status in (Status.WON, Status.LOST):
        deal = _end(deal, status, closing, override, by)
    return deal


def _end(deal: Deal, status: str, closing: dict[str, Any], override: str, by: Actor) -> Deal:
    reason, words, day = closing.get("reason"), closing.get("reason_words", ""), closing.get("closed_on")
    if status == Status.WON:
        return win(deal, reason=reason, words=words, closed_on=day, override_reason=override, by=by)
    return lose(deal, reason=reason, words=words, competitor=closing.get("competitor", ""), closed_on=day, by=by)


def _follows_lines(deal: Deal, values: dict[str, Any]) -> None:
    """Amount and currency of a deal with products are what the products add up to."""
    touched = [key for key in ("amount", "currency") if key in values and values[key] != getattr(deal, key)]
    if touched and LineItem.objects.filter(deal=deal).exists():
        sentence = _("This follows the products on the deal; change those.")
        raise InvalidMany({key: [sentence] for key in touched})
