import pytest


@pytest.fixture
def monday():
    from kith.surveys.tests import making

    with making.at():
        yield


@pytest.fixture
def postbox(settings):
    from tests.mailcast import smtp_server

    with smtp_server(settings) as box:
        yield box
