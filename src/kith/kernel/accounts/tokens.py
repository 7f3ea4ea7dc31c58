"""Keys that programs sign in with: made once, shown once, checked on each call, ended at any time.

A key reads `kith_<prefix>_<secret>`. The prefix finds the row, the digest of the whole key proves it. The secret has 256
random bits, so a plain SHA-256 is enough: there is nothing to guess that a slow hash would protect.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta

from django.utils import timezone

from kith.kernel.accounts.models import ApiToken, TokenScope, User

__all__ = ["ApiToken", "TokenScope", "check", "issue"]

SHAPE = re.compile(r"kith_([0-9a-f]{12})_[A-Za-z0-9_-]{43}", re.ASCII)
USED_EVERY = timedelta(minutes=10)
NO_DIGEST = "0" * 64


def issue(
    user: User, name: str, *, scope: str = TokenScope.FULL, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token of `user` and its plain text, which is nowhere kept."""
    prefix = secrets.token_hex(6)
    plain = f"kith_{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user=user, name=name, prefix=prefix, digest=digest(plain), scope=scope, expires_at=expires_at
    )
    return token, plain


def check(plain: str) -> ApiToken | None:
    """The token this is the key of, with its `user`; None when it is unknown, ended, or its user is deactivated.

    An unknown prefix takes the same comparison as a wrong secret. Use is noted at most once in ten minutes.
    """
    shape = SHAPE.fullmatch(plain)
    token = ApiToken.objects.select_related("user").filter(prefix=shape[1]).first() if shape else None
    same = hmac.compare_digest(token.digest if token else NO_DIGEST, digest(plain))
    if not (token and same and token.is_live() and token.user.is_active):
        return None
    note_use(token)
    return token


def digest(plain: str) -> str:
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        token.last_used_at = now
