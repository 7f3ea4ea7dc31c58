"""Links in what strangers wrote: found by their scheme, shown as they are, opened apart. Everything else stays words."""

from __future__ import annotations

import re

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


def linked(text: str) -> SafeString:
    """The text escaped, with web addresses as links that tell nothing of where one came from."""
    parts: list[tuple[SafeString]] = []
    at = 0
    for found in ADDRESS.finditer(text):
        parts.append((escape(text[at : found.start()]),))
        address = found.group()
        parts.append(
            (format_html('<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>', address, address),)
        )
        at = found.end()
    parts.append((escape(text[at:]),))
    return format_html_join(mark_safe(""), "{}", parts)
