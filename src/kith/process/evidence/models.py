"""What was counted of journeys: one row for each stage a journey came to, its whole path, and daily sums of both.

All of it follows from `Stay` and can be made again (`counting.rebuild`). `Passage` says of single journeys what `Counted`
says in sums, so a figure and the list behind it cannot disagree.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Passage(models.Model):
    """A journey in a stage, all its stays there together: the cells of `flow.py` that are true of it.

    `worked` is the bin of the working time within `took`, by the calendar of the process. `day` is the day, on the organisation's clock, on which it first came. `took` is the number of the bin of its time
    (`bins.py`), None while it is in the stage. `late_from` is when an undecided promise will have been broken. `went` are
    the moves that lead out of it, as "<stage>:<kind>", `began` the kind of the move that began the journey here.
    """

    journey = models.ForeignKey("process.Journey", models.CASCADE, related_name="passages", db_index=False)
    process = models.ForeignKey("process.Process", models.CASCADE, related_name="+", db_index=False)
    segment = models.CharField(max_length=60, default="")
    stage = models.CharField(max_length=60)
    came_at = models.DateTimeField()
    day = models.DateField()
    on = models.BooleanField(default=False)
    left = models.BooleanField(default=False)
    here = models.BooleanField(default=False)
    due = models.BooleanField(default=False)
    late = models.BooleanField(default=False)
    late_from = models.DateTimeField(null=True)
    took = models.SmallIntegerField(null=True)
    worked = models.SmallIntegerField(null=True)
    went = ArrayField(models.CharField(max_length=70), default=list)
    began = models.CharField(max_length=10, default="")

    class Meta:
        indexes = [
            models.Index(fields=["journey", "stage"], name="passage_journey"),
            models.Index(fields=["process", "stage", "day"], name="passage_day"),
            models.Index(fields=["late_from"], condition=models.Q(late=False, late_from__isnull=False), name="passage_late"),
        ]  # fmt: skip


class Trail(models.Model):
    """The whole path of a journey: stages in the order entered, and those it passed over and never made good."""

    journey = models.OneToOneField("process.Journey", models.CASCADE, primary_key=True, related_name="trail")
    path = ArrayField(models.CharField(max_length=60))
    skipped = ArrayField(models.CharField(max_length=60), default=list)


class Counted(models.Model):
    """How many journeys a cell is true of, by the day or by the month (its first day) in which they came to the stage."""

    process = models.ForeignKey("process.Process", models.CASCADE, related_name="+", db_index=False)
    monthly = models.BooleanField()
    day = models.DateField()
    segment = models.CharField(max_length=60, default="")
    what = models.CharField(max_length=10)
    stage = models.CharField(max_length=60)
    to = models.CharField(max_length=60, default="")
    kind = models.CharField(max_length=10, default="")
    n = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["process", "monthly", "day", "segment", "what", "stage", "to", "kind"], name="counted_once"
            )
        ]


class Study(models.Model):
    """What was worked out last night: what skipping each stage of a process cost (`study.py`), who was waited for, and what those
    colleagues have done who bring most on."""

    process = models.OneToOneField("process.Process", models.CASCADE, primary_key=True, related_name="+")
    made_at = models.DateTimeField()
    findings = models.JSONField(default=list)
    waiting = models.JSONField(
        default=dict
    )  # {stage: seconds waited for "us", "them" and "handover"}, see `patience.py`
    advice = models.JSONField(default=list)  # what those do who bring most on, see `advice.py`


class Touched(models.Model):
    """Journeys whose story changed since they were counted. Written beside their events, taken away by the count."""

    journey = models.BigIntegerField()


class Counting(models.Model):
    """When the last count was, on which clock its days are, and by which working hours. One row."""

    counted_at = models.DateTimeField(null=True)
    zone = models.CharField(max_length=64, default="")
    hours = models.CharField(max_length=64, default="", blank=True)
