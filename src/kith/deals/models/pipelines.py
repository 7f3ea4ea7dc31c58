"""How deals go: pipelines, their stages with exit rules, and the tree of reasons for winning and losing."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import RecordModel


class Status(models.TextChoices):
    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class Pipeline(RecordModel):
    """A way deals go. Skipping stages and going back are always named and counted; a pipeline may ask for a reason."""

    name = models.CharField(_("Name"), max_length=120)
    position = models.IntegerField(_("Order"), default=0)
    ask_on_skip = models.BooleanField(_("Ask why when a stage is skipped"), default=False)
    ask_on_return = models.BooleanField(_("Ask why when a deal goes back"), default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("pipeline"), _("pipelines")
        constraints = [
            models.UniqueConstraint(fields=["name"], name="pipeline_name_once", condition=models.Q(archived_at__isnull=True),
                                    violation_error_message=_("There is already a pipeline of that name.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]


class Stage(RecordModel):
    """`required`: column keys that must be known to leave the stage forward; `exit_rule`: a filter tree (JSON) that the
    deal must meet; `strict`: without exception; `roles`: who of the buying side should be known by then. `stall_days`:
    days without movement or touch after which an open deal here counts as stalled; where nobody said, twice what deals
    that were won usually took (`usual_days`, learned at night)."""

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="stages", verbose_name=_("Pipeline"))
    name = models.CharField(_("Name"), max_length=120)
    position = models.IntegerField(_("Order"), default=0)
    probability = models.DecimalField(_("Likely to be won, %"), max_digits=5, decimal_places=2, default=Decimal(50))
    stall_days = models.PositiveIntegerField(_("Stalled after, days"), null=True, blank=True)
    usual_days = models.IntegerField(_("Usual days here"), null=True, blank=True)
    required = ArrayField(models.CharField(max_length=80), verbose_name=_("Needed to go on"), default=list, blank=True)
    exit_rule = models.JSONField(_("Rule to go on"), default=dict, blank=True)
    strict = models.BooleanField(_("No exceptions"), default=False)
    roles = ArrayField(
        models.CharField(max_length=12), verbose_name=_("Buying roles to know"), default=list, blank=True
    )

    DERIVED = frozenset({"usual_days"})

    class Meta:
        verbose_name, verbose_name_plural = _("stage"), _("stages")
        ordering = ["pipeline", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["pipeline", "name"], name="stage_name_once",
                                    violation_error_message=_("This pipeline already has a stage of that name."),
                                    condition=models.Q(archived_at__isnull=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        if not 0 <= self.probability <= 100:
            raise Invalid(__("A likelihood is between 0 and 100 %."), "probability")

    @property
    def stalls_after(self) -> int | None:
        """Days after which a deal here counts as stalled; None: never."""
        if self.stall_days is not None:
            return self.stall_days
        return None if self.usual_days is None else 2 * max(self.usual_days, 1)


class Reason(RecordModel):
    """Why deals are won or lost, as a tree: "Price" > "Budget cut"."""

    name = models.CharField(_("Name"), max_length=120)
    outcome = models.CharField(_("For"), max_length=4, choices=[(Status.WON, _("Won")), (Status.LOST, _("Lost"))])
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("Part of")
    )
    position = models.IntegerField(_("Order"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("reason"), _("reasons")
        ordering = ["outcome", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["outcome", "parent", "name"], name="reason_name_once", nulls_distinct=False,
                                    condition=models.Q(archived_at__isnull=True),
                                    violation_error_message=_("There is already a reason of that name there.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        parent, seen = self.parent, {self.pk}
        while parent is not None:
            if parent.pk in seen:
                raise Invalid(__("A reason cannot be part of itself."), "parent")
            if parent.outcome != self.outcome:
                raise Invalid(__("“%s” is a reason for the other outcome.") % parent, "parent")
            seen.add(parent.pk)
            parent = parent.parent
