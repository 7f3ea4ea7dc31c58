"""A proof of work that a form can ask of browsers: some seconds of a robot's time for each post, and no riddle for anybody.

The browser is given a salt and the SHA-256 of that salt with a number, and finds the number by trying. All that must be
known later is in the signed challenge itself; only those that were used are kept, until they would be too old anyway.
A post without any proof comes from a browser without scripts: a person looks at it, nobody is turned away for it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.core import signing
from django.db import connection
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from kith.capture.models import SpentProof
from kith.capture.queries import Published

FIELD = "_proof"  # of a post: the challenge, a colon and the number
SALT = "kith.form.proof"
MOST = 300_000  # the number is below it: half as many trials on average, well under a second of a phone's time
LIFETIME = dt.timedelta(hours=1)
SPEND = "INSERT INTO capture_spentproof (salt, spent_at) VALUES (%s, %s) ON CONFLICT DO NOTHING"


def challenge(form: Published) -> str:
    """key:salt:digest:moment:signature."""
    salt, number = secrets.token_hex(12), secrets.randbelow(MOST)
    return signing.TimestampSigner(salt=SALT).sign(f"{form.key}:{salt}:{_digest(salt, str(number))}")


def refusal(form: Published, raw: dict[str, list[str]]) -> str:
    """Why the proof that came with a post does not count, in words; "" where it does, or none is asked for or was sent.
    One that counts is spent by this: ask once, when everything else about the post is in order."""
    sent = _sent(raw)
    if not form.proof or not sent:
        return ""
    signed, _colon, number = sent[:400].rpartition(":")
    try:
        told = signing.TimestampSigner(salt=SALT).unsign(signed, max_age=LIFETIME)
    except signing.SignatureExpired:
        return _("This page was open for long. Please send it once more.")
    except signing.BadSignature:
        told = ""
    key, _colon, rest = told.partition(":")
    salt, _colon, digest = rest.partition(":")
    right = number.isascii() and number.isdecimal() and constant_time_compare(_digest(salt, number), digest)
    if key != form.key or not right:
        return _("Your browser's check did not come out right. Please send it once more.")
    if not _spend(salt):
        return _("This was sent already. If you mean to send it again, please press the button once more.")
    return ""


def lacking(form: Published, raw: dict[str, list[str]]) -> bool:
    """Whether a proof was asked for and none came."""
    return form.proof and not _sent(raw)


def forget() -> None:
    """Drop what is kept of proofs that are too old to count."""
    SpentProof.objects.filter(spent_at__lt=timezone.now() - 2 * LIFETIME).delete()


def _sent(raw: dict[str, list[str]]) -> str:
    return (raw.get(FIELD) or [""])[-1].strip()


def _digest(salt: str, number: str) -> str:
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()


def _spend(salt: str) -> bool:
    """False where it was spent before; of two posts at once one alone goes through."""
    with connection.cursor() as cursor:
        cursor.execute(SPEND, [salt, timezone.now()])
        return bool(cursor.rowcount)
