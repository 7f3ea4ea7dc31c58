"""What happens with files of a record. The name is kept in the event: the story stays readable when a file has gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.files.models import StoredFile
from kith.kernel.timeline.types import Body, BodyLink, EventType


@dataclass(frozen=True)
class FileAdded(EventType):
    verb, icon, chip, sentence = "file.added", "clip", "files", _("added the file {name}")
    file: int
    name: str
    personal = ("name",)

    @classmethod
    def bodies(cls, events: Sequence[Any], actor: Any) -> dict[UUID, Body]:
        """A way to the file where it is still there; whoever reads the story may read the record it belongs to."""
        known = StoredFile.objects.filter(archived_at__isnull=True).in_bulk([e.payload.get("file") for e in events])
        return {
            e.pk: Body(
                note=filesizeformat(stored.size), links=(BodyLink(__("Download"), f"/files/{stored.pk}", "download"),)
            )
            for e in events
            if (stored := known.get(e.payload.get("file"))) is not None
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
