"""What is predicted, and the models that were learned: numbers as JSON, never anything that runs when it is read."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import InvalidMany
from kith.kernel.records.models import RecordModel


class Target(models.TextChoices):
    WON = "won", _("A deal with them is won")
    QUALIFIED = "qualified", _("They are qualified")
    FIELD = "field", _("A field says yes")


class Prediction(RecordModel):
    """What counts as success, and what may not be looked at. `within`: days after which an open case counts as none.
    Of several in use the one made last counts."""

    name = models.CharField(_("Name"), max_length=120, default="")
    target = models.CharField(_("Success is"), max_length=12, choices=Target.choices, default=Target.WON)
    field = models.CharField(_("Field"), max_length=80, default="", blank=True)
    value = models.CharField(_("Value that means yes"), max_length=200, default="", blank=True)
    leave_out = ArrayField(models.CharField(max_length=80), verbose_name=_("Leave out"), default=list, blank=True)
    within = models.PositiveIntegerField(_("Decided after (days)"), default=180)
    active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("prediction"), _("predictions")

    def __str__(self) -> str:
        return self.name

    def verify(self) -> None:
        from kith.kernel.records.registry import registry

        if self.target == Target.FIELD and self.field not in registry["person"].columns():
            raise InvalidMany({"field": [__("People have no field “%s”.") % self.field]})


class Model(models.Model):
    """One training: `document` holds what predicts (None when it stays silent, and `silent` says why), `report` what was
    measured."""

    prediction = models.ForeignKey(Prediction, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
    silent = models.TextField(default="", blank=True)
    document = models.JSONField(null=True)
    report = models.JSONField(default=dict)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["prediction", "number"], name="model_number_once")]
