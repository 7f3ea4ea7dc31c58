"""What these tests share with others."""

from tests.elsewhere import emptied  # noqa: F401  a fixture
