"""What happens to segments."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class PutOn(EventType):
    verb, icon, sentence, personal = "segment.put_on", "plus", _("put on the list {list}: {names}"), ("names",)
    list: str
    names: str


@dataclass(frozen=True)
class TakenOff(EventType):
    verb, icon, sentence, personal = "segment.taken_off", "minus", _("took off the list {list}: {names}"), ("names",)
    list: str
    names: str


@dataclass(frozen=True)
class Shut(EventType):
    verb, icon, sentence, personal = "segment.shut", "shield", _("keeps out of {list}: {who}"), ("who",)
    list: str
    who: str


@dataclass(frozen=True)
class Admitted(EventType):
    verb, icon, sentence, personal = "segment.admitted", "undo", _("no longer keeps out of {list}: {who}"), ("who",)
    list: str
    who: str
