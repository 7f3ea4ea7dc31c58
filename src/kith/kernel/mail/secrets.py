"""What a mailbox is signed in with, under the installation's key: written once, used by whoever reads, shown to nobody."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(b"kith.mailbox" + str(key).encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def seal(values: dict[str, Any]) -> str:
    """Values as text that only this installation can open."""
    return _cipher().encrypt(json.dumps(values).encode()).decode()


def unseal(text: str) -> dict[str, Any]:
    """The values again. Raises Invalid when the installation has another key by now."""
    try:
        values: dict[str, Any] = json.loads(_cipher().decrypt(text.encode()))
    except InvalidToken:
        raise Invalid(
            _("The password was kept under another secret key and cannot be opened any more; give it again.")
        ) from None
    return values
