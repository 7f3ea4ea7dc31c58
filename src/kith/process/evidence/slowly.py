"""Questions of the map that a page cannot wait for: counted beside it, by a job that takes its time, and kept for an hour.

The answer is that of the same scan, with the rights of whoever asked, so a figure and the list behind it agree. Each reader
has their own; who sees other rows, or is in other teams, asks anew.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, actor_for
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.process.evidence.flow import Cell, Tally

KEPT = dt.timedelta(hours=1)
WAITED = dt.timedelta(minutes=5)  # after which a question that nobody answered is asked again
PATIENCE = 180.0  # seconds that the job may count


class Question(models.Model):
    """What somebody asked of the map, as its address has it. `cells`: the answer, [what, stage, to, kind, n] each;
    `problem` says why there is none."""

    key = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    params = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    counted_at = models.DateTimeField(null=True)
    cells = models.JSONField(default=list)
    problem = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        app_label = "process"
        indexes = [models.Index(fields=["asked_at"], name="map_question_age")]

    @property
    def tally(self) -> Tally:
        return Tally({Cell(*words): n for *words, n in self.cells})


def known(actor: Actor, params: Mapping[str, str], days: tuple[Any, Any]) -> Question | None:
    """The answer to this question, or that it is being worked out; None where it was not asked lately."""
    if actor.user_id is None:
        return None
    row = Question.objects.filter(key=_key(actor, params, days)).first()
    if row is None:
        return None
    since = timezone.now() - (row.counted_at or row.asked_at)
    return row if since < (KEPT if row.counted_at else WAITED) else None


def ask(actor: Actor, params: Mapping[str, str], days: tuple[Any, Any]) -> bool:
    """Have it counted beside the page. False for an actor who is nobody that could come back."""
    if actor.user_id is None:
        return False
    values = {"params": dict(params), "asked_at": timezone.now(), "counted_at": None, "cells": [], "problem": ""}
    row, _made = Question.objects.update_or_create(
        key=_key(actor, params, days), defaults={"user_id": actor.user_id, **values}
    )
    enqueue("process.count_slowly", key=f"process.count_slowly:{row.pk}", question=row.pk)
    return True


def answer(pk: int) -> None:
    """Count it and keep the answer; old ones are forgotten. Twice is once."""
    from kith.process.evidence.asked import Asked
    from kith.process.evidence.page import Map
    from kith.process.evidence.reading import bounded, scanned

    Question.objects.filter(asked_at__lt=timezone.now() - 2 * KEPT).delete()
    row = Question.objects.select_related("user").filter(pk=pk, counted_at=None, user__is_active=True).first()
    asked = Asked.read(row.params) if row is not None else None
    if row is None or asked is None:
        return
    found = Map(actor_for(row.user), asked)
    try:
        with bounded(PATIENCE):
            tally = scanned(found.process, found.source.rows, asked.period.start, asked.period.end, asked.working)
        row.cells = [[*cell, n] for cell, n in tally.items()]
    except Invalid:
        row.problem = _(
            "Even beside the page, counting these relationships one by one took longer than %s minutes. Choose a shorter period or a narrower filter."
        ) % round(PATIENCE / 60)
    row.counted_at = timezone.now()
    row.save()


def _key(actor: Actor, params: Mapping[str, str], days: tuple[Any, Any]) -> str:
    """The same for the same question by the same reader with the same rights; how the map is drawn is no part of it."""
    wanted = sorted((key, value) for key, value in params.items() if key != "show")
    rights = (actor.user_id, actor.role, actor.level("journey", "see"), sorted(actor.team_ids))
    return hashlib.sha256(repr((wanted, days, rights)).encode()).hexdigest()
