"""Mail in tests: messages as customers send them, an SMTP server and an IMAP server on this machine."""

from __future__ import annotations

import contextlib
import email
import email.policy
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from imapclient import IMAPClient


def letter(text: str = "Tuesday suits us.", **headers: str) -> EmailMessage:
    """A mail from Marta at the hotel to Tidewell; `Message_ID=""` leaves a header out."""
    made = EmailMessage()
    given = {
        "From": "Marta Kowalska <marta@bellevue.example>", "To": "hello@tidewell.example", "Subject": "Re: Pumps",
        "Message-ID": f"<{time.monotonic_ns()}@bellevue.example>", "Date": "Mon, 2 Mar 2026 09:15:00 +0100",
    }  # fmt: skip
    for name, value in {**given, **{k.replace("_", "-"): v for k, v in headers.items()}}.items():
        if value:
            made[name] = value
    made.set_content(text)
    return made


def bounce(original: str, recipient: str, status: str = "5.1.1", why: str = "550 No such user here") -> bytes:
    """What a mail server sends back about a message it could not hand over."""
    return f"""From: MAILER-DAEMON@mx.bellevue.example
To: hello@tidewell.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <{time.monotonic_ns()}@mx.bellevue.example>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not work.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.bellevue.example

Final-Recipient: rfc822; {recipient}
Action: {"failed" if status.startswith("5") else "delayed"}
Status: {status}
Diagnostic-Code: smtp; {why}

--b
Content-Type: text/rfc822-headers

Message-ID: {original}
To: {recipient}
--b--
""".encode()


def complaint(original: str, recipient: str) -> bytes:
    """What a provider sends when somebody calls a mail unwanted."""
    return (
        bounce(original, recipient)
        .replace(b"report-type=delivery-status", b"report-type=feedback-report")
        .replace(
            f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.bellevue.example\n\nFinal-Recipient: rfc822; {recipient}".encode(),
            f"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: <{recipient}>".encode(),
        )
    )


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


class Postbox:
    """What the SMTP server was handed, as messages; `refuse` answers 450 that many times first; `refused`: {address: what it
    answers to whoever writes there}."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.kept: list[Any] = []
        self.refuse = 0
        self.refused: dict[str, str] = {}

    def wait(self, many: int, seconds: float = 30) -> list[Any]:
        """The messages, once there are so many of them."""
        deadline = time.monotonic() + seconds
        while len(self.kept) < many and time.monotonic() < deadline:
            time.sleep(0.1)
        assert len(self.kept) >= many, f"{len(self.kept)} of {many} mails came within {seconds} seconds"
        return self.kept

    def sent_to(self, address: str, many: int = 1, seconds: float = 100) -> list[Any]:
        """The mails to an address, once there are so many; some things look only every minute."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = [mail for mail in self.kept if address in mail["To"]]
            if len(found) >= many:
                return found
            time.sleep(0.2)
        raise AssertionError([(mail["To"], mail["Subject"]) for mail in self.kept])

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        if self.refuse:
            self.refuse -= 1
            return "450 come back later"
        self.kept.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 kept"


@contextlib.contextmanager
def smtp_running() -> Iterator[Postbox]:
    """A real SMTP server."""
    port = free_port()
    box = Postbox(port)
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield box
    finally:
        server.stop()


@contextlib.contextmanager
def smtp_server(settings: Any) -> Iterator[Postbox]:
    """A real SMTP server, to which Kith hands its mail meanwhile."""
    with smtp_running() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.DEFAULT_FROM_EMAIL = "hello@tidewell.example"
        yield box


class ImapServer:
    """A real IMAP server with one account, empty at the start."""

    user, password = "hello", "a very long app password"

    def __init__(self, port: int):
        self.port = port

    @contextlib.contextmanager
    def open(self) -> Iterator[IMAPClient]:
        client = IMAPClient("127.0.0.1", port=self.port, ssl=False, timeout=20)
        client.login(self.user, self.password)
        try:
            yield client
        finally:
            client.logout()

    def put(self, *messages: bytes, folder: str = "INBOX") -> None:
        """Deliver messages into a folder, which is made where it is not there."""
        with self.open() as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            for message in messages:
                client.append(folder, message)

    def renumber(self, folder: str) -> None:
        """The folder is made anew with the same messages: another UIDVALIDITY, other numbers."""
        with self.open() as client:
            client.select_folder(folder)
            held = [m[b"BODY[]"] for m in client.fetch(client.search(), ["BODY.PEEK[]"]).values()]
            client.close_folder()
            client.delete_folder(folder)
            client.create_folder(folder)
            for message in held:
                client.append(folder, message)


@contextlib.contextmanager
def imap_server(**environment: str) -> Iterator[ImapServer]:
    """pymap in a process of its own, its account in memory. Without anything: no TLS, passwords alone; see `imapd.py` for
    what else it does. IMAPD_TLS="starttls" offers STARTTLS and takes nobody without it."""
    port = free_port()
    tls = environment.get("IMAPD_TLS") == "starttls"
    how = ["--cert", environment["IMAPD_CERT"], "--key", environment["IMAPD_KEY"]] if tls else ["--no-tls"]
    begin = [sys.executable, "-m", "tests.imapd"] if environment else [str(Path(sys.executable).with_name("pymap"))]
    command = [
        *begin, "--host", "127.0.0.1", "--port", str(port), *how, "dict", "--demo-user", ImapServer.user,
        "--demo-password", ImapServer.password,
    ]  # fmt: skip
    process = subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **environment},
        cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            assert process.poll() is None, "the IMAP server did not start"
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield ImapServer(port)
    finally:
        process.terminate()
        process.wait(10)
