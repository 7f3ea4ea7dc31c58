"""In words, what lifetime value does with orders in several currencies. Apart from the models, so that pages load it fast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _


def said_of_currencies(report: Mapping[str, Any]) -> str:
    """What became of several currencies, and of those without a rate; "" where there is nothing to say."""
    told: dict[str, dict[str, int]] = report.get("currencies") or {}
    rated = {code: one["orders"] - one["without_rate"] for code, one in told.items()}
    sums = ", ".join(f"{n} {code}" for code, n in sorted(rated.items(), key=lambda one: (-one[1], one[0])) if n)
    lacking = ", ".join(f"{one['without_rate']} {code}" for code, one in told.items() if one["without_rate"])
    said = []
    if any(n for code, n in rated.items() if code != report["currency"]):
        said.append(_("Orders in several currencies (%(sums)s) are counted together in %(home)s, each at the rate of its day.") % {
            "sums": sums, "home": report["currency"]})  # fmt: skip
    if lacking:
        said.append(_("Left out for want of an exchange rate: %(lacking)s. Set one under Settings, Sales, Exchange rates.") % {"lacking": lacking})  # fmt: skip
    return " ".join(said)
