"""Columns of journeys that the database works out."""

from __future__ import annotations

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Now

from kith.process.models import UNANSWERED, Handover

SILENT = Case(
    When(Q(closed_at__isnull=True, silent_at__lt=Now()), then=Value(True)),
    default=Value(False),
    output_field=BooleanField(),
)
LATE = Case(
    When(Q(closed_at__isnull=True, due_at__lt=Now()), then=Value(True)),
    default=Value(False),
    output_field=BooleanField(),
)
WARNS = Case(
    When(Q(closed_at__isnull=True, warn_at__lt=Now(), due_at__gte=Now()), then=Value(True)),
    default=Value(False),
    output_field=BooleanField(),
)
OFFERED = Exists(Handover.objects.filter(UNANSWERED, journey=OuterRef("pk")))
