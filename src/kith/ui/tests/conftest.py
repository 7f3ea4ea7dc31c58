"""A browser for the behaviours, and the environment for the macros."""

import os

import pytest

from kith.ui.tests import browser as chromium


@pytest.fixture(scope="session")
def browser():
    """One Chromium for the session. Playwright keeps an event loop in this thread, which Django must be told to allow."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with chromium.launched() as started:
        yield started


@pytest.fixture
def env():
    from kith.ui.render import _environment

    return _environment()


@pytest.fixture
def draw(env):
    """Render a snippet of template with the given names."""
    return lambda text, **names: env.from_string(text).render(**names)
