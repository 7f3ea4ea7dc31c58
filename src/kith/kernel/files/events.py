"""What happens with files of a record. The name is kept in the event: the story stays readable when a file has gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import Body, BodyLink, EventType


@dataclass(frozen=True)
class FileAdded(EventType):
    verb, icon, chip, sentence = "file.added", "clip", "files", _("added the file {name}")
    file: int
    name: str
    size: int = 0
    personal = ("name",)

    @classmethod
    def bodies(cls, events: Sequence[Any], actor: Any) -> dict[UUID, Body]:
        """The way to the file; the address itself checks who asks, and knows when it is gone."""
        return {
            e.pk: Body(
                note=filesizeformat(e.payload.get("size", 0)),
                links=(BodyLink(__("Download"), f"/files/{e.payload['file']}", "download"),),
            )
            for e in events
        }


@dataclass(frozen=True)
class FileRemoved(EventType):
    verb, icon, chip, sentence = "file.removed", "trash", "files", _("removed the file {name}")
    file: int
    name: str
    personal = ("name",)


@dataclass(frozen=True)
class FileRestored(EventType):
    verb, icon, chip, sentence = "file.restored", "undo", "files", _("brought back the file {name}")
    file: int
    name: str
    personal = ("name",)
