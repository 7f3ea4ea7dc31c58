"""A training in words and figures: for the page, for `kith score show`, and as JSON."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.qualification.models import Model


def as_json(model: Model) -> dict[str, Any]:
    """Everything about one training; `document` is what predicts, None while it stays silent."""
    return {
        "prediction": model.prediction.name, "version": model.number, "trained_at": model.at.isoformat(),
        "silent": model.silent or None, **model.report, "document": model.document,
    }  # fmt: skip


def as_text(model: Model) -> str:
    """The same for people, a line each."""
    report = model.report
    lines = [_("%(name)s, version %(n)d, learned from %(leads)d leads of which %(yes)d with success") % {
        "name": model.prediction.name, "n": model.number, "leads": report["leads"], "yes": report["success"]}]  # fmt: skip
    if model.silent:
        lines.append(_("Silent: %s") % model.silent)
    if "auc" in report:
        lines.append(_("Told apart (area under the curve, on leads not learned from): %(auc).3f, between %(low).3f and %(high).3f") % {
            "auc": report["auc"], "low": report["auc_low"], "high": report["auc_high"]})  # fmt: skip
        lines.append(_("Predicted and happened, tenth by tenth:"))
        lines += [f"  {p['predicted']:7.1%} {p['happened']:7.1%}  {p['leads']}" for p in report["curve"]]
    lines.append(_("Looks at: %s") % (", ".join(report["used"]) or _("nothing")))
    if report["left_out"]:
        lines.append(_("Left out by hand: %s") % ", ".join(report["left_out"]))
    lines += [f"{f['label']}: {f['words']}." for f in report["findings"]]
    return "\n".join(lines) + "\n"


def curve(model: Model) -> dict[str, Any] | None:
    """The calibration curve as points of a square of 100 by 100, the origin at its lower left corner."""
    points = [
        {"x": round(100 * p["predicted"], 1), "y": round(100 - 100 * p["happened"], 1), **p}
        for p in model.report.get("curve", [])
    ]
    return {"points": points, "line": " ".join(f"{p['x']},{p['y']}" for p in points)} if points else None
