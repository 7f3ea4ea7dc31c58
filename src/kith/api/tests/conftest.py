"""Who calls the API in its tests, and five people of theirs."""

import pytest


@pytest.fixture
def ines():
    from kith.api.tests.programs import Program  # only now: Django is set up after this file has been read

    return Program("ines")


@pytest.fixture
def five(ines):
    from kith.api.tests.programs import new

    return [new(ines, given_name=name, tags=["north"]) for name in ("Marta", "Yusuf", "Ana", "Elin", "Tom")]
