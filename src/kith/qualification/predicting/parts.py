"""How far the prediction can be trusted, for programs: every training with what was measured, and of the latest how what it
predicted came true and what it found in the columns. As its page in the settings, for who manages settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Integer, LongText, Moment, Number, Text
from kith.kernel.records.parts import Part
from kith.qualification.models import Model, Prediction


@dataclass(frozen=True)
class Line:
    """An entry of what was measured, as an object; what it does not say is None."""

    said: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.said.get(name)


def _versions(actor: Actor, prediction: Prediction) -> QuerySet[Model]:
    actor.require("settings.manage")
    return Model.objects.filter(prediction=prediction).order_by("-number")


def _training(one: Model) -> Line:
    named = {key: ", ".join(one.report.get(key, ())) for key in ("used", "left_out")}
    own = {"number": one.number, "at": one.at, "silent": one.silent, "predicts": one.document is not None}
    return Line({**one.report, **own, **named})


def _latest(actor: Actor, prediction: Prediction, key: str) -> list[Line]:
    latest = _versions(actor, prediction).first()
    return [Line(one) for one in (latest.report.get(key, ()) if latest else ())]


SHARE = Number(12, 4)
TRAININGS = Part(
    "trainings", _("What it learned"),
    {"number": Integer(), "at": Moment(), "predicts": Bool(), "silent": LongText(), "leads": Integer(), "success": Integer(),
     "auc": SHARE, "auc_low": SHARE, "auc_high": SHARE, "used": LongText(), "left_out": LongText()},
    lambda actor, prediction: [_training(one) for one in _versions(actor, prediction)],
)  # fmt: skip
CALIBRATION = Part(
    "calibration", _("Predicted and happened"), {"predicted": SHARE, "happened": SHARE, "leads": Integer()},
    lambda actor, prediction: _latest(actor, prediction, "curve"),
)  # fmt: skip
FINDINGS = Part(
    "findings", _("What was found in columns"),
    {"key": Text(80), "label": Text(300), "words": LongText(), "out": Bool(), "gives_away": Bool()},
    lambda actor, prediction: _latest(actor, prediction, "findings"),
)  # fmt: skip
