"""Every test of this room begins without what the last one kept per configuration stamp."""

import pytest


@pytest.fixture(autouse=True)
def _fresh(request):
    if "django_db" in request.keywords:
        request.getfixturevalue("db")
        from kith.kernel.organisation.models import bump

        bump()
