"""The churn model finds what was planted, looks only at what was known then, and stays silent where there is little."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from django.utils import timezone

from kith.contacts.models import Company
from kith.kernel.organisation.models import refresh
from kith.retention.churn.applying import document
from kith.retention.churn.training import cuts, gather, train
from kith.retention.health import sweeping
from kith.retention.health.parts import bring
from kith.retention.models import Care, Churn, ChurnKind, ChurnReason, HealthPart, Source, Usage
from kith.retention.tests.cast import BY

pytestmark = pytest.mark.django_db
FIRMS = 160


def story() -> set[int]:
    """Firms whose product is used evenly, until two months before they leave; returns who left."""
    bring(BY)
    HealthPart.objects.exclude(source=Source.USAGE).update(active=False)
    refresh()
    rng, today = random.Random(4), timezone.localdate()
    firms = Company.objects.bulk_create(
        [
            Company(name=f"Firm {n}", sort_name=f"firm {n}", customer_since=today - dt.timedelta(days=900))
            for n in range(FIRMS)
        ]
    )
    reason, left, used, gone = ChurnReason.objects.get(name="Too expensive"), set(), [], []
    ends = cuts(today)
    for n, one in enumerate(firms):
        day = ends[rng.randrange(len(ends))] + dt.timedelta(days=rng.randrange(5, 80)) if n % 2 else None
        for week in range(130):
            at = today - dt.timedelta(days=7 * week)
            if day is not None and at >= day:
                continue
            fading = day is not None and (day - at).days <= 130
            used.append(
                Usage(
                    company=one,
                    counter="sessions",
                    day=at,
                    amount=rng.uniform(3, 5) if fading and (day - at).days <= 100 else rng.uniform(9, 11),
                )
            )
        if day is not None:
            left.add(one.pk)
            Company.objects.filter(pk=one.pk).update(customer_until=day)
            gone.append(Churn(title=one.name, company=one, reason=reason, kind=ChurnKind.UNWANTED, ended_on=day))
    Usage.objects.bulk_create(used, batch_size=5000)
    Churn.objects.bulk_create(gone)
    return left


def test_fading_use_tells_who_leaves_and_the_chances_say_so() -> None:
    left = story()
    made = train()
    assert not made.silent, made.silent
    assert made.report["auc_low"] > 0.55
    assert made.report["health"]["auc"] > 0.6
    assert made.report["left"] == len(left)
    assert "Use of the product" in made.report["used"]
    refresh()
    assert document() is not None
    sweeping.everybody()
    assert Care.objects.filter(chance__isnull=False).count() == FIRMS - len(left)


def test_who_left_for_other_reasons_is_not_learned_from() -> None:
    left = story()
    before = gather(timezone.now())
    Churn.objects.update(kind=ChurnKind.INVOLUNTARY)
    after = gather(timezone.now())
    assert (sum(before.left), sum(after.left)) == (len(left), 0)
    assert len(after) == len(before) - len(left)


def test_little_is_said_to_be_too_little() -> None:
    bring(BY)
    made = train()
    assert made.silent.startswith("Too little to learn from: 0 customers left")
    assert made.document is None
