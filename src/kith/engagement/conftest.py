import pytest


@pytest.fixture
def ines():
    from tests.cast import actor

    return actor("ines")


@pytest.fixture
def marta(ines):
    from kith.engagement.tests import making

    return making.marta(ines)
