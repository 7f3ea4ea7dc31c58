"""pymap as providers run it, in a process of its own: TLS from the first byte, XOAUTH2. Arguments of its own stand in the
environment: IMAPD_TLS ("implicit"), IMAPD_CERT, IMAPD_KEY, and IMAPD_TOKENS, a file with the tokens that count now.
"""

from __future__ import annotations

import asyncio
import functools
import os
import ssl
from pathlib import Path
from typing import Any

from pymap import main
from pymap.backend.dict import Login
from pymap.exceptions import InvalidAuth
from pysasl import SASLAuth
from pysasl.creds.external import ExternalCredentials, ExternalVerificationRequired

plain_authenticate = Login.authenticate


def with_tls() -> None:
    """Whatever listens speaks TLS from the first byte."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(os.environ["IMAPD_CERT"], os.environ["IMAPD_KEY"])
    asyncio.start_server = functools.partial(asyncio.start_server, ssl=context)


async def authenticate(self: Login, credentials: Any) -> Any:
    """A token that counts signs its user in; passwords are taken as ever."""
    if not isinstance(credentials, ExternalCredentials):
        return await plain_authenticate(self, credentials)
    try:
        credentials.verify(None)
    except ExternalVerificationRequired as asked:
        if asked.token in Path(os.environ["IMAPD_TOKENS"]).read_text().split():
            return self.demo_user_identity
    raise InvalidAuth


def with_tokens() -> None:
    SASLAuth.defaults = classmethod(lambda cls: cls.named([b"PLAIN", b"LOGIN", b"XOAUTH2"]))
    Login.authenticate = authenticate


if __name__ == "__main__":
    if os.environ.get("IMAPD_TLS") == "implicit":
        with_tls()
    if os.environ.get("IMAPD_TOKENS"):
        with_tokens()
    main.main()
