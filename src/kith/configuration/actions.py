"""Applying a reviewed configuration through the rooms' own verbs, all of it or nothing, as one operation; and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from kith.configuration.exporting import MANAGE
from kith.configuration.files import Files
from kith.configuration.reviewing import ADDED, CHANGED, MISSING, WAITING, Entry, Review, review, said_of
from kith.kernel.access.actor import Actor
from kith.kernel.configuration.chapters import Chapter, chapters
from kith.kernel.errors import Conflict, Invalid, InvalidMany, KithError, NotFound
from kith.kernel.organisation.models import bump, forget, refresh
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import Undone, operation, undo, undoes
from kith.kernel.timeline.takeback import undo_changes

KIND = "configuration.apply"
LOCK = 0x6B636667  # whoever applies waits for whoever is applying


class Refused(Invalid):
    """Nothing was applied: `sentences` say why, each naming its file."""

    def __init__(self, sentences: list[str]):
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class Applied:
    """What was done; `operation` is None where nothing had to be."""

    review: Review
    operation: Operation | None
    removed: int = 0


class _Rehearsed(Exception):
    pass


def apply(
    files: Files, *, by: Actor, reviewed: str = "", publish: bool = False, remove: bool = False, rehearse: bool = False
) -> Applied:
    """Bring what the files say. reviewed: the fingerprint of the review this rests on; publish: what waits as a draft counts
    at once; remove: what is here and not in the files is put away; rehearse: do it, say what comes of it, and take it all
    back. Raises Refused, Conflict, NotAllowed."""
    by.require(MANAGE)
    done: Applied | None = None
    try:
        with transaction.atomic():
            done = _apply(files, by, reviewed, publish, remove)
            if rehearse:
                raise _Rehearsed
    except _Rehearsed:
        forget()  # what was kept of the settings is of a moment that never was
    except BaseException:
        forget()
        raise
    assert done is not None
    return Applied(done.review, None, done.removed) if rehearse else done


def compare(files: Files, *, by: Actor) -> Review:
    """The review, with all that would keep the files from being applied: they are tried and taken back. Raises NotAllowed, Invalid."""
    seen = review(files, by=by)
    if not seen.faults:
        try:
            apply(files, by=by, rehearse=True)
        except Refused as problem:
            seen.faults = problem.sentences
    return seen


def _apply(files: Files, by: Actor, reviewed: str, publish: bool, remove: bool) -> Applied:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    seen = review(files, by=by)
    if seen.faults:
        raise Refused(seen.faults)
    if reviewed and reviewed != seen.fingerprint:
        raise Conflict(_("Something changed since this was reviewed; look at what it would do now, then apply that."))
    with operation(KIND, _("Applied a configuration"), by=by) as (op, actor):
        told = _write(seen, actor, publish) + (_put_away(seen, actor) if remove else [])
        if told:
            op.data = {
                "entries": [entry.as_json() for entry in told],
                "plain": [_plain(e) for e in told if not e.chapter.tells],
            }
            op.label = _said(told)[:300]
            op.save(update_fields=["label"])
    bump()
    return Applied(seen, op if op.pk and told else None, len(seen.of(MISSING)) if remove else 0)


def _plain(entry: Entry) -> list[Any]:
    before = entry.item.document if entry.item is not None else None
    return [entry.chapter.name, list(entry.key), before, entry.document]


def _said(told: list[Entry]) -> str:
    names = ", ".join(f"{entry.chapter.label}: {entry.name}" for entry in told[:3])
    return _("Applied a configuration (%(n)s: %(names)s)") % {
        "n": len(told),
        "names": names + ("…" if told[3:] else ""),
    }


def _write(seen: Review, by: Actor, publish: bool) -> list[Entry]:
    """Chapter by chapter; what names something that comes later waits for the next round."""
    told = waiting = seen.of(ADDED, CHANGED)
    made: list[tuple[Entry, Any]] = []
    while waiting:
        left, faults = [], []
        for entry in waiting:
            try:
                with transaction.atomic():
                    made.append((entry, entry.chapter.put(entry.item, entry.document or {}, by)))
            except (Invalid, InvalidMany) as problem:
                refresh()  # what was kept of the settings is of before the way back
                left.append(entry)
                faults += said_of(entry.path, problem)
        if len(left) == len(waiting):
            raise Refused(faults)
        waiting = left
    if publish:
        waits = seen.of(WAITING)
        for entry, row in [*made, *((e, e.item.row) for e in waits if e.item is not None)]:
            _publish(entry, row, by)
        told = [*told, *waits]
    return told


def _publish(entry: Entry, row: Any, by: Actor) -> None:
    if not entry.chapter.publishes:
        return
    try:
        entry.chapter.publish(row, entry.document or {}, by)
    except (Invalid, InvalidMany) as problem:
        raise Refused(said_of(entry.path, problem)) from None
    except KithError as problem:
        raise Refused([f"{entry.path}: {problem.message}"]) from None


def _put_away(seen: Review, by: Actor) -> list[Entry]:
    """Those that others need go last."""
    gone = seen.of(MISSING)
    for chapter in reversed(chapters()):
        for entry in [e for e in gone if e.chapter.name == chapter.name and e.item is not None]:
            assert entry.item is not None
            try:
                chapter.remove(entry.item, by)
            except KithError as problem:
                raise Refused([f"{chapter.label}, {entry.name}: {problem.message}"]) from None
    return gone


@undoes(KIND)
def take_back(op: Operation, by: Actor) -> list[str]:
    """What was applied is as it was, where nobody changed it since; sentences about what stays."""
    by.require(MANAGE)
    known: dict[str, Chapter] = {chapter.name: chapter for chapter in chapters()}
    for chapter in known.values():
        chapter.to_take_back(op)
    conflicts = undo_changes(op, by)
    for chapter in known.values():
        chapter.taken_back(op, by)
    for name, key, before, after in reversed(op.data.get("plain", [])):
        if name in known:
            conflicts += known[name].put_back(tuple(key), before, after, by)
    bump()
    return conflicts


def applied() -> list[Operation]:
    """What was applied so far, the latest first."""
    return list(Operation.objects.filter(kind=KIND).order_by("-pk")[:50])


def roll_back(number: int | None, *, by: Actor) -> tuple[Operation, Undone]:
    """Take back what was applied: that operation, or the last one that stands. Raises NotFound."""
    by.require(MANAGE)
    rows = Operation.objects.filter(kind=KIND)
    op = rows.filter(pk=number).first() if number else rows.filter(undone_at=None).order_by("-pk").first()
    if op is None:
        raise NotFound(_("No configuration was applied that could be taken back.") if not number else
                       _("There is no applied configuration %s.") % number)  # fmt: skip
    return op, undo(op, by=by)
