import pytest


@pytest.fixture
def ines():
    from tests.cast import actor

    return actor("ines")
