"""A file name as it may be shown, stored and offered for download again."""

from __future__ import annotations

import os
import re
import unicodedata

from django.utils.translation import gettext as _

LONGEST = 255
# Controls, halves of characters, and marks that turn the direction of writing: "fdp.exe" can be made to look like
# "exe.pdf" with them.
UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def clean(name: str) -> str:
    """The last part of a path without unwanted characters; at most 255 characters, the ending kept."""
    name = unicodedata.normalize("NFC", UNWANTED.sub("", str(name)))
    name = re.split(r"[/\\]", name)[-1].strip().strip(".") or _("file")
    root, ending = os.path.splitext(name)
    return name if len(name) <= LONGEST else root[: LONGEST - len(ending[:20])] + ending[:20]
