"""Whether a machine wrote a mail, and what it reports about mail of ours: bounces (RFC 3464), complaints (RFC 5965)."""

from __future__ import annotations

from collections.abc import Iterable
from email.message import Message
from typing import Any

from kith.kernel.mail.bodies import MOST_PARTS, content_of, leaves
from kith.kernel.mail.headers import addresses, every, header, ids, normal, words
from kith.kernel.mail.parsed import Failure, Report

MOST_FAILURES = 100
MACHINES = ("mailer-daemon", "postmaster")
ANSWERED = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-mail-autoreply", "x-autoresponder")
# How mail programs begin the subject of an absence notice that says so nowhere else.
ABSENT = (
    "automatic reply:", "auto reply:", "autoreply:", "out of office", "automatische antwort:", "abwesenheitsnotiz",
    "réponse automatique", "risposta automatica", "respuesta automática", "resposta automática", "automatisch antwoord",
    "autosvar", "automatyczna odpowiedź", "odpowiedź automatyczna",
)  # fmt: skip


def automatic(message: Message) -> str:
    """ "" for what a person wrote, else "auto-replied", "auto-generated" or "bulk"."""
    said = header(message, "Auto-Submitted").lower().partition(";")[0].strip()
    if said and said != "no":
        return "auto-replied" if said.startswith("auto-replied") else "auto-generated"
    precedence = header(message, "Precedence").lower()
    subject = header(message, "Subject").lower()
    if precedence in ("auto_reply", "auto-reply") or any(header(message, name) for name in ANSWERED):
        return "auto-replied"
    if subject.startswith(ABSENT):
        return "auto-replied"
    if precedence in ("bulk", "list", "junk") or header(message, "List-Id"):
        return "bulk"
    sender = next((a.address.partition("@")[0] for a in addresses(message, "From")), "")
    nobody = header(message, "Return-Path") == "<>" or sender in MACHINES
    return "auto-generated" if nobody or header(message, "X-Auto-Response-Suppress") else ""


def report_of(message: Message) -> Report | None:
    """What this message reports about one of ours, or None."""
    kind = (
        str(message.get_param("report-type") or "").lower() if message.get_content_type() == "multipart/report" else ""
    )
    parts = list(leaves(message))[:MOST_PARTS]
    told = {part.get_content_type(): part for part in reversed(parts)}
    if kind == "feedback-report" or "message/feedback-report" in told:
        return _complaint(message, told)
    if kind == "delivery-status" or "message/delivery-status" in told:
        failures = tuple(_failures(told.get("message/delivery-status")))
        return Report("bounce", _original(message, told), failures)
    failed = every(message, "X-Failed-Recipients")
    if failed:
        named = (normal(a) for a in ",".join(failed).split(","))
        return Report("bounce", _original(message, told), tuple(Failure(a, "failed", "5.0.0") for a in named if a))
    return None


def _failures(part: Message | None) -> Iterable[Failure]:
    blocks: Any = part.get_payload() if part is not None and part.is_multipart() else []
    for block in list(blocks)[: MOST_FAILURES + 1]:
        if not isinstance(block, Message):
            continue
        named = header(block, "Final-Recipient") or header(block, "Original-Recipient")
        recipient = normal(named.rpartition(";")[2])
        if recipient:
            action = header(block, "Action").lower().split(" ")[0][:20] or "failed"
            status = header(block, "Status").split(" ")[0][:12]
            why = header(block, "Diagnostic-Code").partition(";")
            yield Failure(recipient, action, status, (why[2].strip() or why[0])[:300])


def _complaint(message: Message, told: dict[str, Message]) -> Report:
    fields = _within(told.get("message/feedback-report"))
    named = normal(header(fields, "Original-Rcpt-To")) if fields is not None else ""
    returned = _returned(told)
    if not named and returned is not None:
        named = next((a.address for a in addresses(returned, "To")), "")
    failures = (Failure(named, "complaint"),) if named else ()
    return Report("complaint", _original(message, told), failures)


def _within(part: Message | None) -> Message | None:
    """The message that a part of the type message/… holds."""
    held: Any = part.get_payload() if part is not None and part.is_multipart() else []
    return next((one for one in held if isinstance(one, Message)), None)


def _returned(told: dict[str, Message]) -> Message | None:
    """Our message, or its headers, as it came back within the report."""
    from email import message_from_bytes, policy

    whole = _within(told.get("message/rfc822"))
    if whole is not None:
        return whole
    headers = told.get("text/rfc822-headers")
    return message_from_bytes(content_of(headers)[:100_000], policy=policy.default) if headers is not None else None


def _original(message: Message, told: dict[str, Message]) -> str:
    """The Message-ID that is reported about: of what came back, else of what the report answers."""
    returned = _returned(told)
    named = ids(words(header(returned, "Message-ID"))) if returned is not None else ()
    answered = (*ids(header(message, "References")), *ids(header(message, "In-Reply-To")))
    return next(iter(named), "") or next(reversed(answered), "")
