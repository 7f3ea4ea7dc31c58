"""Event types: past-tense facts with their sentence, icon and personal fields.

A room declares its own as frozen dataclasses (fields = payload); created, changed, archived and restored exist for
every record type.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

EVENTS: dict[str, type[EventType]] = {}
# Filter chips of the timeline, in order. "changes" is folded away unless asked for.
CHIPS = {
    "mail": _("E-mail"),
    "calls": _("Calls"),
    "meetings": _("Meetings"),
    "notes": _("Notes"),
    "tasks": _("Tasks"),
    "deals": _("Deals"),
    "steps": _("Steps"),
    "visits": _("Visits"),
    "files": _("Files"),
    "changes": _("Changes"),
}


@dataclass(frozen=True)
class BodyLink:
    """A verb or a place at the foot of a body. `part`: its address answers with a dialog."""

    label: Any
    href: str
    icon: str = ""
    part: bool = False


@dataclass(frozen=True)
class Body:
    """What was said, under the line of an entry: words as they are (paragraphs parted by blank lines), or `html` that
    its room has made safe. internal: for colleagues only, on the yellow paper; note: quiet words at the foot."""

    text: str = ""
    html: str = ""
    title: str = ""
    lang: str = ""
    internal: bool = False
    note: str = ""
    links: tuple[BodyLink, ...] = ()


@dataclass(frozen=True)
class EventType:
    """Base of event types. `verb` is "<record>.<past tense>"; `sentence` follows the actor's name. An event that touched
    rows of plain tables beside the record carries them as `sides`, so that it can be taken back whole; see `sides.py`."""

    verb: ClassVar[str] = ""
    sentence: ClassVar[Any] = ""
    icon: ClassVar[str] = "pencil"
    chip: ClassVar[str] = "changes"
    personal: ClassVar[tuple[str, ...]] = ()  # payload fields to shred when a person is erased
    version: ClassVar[int] = 1  # of the payload, for webhooks
    # What conditions may say of it that stands in rows beside it: {key: (field with their id, rows meant by a value)}.
    elsewhere: ClassVar[Mapping[str, tuple[str, Callable[[str], Any]]]] = {}
    stepped: ClassVar[bool] = False  # told by its sentence and the mark of the step in its payload

    sides: tuple[dict[str, Any], ...] = field(default=(), kw_only=True)

    def __init_subclass__(cls) -> None:
        if cls.verb:
            if cls.verb in EVENTS:
                raise TypeError(f"{cls.__module__}.{cls.__name__}: the event “{cls.verb}” is declared twice.")
            if not cls.sentence:
                raise TypeError(f"{cls.__module__}.{cls.__name__}: the event “{cls.verb}” has no sentence.")
            EVENTS[cls.verb] = cls

    @classmethod
    def which(cls, actor: Any) -> Sequence[tuple[str, str]]:
        """What a condition on such events likely means, (`url=https://…`, words), beside the rows whose ids it holds."""
        return ()

    def payload(self) -> dict[str, Any]:
        told = dataclasses.asdict(self)
        if not self.sides:
            del told["sides"]
        return told

    def verb_for(self, record: str) -> str:
        return self.verb

    @classmethod
    def bodies(cls, events: Sequence[Any], actor: Any) -> dict[UUID, Body]:
        """What was said in events of this type, by event id, for one page of a timeline: one query for all, not each."""
        return {}

    @classmethod
    def withheld(cls, events: Sequence[Any], actor: Any) -> dict[UUID, Any]:
        """{event id: the event as this actor may read it} of those whose words are not for everybody who sees the row."""
        return {}

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        """The sentence with its values filled in (plain text; templates escape it)."""
        return str(cls.sentence).format_map(_Blank(payload))


class SaysWhy(EventType):
    """Types with a field `reason`: said behind the sentence, where one was given."""

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        words = super().say(payload)
        return f"{words}: {payload['reason']}" if payload.get("reason") else words


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


class _Generic(EventType):
    """Types that exist for every record: the verb is made from the record's name."""

    past: ClassVar[str] = ""

    def verb_for(self, record: str) -> str:
        return f"{record}.{self.past}"


@dataclass(frozen=True)
class Created(_Generic):
    past, sentence, icon = "created", _("added this"), "plus"


@dataclass(frozen=True)
class Changed(_Generic):
    past, sentence, icon = "changed", _("changed {what}"), "pencil"
    what: str = ""


@dataclass(frozen=True)
class Archived(_Generic):
    past, sentence, icon = "archived", _("archived this"), "archive"


@dataclass(frozen=True)
class Restored(_Generic):
    past, sentence, icon = "restored", _("brought this back"), "undo"


@dataclass(frozen=True)
class Merged(_Generic):
    past, sentence, icon = "merged", _("merged {names} into this"), "merge"
    names: str = ""


@dataclass(frozen=True)
class TakenBack(_Generic):
    """An undo of something that is told in words, not in columns."""

    past, sentence, icon = "taken_back", _("took back: {what}"), "undo"
    personal = ("what",)
    what: str = ""


GENERIC: dict[str, type[EventType]] = {t.past: t for t in (Created, Changed, Archived, Restored, Merged, TakenBack)}


def type_of(verb: str) -> type[EventType]:
    """The type of a stored event; verbs of a package that is gone read as a plain change."""
    return EVENTS.get(verb) or GENERIC.get(verb.rpartition(".")[2]) or Changed
