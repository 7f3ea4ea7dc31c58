"""Surveys and responses as records: lists, pages, API, history."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.contacts.reach import AboutPerson
from kith.kernel.access.scopes import configuration
from kith.kernel.configuration.declaring import Configured
from kith.kernel.kinds import Duration, Integer, Language
from kith.kernel.kinds.translations import Translations
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.records.record import Record, Section, View
from kith.kernel.records.registry import registry
from kith.surveys import actions, events
from kith.surveys.kinds import Moments, PurposeOf
from kith.surveys.lent import lend
from kith.surveys.models import Response, Survey
from kith.surveys.panels import ASKED, FIGURES

HIDDEN = Facts(faces=frozenset())


class SurveyRecord(Record):
    name, slug, icon = "survey", "surveys", "star"
    model, scope, settings, help = Survey, configuration, True, "surveys"
    configured = Configured(after=("purpose",))
    lists, sort = ("name", "kind", "asks_after", "every_days", "share", "active", "updated_at"), "name"
    quick, line = ("name", "kind", "asks_after"), ("kind", "asks_after", "active")
    form = (
        Section(_("Survey"), "name kind question comment_question language questions comment_questions"),
        Section(_("When it asks"), "asks_after delay every_days segment"),
        Section(_("How often"), "share rest_days purpose valid_days"),
        Section(_("What follows"), "follow_within owner team"),
    )
    match, panels = ("name",), (FIGURES,)
    actions = (actions.start, actions.stop)
    events = (events.SurveyStarted, events.SurveyStopped)
    fields = {
        "name": Facts(personal="no"),
        "question": Facts(help=_("Empty: our own words for its kind.")),
        "questions": Facts(kind=Translations(), help=_("Each begins a line: de: Wie zufrieden sind Sie?")),
        "comment_questions": Facts(kind=Translations()),
        "language": Facts(kind=Language(), help=_("Of the words above.")),
        "asks_after": Facts(kind=Moments(), help=_("Or leave it empty and let the calendar ask.")),
        "delay": Facts(kind=Duration(), help=_("After it happened.")),
        "every_days": Facts(kind=Integer(0, 3660), help=_("Each on a day of their own, so that answers come all the time.")),
        "segment": Facts(help=_("Of people or companies; empty: everybody it happens to.")),
        "share": Facts(kind=Integer(0, 100), help=_("By lot, the same for everybody.")),
        "rest_days": Facts(kind=Integer(0, 3660), help=_("Nobody is asked sooner after any survey.")),
        "purpose": Facts(kind=PurposeOf(), help=_("Empty: it answers what they did, as after a ticket.")),
        "valid_days": Facts(kind=Integer(0, 366)),
        "follow_within": Facts(help=_("Such as 1 business day: a task with this clock is made for whoever looks after them.")),
        "active": Facts(only_via="survey.start"),
        "owner": Facts(help=_("Follows up where nobody looks after them.")),
    }  # fmt: skip


class ResponseRecord(Record):
    name, slug, icon = "response", "survey-responses", "star"
    model, scope, help = Response, AboutPerson(), "surveys"
    title, by_itself, placed = "survey", True, False
    lists = ("survey", "person", "company", "score", "band", "comment", "answered_at", "state", "loop", "owner")
    sort, line = "-updated_at", ("survey", "score", "answered_at")
    form = (
        Section(_("Answer"), "survey person company score band comment"),
        Section(_("Asking"), "state due_at asked_at answered_at before why address"),
        Section(_("Follow-up"), "loop loop_due_at loop_closed_at outcome owner team"),
    )
    views = (
        View("low", _("To follow up"), "loop.is:open", "loop_due_at"),
        View("mine", _("Mine to follow up"), "loop.is:open,owner.is:me", "loop_due_at"),
        View("answered", _("Answered"), "state.is:answered", "-answered_at"),
        View("unasked", _("Not asked"), "state.is:unasked"),
    )
    panels = (ASKED,)
    actions = (actions.answer, actions.follow_up)
    events = (
        events.SurveyAsked,
        events.SurveyAnswered,
        events.SurveyCommented,
        events.SurveyForwarded,
        events.LoopClosed,
    )
    fields = {
        **{key: Facts(only_via="response.answer") for key in (
            "survey", "company", "band", "asked_at", "answered_at", "before", "why", "state", "due_at")},
        "score": Facts(kind=Integer(0, 10), only_via="response.answer", measure="avg"),
        "person": Facts(sort="person__sort_name", only_via="response.answer"),
        "address": Facts(personal="where somebody was asked", only_via="response.answer"),
        "comment": Facts(personal="what somebody thinks of us", only_via="response.answer"),
        **dict.fromkeys(("loop", "loop_due_at", "loop_closed_at", "outcome"), Facts(only_via="response.follow_up")),
        **dict.fromkeys(("language", "record", "record_id", "event", "task"), HIDDEN),
        "team": Facts(faces=FACES - {"list"}),
    }  # fmt: skip


lend()
registry.lend_actions("person", actions.ask)
