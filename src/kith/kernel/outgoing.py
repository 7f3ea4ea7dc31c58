"""Calls to other systems: where they may go, how long they may take, how much of an answer is read.

A call goes to the very address that was looked at (the name is resolved once), so that a name cannot mean a public
machine when it is checked and one of ours a moment later. Networks of one's own are reached only where the setting
AUTOMATION_REACHES names them.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import hmac
import ipaddress
import re
import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from kith import __version__
from kith.kernel.errors import Invalid

SECONDS = 10.0  # for the whole call
MOST_ANSWER = 64 * 1024  # bytes that are read of an answer
LONGEST_ADDRESS = 2_000
FRESH = 300  # seconds after which a signed call to us is too old
PAUSES = tuple(
    dt.timedelta(minutes=n) for n in (1, 5, 30, 120, 720)
)  # between tries of what has to reach another system


class CallFailed(Exception):
    """The other system could not be reached or did not say yes; the sentence says which. It is tried again."""


@dataclass(frozen=True)
class Answer:
    status: int
    text: str


def derived_secret(prefix: str, what: str) -> str:
    """By which calls of another system are known, and ours to it signed. Derived, so that none is kept anywhere; `what` says
    whose it is and in which round, so that a new round ends the one before."""
    return prefix + hmac.new(settings.SECRET_KEY.encode(), what.encode(), hashlib.sha256).hexdigest()[:48]


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC SHA-256 over "<timestamp>.<body>", as hex."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def signed(secret: str, body: bytes) -> str:
    """The header Kith-Signature of a call that leaves now: t=<timestamp>,v1=<hex>."""
    now = int(time.time())
    return f"t={now},v1={signature(secret, now, body)}"


def is_signed(header: str, secret: str, body: bytes) -> bool:
    """Is this the header of a call with this body, by somebody who knows the secret, a few minutes ago at most?"""
    found = re.fullmatch(r"t=(\d{1,12}),v1=([0-9a-f]{64})", header)
    if found is None or abs(time.time() - int(found[1])) > FRESH:
        return False
    return hmac.compare_digest(signature(secret, int(found[1]), body), found[2])


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


def post(url: str, body: bytes, headers: dict[str, str], *, seconds: float = SECONDS) -> Answer:
    """POST a body; returns the answer when it is a yes (2xx).

    Raises Invalid for an address that calls may not go to, CallFailed for all that may be better next time.
    """
    status, read = _call("POST", url, body, headers, seconds, MOST_ANSWER)
    return Answer(status, _words(read))


def fetch(url: str, headers: dict[str, str], *, most: int, seconds: float = SECONDS) -> bytes:
    """GET what is at an address, at most so many bytes of it; raises as `post` does, and CallFailed for more than that."""
    _status, read = _call("GET", url, b"", {"Accept-Encoding": "identity", **headers}, seconds, most + 1)
    if len(read) > most:
        raise CallFailed(_("What is at this address is too large: at most %s MB are read.") % (most >> 20))
    return read


def _call(method: str, url: str, body: bytes, headers: dict[str, str], seconds: float, most: int) -> tuple[int, bytes]:
    _scheme, host, port = check_address(url)
    if settings.SANDBOX:
        raise Invalid(_("This is a sandbox: nothing leaves it, so %s was not called.") % host)
    address = resolve(host, port)
    sent = {"Host": httpx.URL(url).netloc.decode(), "User-Agent": f"Kith/{__version__}", **headers}
    try:
        to = httpx.URL(url).copy_with(host=address)
        status, read = asyncio.run(_send(method, to, host, body, sent, seconds, most))
    except (TimeoutError, httpx.TimeoutException):
        raise CallFailed(
            _("%(host)s did not answer within %(n)s seconds.") % {"host": host, "n": int(seconds)}
        ) from None
    except (httpx.HTTPError, OSError) as problem:
        words = {"host": host, "why": str(problem)[:200] or type(problem).__name__}
        raise CallFailed(_("%(host)s could not be reached: %(why)s") % words) from None
    if 300 <= status < 400:
        raise CallFailed(_("%s sent us on to another address, which calls do not follow.") % host)
    if not 200 <= status < 300:
        raise CallFailed(_("%(host)s answered %(status)s: %(text)s") % {
            "host": host, "status": status, "text": _words(read)[:200]})  # fmt: skip
    return status, read


def _words(read: bytes) -> str:
    return read.decode("utf-8", "replace").replace("\0", "")


async def _send(
    method: str, url: httpx.URL, host: str, body: bytes, headers: dict[str, str], seconds: float, most: int
) -> tuple[int, bytes]:
    """The whole call within its time, whatever the other side does; no redirects, no proxy, a bounded answer."""
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=seconds) as client,
        client.stream(method, url, content=body, headers=headers, extensions={"sni_hostname": host}) as response,
    ):
        read = b""
        async for piece in response.aiter_raw():
            read += piece
            if len(read) > most:
                break
        return response.status_code, read[:most]
