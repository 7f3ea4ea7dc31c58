"""What happens to quotes, on their own story, the deal's and the customer's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType, SaysWhy


@dataclass(frozen=True)
class _Told(EventType):
    icon, chip = "quote", "deals"
    number: str = ""
    deal: int | None = None


@dataclass(frozen=True)
class QuoteDrafted(_Told):
    """The verb is that of every creation, so that undo and readers treat it as one."""

    verb, sentence = "quote.created", _("drafted the quote {number}")


@dataclass(frozen=True)
class QuoteFollowed(_Told):
    """A draft follows its deal; the lines are its side rows."""

    verb, sentence, chip = "quote.followed", _("brought the draft {number} in step with the deal"), "changes"


@dataclass(frozen=True)
class PromisesWritten(_Told):
    verb, sentence, chip = "quote.promises_written", _("changed what the quote {number} promises"), "changes"


@dataclass(frozen=True)
class ApprovalAsked(SaysWhy, _Told):
    verb, icon, sentence = "quote.approval_asked", "hand", _("asked to approve {discount} % off on {number}")
    discount: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ApprovalGiven(ApprovalAsked):
    verb, icon, sentence = "quote.approved", "check", _("approved {discount} % off on {number}")


@dataclass(frozen=True)
class ApprovalRefused(ApprovalAsked):
    verb, icon, sentence = "quote.refused", "x", _("refused {discount} % off on {number}")


@dataclass(frozen=True)
class QuoteSent(_Told):
    verb, icon, sentence = "quote.sent", "send", _("sent the quote {number} to {to}")
    personal = ("to",)
    to: str = ""
    total: str = ""
    currency: str = ""


@dataclass(frozen=True)
class QuoteOpened(_Told):
    verb, icon, sentence = "quote.opened", "eye", _("opened the quote {number}")


@dataclass(frozen=True)
class QuoteReplaced(_Told):
    verb, icon, sentence = "quote.replaced", "refresh", _("replaced the quote {number} by {by}")
    by: str = ""


@dataclass(frozen=True)
class QuoteWithdrawn(_Told):
    verb, icon, sentence = "quote.withdrawn", "ban", _("withdrew the quote {number}: {reason}")
    reason: str = ""


@dataclass(frozen=True)
class _Answered(_Told):
    """name: who answered; address: of their machine; promises: [{"wording", "due"}] that hold from now on."""

    personal = ("name", "address", "words")
    name: str = ""
    address: str = ""
    total: str = ""
    currency: str = ""
    words: str = ""
    promises: tuple[dict[str, str], ...] = ()

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        words = super().say(payload)
        return __("%(said)s: “%(words)s”") % {"said": words, **payload} if payload.get("words") else words


@dataclass(frozen=True)
class QuoteAccepted(_Answered):
    verb, icon, sentence = "quote.accepted", "check", _("accepted the quote {number}, signed {name}")


@dataclass(frozen=True)
class QuoteDeclined(_Answered):
    verb, icon, sentence = "quote.declined", "x", _("declined the quote {number}, signed {name}")
