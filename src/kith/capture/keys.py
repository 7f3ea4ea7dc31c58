"""What a form's address may look like: /f/leak-risk-checklist."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.text import fold

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def key_from(name: str) -> str:
    """An address made of a name."""
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:60].strip("-")


def refuse_key(key: str) -> None:
    """Raises Invalid for what cannot be an address."""
    if not KEY.fullmatch(key):
        raise Invalid(_("An address has small letters, digits and hyphens, for example “leak-risk-checklist”."), "key")
