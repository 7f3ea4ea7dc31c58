"""The environment for the macros."""

import pytest


@pytest.fixture
def env():
    from kith.ui.render import _environment

    return _environment()


@pytest.fixture
def draw(env):
    """Render a snippet of template with the given names."""
    return lambda text, **names: env.from_string(text).render(**names)
