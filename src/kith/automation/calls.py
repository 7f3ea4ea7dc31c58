"""Calls to other systems: where they may go, how they are signed, how long they may take.

A call goes to the very address that was looked at (the name is resolved once), so that a name cannot mean a public
machine when it is checked and one of ours a moment later. Networks of one's own are reached only where the setting
AUTOMATION_REACHES names them.

The signature is HMAC SHA-256 over "<timestamp>.<body>" in the header Kith-Signature: t=<timestamp>,v1=<hex>. Its secret
is derived from the installation's key, the workflow and the round of its secret, so that none is kept anywhere.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import socket
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from kith import __version__
from kith.kernel.errors import Invalid

SECONDS = 10.0  # for the whole call
MOST_ANSWER = 64 * 1024  # bytes that are read of an answer
LONGEST_ADDRESS = 2_000


class CallFailed(Exception):
    """The other system could not be reached or did not say yes; the sentence says which. It is tried again."""


@dataclass(frozen=True)
class Answer:
    status: int
    text: str


def check_address(url: str) -> tuple[str, str, int]:
    """(scheme, host, port) of an address that a call may go to, so far as its form says. Raises Invalid."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid(_("“%s” is not an address; write it like https://example.com/hook.") % url[:100]) from None
    if parts.scheme not in ("https", "http") or not parts.hostname or len(url) > LONGEST_ADDRESS:
        raise Invalid(_("“%s” is not an address; write it like https://example.com/hook.") % url[:100])
    if parts.username or parts.password:
        raise Invalid(_("An address of a call may not hold a password; calls are signed instead."))
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80)


def resolve(host: str, port: int) -> str:
    """One address of the machine that the call may go to. Raises Invalid when any of them is not public, CallFailed when
    there is none."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise CallFailed(_("There is no machine called “%s”.") % host) from None
    for address in found:
        if not _reachable(address):
            raise Invalid(
                _("“%s” is a machine inside a private network; calls go to public addresses only.") % host, "url"
            )
    return min(found, key=lambda address: (":" in address, address))


def _reachable(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if any(ip in ipaddress.ip_network(net) for net in getattr(settings, "AUTOMATION_REACHES", ())):
        return True
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def secret_of(workflow: Any) -> str:
    """The secret by which the other system knows our calls."""
    return "whs_" + _derived("signs", workflow)[:48]


def address_token(workflow: Any) -> str:
    """The part of a workflow's own address that nobody can guess."""
    return f"{workflow.pk}-{_derived('hears', workflow)[:40]}"


def _derived(purpose: str, workflow: Any) -> str:
    what = f"kith.automation.{purpose}:{workflow.pk}:{workflow.secret_round}"
    return hmac.new(settings.SECRET_KEY.encode(), what.encode(), hashlib.sha256).hexdigest()


def signature(secret: str, timestamp: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def post(url: str, body: bytes, *, secret: str, delivery: str) -> Answer:
    """POST a signed JSON body; returns the answer when it is a yes (2xx).

    delivery: the same for every try, so that the other side can tell a second try from a second call. Raises Invalid for
    an address that calls may not go to, CallFailed for all that may be better next time.
    """
    _scheme, host, port = check_address(url)
    address = resolve(host, port)
    now = int(time.time())
    headers = {
        "Host": httpx.URL(url).netloc.decode(), "Content-Type": "application/json", "User-Agent": f"Kith/{__version__}",
        "Kith-Delivery": delivery, "Kith-Signature": f"t={now},v1={signature(secret, now, body)}",
    }  # fmt: skip
    try:
        answer = asyncio.run(_send(httpx.URL(url).copy_with(host=address), host, body, headers))
    except (TimeoutError, httpx.TimeoutException):
        raise CallFailed(
            _("%(host)s did not answer within %(n)s seconds.") % {"host": host, "n": int(SECONDS)}
        ) from None
    except (httpx.HTTPError, OSError) as problem:
        words = {"host": host, "why": str(problem)[:200] or type(problem).__name__}
        raise CallFailed(_("%(host)s could not be reached: %(why)s") % words) from None
    if 300 <= answer.status < 400:
        raise CallFailed(_("%s sent us on to another address, which calls do not follow.") % host)
    if not 200 <= answer.status < 300:
        raise CallFailed(_("%(host)s answered %(status)s: %(text)s") % {
            "host": host, "status": answer.status, "text": answer.text[:200]})  # fmt: skip
    return answer


async def _send(url: httpx.URL, host: str, body: bytes, headers: dict[str, str]) -> Answer:
    """The whole call within its time, whatever the other side does; no redirects, no proxy, a bounded answer."""
    async with (
        asyncio.timeout(SECONDS),
        httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=SECONDS) as client,
        client.stream("POST", url, content=body, headers=headers, extensions={"sni_hostname": host}) as response,
    ):
        read = b""
        async for piece in response.aiter_raw():
            read += piece
            if len(read) > MOST_ANSWER:
                break
        return Answer(response.status_code, read[:MOST_ANSWER].decode("utf-8", "replace").replace("\0", ""))
