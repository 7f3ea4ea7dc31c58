"""Reading mail: bytes in, `Parsed` out, whatever the bytes are.

A message that cannot be read comes back with what could be read of it and a sentence about the rest; the bytes
themselves are kept by whoever has them. Python's `email` reads the structure.
"""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from kith.kernel.mail import bodies, quoting, reports
from kith.kernel.mail.headers import addresses, every, header, ids, moment
from kith.kernel.mail.parsed import Address, Attachment, Parsed

log = logging.getLogger(__name__)
LONGEST_SUBJECT = 500
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?")
T = TypeVar("T")


def read(raw: bytes) -> Parsed:
    """What this message says. Never raises."""
    problems: list[str] = []
    message = _structure(raw, problems)
    nothing: tuple[str, str, tuple[Attachment, ...], str] = ("", "", (), "")
    text, html, files, more = _part(lambda: bodies.words_of(message), nothing, _("its text"), problems)
    if more:
        problems.append(more)
    fresh, quoted, signature = _part(lambda: quoting.parts(text), (text, "", ""), _("what is quoted in it"), problems)
    read = _part(lambda: _headers(message), Parsed(), _("its headers"), problems)
    if not read.sender.address:
        problems.append(_("It does not say who sent it."))
    return dataclasses.replace(
        read, text=text, html=html, fresh=fresh, quoted=quoted, signature=signature, attachments=files,
        automatic=_part(lambda: reports.automatic(message), "", _("whether a machine wrote it"), problems),
        report=_part(lambda: reports.report_of(message), None, _("what it reports"), problems),
        problem=" ".join(problems),
    )  # fmt: skip


def _structure(raw: bytes, problems: list[str]) -> EmailMessage:
    """The message with its parts; without them where they are nested beyond reading."""
    whole = _part(lambda: message_from_bytes(raw, policy=policy.default), None, _("its parts"), problems)
    if whole is not None:
        return whole  # type: ignore[return-value]
    head: Any = _part(
        lambda: BytesHeaderParser(policy=policy.default).parsebytes(raw), None, _("its headers"), problems
    )
    return head if head is not None else EmailMessage(policy=policy.default)


def _headers(message: EmailMessage) -> Parsed:
    senders = addresses(message, "From") or addresses(message, "Sender") or addresses(message, "Return-Path")
    return Parsed(
        message_id=next(iter(ids(header(message, "Message-ID"))), ""),
        in_reply_to=next(iter(ids(header(message, "In-Reply-To"))), ""),
        references=ids(header(message, "References")),
        sender=senders[0] if senders else Address(""),
        to=addresses(message, "To"), cc=addresses(message, "Cc"), reply_to=addresses(message, "Reply-To"),
        date=moment(header(message, "Date")), subject=header(message, "Subject")[:LONGEST_SUBJECT],
        loops=tuple(every(message, "X-Loop")), forged=_forged(every(message, "Authentication-Results")),
        language=_language(header(message, "Content-Language") or header(message, "Accept-Language")),
    )  # fmt: skip


def _language(said: str) -> str:
    """The first code of a header such as "de-AT, en;q=0.5"; "" for what is none."""
    first = said.partition(",")[0].partition(";")[0].strip().lower()
    return first if len(first) <= 12 and LANGUAGE.fullmatch(first) else ""


def _forged(results: list[str]) -> bool:
    """Does the last server, whose line stands first, say that the sender's own domain disowns this mail?"""
    first = results[0].lower() if results else ""
    return "dmarc=fail" in first


def _part(read: Callable[[], T], otherwise: T, what: str, problems: list[str]) -> T:
    """`read()`, or `otherwise` with a sentence: of a broken message the rest is still worth reading."""
    try:
        return read()
    except Exception as problem:  # noqa: BLE001 - what strangers send can fail anywhere in the readers, and is kept whole
        log.info("A message could not be read whole (%s): %s: %s", what, type(problem).__name__, problem)
        problems.append(_("%s could not be read.") % (what[:1].upper() + what[1:]))
        return otherwise
