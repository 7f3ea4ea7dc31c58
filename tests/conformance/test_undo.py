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
from tests.conformance import samples_conversion
from tests.conformance.samples import every, own_mail, row_of, sample, segment

pytestmark = pytest.mark.django_db

# What only grows, or belongs to Kith's own running: the story itself, what may be done again, words that searches know.
BOOKKEEPING = (
    "process_touched", "process_in_care", "segments_dirty", "qualification_dirty", "retention_dirty", "timeline_", "jobs_", "procrastinate_",
    "search_", "django_", "auth_", "account_", "mfa_", "api_idempotencykey",
)  # fmt: skip
MOVING = {"updated_at", "version", "tsv", "config"}  # columns that tell how often something was written
MADE_AGAIN = {
    "deals_stay",
    "process_stay",
    "forgotten_unattended",
    "support_clock",
    "retention_value",
}  # tables that are made from events, under new ids
# Actions that cannot be taken back, and why.
FOR_GOOD = {
    **samples_conversion.FOR_GOOD,
    "onboarding.send_link": "a mail is on its way; the link is shut with onboarding.shut_link",
    "person.delete_trail": "it is done because somebody asked that nothing be left of it",
    "segment.refresh": "it only looks at everybody again",
    "activity.write_mail": "a message is on its way to somebody else, or waits in the outbox where it can be stopped",
    "sequence.publish": "a version never changes, because people are on their way through it; an older draft is published again",
    "workflow.publish": "a version never changes, because runs stand on it; an older one is published again",
    "workflow.go_back": "it changes the draft alone, whose every form stands in the history",
    "workflow.switch_on": "it is switched off again; what it started meanwhile is taken back run by run",
    "workflow.switch_off": "it is switched on again, and knows nothing of what happened meanwhile",
    "workflow.renew_secret": "the old secret may be in wrong hands, so nothing brings it back",
    "person.give_consent": "the log of what people agreed to is proof and only grows; withdrawing adds a line",
    "person.withdraw_consent": "the log of what people agreed to is proof and only grows; agreeing again adds a line",
    "form.publish": "a version never changes, because submissions stand on it; the form is closed, or an older one published again",
    "conversation.take": "the visitor sees who talks to them; a colleague takes it over in turn",
    "conversation.answer": "the visitor has read it",
    "conversation.hand": "the colleague was told; they hand it back",
    "conversation.close": "the visitor was told; it opens again when they write",
    "submission.retry": "it is looked at again as if it had just come; what becomes of it is taken back there",
    "run.retry": "what the run does from there is taken back with run.take_back",
    "run.repeat": "what the new run does is taken back with run.take_back",
    "run.cancel": "it is tried again from the step it stood at",
    "run.take_back": "it is itself an undo; each operation it took back says so",
    "run.approve": "the run goes on at once, and what it does is taken back with run.take_back",
    "run.decline": "the run ended; it is tried again from the question",
    "mailbox.give_password": "the old password is kept nowhere, so nothing brings it back",
    "mailbox.give_token": "the old token is kept nowhere, so nothing brings it back",
    "mailbox.share": "it is chosen again; what it was stands in the history",
    "mailbox.check": "it only asks the server",
    "mailbox.fetch_now": "mail that came stays",
    "mailbox.compare_now": "it only counts",
    "mailbox.fetch_again": "mail that came stays",
    "arrived.retry": "what was filed stands on a story, which nothing takes back",
    "arrived.file_with": "what was filed stands on a story, which nothing takes back",
    "arrived.leave": "it is read again with arrived.retry",
    "mailing.check": "it only counts",
    "mailing.try_out": "a mail is on its way to whoever asked",
    "mailing.schedule": "it is made a draft again with mailing.unschedule",
    "mailing.unschedule": "it is scheduled again",
    "mailing.send": "mails are on their way, and nothing calls them back; the rest is paused or cancelled",
    "mailing.pause": "it goes on with mailing.resume",
    "mailing.resume": "it is paused again",
    "mailing.cancel": "whom it was not sent to yet is written to by another mailing",
    "mailing.try_doubtful": "mails are on their way, and nothing calls them back",
    "ticket.answer": "the customer has read it",
    "ticket.send_again": "the customer has read it",
    "channel.renew_secret": "the old secret may be in wrong hands; a new one is made in its place",
    "ticket.solve_all": "everybody who asked has read it",
    "issue.tell": "the tracker has read it",
    "tracker.give_token": "a secret is replaced by giving another one",
    "tracker.renew_secret": "the old secret may be in wrong hands; a new one is made in its place",
    "conversation.join_ticket": "what was said stands in the ticket; a part of its talk is made a ticket of its own",
    "conversation.make_ticket": "the ticket is put away or merged; asking again brings it up to date",
    "customer.count": "a program counts again; of several counts of a day the last one holds",
    "person.ask": "a mail is on its way to them; it is put aside on the survey response",
    "person.ask_review": "a mail is on its way to them; it is put aside on the review",
    "reference.hold_call": "the call took place",
    "idea.move": "voters are told of it; it is moved back, and they are told again",
    "suppressed.lift": "the address is suppressed again by hand, with a reason of its own",
}
# Tables that an action writes to for good, and takes the rest back: what was in force once, and what colleagues were told.
STAYS = {
    **samples_conversion.STAYS,
    "template.translate": {"engagement_templateversion"},  # every wording there ever was is kept
    "template.drop_language": {"engagement_templateversion"},
    "article.publish": {"articles_version"},  # every version there ever was is kept
    "process.publish": {"process_version", "activities_notice"},
    "journey.hand_over": {"activities_notice"},
    "journey.return_handover": {"activities_notice"},
    "journey.withdraw_handover": {"activities_notice"},
    "process.prepare_review": {"activities_notice", "activities_attendee"},  # who was to take part in what is archived
    "review.hold": {"activities_notice"},
    "feedback.answer": {"activities_notice"},
    "submission.route": {"activities_notice"},
    "person.assign_by_rules": {"activities_notice"},
    "booking.move": {"meetings_told"},  # invitations are numbered, and what they said last is kept
    "booking.cancel": {"meetings_told"},
    "ticket.take": {
        "support_given",
        "activities_notice",
    },  # who had it when is a log, which the page on fairness counts
    "ticket.hand": {"support_given", "activities_notice"},
    "submission.accept": {"awareness_touch"},  # a log that is only added to: that somebody came does not stop being so
    "submission.merge": {"awareness_touch"},
}
AGREED = ("reference.agree", {"words": "Tell our story", "who": "Marta"})
DRAFTED = ("reference.write", {"draft": "It was wet, and is dry."})
# What must have happened before an action makes sense: other actions of the same row, some with inputs of their own.
FIRST = {
    **samples_conversion.FIRST,
    "onboarding.withdraw_first_value": ("onboarding.reach_first_value",),
    "onboarding.open_link": ("onboarding.shut_link",),
    "onboarding.resume": ("onboarding.stop",),
    "onboarding.release_risk": ("onboarding.set_risk",),
    "onboarding_step.reopen": ("onboarding_step.finish",),
    "person.come_back": (("person.nurture", {"wake_at": "2031-03-12T09:30"}),),
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
    "person.take_off_list": ("person.put_on_list",),
    "company.take_off_list": ("company.put_on_list",),
    "segment.admit": ("segment.exclude",),
    "campaign.remove_cost": ("campaign.add_cost",),
    "campaign.remove_member": ("campaign.mark",),
    "profile.change_criterion": ("profile.add_criterion",),
    "profile.remove_criterion": ("profile.add_criterion",),
    "profile.publish": ("profile.add_criterion",),
    "enrolment.resume": ("enrolment.pause",),
    "objection.choose_answer": ("objection.answer",),
    "objection.drop_answer": ("objection.answer",),
    "template.drop_language": ("template.translate",),
    "template.take_out": ("template.enclose",),
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
    "journey.withdraw_handover": (
        ("journey.move", {"stage": "convert", "reason": "Signed at the fair"}),
        "journey.hand_over",
    ),
    "journey.untick": ("journey.move", "journey.tick"),
    "ticket.take": ("ticket.hand",),
    "ticket.reopen": ("ticket.solve",),
    "ticket.go_on": ("ticket.wait",),
    "ticket.split": ("ticket.they_said",),
    "ticket.leave_larger": ("ticket.make_part",),
    "form.close": ("form.publish",),
    "booking_page.open": ("booking_page.close",),
    "form.reopen": ("form.publish", "form.close"),
    "article.drop_language": (("article.translate", {"language": "de", "title": "Zurücksetzen", "body": "Drücken."}),),
    "referral.pay": (("referral.clear", {"reason": "Another hotel"}),),
    "reference.write": (AGREED,),
    "reference.approve": (AGREED, DRAFTED),
    "reference.publish": (AGREED, DRAFTED, ("reference.approve", {"who": "Marta"})),
    "idea.hide": ("idea.show",),
    "survey.stop": ("survey.start",),
    "response.follow_up": (("response.answer", {"score": "2"}),),
    "process.stop_reviews": ("process.set_review_rhythm",),
}
# Which process has to be in force besides, by the name of its starter.
BESIDE = {"journey.change_process": "cycle"}
# What the row itself holds then: something that a looking up concludes from.
NUMBER = {"phones": [{"value": "+41313204545", "label": ""}], "addresses": []}
LONG_SINCE = {"customer_since": dt.date(2020, 1, 1)}
HOLDS = {
    "person.look_up": NUMBER, "company.look_up": NUMBER, "customer.churn": LONG_SINCE, "customer.start_play": LONG_SINCE,
    "order.renew": {"renews_on": dt.date(2016, 3, 12)}, "person.assign_by_rules": {"owner": None},
}  # fmt: skip
# What a row has around it when it is merged away.
OFFERED = {
    "person": ("person.add_position", "person.relate", "person.tell_apart"),
    "company": ("company.add_person", "company.tell_apart"),
    "deal": ("deal.add_line", "deal.add_member"),
}
# What only fits what is there: the key of a stage, and of something it asks for.
SAID = {
    **samples_conversion.SAID,
    ("article.drop_language", "language"): "de",
    ("person.nurture", "wake_at"): "2031-03-12T09:30",
    ("person.convert", "deal"): "",
    ("renewal.move", "state"): "talking",
    ("renewal.win", "until"): "2099-03-12",
    ("renewal.lose", "left"): "",
    ("booking.move", "start"): "2031-03-12T09:30",
    ("person.convert", "new_deal"): "Leak map",
    ("process.publish", "moves"): "",
    ("process.publish", "review"): "",
    ("journey.move", "stage"): "qualify",
    ("journey.change_process", "process"): "cycle",
    ("journey.change_process", "stage"): "",
    ("journey.tick", "need"): "fit",
    ("journey.untick", "need"): "fit",
    ("profile.add_criterion", "conditions"): "source.filled",
    ("profile.change_criterion", "conditions"): "source.empty",
    ("ticket.wait", "until"): "2031-03-12T09:30",
    ("ticket.move", "state"): "solved",
    ("campaign.mark", "who"): "marta@bellevue.example",
    ("segment.add", "who"): "marta@bellevue.example",
    ("segment.exclude", "addresses"): "marta@bellevue.example",
}
# Inputs that name a row of a plain table: (app, model), the latest of which is meant; "type.input" where others mean else.
NAMED = {
    **samples_conversion.NAMED,
    "line": ("deals", "LineItem"), "member": ("deals", "CommitteeMember"), "proposal": ("review", "Proposal"),
    "exclusion": ("segments", "Exclusion"), "cost": ("awareness", "CostLine"), "profile.criterion": ("awareness", "Criterion"),
    "activity.message": ("activities", "Message"),
    "objection.answer": ("engagement", "Answer"), "ticket.entry": ("support", "Entry"),
}  # fmt: skip


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
def by(request):
    """An administrator at Tidewell, whose deals go the usual way."""
    from kith.deals.actions import install_defaults

    install_defaults(by=system("cli"))
    renewals = actions.create(registry["pipeline"], {"name": "Renewals"}, by=system("cli"))
    actions.create(registry["stage"], {"name": "Renewal", "pipeline": renewals}, by=system("cli"))
    user("jonas")
    if "share_contact" in request.node.name:  # only who has a mailbox of their own has mail to share
        own = {
            "name": "Astrid",
            "address": "astrid@tidewell.example",
            "host": "imap.example.com",
            "holder": user("astrid"),
        }
        actions.create(registry["mailbox"], own, by=system("cli"))
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
        named = NAMED.get(f"{act.name.partition('.')[0]}.{one.key}") or NAMED.get(one.key)
        if named and act.name != "objection.answer":
            latest = apps.get_model(*named)._base_manager.order_by("-pk").first()
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
    elif kind.target == "segment":  # a list of what the row is
        subject = getattr(row, "subject", "") or registry.by_model(type(row)).name
        return (rows.filter(subject=subject).order_by("-pk").first() or segment(by, subject)).pk
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
    if act.name in HOLDS:
        row = actions.edit(record, row, HOLDS[act.name], by=by)
    if act.name in BESIDE:
        process = bring(starter(BESIDE[act.name]), by=by)
        perform(ACTIONS["process.publish"], process, {"default": ""}, by=by)
    if act.name == "person.assign_by_rules":
        actions.create(registry["assignment_rule"], {"name": "Everybody", "user": by.user}, by=by)
    if act.name == "activity.share_mail":
        own_mail(by, row)
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
