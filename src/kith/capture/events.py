"""What happens with forms and with what comes in through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import Body, EventType


@dataclass(frozen=True)
class FormSubmitted(EventType):
    """Somebody sent a form; told on the person. `utm`, `referrer` and `page` say where they came from, `visitor` by which
    key the organisation's own site knew them, if they had agreed to that."""

    verb, icon, chip, sentence = "form.submitted", "flag", "notes", _("sent the form “{form}”")
    submission: int
    form: str
    form_id: int | None = None
    version_number: int | None = None
    reason: str = ""
    page: str = ""
    referrer: str = ""
    utm: dict[str, str] = field(default_factory=dict)
    visitor: str = ""
    personal = ("reason", "page", "referrer", "utm", "visitor")

    @classmethod
    def bodies(cls, events: Sequence[Any], actor: Any) -> dict[UUID, Body]:
        from kith.capture.shown import bodies_of

        return bodies_of(events, actor)


@dataclass(frozen=True)
class AssetDownloaded(EventType):
    """Somebody fetched what a lead magnet gave them; told on the person, the asset and the magnet."""

    verb, icon, chip, sentence = "asset.downloaded", "download", "notes", _("downloaded “{asset}”")
    asset: str
    asset_id: int
    magnet: str = ""
    magnet_id: int | None = None


@dataclass(frozen=True)
class FormPublished(EventType):
    verb, sentence, icon = "form.published", _("published version {number}"), "check"
    number: int


@dataclass(frozen=True)
class FormClosed(EventType):
    verb, sentence, icon = "form.closed", _("closed this"), "x"


@dataclass(frozen=True)
class FormOpened(EventType):
    verb, sentence, icon = "form.opened", _("opened this again"), "check"


@dataclass(frozen=True)
class Held(EventType):
    verb, sentence, icon = "submission.held", _("was put aside for somebody to look at: {why}"), "clock"
    why: str
    personal = ("why",)


@dataclass(frozen=True)
class Accepted(EventType):
    verb, sentence, icon = "submission.accepted", _("took this in as somebody new"), "check"


@dataclass(frozen=True)
class MergedInto(EventType):
    verb, sentence, icon = "submission.merged_into", _("took this in as coming from {person}"), "merge"
    person: str
    personal = ("person",)


@dataclass(frozen=True)
class Discarded(EventType):
    verb, sentence, icon = "submission.discarded", _("discarded this: {reason}"), "trash"
    reason: str
    personal = ("reason",)


@dataclass(frozen=True)
class Routed(EventType):
    verb, sentence, icon = "submission.routed", _("asked {colleague} to look at this"), "share"
    colleague: str


@dataclass(frozen=True)
class TriedAgain(EventType):
    verb, sentence, icon = "submission.tried_again", _("let this be processed once more"), "loop"

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        return __("let this be processed once more")
