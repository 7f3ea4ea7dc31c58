"""The third step as records: rules, pools, absences, criteria and reasons under Settings; decisions, answers, verdicts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.scopes import configuration
from kith.kernel.calendars.kinds import SpanWords
from kith.kernel.configuration.declaring import Configured
from kith.kernel.kinds import Choice, LongText
from kith.kernel.lookups.conditions import Conditions, Happening
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.records.record import Record, Section, View
from kith.qualification import events
from kith.qualification.assigning.scope import of_person, of_subject, own_absences
from kith.qualification.assigning.unrouted import ask_again
from kith.qualification.checklist import answering
from kith.qualification.models import (
    Absence,
    Answer,
    AssignmentRule,
    Band,
    Criterion,
    Decision,
    FitReason,
    Late,
    Member,
    Pool,
    Prediction,
    ScoreRule,
    Verdict,
)  # fmt: skip
from kith.qualification.outcome import deciding, waiting
from kith.qualification.predicting.parts import CALIBRATION, FINDINGS, TRAININGS
from kith.qualification.scoring.changing import rules_changed

HIDDEN = Facts(faces=frozenset())
# Filters of rules have a page of their own (`wherepages.py`); programs and files give them as text.
WHERE = Facts(
    kind=Conditions(), faces=FACES - {"form", "bulk"}, help=_("A filter of people, such as country.is:DE|AT.")
)


class AssignmentRuleRecord(Record):
    name, slug, icon = "assignment_rule", "assignment-rules", "person"
    model, scope, settings, help = AssignmentRule, configuration, True, "qualification"
    configured = Configured(after=("segment",))
    lists, sort = ("name", "position", "where", "user", "team", "pool", "active"), "position"
    settle = staticmethod(ask_again)
    form = (
        Section(_("Rule"), "name position active"),
        Section(_("Who gets it"), "user team pool otherwise"),
        Section(_("The first answer"), "answer_within calendar when_late escalate_to"),
    )
    fields = {
        "name": Facts(personal="no"),
        "where": WHERE,
        "when_late": Facts(kind=Choice({key: label for key, label in Late.choices if key}), help=_("Empty: nothing.")),
        "answer_within": Facts(
            kind=SpanWords(), faces=FACES - {"filter"}, help=_("Such as 2 business hours. Empty: no clock.")
        ),
    }


class PoolRecord(Record):
    name, slug, icon = "pool", "pools", "people"
    model, scope, settings, help = Pool, configuration, True, "qualification"
    configured = Configured()
    lists, sort = ("name",), "name"
    form = (Section(_("Pool"), "name"),)
    fields = {"name": Facts(personal="no")}


class MemberRecord(Record):
    name, slug, icon = "pool_member", "pool-members", "people"
    model, scope, settings, help = Member, configuration, True, "qualification"
    configured = Configured(key=("pool", "user"))
    title = "user"
    lists, sort = ("user", "pool", "share", "most_open", "calendar"), "created_at"
    settle = staticmethod(ask_again)
    form = (Section(_("Member"), "pool user share most_open calendar"),)
    fields = {
        "share": Facts(help=_("Who has 2 gets twice as many as who has 1.")),
        "most_open": Facts(help=_("Leads given to them that are not decided yet. Empty: any number.")),
        "calendar": Facts(help=_("Empty: at any time.")),
    }


class AbsenceRecord(Record):
    name, slug, icon = "absence", "absences", "calendar"
    model, scope, settings, help = Absence, own_absences, True, "qualification"
    title, stamped = "user", False
    lists, sort = ("user", "first_day", "last_day", "note"), "-first_day"
    settle = staticmethod(ask_again)
    form = (Section(_("Absence"), "user first_day last_day note"),)
    fields = {"note": Facts(personal="why a colleague is away")}


class DecisionRecord(Record):
    name, slug, icon = "assignment", "assignments", "person"
    model, scope, by_itself, help = Decision, of_person, True, "qualification"
    settings, stamped = True, False  # read from the settings and from people, no place of its own
    title = "person"
    lists = ("person", "kind", "user", "rule", "why", "created_at", "due_at", "stopped_at")
    sort = "-created_at"
    settle = staticmethod(waiting.settle)
    form = (Section(_("Decision"), "person kind user previous rule why rounds due_at stopped_at stopped_by"),)
    views = (
        View("unrouted", _("Nobody found"), "kind.is:unrouted,stopped_at.empty"),
        View("waiting", _("Waiting for an answer"), "due_at.filled,stopped_at.empty", "due_at"),
        View("passed-on", _("Passed on or escalated"), "kind.is:reassigned|escalated"),
        View("mine", _("Given to me"), "user.is:me"),
    )
    events = (
        events.LeadAssigned, events.LeadReassigned, events.LeadEscalated, events.LeadUnrouted, events.LeadHanded,
        events.LeadClockStopped,
    )  # fmt: skip
    fields = {
        "candidates": HIDDEN,
        "passed": HIDDEN,
        "person": Facts(sort="person__sort_name"),
        "why": Facts(kind=LongText(500)),
    }


class ScoreRuleRecord(Record):
    name, slug, icon = "score_rule", "score-rules", "chart"
    model, scope, settings, help = ScoreRule, configuration, True, "qualification"
    configured = Configured(after=("segment",))
    lists, sort = ("name", "part", "points", "where", "verb", "most", "half_life", "active"), "position"
    quick = ("name", "part", "points")
    form = (
        Section(_("Rule"), "name part points active position"),
        Section(_("For what happens"), "verb most half_life"),
    )
    settle = staticmethod(rules_changed)
    fields = {
        "name": Facts(personal="no"),
        "where": WHERE,
        "points": Facts(help=_("Taken off where they are below 0.")),
        "verb": Facts(kind=Happening(), help=_("Empty: once for everybody whom the filter fits.")),
        "most": Facts(help=_("Points that this rule gives one person at most.")),
        "half_life": Facts(help=_("What happened long ago counts less: half as much after so many days.")),
    }


class BandRecord(Record):
    name, slug, icon = "score_band", "score-bands", "chart"
    model, scope, settings, help = Band, configuration, True, "qualification"
    configured = Configured()
    lists, sort = ("name", "starts_at"), "starts_at"
    form = (Section(_("Band"), "name starts_at"),)
    settle = staticmethod(rules_changed)
    fields = {"name": Facts(personal="no")}


class CriterionRecord(Record):
    name, slug, icon = "criterion", "criteria", "check"
    model, scope, settings, help = Criterion, configuration, True, "qualification"
    configured = Configured(key=("key",))
    lists, sort = ("name", "question", "on", "column", "process", "position"), "position"
    quick = ("name", "question", "on")
    form = (Section(_("Criterion"), "name question on column process position key"),)
    settle = staticmethod(rules_changed)
    fields = {
        "name": Facts(personal="no"),
        "column": Facts(help=_("The key of a field that answers it once it is known, such as industry.")),
        "process": Facts(help=_("The key of a process. Empty: every process asks it.")),
    }


class AnswerRecord(Record):
    name, slug, icon = "answer", "answers", "check"
    model, scope, by_itself, help = Answer, of_subject, True, "qualification"
    settings, stamped = True, False  # written on people and companies, no place of its own
    title = "answer"
    lists, sort = ("criterion", "answer", "evidence", "person", "company", "answered_on", "user"), "-created_at"
    form = (Section(_("Answer"), "criterion person company answer evidence answered_on user replaced_at"),)
    views = (View("current", _("Current"), "replaced_at.empty"),)
    events = (events.CriterionAnswered,)
    settle = staticmethod(answering.settle)
    fields = {
        "criterion": Facts(sort="criterion__name"),
        "person": Facts(sort="person__sort_name"),
        "company": Facts(sort="company__sort_name"),
        "answer": Facts(personal="what somebody told us about their plans"),
        "evidence": Facts(personal="what somebody told us about their plans"),
    }


class FitReasonRecord(Record):
    name, slug, icon = "fit_reason", "fit-reasons", "tag"
    model, scope, settings, help = FitReason, configuration, True, "qualification"
    configured = Configured()
    lists, sort = ("name", "position"), "position"
    form = (Section(_("Reason"), "name position"),)
    fields = {"name": Facts(personal="no")}


class VerdictRecord(Record):
    name, slug, icon = "verdict", "verdicts", "flag"
    model, scope, by_itself, help = Verdict, of_person, True, "qualification"
    settings, stamped = True, False  # read from people and from the ledger, no place of its own
    title = "person"
    lists = ("person", "state", "reason", "advised", "wake_at", "returned_at", "user", "created_at")
    sort = "-created_at"
    form = (
        Section(_("Verdict"), "person state user reason words advised wake_at"),
        Section(_("What came of it"), "returned_at source deal made_deal"),
    )
    views = (
        View("honest", _("Not a fit"), "state.is:not_a_fit"),
        View("returned", _("Came back after a no"), "state.is:not_a_fit,returned_at.filled"),
        View("asleep", _("Nurtured"), "state.is:nurture", "wake_at"),
    )
    settle = staticmethod(deciding.settle)
    events = (
        events.LeadQualified, events.LeadNurtured, events.LeadNotAFit, events.LeadCameBack, events.LeadCredited, events.LeadConverted,
    )  # fmt: skip
    fields = {
        "person": Facts(sort="person__sort_name"),
        "words": Facts(personal="what was said about a decision"),
        "advised": Facts(personal="what was said about a decision"),
    }


class PredictionRecord(Record):
    name, slug, icon = "prediction", "predictions", "chart"
    model, scope, settings, help = Prediction, configuration, True, "qualification"
    lists, sort = ("name", "target", "field", "within", "active"), "name"
    form = (Section(_("Prediction"), "name target field value within active leave_out"),)
    parts = (TRAININGS, CALIBRATION, FINDINGS)
    fields = {
        "name": Facts(personal="no"),
        "field": Facts(help=_("The key of a field of people, such as custom.converted, where a field says it.")),
        "value": Facts(help=_("For a field with a list of choices: the one that means success.")),
        "within": Facts(help=_("A lead that is still open after so many days counts as one without success.")),
        "leave_out": Facts(
            help=_("Keys of fields that are written after a lead was worked, and would give the outcome away.")
        ),
    }


from kith.qualification import lent  # noqa: E402, F401 - columns lent to people
from kith.qualification.checklist import columns as _of_companies  # noqa: E402, F401 - to companies
from kith.qualification.outcome import columns as _of_people  # noqa: E402, F401 - and what verdicts lend people
