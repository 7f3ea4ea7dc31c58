"""What a plan says of itself, computed in the database: days until the first result, days it slipped, whether it is late."""

from __future__ import annotations

from django.db.models import BooleanField, Case, F, Func, IntegerField, Q, Value, When
from django.db.models.functions import Now, TruncDate

from kith.onboarding.models import RUNNING


def days(later: str, earlier: str) -> Func:
    """Days from one date column to another, null where one is not known."""
    return Func(F(later), F(earlier), arg_joiner=" - ", template="(%(expressions)s)", output_field=IntegerField())


TO_FIRST_VALUE = days("first_value_on", "signed_on")
SLIPPED = days("due_on", "first_due_on")
AWAITED = RUNNING & Q(first_value_on__isnull=True)
LATE = Case(
    When(AWAITED & Q(first_value_due__lt=TruncDate(Now())), then=Value(True)),
    default=Value(False),
    output_field=BooleanField(),
)
