"""Calls to other systems: how they are signed. Where they may go is the business of `kernel/outgoing.py`.

The signature is HMAC SHA-256 over "<timestamp>.<body>" in the header Kith-Signature: t=<timestamp>,v1=<hex>. Its secret
is derived from the installation's key, the workflow and the round of its secret, so that none is kept anywhere.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from django.conf import settings

from kith.kernel import outgoing
from kith.kernel.outgoing import MOST_ANSWER, Answer, CallFailed, check_address, signature, signed

__all__ = ["MOST_ANSWER", "Answer", "CallFailed", "address_token", "check_address", "post", "secret_of", "signature"]
SECONDS = outgoing.SECONDS


def secret_of(workflow: Any) -> str:
    """The secret by which the other system knows our calls."""
    return "whs_" + _derived("signs", workflow)[:48]


def address_token(workflow: Any) -> str:
    """The part of a workflow's own address that nobody can guess."""
    return f"{workflow.pk}-{_derived('hears', workflow)[:40]}"


def _derived(purpose: str, workflow: Any) -> str:
    what = f"kith.automation.{purpose}:{workflow.pk}:{workflow.secret_round}"
    return hmac.new(settings.SECRET_KEY.encode(), what.encode(), hashlib.sha256).hexdigest()


def post(url: str, body: bytes, *, secret: str, delivery: str) -> Answer:
    """POST a signed JSON body; returns the answer when it is a yes (2xx).

    delivery: the same for every try, so that the other side can tell a second try from a second call. Raises Invalid for
    an address that calls may not go to, CallFailed for all that may be better next time.
    """
    headers = {"Content-Type": "application/json", "Kith-Delivery": delivery, "Kith-Signature": signed(secret, body)}
    return outgoing.post(url, body, headers, seconds=SECONDS)
