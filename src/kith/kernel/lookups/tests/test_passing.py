"""Which filters time alone may make true."""

from __future__ import annotations

import pytest

from kith.kernel.lookups.passing import moves_by_itself
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("record", "where", "moves"),
    [
        ("deal", "closes_on.in:next_30_days", True),
        ("deal", "amount.over:100,not(closes_on.before:-14d)", True),
        ("deal", "any(name.has:x,created_at.between:2026-01-01|today)", True),
        ("journey", "late.is:true", True),
        ("deal", "closes_on.before:2026-03-01", False),
        ("deal", "closes_on.filled", False),
        ("company", "industry.has:today", False),
        ("company", "no_such_field.in:today", False),
    ],
)
def test_a_filter_is_known_to_follow_the_calendar(record, where, moves):
    assert moves_by_itself(registry[record], parse(where)) is moves
