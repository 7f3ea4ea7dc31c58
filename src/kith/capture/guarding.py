"""Keeping floods and robots out without asking anybody a riddle.

A field that no person sees, a stamp that tells how long filling in took, and a limit per network. What looks odd is
marked and looked at by a person, never dropped; only what comes too often from one network is turned away, in words.
"""

from __future__ import annotations

import re
import time
from typing import Any

from django.core import signing
from django.db import connection
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from kith.capture import proofs
from kith.capture.asking import STAMP
from kith.capture.queries import Published
from kith.capture.reading import HONEYPOT

SLOTS = 131_072  # counters there are at most; two that share one are counted together, which the limits bear
WINDOW, FORM_WINDOW = 600, 60  # seconds
PER_FORM = 30_000  # posts of one form in a minute
FASTEST, OLDEST = 2.0, 3 * 24 * 3600  # seconds that filling in takes at least, and at most
MOST_LINKS = 3
ADDRESS = re.compile(r"https?://|www\.", re.IGNORECASE)
COUNT = """
    INSERT INTO capture_counter (slot, "window", count) VALUES (%s, %s, 1), (%s, %s, 1)
    ON CONFLICT (slot) DO UPDATE SET
        count = CASE WHEN capture_counter."window" = EXCLUDED."window" THEN capture_counter.count + 1 ELSE 1 END,
        "window" = EXCLUDED."window"
    RETURNING slot, count
"""
COUNT_ONE = """
    INSERT INTO capture_counter (slot, "window", count) VALUES (%s, %s, 1)
    ON CONFLICT (slot) DO UPDATE SET
        count = CASE WHEN capture_counter."window" = EXCLUDED."window" THEN capture_counter.count + 1 ELSE 1 END,
        "window" = EXCLUDED."window"
    RETURNING count
"""


def stamp(form: Published) -> str:
    """A signed moment, to be sent back with the form."""
    return signing.TimestampSigner(salt=STAMP).sign(form.key)


def too_many(form: Published, address: str) -> bool:
    """Count a post, and tell whether its network or its form has had enough. One statement, in no transaction: the
    counters are of a table that is not logged, so that nobody waits for the disk."""
    now = int(time.time())
    network, whole = _slot(f"{form.pk}:{address}", 2), _slot(f"{form.pk}", 1)
    pairs = sorted(
        [(network, now // WINDOW), (whole, now // FORM_WINDOW)]
    )  # in one order, so that nobody waits in a ring
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [value for pair in pairs for value in pair])
        counts = dict(cursor.fetchall())
    return counts[network] > form.per_network or counts[whole] > PER_FORM


def slower() -> str:
    return _("Too much came from your network in a short time. Please try again in ten minutes.")


def counted(words: str, window: int) -> int:
    """Count something of a stretch of `window` seconds; how often it happened in this one."""
    slot, now = _slot(words, 2), int(time.time()) // window
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ONE, [slot, now])
        return int(cursor.fetchone()[0])


def _slot(words: str, side: int) -> int:
    """A counter's number: those of forms are odd, those of networks even."""
    return int(salted_hmac("kith.form.rate", words).hexdigest()[:12], 16) % (SLOTS // 2) * 2 + side % 2


def suspicion(form: Published, raw: dict[str, list[str]], answers: list[dict[str, Any]]) -> str:
    """Why a post looks as if no person had sent it, in words; "" for nothing."""
    if any(value.strip() for value in raw.get(HONEYPOT, ())):
        return _("a field was filled in that no person sees")
    if told := _timing(form, (raw.get("_t") or [""])[-1]):
        return told
    if proofs.lacking(form, raw):
        return _("its browser did no proof of work, as those without scripts")
    if sum(len(ADDRESS.findall(one["value"])) for one in answers) > MOST_LINKS:
        return _("it holds many web addresses")
    return ""


def _timing(form: Published, sent: str) -> str:
    if not sent:  # a form of plain HTML on a page elsewhere carries none
        return ""
    try:
        signed = signing.TimestampSigner(salt=STAMP)
        if signed.unsign(sent[:300]) != form.key:
            return _("its stamp is of another form")
        signed.unsign(sent[:300], max_age=OLDEST)
        try:
            signed.unsign(sent[:300], max_age=FASTEST)
        except signing.SignatureExpired:
            return ""
    except signing.SignatureExpired:
        return _("its stamp is older than three days, as those are that programs keep and send again")
    except signing.BadSignature:
        return _("its stamp was changed")
    return _("it was filled in faster than anybody reads")
