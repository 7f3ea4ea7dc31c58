"""What a mail server said when it did not take a mail: its code, its words, and whom that concerns."""

from __future__ import annotations

from dataclasses import dataclass
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

CLOSING = 421  # the server goes away, whomever the mail was for


def code_of(problem: Exception) -> int:
    """The server's answer, 0 where it gave none."""
    if isinstance(problem, SMTPRecipientsRefused):
        return max((code for code, _said in problem.recipients.values()), default=0)
    return problem.smtp_code if isinstance(problem, SMTPResponseException) else 0


def words_of(problem: Exception) -> str:
    """The server's words, on one line."""
    told: Any = problem
    if isinstance(problem, SMTPRecipientsRefused):
        told = next(iter(problem.recipients.values()), (0, b""))[1]
    elif isinstance(problem, SMTPResponseException):
        told = problem.smtp_error
    text = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told) or type(problem).__name__
    return " ".join(text.split())[:300]


@dataclass(frozen=True)
class Refusal:
    """The server took this one mail not. final: it never will; otherwise it may later."""

    words: str
    final: bool


def of_receiver(problem: Exception) -> Refusal | None:
    """What the server has against this receiver or this mail alone, so that the next one can be tried; None where it does
    not take our mail at all, is gone or puts everybody off."""
    code = code_of(problem)
    if isinstance(problem, SMTPDataError) and code >= 500:
        return Refusal(words_of(problem), True)
    if isinstance(problem, SMTPRecipientsRefused) and code >= 400 and code != CLOSING:
        return Refusal(words_of(problem), code >= 500)
    return None
