"""Signing in to an IMAP server, and what goes wrong there as a sentence for whoever set the mailbox up."""

from __future__ import annotations

import imaplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.utils.translation import gettext as _
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from kith.kernel.errors import Invalid
from kith.kernel.mail.models import Credential, Mailbox, Security
from kith.kernel.mail.secrets import unseal
from kith.kernel.mail.tokens import access_token, forget_token

PATIENCE = SocketTimeout(connect=10, read=60)  # seconds


class Trouble(Invalid):
    """The mailbox cannot be read now; the sentence says why. It is tried again."""


@contextmanager
def connected(mailbox: Mailbox) -> Iterator[IMAPClient]:
    """An open, signed-in connection; closed at the end. Raises Trouble, whether signing in or reading fails."""
    if settings.SANDBOX:
        raise Trouble(_("This is a sandbox: no mailbox is read from it."))
    client: IMAPClient | None = None
    try:
        client = _open(mailbox)
        _sign_in(client, mailbox)
        yield client
    except LoginError as problem:
        raise Trouble(_refused(mailbox, problem)) from None
    except (OSError, imaplib.IMAP4.error, IMAPClientError, EOFError) as problem:
        raise Trouble(_words(mailbox, problem)) from None
    finally:
        if client is not None:
            with suppress(OSError, imaplib.IMAP4.error, IMAPClientError, EOFError):
                client.logout()


def _open(mailbox: Mailbox) -> IMAPClient:
    trusted = ssl.create_default_context()
    if mailbox.authority.strip():
        trusted.load_verify_locations(cadata=mailbox.authority)
        trusted.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # the server's own will do, whoever signed it
    secure = mailbox.security == Security.TLS
    client = IMAPClient(
        mailbox.host, port=mailbox.port, ssl=secure, ssl_context=trusted if secure else None, timeout=PATIENCE
    )
    client.normalise_times = False  # moments with their zone, not in the zone of this machine
    if mailbox.security == Security.STARTTLS:
        _encrypt(client, mailbox, trusted)
    return client


def _encrypt(client: IMAPClient, mailbox: Mailbox, trusted: ssl.SSLContext) -> None:
    """TLS from here on. A server that offers none gets no password: somebody on the way may have taken the offer out."""
    try:
        if not client.has_capability("STARTTLS"):
            where = {"host": mailbox.host, "port": mailbox.port}
            raise Trouble(_("%(host)s offers no STARTTLS at port %(port)s; try TLS from the first byte with port 993.") % where)  # fmt: skip
        client.starttls(trusted)
    except BaseException:
        with suppress(OSError):
            client.shutdown()
        raise


def _sign_in(client: IMAPClient, mailbox: Mailbox) -> None:
    credential = Credential.objects.filter(mailbox=mailbox).first()
    if credential is None:
        raise Trouble(_("Nobody gave the password of “%s” yet.") % mailbox.name)
    login = mailbox.login or mailbox.address
    if credential.kind == "oauth":
        _with_token(client, login, credential)
    else:
        client.login(login, unseal(credential.sealed)["password"])


def _with_token(client: IMAPClient, login: str, credential: Credential) -> None:
    """A token may end before its time: everybody was signed out, or a password was changed. One more is asked for."""
    kept = bool(credential.token)
    try:
        client.oauth2_login(login, access_token(credential))
    except LoginError:
        forget_token(credential)
        if not kept:
            raise
        client.oauth2_login(login, access_token(credential))


def _refused(mailbox: Mailbox, problem: Exception) -> str:
    said = _said(problem)
    if Credential.objects.filter(mailbox=mailbox, kind="oauth").exists():
        return _("%(host)s does not take the access token. Look at the user name, and whether the client may read mail over IMAP. It said: %(said)s") % {"host": mailbox.host, "said": said}  # fmt: skip
    words = _(
        "%(host)s does not take this user name and password. Many providers want an app password. It said: %(said)s"
    )
    return words % {"host": mailbox.host, "said": said}


def _words(mailbox: Mailbox, problem: Exception) -> str:
    where = {"host": mailbox.host, "port": mailbox.port, "said": _said(problem)}
    if isinstance(problem, socket.gaierror):
        return _("There is no server called “%(host)s”.") % where
    if isinstance(problem, TimeoutError):
        return _("%(host)s did not answer in time at port %(port)s.") % where
    if isinstance(problem, ConnectionRefusedError):
        return _("%(host)s takes no connections at port %(port)s.") % where
    if isinstance(problem, ssl.SSLCertVerificationError):
        where["said"] = problem.verify_message.rstrip(". ")
        return _("The certificate of %(host)s cannot be trusted: %(said)s. If the server is your own, paste its certificate under “Trusted certificate”.") % where  # fmt: skip
    if isinstance(problem, ssl.SSLError):
        return _("%(host)s does not speak TLS at port %(port)s; try STARTTLS with port 143.") % where
    return _("The connection to %(host)s ended too early: %(said)s") % where


def _said(problem: Exception) -> str:
    told = problem.args[-1] if problem.args else type(problem).__name__
    text = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
    return " ".join(text.replace("\x00", "").split())[:200]
