"""Processes as a chapter of the configuration: the files of `kith process export`, brought as drafts and published on demand."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.configuration.chapters import Change, Chapter, Document, Item, Key
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.process.definition.differ import differences
from kith.process.definition.document import read, write
from kith.process.models import Process
from kith.process.publishing import bring, drafts_again, preview, withdraw_versions
from kith.process.versions import definition_of, draft_of


class Processes(Chapter):
    name, publishes = "processes", True

    @property
    def label(self) -> str:
        return str(registry["process"].plural)

    def after(self) -> tuple[str, ...]:
        return ("fields", "business-calendars", "segments", "criteria")

    def here(self, by: Actor) -> list[Item]:
        rows = registry["process"].rows(by, archived=False).order_by("key")
        return [item for row in rows if (item := _item(row)) is not None]

    def key(self, document: Document) -> Key:
        key = document.get("key")
        if not isinstance(key, str) or not key:
            raise Invalid(_("“%s” is missing; it tells this one from others.") % "key", "key")
        return (key,)

    def checked(self, document: Document, by: Actor) -> Document:
        return write(read(document))

    def changes(self, old: Document, new: Document, by: Actor) -> list[Change]:
        if not old:
            return [Change("stages", _("Stages"), "", ", ".join(stage.name for stage in read(new).stages))]
        if not new:
            return [Change("stages", _("Stages"), ", ".join(stage.name for stage in read(old).stages), "")]
        return [Change(str(n), "", "", words) for n, words in enumerate(differences(read(old), read(new)))]

    def put(self, item: Item | None, document: Document, by: Actor) -> Process:
        return bring(read(document), by=by)

    def publish(self, row: Process, document: Document, by: Actor) -> None:
        row.refresh_from_db()
        if draft_of(row) is None:
            return
        try:
            perform(ACTIONS["process.publish"], row, {}, by=by)
        except NeedsInput as problem:
            raise Invalid(_("%(why)s Bring it without publishing, then publish it under Settings, Process.") % {
                "why": problem.message}) from None  # fmt: skip

    def remove(self, item: Item, by: Actor) -> None:
        perform(ACTIONS["process.remove"], item.row, {}, by=by)

    def to_take_back(self, op: Any) -> None:
        drafts_again(op)

    def taken_back(self, op: Any, by: Actor) -> None:
        withdraw_versions(op, by)

    def notes(self, item: Item | None, document: Document) -> list[str]:
        definition = read(document)
        if item is None:
            return []
        seen = preview(item.row, definition)
        out = [_("Publishing: %s") % seen.begins]
        if seen.running:
            out.append(ngettext("%s relationship is on its way and goes on under the new version.",
                "%s relationships are on their way and go on under the new version.", seen.running) % seen.running)  # fmt: skip
        out += [
            _("%(n)s stand in “%(stage)s”, which is gone; say where they go when you publish it under Settings, Process.") % {"n": n, "stage": key}
            for key, n in seen.gone.items()
        ]  # fmt: skip
        return out


def _item(row: Any) -> Item | None:
    """What is in force, or the draft of a process that was never published; None where it says nothing yet."""
    draft = draft_of(row)
    prepared = write(read(draft.document)) if draft is not None else None
    counts = write(definition_of(row.pk, row.in_force)) if row.in_force else prepared
    return None if counts is None else Item((row.key,), counts, row, prepared)
