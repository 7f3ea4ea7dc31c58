"""One mail of a mailing as it leaves: who it is from, its two parts, files, and the headers of mail to many."""

from __future__ import annotations

from binascii import b2a_qp
from dataclasses import dataclass, field
from email.utils import formataddr, formatdate, parseaddr
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import forbid_multi_line_headers

from kith.activities.mail import sender
from kith.contacts.consent.links import unsubscribe_headers
from kith.engagement.dressing import files_with
from kith.engagement.letters import Letter
from kith.engagement.models import Mailing, Recipient
from kith.kernel.access.actor import actor_for
from kith.kernel.files.models import StoredFile
from kith.kernel.files.storage import open_file
from kith.kernel.mail.addresses import MARK, mail_domain, reply_address
from kith.kernel.organisation.models import current


@dataclass
class Envelope:
    """What is the same on every mail of a mailing. files: (name, bytes, type), read once."""

    sender: str
    reply_to: list[str]
    domain: str
    purpose: str
    ref: str
    files: list[tuple[str, bytes, str]] = field(default_factory=list)


def from_line(mailing: Mailing) -> str:
    """Who it is from: the name given, else its owner's, else the organisation's, with the organisation's address."""
    owner = mailing.owner
    plain = sender(actor_for(owner)) if owner is not None else getattr(settings, "DEFAULT_FROM_EMAIL", "")
    name = mailing.sender_name or (owner.name if owner is not None else current().name)
    return formataddr((" ".join(name.split()), parseaddr(plain)[1]))


def envelope_of(mailing: Mailing) -> Envelope:
    """The envelope as it was frozen, or as it would be now."""
    answers = reply_address(mailing.owner_id)
    files = mailing.frozen.get("files", []) if mailing.number is not None else files_with(mailing.template)
    kept = StoredFile.objects.filter(pk__in=files).order_by("pk")
    return Envelope(
        sender=mailing.frozen.get("from") or from_line(mailing), reply_to=[answers] if answers else [], domain=mail_domain(),
        purpose=mailing.purpose.key, ref=f"mailing:{mailing.pk}", files=[_read(one) for one in kept],
    )  # fmt: skip


def _read(stored: StoredFile) -> tuple[str, bytes, str]:
    with open_file(stored) as opened:
        return stored.name, opened.read(), stored.content_type


class Printed(EmailMultiAlternatives):
    """A mail of two parts that writes itself: the general way through the email package takes more time than all the rest of
    sending it. One with files takes that way."""

    boundary = ""

    def message(self) -> Any:
        return super().message() if self.attachments else self

    def as_bytes(self, linesep: str = "\r\n") -> bytes:
        """As it goes over the wire. Raises BadHeaderError for a line break in a header."""
        head = [("MIME-Version", "1.0"), _address("From", self.from_email), ("To", ", ".join(self.to))]
        head += [("Subject", self.subject), ("Date", formatdate()), *self.extra_headers.items()]
        if self.reply_to:
            head.append(_address("Reply-To", ", ".join(self.reply_to)))
        lines = [": ".join(forbid_multi_line_headers(name, value, "utf-8")) for name, value in head]
        lines += [f'Content-Type: multipart/alternative; boundary="{self.boundary}"', "", ""]
        out = [linesep.join(lines).replace("\n ", "\r\n ").encode("ascii")]
        for content, kind in ((self.body, "text/plain"), *((a.content, a.mimetype) for a in self.alternatives)):
            opening = (f"--{self.boundary}", f'Content-Type: {kind}; charset="utf-8"', "Content-Transfer-Encoding: quoted-printable", "", "")  # fmt: skip
            out += [linesep.join(opening).encode("ascii"), _quoted(content, linesep)]
        return b"".join([*out, f"--{self.boundary}--{linesep}".encode("ascii")])


@lru_cache(maxsize=50)
def _address(name: str, value: str) -> tuple[str, str]:
    """A header of addresses, which is the same on every mail of a mailing, encoded once."""
    return forbid_multi_line_headers(name, value, "utf-8")


def _quoted(text: str, linesep: str) -> bytes:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8")
    return b2a_qp(plain, istext=True).replace(b"\n", linesep.encode("ascii")) + linesep.encode("ascii")


def message_of(letter: Letter, row: Recipient, person: Any, envelope: Envelope) -> EmailMultiAlternatives:
    """The mail to one recipient, under the Message-ID that its row has known since it was laid down."""
    headers = {
        "Message-ID": f"<{MARK}{row.token.hex}@{envelope.domain}>", "Precedence": "bulk",
        "List-Id": f"<{envelope.purpose}.{envelope.domain}>",
        **unsubscribe_headers(person.pk, row.address, envelope.purpose, envelope.ref),
    }  # fmt: skip
    mail = Printed(
        letter.subject, letter.text, envelope.sender, [row.address], headers=headers, reply_to=envelope.reply_to
    )
    mail.boundary = f"=_{row.token.hex}"
    mail.attach_alternative(letter.html, "text/html")
    for name, content, kind in envelope.files:
        mail.attach(name, content, kind)
    return mail
