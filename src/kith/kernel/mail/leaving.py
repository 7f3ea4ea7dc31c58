"""The one place where mail leaves Kith: every sender comes through `leave`.

What may not leave is asked of gates (`clearing.py`). Mail to colleagues about their own account or work has the purpose
`INTERNAL` and passes no gate: who unsubscribed from news must still be able to set a new password.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.mail.clearing import (
    INTERNAL,
    Clearance,
    NotNow,
    Outreach,
    Receiver,
    clear,
    register_gate,
    withheld,
)
from kith.kernel.mail.refusing import of_receiver

__all__ = ["INTERNAL", "Receiver", "leave", "register_gate", "try_to_leave", "withheld"]

LATER = dt.timedelta(hours=1)  # until somebody is tried again whom the server puts off
BREAKS = re.compile(r"[\r\n\0]")


def leave(
    message: EmailMessage,
    *,
    purpose: str = "",
    person: int | None = None,
    connection: Any = None,
    automatic: bool = False,
    outreach: Outreach | None = None,
    clearance: Clearance | None = None,
) -> dict[str, str]:
    """Hand a mail to the mail server; returns receivers it was not sent to, and why. Raises Invalid when nobody it is for
    may be written to, or when a header holds a line break; NotNow, which is an Invalid, when they heard from us often
    enough for now; OSError (SMTPException among them) when the server refuses.

    purpose: key of what the person agreed to ("newsletter"); "" for what somebody writes to somebody.
    person: the person all receivers are, where there is one.
    connection: an open connection of `django.core.mail.get_connection()`, for many in a row.
    automatic: a machine wrote it, which it says, so that no other machine answers (RFC 3834).
    outreach: a machine sends it of its own accord, so that it counts towards what the person is to be bothered with.
    clearance: what `clearing.clear` said of many at once, in which these receivers passed; nothing is asked again while it
        is fresh.
    """
    _check_headers(message)
    if outreach is None or clearance is not None:
        return _leave(message, purpose, person, connection, automatic, outreach, clearance)
    with transaction.atomic():  # what the server does not take does not count
        return _leave(message, purpose, person, connection, automatic, outreach, None)


@dataclass(frozen=True)
class Kept:
    """Why one mail did not leave, though the server takes mail; `until` when it may be tried again, None for never."""

    why: str
    until: dt.datetime | None = None


def try_to_leave(message: EmailMessage, *, now: dt.datetime, **how: Any) -> Kept | None:
    """`leave`, for one of many whose time has come: None where it left, else what keeps this one. Raises OSError when the
    server takes nothing now, so that all of them wait."""
    try:
        leave(message, **how)
    except NotNow as later:
        return Kept(later.message, later.until)
    except Invalid as problem:
        return Kept(problem.message)
    except OSError as problem:
        refused = of_receiver(problem)
        if refused is None:
            raise
        said = _("The mail server refused it: %s") % refused.words
        return Kept(said, None if refused.final else now + LATER)
    return None


def _leave(
    message: EmailMessage,
    purpose: str,
    person: int | None,
    connection: Any,
    automatic: bool,
    outreach: Outreach | None,
    clearance: Clearance | None,
) -> dict[str, str]:
    addresses = [_bare(a) for a in message.recipients()]
    refused: dict[str, str] = {}
    if purpose != INTERNAL and not (clearance is not None and clearance.covers(addresses, purpose)):
        # What counts was counted as the clearance was given, so a stale one is asked of gates alone.
        found = clear([Receiver(a, person) for a in addresses], purpose, outreach if clearance is None else None)
        refused = found.refused | {address: later.why for address, later in found.later.items()}
        if found.later and not found.passed:
            raise NotNow(next(iter(found.later.values())))
    for name in ("to", "cc", "bcc"):
        setattr(message, name, [a for a in getattr(message, name) if _bare(a) not in refused])
    if not message.recipients():
        raise Invalid(next(iter(refused.values()), _("The mail has no receiver.")), "to")
    _mark(message, automatic)
    if connection is not None:
        message.connection = connection
    message.send(fail_silently=False)
    return refused


def _mark(message: EmailMessage, automatic: bool) -> None:
    """What every mail of ours says of itself: its id, and that it is ours should it come back."""
    from kith.kernel.mail.addresses import loop_mark, new_message_id

    named = {name.lower() for name in message.extra_headers}
    if "message-id" not in named:
        message.extra_headers["Message-ID"] = new_message_id()
    message.extra_headers["X-Loop"] = loop_mark()
    if automatic and "auto-submitted" not in named:
        message.extra_headers["Auto-Submitted"] = "auto-generated"


def _bare(address: str) -> str:
    """The address without a name, as gates know it."""
    return parseaddr(address)[1].strip().lower() or address.strip().lower()


def _check_headers(message: EmailMessage) -> None:
    """A line break in a header would begin another one, with which somebody could write to whom they like."""
    every: dict[str, list[Any]] = {
        _("Subject"): [message.subject], _("From"): [message.from_email], _("To"): list(message.to), _("Cc"): list(message.cc),
        _("Bcc"): list(message.bcc), _("Reply to"): list(message.reply_to),
        **{str(name): [str(name), value] for name, value in message.extra_headers.items()},
    }  # fmt: skip
    for name, values in every.items():
        if any(BREAKS.search(str(value or "")) for value in values):
            said = BREAKS.sub(" ", str(name))[:60]
            raise Invalid(
                _("“%s” holds a line break, which no header of a mail may have; write it on one line.") % said
            )
