"""What a message says, as plain values: the answer of `reading.read`, and what handlers of arrived mail are given."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Address:
    """One address of a header, in small letters, and the name that stood beside it."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True)
class Attachment:
    """A file that came along. inline: it stands in the text (a picture of a signature) and nobody attached it."""

    name: str
    content_type: str
    content: bytes = field(repr=False)
    inline: bool = False


@dataclass(frozen=True)
class Failure:
    """What a mail server says about one receiver (RFC 3464). action: "failed", "delayed", "delivered", "relayed" or
    "expanded"; status: "5.1.1"; why: the server's own words."""

    recipient: str
    action: str
    status: str = ""
    why: str = ""

    @property
    def hard(self) -> bool:
        """Will this address never take mail? A full mailbox, a message that is too large or one that was taken for spam
        says nothing about the address."""
        return (
            self.action == "failed"
            and self.status.startswith("5")
            and not self.status.startswith(("5.2.2", "5.2.3", "5.3.4", "5.6.", "5.7."))
        )


@dataclass(frozen=True)
class Report:
    """A message by a machine about a message of ours. kind: "bounce" or "complaint"; original: the Message-ID of ours that
    it is about, "" where it does not say."""

    kind: str
    original: str
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Parsed:
    """A message as read. `text` is all of it, `fresh` what is new in it, `quoted` what it answers, `signature` what stands
    under "-- ". automatic: "" for what a person wrote, else "auto-replied" (a machine answers), "auto-generated" (a machine
    writes by itself) or "bulk" (to many). problem: what could not be read, in a sentence. forged: the server that took it
    in says that the sender is not who it claims to be. language: the code of what it is written in, as far as it says so
    itself, else of what its writer's program reads."""

    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    sender: Address = Address("")
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    date: dt.datetime | None = None
    subject: str = ""
    text: str = ""
    fresh: str = ""
    quoted: str = ""
    signature: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    automatic: str = ""
    report: Report | None = None
    loops: tuple[str, ...] = ()
    forged: bool = False
    language: str = ""
    problem: str = ""

    @property
    def answers(self) -> tuple[str, ...]:
        """Message-IDs this may be an answer to, the nearest first."""
        return tuple(dict.fromkeys(i for i in (self.in_reply_to, *reversed(self.references)) if i))

    @property
    def receivers(self) -> tuple[Address, ...]:
        return (*self.to, *self.cc)
