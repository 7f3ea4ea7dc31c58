import pytest


@pytest.fixture
def monday():
    import time_machine

    from kith.advocacy.tests.making import MONDAY

    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def postbox(settings):
    from tests.mailcast import smtp_server

    with smtp_server(settings) as box:
        yield box
