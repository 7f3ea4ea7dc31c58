"""What happens on the way to a first result, as facts on the customer's story. Processes and surveys go by them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class PlanStarted(EventType):
    """Its verb is that of every creation, so that undo and readers treat it as one. `crowded`: how many plans its owner has
    now, where that is more than there should be."""

    verb, icon, chip, sentence = (
        "onboarding_plan.created",
        "flag",
        "steps",
        _("began the onboarding: {template}, until {until}"),
    )
    template: str = ""
    until: str = ""
    crowded: int = 0


@dataclass(frozen=True)
class StepPlanned(EventType):
    """Its verb is that of every creation. `with_plan`: as one of the steps that a new plan begins with."""

    verb, icon, chip, sentence = "onboarding_step.created", "plus", "changes", _("planned “{step}”")
    step: str = ""
    with_plan: bool = False


@dataclass(frozen=True)
class StepDone(EventType):
    verb, icon, chip, sentence = "onboarding.step_done", "check", "steps", _("finished “{step}”")
    step: str = ""
    side: str = ""


@dataclass(frozen=True)
class StepReopened(EventType):
    verb, icon, chip, sentence = "onboarding.step_reopened", "undo", "steps", _("opened “{step}” again")
    step: str = ""


@dataclass(frozen=True)
class StepMoved(EventType):
    verb, icon, chip, sentence = "onboarding.step_moved", "calendar", "steps", _("put “{step}” on {day}")
    step: str = ""
    day: str = ""


@dataclass(frozen=True)
class StepSkipped(EventType):
    verb, icon, chip, sentence = "onboarding.step_skipped", "skip", "steps", _("skipped “{step}”: {reason}")
    personal = ("reason",)
    step: str = ""
    reason: str = ""


@dataclass(frozen=True)
class CheckInSkipped(EventType):
    verb, icon, chip, sentence = (
        "onboarding.check_in_skipped",
        "skip",
        "steps",
        _("skipped the check-in “{step}”: {reason}"),
    )
    personal = ("reason",)
    step: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Slipped(EventType):
    """Dates moved to later ones. `held_up`: the steps that hold them up; `old` and `new`: when all of it is done."""

    verb, icon, chip, sentence = (
        "onboarding.slipped",
        "clock",
        "steps",
        _("onboarding ends on {new} instead of {old}, held up by {held_up}"),
    )
    old: str = ""
    new: str = ""
    held_up: str = ""


@dataclass(frozen=True)
class CustomersTold(EventType):
    verb, icon, chip, sentence = "onboarding.customer_told", "mail", "mail", _("told {who} of the new dates")
    personal = ("who",)
    who: str = ""


@dataclass(frozen=True)
class FirstValueReached(EventType):
    """`days`: since the signature."""

    verb, icon, chip, sentence = (
        "onboarding.first_value",
        "trophy",
        "steps",
        _("first result reached: {what}, after {days} days"),
    )
    what: str = ""
    days: int = 0
    segment: str = ""


@dataclass(frozen=True)
class FirstValueTakenBack(EventType):
    verb, icon, chip, sentence = (
        "onboarding.first_value_withdrawn",
        "undo",
        "steps",
        _("the first result was not reached after all"),
    )


@dataclass(frozen=True)
class Completed(EventType):
    verb, icon, chip, sentence = "onboarding.completed", "flag", "steps", _("onboarding is complete")
    days: int = 0


@dataclass(frozen=True)
class Stopped(EventType):
    verb, icon, chip, sentence = "onboarding.stopped", "ban", "steps", _("stopped the onboarding: {reason}")
    personal = ("reason",)
    reason: str = ""


@dataclass(frozen=True)
class Resumed(EventType):
    verb, icon, chip, sentence = "onboarding.resumed", "play", "steps", _("goes on with the onboarding")


@dataclass(frozen=True)
class PageOpened(EventType):
    """The customer looked at their page; said once a day."""

    verb, icon, chip, sentence = "onboarding.page_opened", "eye", "steps", _("looked at the onboarding page")


@dataclass(frozen=True)
class Asked(EventType):
    verb, icon, chip, sentence = "onboarding.asked", "help", "mail", _("asked on the onboarding page: {question}")
    personal = ("question",)
    question: str = ""
    step: str = ""


@dataclass(frozen=True)
class LinkSent(EventType):
    verb, icon, chip, sentence = (
        "onboarding.link_sent",
        "send",
        "mail",
        _("sent the link to the customer's page to {to}"),
    )
    personal = ("to",)
    to: str = ""


@dataclass(frozen=True)
class LinkRenewed(EventType):
    verb, icon, sentence = (
        "onboarding.link_renewed",
        "refresh",
        _("made a new link to the customer's page; the old one ends"),
    )


@dataclass(frozen=True)
class LinkShut(EventType):
    verb, icon, sentence = "onboarding.link_shut", "lock", _("shut the customer's page")


@dataclass(frozen=True)
class LinkOpened(EventType):
    verb, icon, sentence = "onboarding.link_opened", "key", _("opened the customer's page again")


@dataclass(frozen=True)
class RiskMoved(EventType):
    """`before`, `after`: in words; `why`: what is known that speaks for it."""

    verb, icon, chip, sentence = (
        "onboarding.risk_moved",
        "alert",
        "steps",
        _("the risk of the onboarding went from {before} to {after}: {why}"),
    )
    personal = ("why",)
    before: str = ""
    after: str = ""
    why: str = ""


@dataclass(frozen=True)
class RiskSet(EventType):
    """A colleague says so, whatever is known. `until`: the day in words until which that holds, "" for as long as they say."""

    verb, icon, chip, sentence = (
        "onboarding.risk_set",
        "alert",
        "steps",
        _("set the risk of the onboarding to {risk}: {reason}"),
    )
    personal = ("reason",)
    risk: str = ""
    reason: str = ""
    until: str = ""


@dataclass(frozen=True)
class RiskReleased(EventType):
    verb, icon, sentence = (
        "onboarding.risk_released",
        "undo",
        _("the risk of the onboarding follows what is known again"),
    )
