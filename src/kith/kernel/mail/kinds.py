"""Kinds of mailboxes: a secret that is typed and never shown again, the name of a server."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.kinds import Text


class Secret(Text):
    name, widget, customisable, secret = "secret", "password", False, True

    def __init__(self, max_length: int = 4_000):
        super().__init__(max_length)

    def show(self, value: Any) -> str:
        return "••••••••" if value else ""

    def edit(self, value: Any) -> str:
        return ""

    def export(self, value: Any) -> Any:
        return None


class Host(Text):
    """The name of a server, or its address."""

    name, customisable = "host", False

    def clean(self, value: Any) -> str:
        text = super().clean(value).lower()
        if any(c in text for c in "/@: ") or not text.isascii():
            raise Invalid(_("Write only the name of the server, such as imap.example.com."))
        return text
