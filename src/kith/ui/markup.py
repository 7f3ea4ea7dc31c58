"""Pieces of a page put together: what is markup stays as it is, anything else is escaped.

`markupsafe` makes a new string of every piece it is handed, markup or not; a list is thousands of pieces.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup, escape


def shown(value: Any) -> str:
    """A value as it stands in a page: markup as it is, words escaped, None as nothing."""
    if type(value) is Markup:
        return value
    return "" if value is None else escape(value)


def glued(pieces: Iterable[Any]) -> Markup:
    """The pieces as one."""
    return Markup("".join(map(shown, pieces)))  # noqa: S704 - each is escaped or markup


def link(href: str, words: str) -> Markup:
    """`<a href>`; what `Markup.format` would make, at a fifth of its price."""
    return Markup(f'<a href="{escape(href)}">{escape(words)}</a>')  # noqa: S704 - both are escaped
