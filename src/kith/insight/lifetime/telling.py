"""Lifetime value for people, programs and pages: parameters, likelihoods, what is expected in all and by group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.insight.lifetime.currencies import said_of_currencies
from kith.insight.lifetime.fitting import Fit
from kith.insight.lifetime.worth import Lifetime, Worth, between, spread_of
from kith.kernel.money.queries import home

FORMULA = (
    "BG/NBD (Fader, Hardie and Lee 2005) for how often, Gamma-Gamma (Fader and Hardie 2013) for how much of repeat purchases, "
    "one purchase a customer and day; contracts by their worth a year and how often contracts ended. Not discounted."
)


def as_json(out: Lifetime) -> dict[str, Any]:
    """The whole of it. Times are in weeks; ranges are 95 % of the expectation, by the delta method."""
    every = summed(out, out.customers.values())
    return {
        "until": out.until.isoformat(), "time_unit": "week", "currency": home(), "formula": FORMULA,
        "orders": out.orders.count, "customers": len(out.told), "repeat_customers": out.told.repeating,
        "left_out": {"without_rate": out.orders.unrated, "without_customer": out.orders.nobody, "contracts": len(out.orders.contracts)},
        "currencies": {code: {"orders": n, "without_rate": unrated} for code, (n, unrated) in sorted(out.orders.currencies.items())},
        "thin": out.thin or None,
        "parameters": {**_values(out.buying, ("r", "alpha", "a", "b")), **_values(out.spending, ("p", "q", "gamma"))},
        "log_likelihood": {"bg_nbd": out.buying.log_likelihood if out.buying else None,
                           "gamma_gamma": out.spending.log_likelihood if out.spending else None},
        "bg_nbd": _fit(out.buying, len(out.told)), "gamma_gamma": _fit(out.spending, out.told.repeating),
        "expected": {"weeks": out.weeks, "range": "95 %, delta method", **every},
        "contracts": {
            "contracts": out.survival.contracts, "running": out.survival.running, "ended": out.survival.ended,
            "ended_a_year": _round(out.survival.rate), "low": _round(out.survival.low), "high": _round(out.survival.high),
            "kept_after_a_year": _round(out.survival.kept()) if out.survival.years else None, "thin": out.survival.thin,
        },
    }  # fmt: skip


def _values(fit: Fit | None, names: tuple[str, ...]) -> dict[str, float | None]:
    return {name: None if fit is None else fit[name] for name in names}


def _fit(fit: Fit | None, n: int) -> dict[str, Any] | None:
    if fit is None:
        return None
    return {
        **{name: fit[name] for name in fit.names}, "log_likelihood": fit.log_likelihood, "customers": n,
        "standard_errors": fit.errors, "converged": fit.converged, "why_not": fit.why or None,
    }  # fmt: skip


def summed(out: Lifetime, customers: Iterable[Worth]) -> dict[str, Any]:
    """{customers, spent, expected, low, high, yearly} of some customers together; the range knows that all share the models."""
    some = list(customers)
    known = [one for one in some if one.expected is not None]
    figures: dict[str, Any] = {
        "customers": len(some), "spent": _round(sum(one.spent for one in some)), "yearly": _round(sum(one.yearly for one in some)),
        "purchases": _round(sum(one.again or 0.0 for one in known)), "value": None, "low": None, "high": None,
    }  # fmt: skip
    if known:
        value = sum(one.expected or 0.0 for one in known)
        sloped = [one.slopes for one in known if one.slopes is not None]
        told = [one for one in known if one.slopes is None]
        bought = sum((one.expected or 0.0) for one in known if one.slopes is not None)
        low, high = sum(one.low or 0.0 for one in told), sum(one.high or 0.0 for one in told)
        figures["value"] = _round(value)
        if sloped:
            spread = spread_of(np.sum(sloped, axis=0, keepdims=True), out.covariance)
            if spread is None:
                return figures
            a, b = between(bought, float(spread[0]))
            low, high = low + (a or 0.0), high + (b or 0.0)
        figures |= {"low": _round(low), "high": _round(high)}
    return figures


def _round(value: float) -> float:
    return round(value, 4)


def as_text(out: Lifetime) -> str:
    """For terminals: a line each."""
    data = as_json(out)
    lines = [_("Orders up to %(day)s: %(orders)d, of %(customers)d customers, %(again)d of whom bought again.") % {
        "day": data["until"], "orders": data["orders"], "customers": data["customers"], "again": data["repeat_customers"]}]  # fmt: skip
    if said := said_of_currencies(data):
        lines.append(said)
    if out.orders.nobody:
        lines.append(ngettext("%d order names no customer and is left out.", "%d orders name no customer and are left out.", out.orders.nobody) % out.orders.nobody)  # fmt: skip
    for label, fit in ((_("How often (BG/NBD, weeks)"), out.buying), (_("How much (Gamma-Gamma)"), out.spending)):
        if fit is not None:
            said = ", ".join(f"{name} {fit[name]:.4g}" for name in fit.names)
            lines.append(
                f"{label}: {said}; {_('log-likelihood')} {fit.log_likelihood:.1f}"
                + (f" ({fit.why})" if fit.why else "")
            )
    if out.thin:
        lines.append(out.thin)
    whole = data["expected"]
    if whole["value"] is not None:
        lines.append(_("Expected in the next %(weeks)d weeks: %(value).0f %(currency)s, between %(low).0f and %(high).0f (95 %%, delta method).") % {
            "weeks": out.weeks, "currency": data["currency"], "value": whole["value"], "low": whole["low"] or 0, "high": whole["high"] or 0})  # fmt: skip
    return "\n".join(lines) + "\n"


def customers_of(out: Lifetime) -> list[dict[str, Any]]:
    """Every customer, who is expected to bring most first."""
    from kith.insight.lifetime.orders import parts

    ranked = sorted(out.customers.values(), key=lambda one: (-(one.expected or 0.0), -one.spent, one.customer))
    rows = []
    for one in ranked:
        record, pk = parts(one.customer)
        rows.append({
            "record": record, "id": pk, "spent": _round(one.spent), "purchases": one.purchases, "yearly": _round(one.yearly),
            "first": one.first.isoformat() if one.first else None, "last": one.last.isoformat() if one.last else None,
            "alive": one.alive, "expected_purchases": one.again, "expected": one.expected, "low": one.low, "high": one.high,
        })  # fmt: skip
    return rows
