"""Dated exchange rates into the organisation's currency. Totals never add currencies without a rate."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ExchangeRate(models.Model):
    """One unit of `currency` was worth `rate` units of the organisation's currency from `day` on."""

    currency = models.CharField(_("Currency"), max_length=3)
    day = models.DateField(_("From"))
    rate = models.DecimalField(_("Rate"), max_digits=18, decimal_places=8)
    source = models.CharField(max_length=80, default="", blank=True)

    class Meta:
        ordering = ["currency", "-day"]
        constraints = [models.UniqueConstraint(fields=["currency", "day"], name="one_rate_a_day")]
