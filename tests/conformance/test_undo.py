"""Whatever an action did is taken back whole: not the row's own columns alone, but every table that it wrote to.

Every declared action is performed with values made from the kinds of its inputs, once with all of them and once with those
it insists on, and undone. Then each table holds what it held before. A row that an action made stays, archived.
"""

import datetime as dt
import json
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.errors import NeedsInput
from kith.kernel.kinds import Colleague, Day, Link, Moment
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import undo
from kith.process.publishing import bring
from kith.process.starters import starter
from kith.ui import panels
from tests.cast import actor, user
from tests.conformance.samples import every, row_of, sample

pytestmark = pytest.mark.django_db

# What only grows, or belongs to Kith's own running: the story itself, what may be done again, words that searches know.
BOOKKEEPING = (
    "process_touched", "timeline_", "jobs_", "procrastinate_", "search_", "django_", "auth_", "account_", "mfa_", "api_idempotencykey",
)  # fmt: skip
MOVING = {"updated_at", "version", "tsv", "config"}  # columns that tell how often something was written
MADE_AGAIN = {"deals_stay", "process_stay", "forgotten_unattended"}  # tables that are made from events, under new ids
# Actions that cannot be taken back, and why.
FOR_GOOD = {
    "activity.write_mail": "a message is on its way to somebody else, or waits in the outbox where it can be stopped",
    "workflow.publish": "a version never changes, because runs stand on it; an older one is published again",
    "workflow.go_back": "it changes the draft alone, whose every form stands in the history",
    "workflow.switch_on": "it is switched off again; what it started meanwhile is taken back run by run",
    "workflow.switch_off": "it is switched on again, and knows nothing of what happened meanwhile",
    "workflow.renew_secret": "the old secret may be in wrong hands, so nothing brings it back",
    "run.retry": "what the run does from there is taken back with run.take_back",
    "run.cancel": "it is tried again from the step it stood at",
    "run.take_back": "it is itself an undo; each operation it took back says so",
    "run.approve": "the run goes on at once, and what it does is taken back with run.take_back",
    "run.decline": "the run ended; it is tried again from the question",
}
# Tables that an action writes to for good, and takes the rest back: what was in force once, and what colleagues were told.
STAYS = {
    "process.publish": {"process_version", "activities_notice"},
    "process.prepare_review": {"activities_notice", "activities_attendee"},  # who was to take part in what is archived
    "review.hold": {"activities_notice"},
    "feedback.answer": {"activities_notice"},
}
# What must have happened before an action makes sense: other actions of the same row, some with inputs of their own.
FIRST = {
    "person.change_position": ("person.add_position",),
    "person.end_position": ("person.add_position",),
    "person.remove_position": ("person.add_position",),
    "person.unrelate": ("person.relate",),
    "deal.change_line": ("deal.add_line",),
    "deal.remove_line": ("deal.add_line",),
    "deal.change_member": ("deal.add_member",),
    "deal.remove_member": ("deal.add_member",),
    "deal.reopen": ("deal.lose",),
    "activity.reopen": ("activity.finish",),
    "journey.reopen": ("journey.close",),
    "journey.come_back": ("journey.close",),
    "journey.tick": ("journey.move",),
    "journey.hand_over": (("journey.move", {"stage": "convert", "reason": "Signed at the fair"}),),
    "journey.accept_handover": (
        ("journey.move", {"stage": "convert", "reason": "Signed at the fair"}),
        "journey.hand_over",
    ),
    "journey.return_handover": (
        ("journey.move", {"stage": "convert", "reason": "Signed at the fair"}),
        "journey.hand_over",
    ),
    "journey.untick": ("journey.move", "journey.tick"),
    "process.stop_reviews": ("process.set_review_rhythm",),
}
# Which process has to be in force besides, by the name of its starter.
BESIDE = {"journey.change_process": "cycle"}
# What a row has around it when it is merged away.
OFFERED = {
    "person": ("person.add_position", "person.relate", "person.tell_apart"),
    "company": ("company.add_person", "company.tell_apart"),
    "deal": ("deal.add_line", "deal.add_member"),
}
# What only fits what is there: the key of a stage, and of something it asks for.
SAID = {
    ("process.publish", "moves"): "",
    ("process.publish", "review"): "",
    ("journey.move", "stage"): "qualify",
    ("journey.change_process", "process"): "cycle",
    ("journey.change_process", "stage"): "",
    ("journey.tick", "need"): "fit",
    ("journey.untick", "need"): "fit",
}
# Inputs that name a row of a plain table: (app, model), the latest of which is meant.
NAMED = {"line": ("deals", "LineItem"), "member": ("deals", "CommitteeMember"), "proposal": ("review", "Proposal")}


def written_on() -> list[tuple[str, Any]]:
    """(record type, action) for every place an action is offered at."""
    own = [(record, act) for record in every() for act in record.actions]
    composed = [(registry[name], c.action) for c in panels._composers.values() for name in ("person", "deal")]
    return [*own, *composed, (None, ACTIONS["rate.set"])]


def ways() -> list[Any]:
    """Every action with all its inputs, and again with those it insists on, where that is not the same."""
    out = []
    for record, act in written_on():
        if act.name in FOR_GOOD:
            continue
        name = f"{record.name if record else 'nothing'}-{act.name}"
        out.append(pytest.param(record, act, True, id=name))
        if any(not one.required for one in act.inputs):
            out.append(pytest.param(record, act, False, id=f"{name}-least"))
    return out


@pytest.fixture
def by():
    """An administrator at Tidewell, whose deals go the usual way."""
    from kith.deals.actions import install_defaults

    install_defaults(by=system("cli"))
    renewals = actions.create(registry["pipeline"], {"name": "Renewals"}, by=system("cli"))
    actions.create(registry["stage"], {"name": "Renewal", "pipeline": renewals}, by=system("cli"))
    user("jonas")
    return actor("astrid")


def tables() -> dict[str, dict[str, Any]]:
    """{table: {primary key: row}} of everything that is not bookkeeping."""
    out = {}
    for model in apps.get_models():
        table = model._meta.db_table
        if table.startswith(BOOKKEEPING) or not model._meta.managed:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')  # noqa: S608 - names of our models
            rows = [json.loads(row) for (row,) in cursor.fetchall()]
        moving = MOVING | {"id", "since"} if table in MADE_AGAIN else MOVING
        out[table] = dict(_keyed({k: v for k, v in row.items() if k not in moving}) for row in rows)
    return out


def _keyed(row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return str(row["id"]) if "id" in row else json.dumps(row, sort_keys=True), row


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What is not as it was, a line each. New rows that are archived are as gone as rows get."""
    told = []
    for table, rows in after.items():
        old = before[table]
        for pk in sorted({*old, *rows}):
            was, now = old.get(pk), rows.get(pk)
            if was is None and now is not None and now.get("archived_at"):
                continue
            if was is None or now is None:
                told.append(f"{table} {pk}: {'still there' if was is None else 'gone'}: {was or now}")
            elif was != now:
                changed = {k: (was[k], now[k]) for k in was if was[k] != now[k]}
                told.append(f"{table} {pk}: {changed}")
    return told


def said(one: Any, by: Any) -> Any:
    """A sample value; days and moments lie close by, so that nothing ends before it began."""
    if isinstance(one.kind, Moment):
        return (timezone.localtime() - dt.timedelta(hours=30)).strftime("%Y-%m-%dT%H:%M")
    return timezone.localdate().isoformat() if isinstance(one.kind, Day) else sample(one, by)


def inputs_of(act: Any, row: Any, by: Any, full: bool) -> dict[str, Any]:
    """Raw values for an action: of all its inputs, or of those it cannot do without."""
    raw = {}
    for one in act.inputs:
        if one.key in NAMED:
            latest = apps.get_model(*NAMED[one.key])._base_manager.order_by("-pk").first()
            raw[one.key] = str(latest.pk)
        elif (act.name, one.key) in SAID:
            raw[one.key] = SAID[act.name, one.key]
        elif full or one.required:
            value = value_of(one, row, by, raw)
            if value is not None:
                raw[one.key] = value
    return raw


def value_of(one: Any, row: Any, by: Any, raw: dict[str, Any]) -> Any:
    """A value that the kind takes. A link leads to a row that is not the one acted on: to what an earlier action linked to,
    where the input is given; to configuration that is there; else to a new neighbour."""
    kind = one.kind
    if isinstance(kind, Colleague):
        return user("jonas").pk
    if not isinstance(kind, Link):
        return said(one, by)
    if kind.target not in registry:
        return None
    rows = kind.record.model._default_manager.exclude(pk=row.pk if isinstance(row, kind.record.model) else None)
    if kind.target == "stage":
        rows = rows.filter(pipeline=raw.get("pipeline") or row.pipeline_id).exclude(pk=getattr(row, "stage_id", None))
    elif kind.target == "pipeline":
        rows = rows.exclude(pk=getattr(row, "pipeline_id", None)).filter(stages__isnull=False)
    elif kind.target == "reason":
        rows = rows.filter(outcome=kind.outcome)
    elif not (one.given or kind.record.settings):
        return row_of(kind.record, by).pk
    found = rows.order_by("-pk").first() or row_of(kind.record, by)
    return found.pk


def done(act: Any, row: Any, raw: dict[str, Any], by: Any) -> Any:
    """Perform it; what it says is missing is given."""
    try:
        return perform(act, row, raw, by=by)
    except NeedsInput as asked:
        columns = registry.by_model(type(row)).columns() if row is not None else {}
        inputs = {one.key: one for one in act.inputs}
        more = {k: value_of(inputs[k], row, by, raw) if k in inputs else said(columns[k], by) for k in asked.inputs}
        return perform(act, row, {**raw, **more}, by=by)


def fresh(row: Any) -> Any:
    return None if row is None else type(row)._base_manager.get(pk=row.pk)


def prepared(record: Any, act: Any, by: Any) -> Any:
    """A row on which the action makes sense, with neighbours around it."""
    if record is None:
        return None
    row = row_of(record, by)
    if act.name in BESIDE:
        process = bring(starter(BESIDE[act.name]), by=by)
        perform(ACTIONS["process.publish"], process, {"default": ""}, by=by)
    for one in FIRST.get(act.name, ()):
        name, raw = one if isinstance(one, tuple) else (one, None)
        done(ACTIONS[name], fresh(row), raw or inputs_of(ACTIONS[name], row, by, full=False), by)
    return fresh(row)


@pytest.mark.parametrize(("record", "act", "full"), ways())
def test_an_action_is_taken_back_whole(record, act, full, by):
    row = prepared(record, act, by)
    assert row is None or act.applies(row), f"{act.name}: say in FIRST what makes it apply"
    filled = inputs_of(act, row, by, full)  # rows that it links to are there before
    before = tables()
    outcome = done(act, row, filled, by)
    if not differences(before, tables()):
        assert not full and outcome.operation is None, f"{act.name} did nothing, so this would show nothing"
        return
    assert isinstance(outcome.operation, Operation), f"{act.name} cannot be taken back and does not say so"
    assert undo(outcome.operation, by=by).conflicts == []
    assert differences(before, {k: v for k, v in tables().items() if k not in STAYS.get(act.name, ())}) == []


@pytest.mark.parametrize("name", ["person", "company", "deal"])
def test_a_merge_is_taken_back_whole(name, by):
    """Not an action of one row, but it moves more tables than any of them."""
    record = registry[name]
    one, two = row_of(record, by), row_of(record, by)
    for verb in ("activity.log_call", "activity.plan_task", *OFFERED.get(name, ())):
        act = ACTIONS[verb]
        done(act, fresh(two), inputs_of(act, fresh(two), by, full=True), by)
    before = tables()
    _kept, op = merge(record, fresh(one), [fresh(two)], by=by)
    assert undo(op, by=by).conflicts == []
    assert differences(before, tables()) == []


def test_every_action_is_offered_somewhere_and_tried_here():
    ours = {
        name
        for name, act in ACTIONS.items()
        if act.run.__module__.startswith("kith.") and ".tests." not in act.run.__module__
    }
    assert {act.name for _record, act in written_on()} >= ours


def test_what_cannot_be_taken_back_says_so_and_why():
    assert {name for name, act in ACTIONS.items() if not act.undo} == set(FOR_GOOD)
