"""Where what came in meets the rules of assignment: whom they would give the sender to is who is asked about them."""

from __future__ import annotations

from django.utils import timezone

from kith.capture.suggesting import suggests
from kith.capture.taking import person_values
from kith.kernel.errors import KithError
from kith.qualification.assigning.trying import of_sample

KNOWN = ("source", "language", "country", "region", "postcode", "city", "job_title")  # what rules go by


def chosen_by_rules(row: object) -> int | None:
    """Whom the rules would give somebody with these answers; None where no rule is for them. Writes nothing."""
    values = person_values(row, None)  # type: ignore[arg-type]
    try:
        choice = of_sample({key: value for key, value in values.items() if key in KNOWN}, timezone.now())
    except KithError:
        return None  # a rule that cannot be asked any more is named where the rules stand
    return choice.user.pk if choice.user is not None else None


def join() -> None:
    """Called once at start-up."""
    suggests(chosen_by_rules)
