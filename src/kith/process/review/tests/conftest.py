"""Who stands around the table: the administrator, three colleagues, a process in force and a review of it.

What needs Django is imported inside, since pytest reads this file before Django is set up.
"""

from __future__ import annotations

import pytest


@pytest.fixture
def astrid():
    from tests.cast import actor, user

    for who in ("ines", "jonas", "helena"):
        user(who)
    return actor("astrid")


@pytest.fixture
def row(astrid):
    from kith.process.review.tests.cast import process

    return process()


@pytest.fixture
def review(row, astrid):
    from kith.process.review.models import Review
    from kith.process.review.tests.cast import DONE, SKIPPED, do, planted, some
    from tests.cast import user

    planted(row, some(60, DONE, ago=40, late=("onboard",)), some(40, SKIPPED, ago=40))
    do("process.prepare_review", row, astrid, host=str(user("helena").pk))
    return Review.objects.get()
