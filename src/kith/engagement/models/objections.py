"""Questions and objections that come up again and again, what we answer, and where they came up."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.kernel.records.models import Owned, RecordModel, list_indexes


class Theme(RecordModel):
    """What questions are about: price, timing, safety. Chosen once for each question, counted over all of them."""

    name = models.CharField(_("Name"), max_length=120)
    position = models.IntegerField(_("Order"), default=100)

    class Meta:
        verbose_name, verbose_name_plural = _("theme of questions"), _("themes of questions")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="theme_name_once", condition=models.Q(archived_at__isnull=True),
                                    violation_error_message=_("There is already a theme of that name.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]


class Objection(RecordModel, Owned):
    """One question in our words, however often and by whomever it was asked."""

    question = models.CharField(_("Question"), max_length=300)
    theme = models.ForeignKey(
        Theme, models.PROTECT, null=True, blank=True, related_name="questions", verbose_name=_("Theme")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("question they ask"), _("questions they ask")
        indexes = list_indexes("objection", "question", "updated_at", "owner")

    def __str__(self) -> str:
        return self.question

    def search_parts(self) -> list[str | None]:
        return [self.question]


class Answer(models.Model):
    """One answer to it. `best` is offered first where the question comes up again; there is one at most."""

    objection = models.ForeignKey(Objection, models.CASCADE, related_name="answers")
    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    best = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["objection"], name="answer_best_once", condition=models.Q(best=True)),
        ]
        indexes = [models.Index(fields=["objection", "-at"], name="answer_newest")]


class Occurrence(models.Model):
    """One time that somebody asked it, in their words."""

    objection = models.ForeignKey(Objection, models.CASCADE, related_name="occurrences")
    words = models.TextField(default="", blank=True)
    person = models.ForeignKey("contacts.Person", models.CASCADE, null=True, blank=True, related_name="questions_asked")
    company = models.ForeignKey(
        "contacts.Company", models.CASCADE, null=True, blank=True, related_name="questions_asked"
    )
    deal = models.ForeignKey("deals.Deal", models.CASCADE, null=True, blank=True, related_name="questions_asked")
    activity = models.ForeignKey(
        "activities.Activity", models.SET_NULL, null=True, blank=True, related_name="questions_asked"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=[link, "-at"], name=f"asked_{link}")
            for link in ("objection", "person", "company", "deal")
        ]
