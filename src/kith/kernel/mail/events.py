"""What people do with mailboxes, arrived mail and suppressed addresses. What mail says stands on the stories of people."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class SignInGiven(EventType):
    verb, sentence, icon = "mailbox.sign_in_given", _("gave the sign-in of this mailbox"), "lock"
    kind: str = "password"


@dataclass(frozen=True)
class Retried(EventType):
    verb, sentence, icon = "arrived.retried", _("had this read once more"), "loop"


@dataclass(frozen=True)
class LeftAlone(EventType):
    verb, sentence, icon = "arrived.left_alone", _("left this alone"), "x"


@dataclass(frozen=True)
class Lifted(EventType):
    verb, sentence, icon = "suppressed.lifted", _("may be written to again: {why}"), "check"
    why: str


@dataclass(frozen=True)
class RawCleared(EventType):
    verb, sentence, icon = "arrived.raw_cleared", _("cleared the whole message; what was read of it stays"), "trash"
