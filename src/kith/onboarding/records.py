"""Onboardings, their steps and their templates as records: lists, pages, forms, API, history."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.access.scopes import ByOwner, Theirs, by_owner, configuration, through
from kith.kernel.calendars.kinds import SpanWords
from kith.kernel.configuration.declaring import Configured
from kith.kernel.kinds import Bool, Integer, LongText, Number
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.records.record import Record, Section, View
from kith.onboarding import actions as do
from kith.onboarding import events, planning
from kith.onboarding.computed import LATE, SLIPPED, TO_FIRST_VALUE
from kith.onboarding.inviting import send_link
from kith.onboarding.kinds import EventVerb, PlanKey
from kith.onboarding.models import FirstValue, Plan, PlanTemplate, Step, TemplateStep
from kith.onboarding.panels import CARRIES, PROGRESS, STEPS

TOLD = frozenset({"api", "history"})  # what an undo has to put back, and nobody types
UNFILTERED = FACES - {"filter"}


class OfPlan(ByOwner):
    """Steps follow their plan, and are somebody's as the plan is."""

    def __init__(self) -> None:
        super().__init__("plan__owner", "plan__team")

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        return super().q(actor, record, verb) & PLANS.q(actor, record, verb)

    def explain(self, actor: Actor, record: str, row: Any) -> list[str]:
        return PLANS.explain(actor, record, row)


PLANS = through("plan", "onboarding_plan")


class PlanTemplateRecord(Record):
    name, slug, icon = "plan_template", "plan-templates", "list"
    model, scope, settings, help = PlanTemplate, configuration, True, "onboarding"
    configured = Configured(after=("segment",))
    lists, sort = ("name", "product", "segment", "check_in_every", "most_at_once", "updated_at"), "name"
    quick = ("name", "product", "segment")
    form = (
        Section(_("Template"), "name product segment"),
        Section(_("Check-ins"), "reassure_within check_in_every check_in_risky"),
        Section(_("How much a colleague carries"), "most_at_once"),
    )
    panels = (STEPS,)
    fields = {
        "segment": Facts(help=_("The key of a segment of your process; empty: every one.")),
        "check_in_every": Facts(kind=SpanWords(), faces=UNFILTERED, help=_("Empty: none are planned.")),
        "check_in_risky": Facts(kind=SpanWords(), faces=UNFILTERED),
        "reassure_within": Facts(
            kind=SpanWords(), faces=UNFILTERED, help=_("Somebody asks whether they are happy with their choice.")
        ),
        "most_at_once": Facts(help=_("Who makes one more is told before, the owner and who manages afterwards.")),
    }


class TemplateStepRecord(Record):
    name, slug, icon = "template_step", "template-steps", "check"
    model, scope, settings, help = TemplateStep, configuration, True, "onboarding"
    configured = Configured(key=("template", "key"))
    lists, sort = ("name", "template", "position", "kind", "side", "after", "within"), "position"
    quick = ("name", "template", "kind", "side", "after", "within")
    form = (
        Section(_("Step"), "template name key kind side position"),
        Section(_("When"), "after within"),
        Section(_("How"), "about_text"),
    )
    fields = {
        "key": Facts(kind=PlanKey(), help=_("By which other steps wait for it; empty: made from the name.")),
        "after": Facts(help=_("Keys of the steps it waits for, such as set-up, training. Empty: the signature.")),
        "within": Facts(
            kind=SpanWords(),
            faces=UNFILTERED,
            help=_("Such as 5 business days. A milestone without one is reached with what it waits for."),
        ),
        "about_text": Facts(kind=LongText(2000)),
    }


class FirstValueRecord(Record):
    name, slug, icon = "first_value", "first-values", "trophy"
    model, scope, settings, help = FirstValue, configuration, True, "onboarding"
    configured = Configured()
    lists, sort = ("name", "product", "verb", "holds", "counter", "reaches", "within"), "name"
    quick = ("name", "product", "within")
    form = (
        Section(_("First result"), "name product within"),
        Section(_("Known by"), "verb holds counter reaches"),
    )
    fields = {
        "product": Facts(help=_("Empty: every product that has none of its own.")),
        "verb": Facts(kind=EventVerb(), help=_("Without an event and a counter: said by hand or by a program.")),
        "holds": Facts(help=_("What the event must hold, such as kind=training or form_id=12.")),
        "counter": Facts(help=_("A counter of use that a program reports, such as sessions.")),
        "reaches": Facts(kind=Number(18, 3), help=_("The counter: at least so much on one day.")),
        "within": Facts(kind=SpanWords(), faces=UNFILTERED, help=_("After the signature.")),
    }


class PlanRecord(Record):
    name, slug, icon = "onboarding_plan", "onboarding-plans", "flag"
    drawer = "customers"
    model, scope, help, placed = Plan, by_owner(), "onboarding", False
    customers = Theirs()
    lists = (
        "name",
        "person",
        "state",
        "signed_on",
        "due_on",
        "slipped_days",
        "first_value_due",
        "first_value_on",
        "owner",
    )
    sort, calendar, line = "-signed_on", "due_on", ("state", "signed_on", "due_on", "first_value_on")
    quick = ("company", "person", "signed_on", "template")
    form = (
        Section(_("Whose"), "name company person order deal"),
        Section(_("Plan"), "template segment signed_on first_value first_value_due"),
        Section(_("Looked after by"), "owner team"),
    )
    views = (
        View("running", _("On their way"), "state.is:running", "due_on"),
        View("late", _("First result late"), "late.is:1", "first_value_due"),
        View("at_risk", _("At risk"), "state.is:running,risk.is:high", "due_on"),
        View("mine", _("Mine"), "owner.is:me,state.is:running", "due_on"),
        View("done", _("Done"), "state.is:done", "-completed_on"),
    )
    panels, parts = (CARRIES,), (PROGRESS,)
    create, duplicates = staticmethod(planning.create), staticmethod(planning.alike)
    cautions = staticmethod(planning.cautions)
    actions = (
        do.reach_first_value, do.withdraw_first_value, send_link, do.renew_link, do.shut_link, do.open_link, do.stop, do.resume,
        do.set_risk, do.release_risk,
    )  # fmt: skip
    events = (
        events.PlanStarted, events.Slipped, events.CustomersTold, events.FirstValueReached, events.FirstValueTakenBack,
        events.Completed, events.Stopped, events.Resumed, events.PageOpened, events.Asked, events.LinkSent, events.LinkRenewed, events.LinkShut,
        events.LinkOpened, events.RiskMoved, events.RiskSet, events.RiskReleased,
    )  # fmt: skip
    fields = {
        "name": Facts(personal="whose onboarding it is", help=_("Empty: made from whose it is.")),
        "company": Facts(sort="company__sort_name"),
        "person": Facts(sort="person__sort_name", help=_("Whom we talk with, and who gets the link to the customer's page.")),
        "segment": Facts(help=_("The key of a segment of your process.")),
        **dict.fromkeys(("state", "reason"), Facts(only_via="onboarding.stop")),
        **dict.fromkeys(("first_due_on", "due_on", "completed_on"), Facts(only_via="onboarding.resume")),
        **dict.fromkeys(("risk", "risk_until"), Facts(only_via="onboarding.set_risk")),
        "risk_why": Facts(only_via="onboarding.set_risk"),
        "risk_reason": Facts(only_via="onboarding.set_risk", personal="why a customer is at risk"),
        "first_value_on": Facts(only_via="onboarding.reach_first_value"),
        "link_open": Facts(only_via="onboarding.shut_link"),
        **dict.fromkeys(("opened_at", "told_on"), Facts(only_via="onboarding.renew_link")),
        **dict.fromkeys(("link_number", "to_tell"), Facts(faces=TOLD, only_via="onboarding.renew_link")),
        "days_to_first_value": Facts(kind=Integer(), label=_("Days to first result"), expr=TO_FIRST_VALUE, measure="avg"),
        "slipped_days": Facts(kind=Integer(), label=_("Days later than planned"), expr=SLIPPED, measure="avg"),
        "late": Facts(kind=Bool(), label=_("First result late"), expr=LATE),
    }  # fmt: skip


class StepRecord(Record):
    name, slug, icon = "onboarding_step", "onboarding-steps", "check"
    model, scope, help, placed = Step, OfPlan(), "onboarding", False
    lists, sort = ("name", "plan", "kind", "side", "due_on", "state", "done_on", "doer"), "due_on"
    quick = ("name", "plan", "kind", "side", "after", "within")
    form = (
        Section(_("Step"), "plan name key kind side doer position"),
        Section(_("When"), "after within"),
        Section(_("How"), "about_text"),
    )
    views = (
        View("ours", _("Ours to do"), "state.is:open,side.is:ours", "due_on"),
        View("theirs", _("Theirs to do"), "state.is:open,side.is:theirs", "due_on"),
    )
    actions = (do.finish, do.move, do.skip, do.reopen)
    events = (
        events.StepPlanned,
        events.StepDone,
        events.StepReopened,
        events.StepMoved,
        events.StepSkipped,
        events.CheckInSkipped,
    )
    create = staticmethod(planning.add_step)
    fields = {
        "name": Facts(personal="no"),
        "key": Facts(kind=PlanKey(), help=_("By which other steps wait for it; empty: made from the name.")),
        "after": Facts(help=_("Keys of the steps it waits for; empty: the signature.")),
        "within": Facts(kind=SpanWords(), faces=UNFILTERED),
        "about_text": Facts(kind=LongText(2000)),
        "fixed_on": Facts(only_via="onboarding_step.move"),
        **dict.fromkeys(("due_on", "first_due_on"), Facts(only_via="onboarding_step.move")),
        **dict.fromkeys(("state", "done_on"), Facts(only_via="onboarding_step.finish")),
        "reason": Facts(only_via="onboarding_step.skip", personal="why something did not happen"),
        "activity": Facts(faces=TOLD, only_via="onboarding_step.finish"),
    }  # fmt: skip
