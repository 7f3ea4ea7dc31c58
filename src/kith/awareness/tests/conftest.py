import pytest


@pytest.fixture
def ines(client):
    """Ines, signed in."""
    from tests.cast import actor, user

    client.force_login(user("ines"))
    return actor("ines")
