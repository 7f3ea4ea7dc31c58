"""Surveys (what is asked, of whom, when) and their responses: one row for each time somebody is asked, answered or not.

A response exists before the mail leaves, so that whom we wanted to ask, asked and heard from can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.calendars.span import parse_span
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.records.models import Owned, RecordModel, list_indexes


class SurveyKind(models.TextChoices):
    CSAT = "csat", _("Satisfaction, 1 to 5")
    CES = "ces", _("Ease, 1 to 7")
    NPS = "nps", _("Recommendation, 0 to 10")


@dataclass(frozen=True)
class Scale:
    """From `bottom` to `top`; up to `low` an answer is low, from `high` on it is high."""

    bottom: int
    top: int
    low: int
    high: int

    @property
    def scores(self) -> range:
        return range(self.bottom, self.top + 1)

    def band(self, score: int) -> str:
        return Band.LOW if score <= self.low else Band.HIGH if score >= self.high else Band.MIDDLE


SCALES = {"csat": Scale(1, 5, 2, 4), "ces": Scale(1, 7, 3, 5), "nps": Scale(0, 10, 6, 9)}


class Band(models.TextChoices):
    LOW = "low", _("Low")
    MIDDLE = "middle", _("Middle")
    HIGH = "high", _("High")


class Survey(RecordModel, Owned):
    """One question, asked after something happened (`asks_after`) or by the calendar (`every_days`, of a segment)."""

    name = models.CharField(_("Name"), max_length=120)
    kind = models.CharField(_("Kind"), max_length=4, choices=SurveyKind.choices, default=SurveyKind.CSAT)
    question = models.CharField(_("Question"), max_length=300, default="", blank=True)
    comment_question = models.CharField(_("Question for words"), max_length=300, default="", blank=True)
    questions = models.JSONField(_("Question in other languages"), default=dict, blank=True)
    comment_questions = models.JSONField(_("Question for words in other languages"), default=dict, blank=True)
    language = models.CharField(_("Language"), max_length=12, default="", blank=True)
    asks_after = models.CharField(_("Asks after"), max_length=60, default="", blank=True)
    delay = models.PositiveIntegerField(_("Waits before it asks"), default=60)
    every_days = models.PositiveIntegerField(_("Asks each person every … days"), null=True, blank=True)
    segment = models.ForeignKey(
        "segments.Segment", models.SET_NULL, null=True, blank=True, related_name="surveys", verbose_name=_("Of whom")
    )
    share = models.PositiveSmallIntegerField(_("Of a hundred, asks"), default=100)
    rest_days = models.PositiveIntegerField(_("Days of rest after any survey"), default=30)
    purpose = models.CharField(_("Needs consent to"), max_length=60, default="", blank=True)
    valid_days = models.PositiveIntegerField(_("Can be answered for … days"), default=30)
    follow_within = models.CharField(_("Low answers are followed up within"), max_length=40, default="1 business day")
    active = models.BooleanField(_("Asks"), default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("survey"), _("surveys")
        indexes = list_indexes("survey", "name", "updated_at")

    def __str__(self) -> str:
        return self.name

    @property
    def scale(self) -> Scale:
        return SCALES[self.kind]

    def search_parts(self) -> list[str | None]:
        return [self.name, self.question]

    def verify(self) -> None:
        errors: dict[str, list[str]] = {}
        if not 1 <= self.share <= 100:
            errors["share"] = [__("Of a hundred people 1 to 100 are asked.")]
        if self.every_days is not None and not 7 <= self.every_days <= 3660:
            errors["every_days"] = [__("The same person is asked every 7 to 3660 days.")]
        if self.every_days is not None and self.segment_id is None:
            errors["segment"] = [__("Say of whom: a survey by the calendar asks the people of a segment.")]
        if self.asks_after and self.every_days is not None:
            errors["every_days"] = [__("It asks after something happened or by the calendar; make a second survey for the other.")]  # fmt: skip
        if self.active and not self.asks_after and self.every_days is None:
            errors["asks_after"] = [__("Say when it asks: after something happened, or every so many days.")]
        if not 1 <= self.valid_days <= 366:
            errors["valid_days"] = [__("A link works for 1 to 366 days.")]
        try:
            parse_span(self.follow_within)
        except Invalid as problem:
            errors["follow_within"] = [problem.message]
        if errors:
            raise InvalidMany(errors)


class ResponseState(models.TextChoices):
    WAITING = "waiting", _("Waits to be asked")
    ASKED = "asked", _("Asked")
    ANSWERED = "answered", _("Answered")
    UNASKED = "unasked", _("Not asked")


class Loop(models.TextChoices):
    OPEN = "open", _("To follow up")
    CLOSED = "closed", _("Followed up")


class Response(RecordModel, Owned):
    """`record`, `record_id`: what it is about besides the person ("ticket", 7). `before`: the band of their last answer as
    they were asked. `owner` is who looked after them then, and follows a low answer up; `why`: what kept it from leaving."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="responses", verbose_name=_("Survey"))
    person = models.ForeignKey(
        "contacts.Person", models.SET_NULL, null=True, blank=True, related_name="survey_responses", verbose_name=_("Person")
    )  # fmt: skip
    company = models.ForeignKey(
        "contacts.Company", models.SET_NULL, null=True, blank=True, related_name="survey_responses", verbose_name=_("Company")
    )  # fmt: skip
    address = models.CharField(_("Asked at"), max_length=254, default="", blank=True)
    language = models.CharField(max_length=12, default="", blank=True)
    record = models.CharField(max_length=40, default="", blank=True)
    record_id = models.BigIntegerField(null=True, blank=True)
    event = models.UUIDField(null=True, blank=True)
    state = models.CharField(_("State"), max_length=8, choices=ResponseState.choices, default=ResponseState.WAITING)
    due_at = models.DateTimeField(_("Is asked on"), null=True, blank=True)
    asked_at = models.DateTimeField(_("Asked on"), null=True, blank=True)
    answered_at = models.DateTimeField(_("Answered on"), null=True, blank=True)
    score = models.SmallIntegerField(_("Score"), null=True, blank=True)
    band = models.CharField(_("Band"), max_length=6, choices=Band.choices, default="", blank=True)
    before = models.CharField(_("Band before"), max_length=6, choices=Band.choices, default="", blank=True)
    comment = models.TextField(_("Their words"), default="", blank=True)
    why = models.CharField(_("Not asked because"), max_length=300, default="", blank=True)
    loop = models.CharField(_("Follow-up"), max_length=6, choices=Loop.choices, default="", blank=True)
    loop_due_at = models.DateTimeField(_("Follow-up due"), null=True, blank=True)
    loop_closed_at = models.DateTimeField(_("Followed up on"), null=True, blank=True)
    outcome = models.CharField(_("What came of it"), max_length=300, default="", blank=True)
    task = models.ForeignKey(
        "activities.Activity", models.SET_NULL, null=True, blank=True, related_name="survey_responses"
    )

    class Meta:
        verbose_name, verbose_name_plural = _("survey response"), _("survey responses")
        indexes = [
            *list_indexes("response", "asked_at", "answered_at", "score", "loop_due_at", "updated_at"),
            models.Index(fields=["person", "-answered_at"], name="response_person", condition=Q(state="answered")),
            models.Index(fields=["company", "-answered_at"], name="response_company", condition=Q(state="answered")),
            models.Index(fields=["person", "-due_at"], name="response_rest"),
            models.Index(fields=["due_at"], name="response_waiting", condition=Q(state="waiting", archived_at__isnull=True)),
            models.Index(fields=["record", "record_id"], name="response_about", condition=~Q(record="")),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["survey", "event"], name="asked_once_for_an_event", condition=Q(event__isnull=False)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return __("%(survey)s: %(who)s") % {"survey": self.survey, "who": self.person or self.address or __("nobody")}

    def search_parts(self) -> list[str | None]:
        return [self.comment, self.outcome]

    @property
    def said(self) -> str:
        """ "2 of 5", or "" before it is answered."""
        return "" if self.score is None else __("%(score)s of %(top)s") % {"score": self.score, "top": self.survey.scale.top}  # fmt: skip
