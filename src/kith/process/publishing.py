"""Changing a process: a draft is saved as often as one likes, and publishing puts it in force for new journeys and for
those on their way, which move to it with what was previewed. Publishing can be taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from django.db.models import Count, F
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.jobs import enqueue
from kith.kernel.kinds import Bool, Link, Text
from kith.kernel.organisation.models import bump
from kith.kernel.records.action import LATER, action
from kith.kernel.records.actions import archive
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change, change_many
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import operation, undoes
from kith.kernel.timeline.sides import Sides
from kith.kernel.timeline.takeback import undo_changes
from kith.process import clock
from kith.process.definition.checks import faults
from kith.process.definition.differ import differences
from kith.process.definition.document import Faults, read, write
from kith.process.definition.shape import Definition
from kith.process.events import DraftSaved, Published
from kith.process.journeys.advancing import look_again
from kith.process.journeys.branching import branch
from kith.process.journeys.carrying import carry, nearest
from kith.process.models import RUNNING, Journey, Process, Version
from kith.process.versions import InForce, definition_of, draft_of

MOST_CLOCKED = 5000  # journeys of a stage whose clocks a preview looks at: it stands on a page


def bring(definition: Definition, *, by: Actor) -> Process:
    """A definition (from a file, a starter, a program) as the draft of the process with its key, which is made if there is
    none. Raises Faults where it cannot be used here."""
    if wrong := faults(definition):
        raise Faults(wrong)
    by.require("settings.manage")
    with operation("process.import", __("Process %s") % definition.name, by=by, record="process") as (_op, actor):
        row = Process.objects.filter(key=definition.key, archived_at__isnull=True).first()
        if row is None:
            row = Process(key=definition.key, name=definition.name, about_text=definition.about)
            with change(row, by=actor) as c:
                row = c.row
        save_draft(row, definition, by=actor)
    return row


def save_draft(process: Process, definition: Definition, *, by: Actor) -> Version | None:
    """Keep this as the draft; one that says the same as the version in force is no draft. Returns it, or None."""
    by.require("settings.manage")
    with change(process, by=by) as c:
        side = Sides(Version.objects.filter(process=c.row, number__isnull=True))
        before = current_of(c.row)
        changed = differences(before, definition) if before else [__("a new process")]
        draft = draft_of(c.row)
        same = c.row.in_force is not None and definition_of(c.row.pk, c.row.in_force) == definition
        if same:
            Version.objects.filter(process=c.row, number__isnull=True).delete()
            draft = None
        elif draft is None:
            draft = Version.objects.create(process=c.row, document=write(definition))
        else:
            draft.document, draft.saved_at = write(definition), timezone.now()
            draft.save(update_fields=["document", "saved_at"])
        if touched := side.touched():
            c.says(DraftSaved("; ".join(changed[:5]) or __("nothing"), sides=touched))
    return draft


def current_of(process: Process) -> Definition | None:
    """What is being worked on: the draft, or else the version in force."""
    draft = draft_of(process)
    if draft is not None:
        return read(draft.document)
    return definition_of(process.pk, process.in_force) if process.in_force else None


@dataclass(frozen=True)
class Preview:
    """What publishing would do. `gone`: {stage that is no more: journeys in it}; `running`: journeys on their way; `later`
    and `sooner`: how many get more or less time, at least that many where they were too many to look at each (`capped`);
    `branch`: how many go the way of another segment; `changes`: sentences; `begins`: one that says where new customers begin from then on."""

    changes: list[str]
    running: int = 0
    gone: dict[str, int] = field(default_factory=dict)
    later: int = 0
    sooner: int = 0
    capped: bool = False
    branch: int = 0
    begins: str = ""


def preview(process: Process, definition: Definition, default: bool | None = None) -> Preview:
    """What publishing `definition` does to the journeys on their way. One query for each stage whose clock changes."""
    old, begins = (
        definition_of(process.pk, process.in_force) if process.in_force else None,
        say_begins(process, definition, default),
    )
    if old is None:
        return Preview([__("a new process")], begins=begins)
    counts = dict(
        Journey.objects.filter(RUNNING, process=process).values_list("stage").annotate(n=Count("pk")).order_by("stage")
    )
    gone = {key: n for key, n in counts.items() if key not in definition.by_key}
    later, sooner, capped = _clocks(process, old, definition)
    running, other = Journey.objects.filter(RUNNING, process=process), 0
    if counts and (old.segments or definition.segments):
        other = running.annotate(meant=branch(definition)).exclude(segment=F("meant")).count()
    changes = differences(old, definition)
    return Preview(changes, sum(counts.values()), gone, later, sooner, capped, other, begins)


def becomes_standard(process: Process, definition: Definition, default: bool | None) -> bool:
    """Whether publishing makes this the process where everybody begins whom no other is for. Unless it is said, only the
    first is; one that says whom it is for never takes another's place."""
    if process.is_default:
        return True
    others = Process.objects.filter(is_default=True).exclude(pk=process.pk).exists()
    wanted = not others if default is None else default
    return wanted and not (definition.whom and others)


def say_begins(process: Process, definition: Definition, default: bool | None = None) -> str:
    """Where new customers whom no other process is for begin, once this is published."""
    now = Process.objects.filter(is_default=True).first()
    if not becomes_standard(process, definition, default):
        return (
            __("New customers go on beginning in %s.") % now.name
            if now
            else __("New customers begin in no process yet.")
        )
    if now is None:
        return __("New customers begin here.")
    if now.pk == process.pk:
        return __("New customers go on beginning here.")
    return __("New customers begin here from then on, no longer in %s.") % now.name


def _clocks(process: Process, old: Definition, new: Definition) -> tuple[int, int, bool]:
    """(how many get more time, how many less, whether a stage has more than are looked at)"""
    later = sooner = 0
    capped = False
    for stage in new.stages:
        before = old.by_key.get(stage.key)
        if before is None or (before.within, before.within_for, old.calendar) == (
            stage.within,
            stage.within_for,
            new.calendar,
        ):
            continue
        here = Journey.objects.filter(RUNNING, process=process, stage=stage.key)
        rows = list(here.values_list("segment", "entered_at", "due_at")[: MOST_CLOCKED + 1])
        capped = capped or len(rows) > MOST_CLOCKED
        for segment, entered_at, due_at in rows[:MOST_CLOCKED]:
            due = clock.due(new, stage, segment, entered_at)
            later += (due is None and due_at is not None) or bool(due and due_at and due > due_at)
            sooner += (due is not None and due_at is None) or bool(due and due_at and due < due_at)
    return later, sooner, capped


@action("process.publish", needs="settings.manage", label=_("Publish"), icon="check", done=_("{row} is in force"))
def publish(
    process: Process,
    *,
    note: Annotated[str, Text(300), _("What changes, in a sentence")] = "",
    moves: Annotated[str, Text(2000), _("Where journeys of stages that are gone go (old=new, …)"), LATER] = "",
    default: Annotated[bool | None, Bool(), _("New customers start here")] = None,
    review: Annotated[Any, Link("review"), _("Published from the review")] = None,
    by: Actor,
) -> Process:
    """Put the draft in force. `default` makes it the standard one, where everybody begins whom no other process is for; unless
    it is said, the standard stays what it is, and the first process is it. Raises NeedsInput where journeys stand in a stage
    that is gone and nobody said where they go, Invalid where `review` is that of another process or has its version."""
    if review is not None:
        _may_come_from(process, review)
    draft = draft_of(process)
    if draft is None:
        raise Invalid(__("There is no draft of %s to publish; change something first.") % process.name)
    definition = read(draft.document)
    if wrong := faults(definition):
        raise Faults(wrong)
    mapping = _moves(moves, definition)
    lost = [key for key in preview(process, definition).gone if key not in mapping]
    if lost:
        raise NeedsInput(
            __("Relationships stand in stages that this version does not have: %s. Say where they go, as old=new.") % ", ".join(lost),
            ("moves",),
        )  # fmt: skip
    _put_in_force(process, draft, definition, note, default, review, by)
    process.refresh_from_db()
    _carry_over(process, definition, mapping, by)
    if process.is_default:
        enqueue("process.backfill", key="process.backfill")  # customers who were there before
    return process


def _put_in_force(
    process: Process, draft: Version, definition: Definition, note: str, default: bool | None, review: Any, by: Actor
) -> None:
    standard = becomes_standard(process, definition, default)
    for other in list(Process.objects.filter(is_default=True).exclude(pk=process.pk)) if standard else ():
        with change(other, by=by) as c:
            c.row.is_default = False
    with change(process, by=by) as c:
        last = Version.objects.filter(process=c.row, number__isnull=False).order_by("-number").first()
        draft.number = (last.number or 0) + 1 if last else 1
        draft.note, draft.published_at, draft.published_by_id = note, timezone.now(), by.user_id
        draft.save()
        c.row.in_force, c.row.name, c.row.about_text = draft.number, definition.name, definition.about
        c.row.is_default = standard
        c.says(Published(draft.number, note or __("no note"), review.pk if review else 0))


def _may_come_from(process: Process, review: Any) -> None:
    if review.process_id != process.pk:
        raise Invalid(__("%(review)s is about another process.") % {"review": review.name}, "review")
    if review.published is not None:
        words = __("Version %(n)s was published from %(review)s already; publish this one without it.")
        raise Invalid(words % {"n": review.published, "review": review.name}, "review")


@undoes("process.publish")
def unpublish(op: Operation, by: Actor) -> list[str]:
    """What was in force before is in force again, and what was published is a draft again. The version stays on record:
    relationships went under it, and are judged by it for that time."""
    conflicts = undo_changes(op, by)
    withdraw_versions(op, by)
    for told in _published(op):
        version = Version.objects.get(process=told.record_id, number=told.payload["number"])
        if draft_of(version.process) is None:
            Version.objects.create(process=version.process, document=version.document)
    return conflicts


def _published(op: Operation) -> list[Event]:
    return list(Event.objects.filter(operation=op.pk, verb="process.published"))


def drafts_again(op: Operation) -> None:
    """Before an operation is taken back that saved drafts and published them: what it published is a draft again, as it was
    saved, so that the draft can be taken back too. The version stays on record beside it."""
    for told in _published(op):
        version = Version.objects.get(process=told.record_id, number=told.payload["number"])
        if draft_of(version.process) is not None:
            continue  # somebody goes on with it
        kept = Version(
            process=version.process, number=version.number, document=version.document, note=version.note,
            saved_at=version.saved_at, published_at=version.published_at, published_by=version.published_by,
        )  # fmt: skip
        version.number, version.note, version.published_at, version.published_by = None, "", None, None
        version.save()
        kept.save()


def withdraw_versions(op: Operation, by: Actor) -> None:
    """What follows from taking back an operation that published, once its changes were taken back: relationships go on
    under the version that is in force again."""
    for told in _published(op):
        process = Process.objects.get(pk=told.record_id)
        version = Version.objects.get(process=process, number=told.payload["number"])
        if process.in_force is not None:
            definition = read(Version.objects.get(process=process, number=process.in_force).document)
            _carry_over(process, definition, nearest(read(version.document), definition), by)
    bump()


def _moves(text: str, definition: Definition) -> dict[str, str]:
    out: dict[str, str] = {}
    for part in (p.strip() for p in text.split(",") if p.strip()):
        old, _equals, new = (word.strip() for word in part.partition("="))
        if new not in definition.by_key:
            raise Invalid(
                __("“%s” is no stage of this version; write old=new with keys of stages.") % (new or part), "moves"
            )
        out[old] = new
    return out


def _carry_over(process: Process, definition: Definition, mapping: Mapping[str, str], by: Actor) -> None:
    """Journeys on their way go on under the new version, in the stage they stand in or the one that took its place."""

    to = InForce(process, process.in_force or 0, definition)
    meant: dict[int, str] = {}  # of those who are next

    def noted(rows: Any) -> Iterator[Any]:
        for row in rows.annotate(meant=branch(definition)).order_by("pk").iterator(chunk_size=1000):
            meant[row.pk] = row.meant
            yield row

    rows = Journey.objects.filter(RUNNING, process=process).exclude(held_to=process.in_force)
    change_many(noted(rows), lambda row: [carry(row, to, mapping, meant.pop(row.pk))], by=by)
    look_again(process.pk, "process.published", by)  # a gate or a rule may be another one now


@action("process.discard", needs="settings.manage", label=_("Throw the draft away"), icon="trash",
        applies=lambda p: p.in_force is not None)  # fmt: skip
def discard(process: Process, *, by: Actor) -> Process:
    """Go back to the version in force."""
    with change(process, by=by) as c:
        rows = Version.objects.filter(process=c.row, number__isnull=True)
        side = Sides(rows)
        if rows.delete()[0]:
            c.says(DraftSaved(__("thrown away"), sides=side.touched()))
    return c.row


@action("process.copy", needs="settings.manage", label=_("Copy"), icon="plus", done=_("Copied to {row}"))
def copy_process(
    process: Process,
    *,
    name: Annotated[str, Text(120), _("Name of the copy")],
    key: Annotated[str, Text(60), _("Key of the copy")],
    by: Actor,
) -> Process:
    """The same process under another name, as a draft to change."""
    import dataclasses

    definition = current_of(process)
    if definition is None:
        raise Invalid(__("%s has nothing to copy yet.") % process.name)
    if Process.objects.filter(key=key, archived_at__isnull=True).exists():
        raise Invalid(__("There is another process with the key “%s”.") % key, "key")
    return bring(dataclasses.replace(definition, name=name, key=key), by=by)


@action("process.remove", needs="settings.manage", label=_("Remove this process"), icon="trash", tone="late",
        done=_("{row} removed"))  # fmt: skip
def remove_process(process: Process, *, by: Actor) -> Process:
    """Put a process away that nobody is on. Raises Invalid while there are running journeys."""
    running = Journey.objects.filter(RUNNING, process=process).count()
    if running:
        raise Invalid(__("%(n)s relationships are on this process; move or end them first.") % {"n": running})
    archive(registry["process"], process, by=by)
    return process
