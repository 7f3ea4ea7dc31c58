"""What happens to trackers and issues."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class TokenGiven(EventType):
    verb, icon, sentence = "tracker.token_given", "key", _("gave the token of the tracker")


@dataclass(frozen=True)
class SecretRenewed(EventType):
    verb, icon, sentence = (
        "tracker.secret_renewed",
        "refresh",
        _("made a new secret for calls of the tracker; the old one ends"),
    )


@dataclass(frozen=True)
class IssueMoved(EventType):
    """How far an issue is; stands on the tickets that wait for it too."""

    verb, icon, chip, sentence = "issue.moved", "flag", "steps", _("the issue “{issue}” is now: {state}")
    issue: str
    state: str


@dataclass(frozen=True)
class TrackerTold(EventType):
    """`words`: how many; names that the tracker may have been told too are kept nowhere here."""

    verb, icon, sentence = "issue.told", "send", _("told {tracker}: {words}")
    tracker: str
    words: str
