import pytest


@pytest.fixture
def bellevue():
    from kith.portal.tests.making import made, open_door

    open_door()
    return made("company", name="Hotel Bellevue")


@pytest.fixture
def marta(bellevue):
    from kith.portal.tests.making import person

    return person("Marta", "marta@bellevue.example", bellevue)
