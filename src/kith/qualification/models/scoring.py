"""Rules that give points, and the bands that totals fall into. Configuration: few rows, read once per stamp."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import InvalidMany
from kith.kernel.records.models import RecordModel


class Part(models.TextChoices):
    FIT = "fit", _("Fit")
    ENGAGEMENT = "engagement", _("Engagement")


class ScoreRule(RecordModel):
    """Points for everybody under `where`, or, with a `verb`, for each time that happened (to people under
    `where`). A rule with neither gives nothing yet."""

    name = models.CharField(_("Name"), max_length=120)
    part = models.CharField(_("Part"), max_length=12, choices=Part.choices, default=Part.FIT)
    points = models.IntegerField(_("Points"), default=10)
    where = models.TextField(_("For people where"), default="", blank=True)
    verb = models.CharField(_("Each time"), max_length=60, default="", blank=True)
    most = models.PositiveIntegerField(_("At most"), null=True, blank=True)
    half_life = models.PositiveIntegerField(_("Half as much after (days)"), null=True, blank=True)
    active = models.BooleanField(_("In use"), default=True)
    position = models.IntegerField(_("Order"), default=100)

    class Meta:
        verbose_name, verbose_name_plural = _("score rule"), _("score rules")
        ordering = ["part", "position", "id"]

    def __str__(self) -> str:
        return self.name

    def verify(self) -> None:
        errors: dict[str, list[str]] = {}
        if self.half_life is not None and (not self.verb or self.half_life < 1):
            errors["half_life"] = [__("Only what happened fades, and in at least one day.")]
        if not self.points or abs(self.points) > 10_000:
            errors["points"] = [__("Points are a whole number between -10,000 and 10,000, and not 0.")]
        if errors:
            raise InvalidMany(errors)


class Band(RecordModel):
    """Totals of at least `starts_at` points are called `name`, up to the next band."""

    name = models.CharField(_("Name"), max_length=60)
    starts_at = models.IntegerField(_("From points"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("score band"), _("score bands")
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["starts_at"], name="band_start_once", condition=Q(archived_at__isnull=True),
                                    violation_error_message=_("Another band begins at this figure.")),
            models.UniqueConstraint(fields=["name"], name="band_name_once", condition=Q(archived_at__isnull=True),
                                    violation_error_message=_("There is already a band of that name.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name
