"""Cells that a spreadsheet would run as a formula, and the apostrophe that stops it.

A cell that begins with = + - @ (also full-width), tab or a line break can call functions and fetch addresses when
somebody opens the export. An apostrophe before it keeps it text. Numbers and telephone numbers are left alone although
they begin with + or -: they are made of digits, spaces and ( ) - . / only, so no function, name or cell can be called,
and +420 601 123 456 stays what other programs expect. The reader takes exactly these apostrophes off again, so that an
export comes back unchanged; a text that already looks guarded gets one more, for the same reason.
"""

from __future__ import annotations

import re

RISKY = re.compile("['=+\\-@\t\r\n＝＋－＠]")
DANGEROUS = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
HARMLESS = re.compile(r"[+-][0-9][0-9 ().,/-]*\Z")


def guard(text: str) -> str:
    """The text as it may stand in a CSV cell."""
    if not text or not RISKY.match(text):
        return text
    if DANGEROUS.match(text) and not HARMLESS.match(text):
        return "'" + text
    return text


def unguard(text: str) -> str:
    """What `guard` was given. Text that it would not have changed is left as it is."""
    if text[:1] == "'" and guard(text[1:]) == text:
        return text[1:]
    return text
