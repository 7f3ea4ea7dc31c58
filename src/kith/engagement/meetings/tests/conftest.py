import pytest


@pytest.fixture
def monday():
    from kith.engagement.meetings.tests import making

    with making.at():
        yield
