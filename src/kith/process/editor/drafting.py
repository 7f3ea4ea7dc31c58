"""One change of a draft, from reading it to keeping it: under a lock, as one operation that can be taken back."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotFound
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation
from kith.process.definition.document import read, write
from kith.process.definition.shape import Definition, Stage
from kith.process.models import Process
from kith.process.publishing import current_of, save_draft


def process_called(key: str, actor: Actor) -> Process:
    """The process with this key. Raises NotFound."""
    found: Process | None = registry["process"].rows(actor, archived=False).filter(key=key).first()
    if found is None:
        raise NotFound(_("There is no process “%s”.") % key)
    return found


def working(process: Process) -> Definition:
    """What is being worked on; a process that says nothing yet begins with one step."""
    first = Stage("first-step", _("First step"))
    return current_of(process) or Definition(process.key, process.name, process.about_text, stages=(first,))


def edit_draft(process: Process, label: str, apply: Callable[[Definition], Definition], *, by: Actor) -> Operation:
    """Keep what `apply` makes of the draft, read under a lock so that two people never lose each other's changes. Raises
    Faults where the outcome cannot be written as a document, and whatever `apply` raises."""
    by.require("settings.manage")
    with operation("process.draft", label, by=by, record="process") as (op, actor):
        row = Process.objects.select_for_update().get(pk=process.pk)
        made = read(write(apply(working(row))))
        save_draft(row, made, by=actor)
    return op
