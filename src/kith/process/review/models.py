"""Reviews of a process, what colleagues said about it, and what stands beside both: figures as they were, proposals.

Figures are frozen: a review says what was known when it was prepared and when it was held, whatever is counted later.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kith.kernel.records.models import RecordModel, list_indexes
from kith.kernel.text import brief


class State(models.TextChoices):
    PREPARING = "preparing", _("Being prepared")
    HELD = "held", _("Held")
    FOLLOWED = "followed", _("Followed up")


class Review(RecordModel):
    """`planned_on` is the day its rhythm gave it, which stays when the meeting is moved; `follow_on` the day on which the
    effect of what was published from it is looked at."""

    process = models.ForeignKey("process.Process", models.PROTECT, related_name="reviews", verbose_name=_("Process"))
    name = models.CharField(_("Review"), max_length=200, default="", blank=True)
    state = models.CharField(_("State"), max_length=12, choices=State.choices, default=State.PREPARING)
    planned_on = models.DateField(_("Planned for"))
    meets_at = models.DateTimeField(_("Meeting"))
    host = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Host"))  # fmt: skip
    before = models.IntegerField(_("Version before"))
    published = models.IntegerField(_("Version published from it"), null=True, blank=True)
    held_at = models.DateTimeField(_("Held at"), null=True, blank=True)
    follow_on = models.DateField(_("Effect looked at on"), null=True, blank=True)
    meeting = models.ForeignKey("activities.Activity", models.SET_NULL, null=True, blank=True, related_name="reviews", verbose_name=_("Appointment"))  # fmt: skip
    notes = models.TextField(_("What was said"), default="", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("process review"), _("process reviews")
        indexes = [
            *list_indexes("review", "name", "meets_at", "updated_at"),
            models.Index(fields=["follow_on"], condition=Q(state="held", follow_on__isnull=False), name="review_to_follow"),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["process", "planned_on"], condition=Q(archived_at__isnull=True), name="review_planned_once",
                violation_error_message=_("There is a review of this process for that day already.")),
            models.UniqueConstraint(fields=["process"], condition=Q(archived_at__isnull=True, state="preparing"), name="one_open_review",
                violation_error_message=_("A review of this process is being prepared already.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name, self.notes]


class Sort(models.TextChoices):
    """What figures are of: see `snapshot.figures`; EFFECT is what `following.effect` found."""

    PREPARED = "prepared", _("when it was prepared")
    HELD = "held", _("when it was held")
    AGAINST = "against", _("what it is compared with")
    BASELINE = "baseline", _("when its version was published")
    EFFECT = "effect", _("what came of it")


class Figures(models.Model):
    """Figures of a review as they stood at one moment; never counted again."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="figures")
    sort = models.CharField(max_length=10, choices=Sort.choices)
    data = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "sort"], name="review_figures_once")]


class Verdict(models.TextChoices):
    ADOPT = "adopt", _("Adopted")
    REJECT = "reject", _("Rejected")
    LATER = "later", _("Later")


class Proposal(models.Model):
    """Something to change. `kind` and `data` are what Kith found (`proposing.py`, worded by `words.py`); one made by hand
    has the kind "hand", `title` and `hopes`. `key` names the same finding from one review to the next."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="proposals")
    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=200, default="", blank=True)
    stage = models.CharField(max_length=60, default="", blank=True)
    data = models.JSONField(default=dict)
    title = models.CharField(max_length=200, default="", blank=True)
    hopes = models.CharField(max_length=300, default="", blank=True)
    by_name = models.CharField(max_length=200, default="", blank=True)
    earlier = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default="", blank=True)
    reason = models.CharField(max_length=300, default="", blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)


class About(models.TextChoices):
    HINDERS = "hinders", _("gets in the way")
    HELPS = "helps", _("helps")


class Feedback(RecordModel):
    """What a colleague says about a stage ("" for the process as a whole). `review` is the one in which it was read."""

    process = models.ForeignKey("process.Process", models.CASCADE, related_name="feedback", verbose_name=_("Process"))
    name = models.CharField(_("In short"), max_length=120, default="", blank=True)
    stage = models.CharField(_("Stage"), max_length=60, default="", blank=True)
    kind = models.CharField(_("What it does"), max_length=10, choices=About.choices, default=About.HINDERS)
    body = models.TextField(_("In your words"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Said by"))  # fmt: skip
    review = models.ForeignKey(Review, models.SET_NULL, null=True, blank=True, related_name="feedback", verbose_name=_("Read in"))  # fmt: skip
    answer = models.CharField(_("What came of it"), max_length=300, default="", blank=True)

    DERIVED = frozenset({"name"})

    class Meta:
        verbose_name, verbose_name_plural = _("feedback"), _("feedback")
        indexes = [
            *list_indexes("feedback", "updated_at", "created_at"),
            models.Index(fields=["process", "id"], condition=Q(review__isnull=True, archived_at__isnull=True), name="feedback_unread"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.name = brief(self.body, 100)
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.body, self.answer]


class Rhythm(models.Model):
    """How often a process is reviewed: every `weeks` from `first` on, by whom. Without `team`, everybody takes part who may
    change the process."""

    process = models.OneToOneField("process.Process", models.CASCADE, related_name="rhythm")
    weeks = models.SmallIntegerField()
    first = models.DateTimeField()
    host = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey("accounts.Team", models.SET_NULL, null=True, related_name="+")
