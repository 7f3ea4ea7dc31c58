"""What is known of a person as a lead, one row each: kept by jobs and verdicts, read by every list as one join.

`Changed` is the history of scores; `Dirty` names people whose scores must be looked at again, written in the transaction of
what happened. It has no constraint on purpose: writers never wait for each other or for the job that empties it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    NEW = "", _("Not decided yet")
    QUALIFIED = "qualified", _("Qualified")
    NURTURE = "nurture", _("Nurture")
    NOT_A_FIT = "not_a_fit", _("Not a fit")
    BACK = "back", _("Came back")
    CONVERTED = "converted", _("Converted")


class Lead(models.Model):
    """`lines`: every point: [{"rule", "name", "part", "points", "n", "at"}]; `missing`: questions not answered yet, by key;
    `reasons`: what the predicted chance is made of: [{"label", "value", "effect"}]."""

    person = models.OneToOneField("contacts.Person", models.CASCADE, primary_key=True, related_name="lead")
    fit = models.IntegerField(default=0)
    engagement = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    band = models.CharField(max_length=60, default="", blank=True)
    lines = models.JSONField(default=list)
    fades = models.BooleanField(default=False)  # some of its points lose weight with time
    scored_at = models.DateTimeField(default=timezone.now)
    known = models.SmallIntegerField(default=0)
    asked = models.SmallIntegerField(default=0)
    missing = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=State.choices, default="", blank=True)
    state_at = models.DateTimeField(null=True)
    wake_at = models.DateTimeField(null=True)
    chance = models.FloatField(null=True)  # predicted, 0 to 1
    reasons = models.JSONField(default=list)
    predicted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-total", "person"], name="lead_total"),
            models.Index(fields=["state", "person"], name="lead_state", condition=~models.Q(state="")),
            models.Index(fields=["person"], name="lead_fading", condition=models.Q(fades=True)),
        ]


class Changed(models.Model):
    """A score that moved: from what to what, and which lines moved it. Fading alone is told when the band changes."""

    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="score_changes")
    at = models.DateTimeField(default=timezone.now)
    fit_before = models.IntegerField()
    fit = models.IntegerField()
    engagement_before = models.IntegerField()
    engagement = models.IntegerField()
    band_before = models.CharField(max_length=60, default="", blank=True)
    band = models.CharField(max_length=60, default="", blank=True)
    why = models.JSONField(default=list)

    class Meta:
        verbose_name, verbose_name_plural = _("change of score"), _("changes of scores")
        indexes = [models.Index(fields=["person", "-id"], name="score_changed")]


class Waiting(models.Model):
    """A lead that waits for a verdict, with whom, since when, and until when somebody must have answered. It says nothing that
    decisions and verdicts do not say; it is kept so that Today finds a colleague's leads by one index (`outcome/waiting.py`)."""

    person = models.OneToOneField("contacts.Person", models.CASCADE, related_name="waiting_lead")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    since = models.DateTimeField()
    due_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("waiting lead"), _("waiting leads")
        indexes = [models.Index(fields=["owner", "due_at", "since", "id"], name="waiting_of")]


class Dirty(models.Model):
    person = models.BigIntegerField()
