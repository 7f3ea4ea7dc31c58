"""Plans by which new customers reach a first result, the templates they come from, and what counts as that result.

A step is due a span after what it waits for, or after the signature; spans count in the organisation's calendar. `due_on`
is where that leads to as things stand now, `first_due_on` where it led when the plan began.
"""

from __future__ import annotations

import re
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import Owned, RecordModel, list_indexes
from kith.kernel.text import fold
from kith.kernel.timeline.holding import needed

SEVERAL = re.compile(r"[,;\s]+")


class Kind(models.TextChoices):
    MILESTONE = "milestone", _("Milestone")
    TASK = "task", _("Task")
    CHECK_IN = "check_in", _("Check-in")


class Side(models.TextChoices):
    OURS = "ours", _("Ours")
    THEIRS = "theirs", _("The customer's")


class Risk(models.TextChoices):
    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")


def key_of(name: str) -> str:
    """A short word that stands for a step: "train-the-front-desk"."""
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:60] or "step"


def keys_in(words: str) -> list[str]:
    """The keys that a step waits for, from "set-up, training"."""
    return [one for one in SEVERAL.split(words.strip()) if one]


class PlanTemplate(RecordModel):
    """What new customers of a product and a segment go through; empty: of any. `most_at_once`: plans on their way that one
    colleague looks after before it is said that there are too many."""

    name = models.CharField(_("Name"), max_length=120)
    product = models.ForeignKey(
        "deals.Product",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="plan_templates",
        verbose_name=_("For product"),
    )
    segment = models.CharField(_("For segment"), max_length=60, default="", blank=True)
    check_in_every = models.CharField(_("Check in every"), max_length=40, default="14 days", blank=True)
    check_in_risky = models.CharField(_("Every, where it is at risk"), max_length=40, default="7 days", blank=True)
    reassure_within = models.CharField(
        _("First word after the purchase"), max_length=40, default="2 business days", blank=True
    )
    most_at_once = models.PositiveSmallIntegerField(_("Most plans a colleague"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("onboarding template"), _("onboarding templates")

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]


class TemplateStep(RecordModel):
    """`after`: keys of the steps it waits for, parted by commas; empty: the signature."""

    template = models.ForeignKey(PlanTemplate, models.CASCADE, related_name="steps", verbose_name=_("Template"))
    name = models.CharField(_("Step"), max_length=200)
    key = models.CharField(_("Key"), max_length=60, default="", blank=True)
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind.choices, default=Kind.TASK)
    side = models.CharField(_("Whose"), max_length=6, choices=Side.choices, default=Side.OURS)
    after = models.CharField(_("After"), max_length=300, default="", blank=True)
    within = models.CharField(_("Within"), max_length=40, default="", blank=True)
    about_text = models.TextField(_("How"), default="", blank=True)
    position = models.IntegerField(_("Position"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("step of a template"), _("steps of templates")
        constraints = [
            models.UniqueConstraint(fields=["template", "key"], condition=Q(archived_at__isnull=True), name="template_step_key",
                violation_error_message=_("Another step of this template has this key; choose a different one.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.key = key_of(self.key or self.name)
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name, self.key]

    def verify(self) -> None:
        if self.kind == Kind.CHECK_IN:
            raise Invalid(
                __("Check-ins come by themselves, as often as the template says; a step is a milestone or a task."),
                "kind",
            )
        if self.key in keys_in(self.after):
            raise Invalid(__("A step cannot wait for itself."), "after")


class FirstValue(RecordModel):
    """What counts as the first result with a product: an event, and what its payload must hold, or a counter of use that
    comes to a number on a day. Without either it is said by hand or by a program."""

    name = models.CharField(_("First result"), max_length=200)
    product = models.ForeignKey(
        "deals.Product",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="first_values",
        verbose_name=_("With product"),
    )
    verb = models.CharField(_("Event"), max_length=80, default="", blank=True)
    holds = models.CharField(_("Only where"), max_length=200, default="", blank=True)
    counter = models.SlugField(_("Counter"), max_length=60, default="", blank=True, db_index=False)
    reaches = models.FloatField(_("Reaches"), default=1)
    within = models.CharField(_("Within"), max_length=40, default="30 days", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("first result"), _("first results")

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        if self.holds and not self.needed():
            raise Invalid(__("Write what the event must hold as name=value, for example kind=training."), "holds")
        if self.reaches <= 0:
            raise Invalid(__("A counter reaches a number above 0."), "reaches")

    def needed(self) -> dict[str, str]:
        """{field of the payload: value} that an event must hold."""
        return needed(self.holds)


class PlanState(models.TextChoices):
    RUNNING = "running", _("On its way")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")


RUNNING = Q(state="running", archived_at__isnull=True)


class Plan(RecordModel, Owned):
    """One customer's way to a first result. `person`: whom we talk with, who has the link to the customer's page."""

    name = models.CharField(_("Name"), max_length=300, default="", blank=True)
    company = models.ForeignKey(
        "contacts.Company", models.SET_NULL, null=True, blank=True, related_name="plans", verbose_name=_("Company")
    )
    person = models.ForeignKey(
        "contacts.Person", models.SET_NULL, null=True, blank=True, related_name="plans", verbose_name=_("Person")
    )
    order = models.ForeignKey(
        "conversion.Order", models.SET_NULL, null=True, blank=True, related_name="plans", verbose_name=_("Order")
    )
    deal = models.ForeignKey(
        "deals.Deal", models.SET_NULL, null=True, blank=True, related_name="plans", verbose_name=_("Deal")
    )
    template = models.ForeignKey(
        PlanTemplate, models.SET_NULL, null=True, blank=True, related_name="plans", verbose_name=_("Template")
    )
    segment = models.CharField(_("Segment"), max_length=60, default="", blank=True)
    signed_on = models.DateField(_("Signed"), default=timezone.localdate)
    state = models.CharField(_("State"), max_length=8, choices=PlanState.choices, default=PlanState.RUNNING)
    risk = models.CharField(_("Risk"), max_length=6, choices=Risk.choices, default=Risk.NORMAL)
    risk_why = models.CharField(_("Why this risk"), max_length=400, default="", blank=True)
    risk_reason = models.CharField(_("Risk set by hand, because"), max_length=300, default="", blank=True)
    risk_until = models.DateField(_("By hand until"), null=True, blank=True)
    due_on = models.DateField(_("Done by"), null=True, blank=True)
    first_due_on = models.DateField(_("Planned at first"), null=True, blank=True)
    completed_on = models.DateField(_("Completed"), null=True, blank=True)
    first_value = models.ForeignKey(
        FirstValue, models.SET_NULL, null=True, blank=True, related_name="plans", verbose_name=_("First result")
    )
    first_value_due = models.DateField(_("First result by"), null=True, blank=True)
    first_value_on = models.DateField(_("First result on"), null=True, blank=True)
    reason = models.CharField(_("Why"), max_length=300, default="", blank=True)
    link_number = models.PositiveIntegerField(_("Number of the link"), default=1)  # a new one ends the links before it
    link_open = models.BooleanField(_("Customer's page is open"), default=True)
    opened_at = models.DateTimeField(_("Last opened by them"), null=True, blank=True)
    to_tell = models.BooleanField(
        _("To be told of new dates"), default=False
    )  # dates moved, and they do not know it yet
    told_on = models.DateField(_("Last told of new dates"), null=True, blank=True)

    DERIVED: ClassVar[frozenset[str]] = frozenset({"risk_why"})  # repeats what is known; `risking.weigh` says it afresh

    class Meta:
        verbose_name, verbose_name_plural = _("onboarding"), _("onboardings")
        indexes = [
            *list_indexes("onboarding", "name", "updated_at", "due_on", "signed_on", "first_value_due", "owner"),
            models.Index(fields=["company"], name="onboarding_of_company", condition=RUNNING),
            models.Index(fields=["person"], name="onboarding_of_person", condition=RUNNING),
            # Whose first result is late, and how many each colleague has on their way.
            models.Index(fields=["owner", "first_value_due", "id"], name="onboarding_awaited",
                         condition=RUNNING & Q(first_value_on__isnull=True)),
            models.Index(fields=["id"], name="onboarding_to_tell", condition=RUNNING & Q(to_tell=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        if not (self.company_id or self.person_id or self.name):
            raise Invalid(__("Say whose onboarding this is: a company, or a person."), "company")

    def about(self) -> list[tuple[str, int]]:
        return [(name, pk) for name, pk in (("company", self.company_id), ("person", self.person_id)) if pk]

    @property
    def risk_held(self) -> bool:
        """Did a colleague say how much at risk it is, whatever is known?"""
        return bool(self.risk_reason)

    @property
    def is_running(self) -> bool:
        return self.state == PlanState.RUNNING and self.archived_at is None


class StepState(models.TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    SKIPPED = "skipped", _("Skipped")


class Step(RecordModel):
    """A milestone, a task or a check-in of a plan. `fixed_on`: a day that somebody set, whatever it waits for. `activity`:
    the same thing among what a colleague has to do."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="steps", verbose_name=_("Onboarding"))
    name = models.CharField(_("Step"), max_length=200)
    key = models.CharField(_("Key"), max_length=60, default="", blank=True)
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind.choices, default=Kind.TASK)
    side = models.CharField(_("Whose"), max_length=6, choices=Side.choices, default=Side.OURS)
    doer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Done by")
    )
    after = models.CharField(_("After"), max_length=300, default="", blank=True)
    within = models.CharField(_("Within"), max_length=40, default="", blank=True)
    fixed_on = models.DateField(_("On this day"), null=True, blank=True)
    due_on = models.DateField(_("Due"), null=True, blank=True)
    first_due_on = models.DateField(_("Planned at first"), null=True, blank=True)
    state = models.CharField(_("State"), max_length=7, choices=StepState.choices, default=StepState.OPEN)
    done_on = models.DateField(_("Done"), null=True, blank=True)
    reason = models.CharField(_("Why skipped"), max_length=300, default="", blank=True)
    about_text = models.TextField(_("How"), default="", blank=True)
    position = models.IntegerField(_("Position"), default=0)
    activity = models.ForeignKey(
        "activities.Activity",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="onboarding_steps",
        verbose_name=_("Activity"),
    )

    class Meta:
        verbose_name, verbose_name_plural = _("onboarding step"), _("onboarding steps")
        indexes = [
            *list_indexes("onboarding_step", "updated_at", "due_on"),
            models.Index(fields=["plan", "position"], name="onboarding_step_of_plan"),
            models.Index(fields=["due_on"], name="onboarding_step_open", condition=Q(state="open", archived_at__isnull=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.key = key_of(self.key or self.name)
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        if self.key in keys_in(self.after):
            raise Invalid(__("A step cannot wait for itself."), "after")

    def about(self) -> list[tuple[str, int]]:
        return [("onboarding_plan", self.plan_id), *self.plan.about()] if self.plan_id else []
