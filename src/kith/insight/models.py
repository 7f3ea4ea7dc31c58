"""What was worked out about customers, kept so that lists can show and sort it: one row a customer, made anew each night."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Lifetime(models.Model):
    """A customer's worth in the organisation's currency: `spent` so far, `yearly` of running contracts, `expected` in the
    year ahead between `low` and `high` (None while data is thin), `alive`: how likely they buy again, 0 to 1."""

    company = models.OneToOneField("contacts.Company", models.CASCADE, null=True, related_name="lifetime")
    person = models.OneToOneField("contacts.Person", models.CASCADE, null=True, related_name="lifetime")
    spent = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    yearly = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    purchases = models.IntegerField(default=0)
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    alive = models.FloatField(null=True)
    again = models.FloatField(null=True)
    expected = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    low = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    high = models.DecimalField(max_digits=18, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="lifetime_of_one_customer",
                condition=Q(company__isnull=False, person__isnull=True) | Q(company__isnull=True, person__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["-expected"], name="lifetime_expected")]


class LifetimeFit(models.Model):
    """One night's work: `report` as `telling.as_json` gives it. The last twenty are kept."""

    at = models.DateTimeField(default=timezone.now)
    report = models.JSONField(default=dict)

    class Meta:
        ordering = ["-pk"]
