"""Merging rows that are the same person or company: value by value, both stories kept, undo without deadline.

The survivor takes the chosen values; whatever pointed at the others points at it; the others are archived and their
ids keep resolving (`Moved`). Events are never rewritten: a timeline reads those of the ids that were merged into it.
What was moved is kept with the operation, so that undo can move back exactly that and nothing added since.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.core import serializers
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.kinds import Many, Tags
from kith.kernel.records.models import ExternalId, Followed, Moved, RecordModel
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.followup import refresh
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation, undoes
from kith.kernel.timeline.takeback import undo_changes
from kith.kernel.timeline.types import Archived, Merged

LOOSE: list[tuple[Any, str, str]] = [(ExternalId, "record", "record_id")]  # see `points_loosely`
BEFORE: list[Callable[[Any, Any, list[Any], Actor], None]] = []  # see `before_merge`
MOST = 20  # rows merged at once: more is a mistake or a job for the duplicate finder


def mergeable(record: Any) -> bool:
    """Is this a type of which two rows may be the same thing? It is when it says how look-alikes are found."""
    return callable(record.duplicates)


def choosable(record: Any, by: Actor) -> dict[str, Any]:
    """Columns by key of which the actor may choose whose value stays."""
    return {key: column for key, column in record.columns(by).items() if _chosen(column)}


def merge(
    record: Any, keep: Any, others: list[Any], *, choices: dict[str, int] | None = None, by: Actor
) -> tuple[Any, Operation]:
    """Merge `others` into `keep`; returns (the survivor, the operation that can take it back).

    choices: {column key: id of the row whose value stays}. Without a choice the survivor's value stays unless it is
    blank; lists (e-mails, phones, tags) become the union. Raises Invalid, NotFound, NotAllowed.
    """
    by.require(f"{record.name}.archive")
    others = [o for o in others if o.pk != keep.pk]
    if not others or len(others) >= MOST:
        raise Invalid(_("Choose between two and %s rows to merge.") % MOST)
    names = ", ".join(record.name_of(o) for o in others)
    label = _("Merged %(names)s into %(keep)s") % {"names": names, "keep": record.name_of(keep)}
    with operation("merge", label, by=by, record=record.name) as (op, actor):
        rows = {r.pk: r for r in _locked(record, [keep.pk, *(o.pk for o in others)], actor)}
        for prepare in BEFORE:
            prepare(record, rows[keep.pk], [rows[o.pk] for o in others], actor)
        op.data = {
            "keep": keep.pk,
            "merged": [o.pk for o in others],
            "moved": _repoint(record, keep.pk, [o.pk for o in others]),
        }
        with change(rows[keep.pk], by=actor) as c:
            _take_values(record, c.row, [rows[o.pk] for o in others], choices or {}, rows)
            c.says(Merged(names))
            for other in others:
                c.about(record.name, other.pk)
        # A row that was merged before and brought back by hand stands for itself again, or goes with this merge.
        Moved.objects.filter(record=record.name, old_id__in=list(rows)).delete()
        for other in others:
            Moved.objects.create(record=record.name, old_id=other.pk, new_id=keep.pk)
            with change(rows[other.pk], by=actor, verb="archive") as gone:
                gone.row.archived_at = timezone.now()
                gone.says(Archived())
        op.save(update_fields=["data"])
        refresh([(record.name, keep.pk), *((record.name, o.pk) for o in others)])
    return record.model._default_manager.get(pk=keep.pk), op


def _locked(record: Any, pks: list[int], by: Actor) -> list[Any]:
    rows = list(
        record.rows(by, "archive", archived=False).select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
    )
    if len(rows) != len(set(pks)):
        raise NotFound(_("Some of these rows are gone, or not yours to merge."))
    return rows


def _take_values(record: Any, row: Any, others: list[Any], choices: dict[str, int], rows: dict[int, Any]) -> None:
    for key, column in record.columns().items():
        if not _chosen(column):
            continue
        chosen = rows.get(choices.get(key, 0))
        if chosen is not None:
            column.put(row, column.get(chosen))
        elif isinstance(column.kind, Many | Tags):
            column.put(row, column.kind.clean([v for r in [row, *others] for v in column.get(r) or []]))
        elif column.kind.same(column.get(row), column.kind.blank):
            filled = next(
                (column.get(o) for o in others if not column.kind.same(column.get(o), column.kind.blank)), None
            )
            if filled is not None:
                column.put(row, filled)
    if isinstance(row, Followed):
        row.last_touch_at = max((r.last_touch_at for r in [row, *others] if r.last_touch_at), default=None)


def _chosen(column: Any) -> bool:
    """May a merge take this value from another row than the survivor?"""
    kept = column.derived or column.facts.only_via or column.facts.part_of
    return not kept and (column.field is not None or bool(column.custom))


def points_loosely(model: Any, type_field: str, id_field: str) -> None:
    """Register a table whose rows point at rows of any type, by the type's name and the row's id: a merge moves them."""
    LOOSE.append((model, type_field, id_field))


def before_merge(prepare: Callable[[Any, Any, list[Any], Actor], None]) -> None:
    """Register what must be settled before rows become one: `prepare(record, keep, others, by)`, in the merge's operation,
    while everything still points where it did (two relationships that must not both go on)."""
    BEFORE.append(prepare)


def _pointers(record: Any) -> list[tuple[Any, str]]:
    """(model, foreign key) of everything that points at rows of this type."""
    return [
        (r.related_model, r.field.name) for r in record.model._meta.related_objects if r.one_to_many or r.one_to_one
    ]


def _repoint(record: Any, keep: int, others: list[int]) -> list[dict[str, Any]]:
    """Make everything that points at the others point at `keep`; returns what was moved or dropped, for undo."""
    moved: list[dict[str, Any]] = []
    for model, name in _pointers(record):
        for old in others:
            pks = list(model._base_manager.filter(**{f"{name}_id": old}).values_list("pk", flat=True))
            if not pks:
                continue
            dropped = _move_each(model, name, pks, keep)
            moved.append({
                "model": model._meta.label, "field": name, "old": old,
                "pks": [p for p in pks if p not in dropped], "dropped": list(dropped.values()),
            })  # fmt: skip
    for model, type_field, id_field in LOOSE:
        for old in others:
            rows = model._base_manager.filter(**{type_field: record.name, id_field: old})
            pks = list(rows.values_list("pk", flat=True))
            if pks:
                rows.update(**{id_field: keep})
                moved.append({"model": model._meta.label, "field": id_field, "old": old, "pks": pks, "dropped": []})
    return moved


def _move_each(model: Any, name: str, pks: list[int], keep: int) -> dict[int, str]:
    """Repoint rows in one statement; where a rule forbids two alike, one by one, dropping those already there."""
    rows = model._base_manager
    try:
        with transaction.atomic():
            rows.filter(pk__in=pks).update(**{f"{name}_id": keep})
        return {}
    except IntegrityError:
        dropped: dict[int, str] = {}
    for pk in pks:
        try:
            with transaction.atomic():
                rows.filter(pk=pk).update(**{f"{name}_id": keep})
        except IntegrityError:
            row = rows.get(pk=pk)
            dropped[pk] = serializers.serialize("json", [row])
            row.delete()
    return dropped


def moved_by(op: Operation, by: Actor) -> list[dict[str, Any]]:
    """What a merge moved to the survivor, as far as the actor may see it: {"from": id it hung on, "what": plural,
    "count", "dropped": those that were there already}."""
    found = []
    for part in op.data["moved"]:
        model = apps.get_model(part["model"])
        record = registry.by_model(model)
        count = len(part["pks"]) if record is None else record.rows(by).filter(pk__in=part["pks"]).count()
        if count or part["dropped"]:
            what = str(model._meta.verbose_name_plural)
            found.append({"from": part["old"], "what": what, "count": count, "dropped": len(part["dropped"])})
    return found


@undoes("merge")
def unmerge(op: Operation, by: Actor) -> list[str]:
    """Bring the merged rows back with all that was theirs; values edited since the merge stay and are named."""
    record = registry[op.record]
    Moved.objects.filter(record=op.record, old_id__in=op.data["merged"], new_id=op.data["keep"]).delete()
    conflicts = [words for part in op.data["moved"] for words in _move_back(record, part, op.data["keep"])]
    conflicts += undo_changes(op, by)  # after it: what may be there once is with its own row again
    refresh([(record.name, pk) for pk in (op.data["keep"], *op.data["merged"])])
    return conflicts


def _move_back(record: Any, part: dict[str, Any], keep: int) -> list[str]:
    model, name = apps.get_model(part["model"]), part["field"]
    attname = name if name.endswith("_id") else f"{name}_id"
    rows = model._base_manager.filter(pk__in=part["pks"])
    still = rows.filter(**{attname: keep}).update(**{attname: part["old"]})
    for text in part["dropped"]:
        for restored in serializers.deserialize("json", text):
            restored.save()
    lost = len(part["pks"]) - still
    if not lost:
        return []
    return [_("%(n)s of its %(what)s were moved elsewhere since and stay there.") % {
        "n": lost, "what": model._meta.verbose_name_plural}]  # fmt: skip


def differing(record: Any, rows: list[Any]) -> list[Any]:
    """Columns in which the rows differ, for choosing field by field."""
    assert issubclass(record.model, RecordModel)
    columns = [c for c in record.columns().values() if _chosen(c)]
    return [c for c in columns if len({str(c.raw(r)) for r in rows}) > 1]
