"""What every record type has beside its rows, described: merge, many rows at once, export, views, files."""

from __future__ import annotations

from typing import Any

from kith.api.describing import FLAG, FREE, INT, TEXT, Op, Schema, listed, many, page, ref, shape
from kith.kernel.access.actor import Actor
from kith.kernel.files.queries import keeps_files
from kith.kernel.lookups.exporting import FORMATS
from kith.kernel.lookups.models import Sharing
from kith.kernel.lookups.wishes import doable, settable
from kith.kernel.records.merge import mergeable

LOOK = (
    ("view", "A view's id or name: its filter, words and sort; what else is asked stands on top."),
    ("filter", "Conditions, as for lists."),
    ("q", "Words, as for lists."),
    ("sort", "A column, with - before it for descending."),
)
EXPORT = (
    ("format", f"{', '.join(FORMATS)}; csv when left out."),
    *LOOK,
    ("columns", "Columns to write, parted by commas; all when left out."),
)
PAGED = (("limit", "Rows per page, 1 to 200; 50 when left out."), ("cursor", "The “next” of an earlier answer."))


def ops_of(record: Any, actor: Actor) -> list[Op]:
    name, tag, base = record.name, record.plural, f"/{record.slug}"
    view, many_ = view_input(record), ref(f"{name}_bulk")
    ops = [
        Op("post", f"{base}/bulk", f"bulk_{name}", tag, "Change many at once", ref("Bulk"), body=many_, needs=f"{name}.bulk"),
        Op("get", f"{base}/export", f"export_{name}", tag, "Rows as a file", {"type": "string", "format": "binary"},
           query=EXPORT, media="application/octet-stream", needs=f"{name}.export"),
        Op("get", f"{base}/views", f"list_views_{name}", tag, "Views of the list", listed(ref("View"))),
        Op("post", f"{base}/views", f"create_view_{name}", tag, "Save a view", ref("View"), "201", {**view, "required": ["name"]}),
        Op("get", f"{base}/views/{{key}}", f"read_view_{name}", tag, "One view", ref("View")),
        Op("patch", f"{base}/views/{{key}}", f"change_view_{name}", tag, "Change, share, pin a view", ref("View"), body=view),
        Op("delete", f"{base}/views/{{key}}", f"delete_view_{name}", tag, "Delete a view", ref("OperationId")),
    ]  # fmt: skip
    if mergeable(record):
        merged = {"allOf": [ref(name), {"type": "object", "properties": {"moved": many(ref("Moved")), "operation": {"type": ["integer", "null"]}}}]}  # fmt: skip
        ops.append(Op("post", f"{base}/{{id}}/merge", f"merge_{name}", tag, "Merge others into it", merged,
                      body=MERGE, needs=f"{name}.archive"))  # fmt: skip
    if keeps_files(record):
        files = f"{base}/{{id}}/files"
        sent = shape("file", file=many({"type": "string", "format": "binary"}))
        ops += [
            Op("get", files, f"list_files_{name}", tag, "Its files, newest first", page(ref("File")), query=PAGED),
            Op("post", files, f"add_files_{name}", tag, "Add files", ref("Files"), "201", sent, form=True, needs=f"{name}.edit"),
        ]  # fmt: skip
    return ops


MERGE = shape(
    "others", others={**many(INT), "minItems": 1, "description": "ids of the rows that go into this one"},
    choices={**FREE, "additionalProperties": INT, "description": "by column, the id of the row whose value stays"},
    dry_run={**FLAG, "description": "only say what it would be"},
)  # fmt: skip


def bulk_input(record: Any, actor: Actor) -> Schema:
    """The body of a change of many rows: which ones, and one thing to do."""
    able = [a.verb for a in doable(record, actor)]
    does = {"action": {"enum": able}, "inputs": FREE} if able else {}
    return shape(
        ids=many(INT), filter={**TEXT, "description": "conditions, as for lists; “” means all rows"}, q=TEXT,
        set=ref(f"{record.name}_set"), add_tags=many(TEXT), remove_tags=many(TEXT), archive=FLAG, restore=FLAG, **does,
        dry_run={**FLAG, "description": "only say what it would do"},
        expect={**INT, "description": "how many rows are meant; another number stops it"},
    )  # fmt: skip


def set_input(record: Any, actor: Actor, described: Any) -> Schema:
    """Values that many rows may be given at once; `described(column)` is a column's schema."""
    columns = settable(record, actor).values()
    custom = {c.custom: described(c) for c in columns if c.custom}
    own = {"custom": {"type": "object", "properties": custom}} if custom else {}
    return shape(**{c.key: described(c) for c in columns if not c.custom}, **own)


def view_input(record: Any) -> Schema:
    faces = ["list", *(["board"] if record.board else []), *(["calendar"] if record.calendar else [])]
    return shape(
        name=TEXT, filter=TEXT, q=TEXT, sort=TEXT, columns=many(TEXT), face={"enum": faces},
        shared={"enum": Sharing.values}, team=INT, pinned=FLAG, default=FLAG,
    )  # fmt: skip
