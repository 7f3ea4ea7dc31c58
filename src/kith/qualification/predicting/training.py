"""Training as a whole: gather, guard, learn, keep a version, and say why where nothing is predicted."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.errors import NotFound
from kith.kernel.learning.documents import document_of, measured
from kith.kernel.learning.encoding import shape
from kith.kernel.learning.regression import learn
from kith.kernel.organisation.models import bump
from kith.qualification.models import Model, Prediction
from kith.qualification.predicting.ageing import learn_age
from kith.qualification.predicting.gathering import Table, gather
from kith.qualification.predicting.guarding import Finding, guard
from kith.qualification.predicting.outcomes import field_of
from kith.qualification.predicting.sources import sources

FEWEST, FEWEST_EACH = 200, 40  # decided leads, and of either outcome, below which nothing is learned
BETTER = 0.55  # what the area under the curve must be above with certainty
KEPT = 20  # versions kept


def chosen() -> Prediction | None:
    """The prediction in use, the one made last of several; None while nothing is to be predicted."""
    return Prediction.objects.filter(active=True, archived_at=None).order_by("-pk").first()


def in_use() -> Prediction:
    """The prediction in use. Raises NotFound in a sentence that says where one is made."""
    found = chosen()
    if found is None:
        raise NotFound(_("Nothing is predicted yet: say what counts as success under Settings, Prediction."))
    return found


def train(prediction: Prediction, now: dt.datetime | None = None) -> Model:
    """Learn from what is known now and keep it as a new version, silent ones too: they say why."""
    now = now or timezone.now()
    table = gather(prediction, sources({*prediction.leave_out, *field_of(prediction)}), now)
    findings = guard(table)
    out = {f.key for f in findings if f.out}
    kept = [s for s in table.sources if s.key not in out]
    forms = {s.key: form for s in kept if (form := shape(table.then[s.key], s.numeric)) is not None}
    report = _report(prediction, table, findings, [s.label for s in kept if s.key in forms])
    silent = too_thin(table) or ("" if forms else _("No column tells leads apart."))
    learned = None if silent else learn(forms, {key: table.then[key] for key in forms}, table.won)
    if learned is not None:
        report |= measured(learned)
        if learned.low <= BETTER:
            silent = _(
                "What is known of leads says too little about how they end: the score would be little better than chance."
            )
    labels = {s.key: s.label for s in kept}
    document = None if silent or learned is None else document_of(forms, learned, table.then, len(table), labels)
    if document is not None:
        document |= {"ageing": learn_age(prediction, table), "leads": len(table)}
    return _keep(prediction, silent, document, report, now)


def too_thin(table: Table) -> str:
    """Why nothing can be learned from so little; "" when there is enough."""
    yes = sum(table.won)
    no = len(table) - yes
    if len(table) >= FEWEST and min(yes, no) >= FEWEST_EACH:
        return ""
    words = _(
        "Too little to learn from: %(n)d leads are decided, %(yes)d with success and %(no)d without. It takes %(fewest)d, and %(each)d of either."
    )
    return words % {"n": len(table), "yes": yes, "no": no, "fewest": FEWEST, "each": FEWEST_EACH}


def _report(prediction: Prediction, table: Table, findings: list[Finding], used: list[str]) -> dict[str, Any]:
    return {
        "leads": len(table), "success": sum(table.won), "used": used, "left_out": list(prediction.leave_out),
        "findings": [{"key": f.key, "label": f.label, "words": f.words, "out": f.out, "gives_away": f.gives_away} for f in findings],
    }  # fmt: skip


@transaction.atomic
def _keep(prediction: Prediction, silent: str, document: Any, report: dict[str, Any], now: dt.datetime) -> Model:
    Prediction.objects.select_for_update().get(pk=prediction.pk)
    last = prediction.versions.aggregate(last=Max("number"))["last"] or 0
    made = Model.objects.create(
        prediction=prediction, number=last + 1, at=now, silent=silent, document=document, report=report
    )
    prediction.versions.filter(number__lte=made.number - KEPT).delete()
    bump()
    return made
