"""What every page of the editor stands on: the process, its draft, the version in force, and what the draft would do."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.accounts.models import Team
from kith.kernel.errors import NotFound
from kith.process.definition.checks import faults
from kith.process.definition.document import read
from kith.process.definition.shape import Definition, Stage
from kith.process.editor.drafting import process_called, working
from kith.process.editor.figures import held_back_words
from kith.process.models import Process, Version
from kith.process.publishing import Preview, preview
from kith.process.review.queries import to_publish
from kith.process.versions import definition_of, draft_of, published
from kith.ui.pages.base import actor_of

ROOT = "/settings/process/"


@dataclass
class Desk:
    """One process on the desk of somebody who may change it."""

    actor: Actor
    process: Process

    @cached_property
    def definition(self) -> Definition:
        """What is being worked on: the draft, else what is in force."""
        return read(self.draft.document) if self.draft else working(self.process)

    @cached_property
    def draft(self) -> Version | None:
        return draft_of(self.process)

    @cached_property
    def old(self) -> Definition | None:
        """What is in force; None before the first publishing."""
        return definition_of(self.process.pk, self.process.in_force) if self.process.in_force else None

    @cached_property
    def versions(self) -> list[Version]:
        return published(self.process)

    @cached_property
    def review(self) -> Any:
        """The review that a version may now be published from, or None."""
        return to_publish(self.process)

    @cached_property
    def wrong(self) -> list[str]:
        """What keeps the draft from being published."""
        return faults(self.definition)

    @cached_property
    def broken(self) -> list[str]:
        """What the version in force names that is gone by now, so that it holds people back."""
        return faults(self.old) if self.old is not None else []

    @cached_property
    def nobody_made(self) -> dict[str, bool]:
        """{name: does it take relationships over?} of the teams that steps name and nobody made, in the order of steps."""
        names: dict[str, bool] = {}
        for stage in self.definition.stages:
            for name in filter(None, (stage.team, *stage.team_for.values())):
                names[name] = names.get(name, False) or stage.handover
        made = set(Team.objects.filter(name__in=list(names)).values_list("name", flat=True)) if names else set()
        return {name: takes for name, takes in names.items() if name not in made}

    @property
    def unmade(self) -> list[str]:
        """Those of them that take relationships over."""
        return [name for name, takes in self.nobody_made.items() if takes]

    @property
    def unmade_owners(self) -> list[str]:
        """Those of them that only own steps."""
        return [name for name, takes in self.nobody_made.items() if not takes]

    @cached_property
    def preview(self) -> Preview | None:
        """What publishing would do; None where there is no draft, or one that cannot be published."""
        return preview(self.process, self.definition) if self.draft and not self.wrong else None

    def version(self, number: int) -> Definition:
        """What a published version says. Raises NotFound."""
        if number not in {version.number for version in self.versions}:
            raise NotFound(_("%(process)s has no version %(n)s.") % {"process": self.process.name, "n": number})
        return definition_of(self.process.pk, number)

    @property
    def base(self) -> str:
        return f"{ROOT}{self.process.key}/"

    @property
    def next_number(self) -> int:
        return (self.versions[0].number or 0) + 1 if self.versions else 1

    @property
    def place(self) -> str:
        """Which version one looks at, for the crumbs."""
        if self.draft or not self.process.in_force:
            return _("Version %s, draft") % self.next_number
        return _("Version %s") % self.process.in_force

    def consequences(self) -> list[dict[str, str]]:
        """What the draft changes, each with what it means for journeys where that can be counted."""
        if self.preview is None:
            return []
        told = [{"words": words, "sub": ""} for words in self.preview.changes]
        numbers = moved_words(self.preview)
        if self.old is not None:
            numbers += held_back_words(self.process, self.old, self.definition)
        return [*told, *({"words": words, "sub": "number"} for words in numbers)]

    def context(self, stage: Stage | None = None) -> dict[str, Any]:
        return {"desk": self, "process": self.process, "definition": self.definition, "base": self.base, "stage": stage}


def fields(said: dict[str, str] | None = None) -> dict[str, str | None]:
    """Values or sentences by field, as templates ask for them: None for those that are not there."""
    return defaultdict(lambda: None, said or {})


def moved_words(told: Preview) -> list[str]:
    """What publishing does to journeys on their way, in sentences with numbers."""
    out = []
    if told.running:
        out.append(
            ngettext("%(n)s relationship on its way goes on under it.", "%(n)s relationships on their way go on under it.", told.running)
            % {"n": told.running}
        )  # fmt: skip
    begins = _("At least %s") if told.capped else "%s"
    if told.sooner:
        out.append(
            ngettext("%(n)s of them gets less time.", "%(n)s of them get less time.", told.sooner)
            % {"n": begins % told.sooner}
        )
    if told.later:
        out.append(
            ngettext("%(n)s of them gets more time.", "%(n)s of them get more time.", told.later)
            % {"n": begins % told.later}
        )
    if told.branch:
        out.append(
            ngettext("%(n)s of them goes the way of another segment.", "%(n)s of them go the way of another segment.", told.branch)
            % {"n": told.branch}
        )  # fmt: skip
    return out


def open_desk(request: HttpRequest, key: str) -> Desk:
    """The desk of a process. Raises NotAllowed to those who do not manage settings, NotFound."""
    actor = actor_of(request)
    actor.require("settings.manage")
    return Desk(actor, process_called(key, actor))
