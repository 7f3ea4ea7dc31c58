"""What the API answers beside records, as schemas: operations, views, files, imports, mappings, fields."""

from __future__ import annotations

from kith.api.describing import FLAG, FREE, INT, MOMENT, SOMEBODY, TEXT, Schema, many, maybe, ref, shape
from kith.kernel.intake.models import State, Verdict

REFUSED = shape(id=INT, name=TEXT, reason=TEXT)
FAR = shape(state=TEXT, seen=INT, total=INT, changed=INT, refusals=INT, refused=many(REFUSED), problem=TEXT)
OPERATION = {
    "id": INT, "kind": TEXT, "label": TEXT, "at": {"type": "string", "format": "date-time"}, "actor": TEXT, "count": INT,
    "undone_at": MOMENT, "conflicts": many(TEXT),
}  # fmt: skip
COUNTS = shape(rows=INT, **dict.fromkeys(Verdict.values, INT), waiting=INT)
IMPORT = {
    "id": INT, "type": TEXT, "file": TEXT, "size": INT, "state": {"enum": State.values}, "problem": TEXT,
    "counts": COUNTS, "by": SOMEBODY, "created_at": {"type": "string", "format": "date-time"}, "finished_at": MOMENT,
    "operation": maybe(INT), "url": TEXT,
}  # fmt: skip
ODD = shape(column=TEXT, to=TEXT, value=TEXT, rows=INT, why=TEXT, suggestions=many(TEXT))
WHOLE_IMPORT = {
    **IMPORT, "headers": many(TEXT), "notes": many(TEXT), "mapping": FREE, "unresolved": many(ODD),
    "progress": shape(busy=FLAG, done=INT, total=maybe(INT), rows_per_second=INT), "conflicts": many(TEXT),
    "rejects": {**maybe(TEXT), "description": "address of the rejected rows as CSV"},
}  # fmt: skip

SHAPES: dict[str, Schema] = {
    "Operation": shape(**OPERATION),
    "OperationProgress": shape(**OPERATION, progress=FAR),
    "Undone": shape(undone=INT, conflicts=many(TEXT), waiting=FLAG),
    "OperationId": shape(operation=INT),
    "Bulk": shape(
        count=INT, sample=many(shape(id=INT, name=TEXT)), waiting=FLAG, changed=maybe(INT), refusals=INT,
        refused=many(REFUSED), operation=maybe(INT),
        progress={**maybe(TEXT), "description": "address that says how far it is, when it goes on in the background"},
    ),
    "Moved": shape(**{"from": INT}, what=TEXT, count=INT, dropped=INT),
    "View": shape(
        id=TEXT, name=TEXT, filter=TEXT, q=TEXT, sort=TEXT, columns=many(TEXT), face=TEXT, shared=TEXT, team=maybe(INT),
        owner=SOMEBODY, mine=FLAG, pinned=FLAG, default=FLAG,
    ),
    "File": shape(
        id=INT, name=TEXT, size=INT, content_type=TEXT, sha256=TEXT, added_by=SOMEBODY,
        created_at={"type": "string", "format": "date-time"}, url=TEXT,
    ),
    "Files": shape(data=many(ref("File")), refused=many(TEXT), operation=INT),
    "Import": shape(**IMPORT),
    "WholeImport": shape(**WHOLE_IMPORT),
    "StartedImport": shape(**WHOLE_IMPORT, doubts=many(TEXT)),
    "ImportRow": shape(
        number=INT, verdict={"enum": Verdict.values}, reasons=many(TEXT), record_id=maybe(INT), cells=FREE,
        beyond=many({}), extra=FREE, values=FREE, changes=FREE,
    ),
    "Mapping": shape(id=INT, name=TEXT, type=TEXT, kept_by=SOMEBODY, updated_at=TEXT, used_at=MOMENT),
    "Field": shape(
        id=INT, type=TEXT, key=TEXT, label=TEXT, kind=TEXT, choices=FREE, target=TEXT, help=TEXT, section=TEXT,
        required=FLAG, indexed=FLAG, archived_at=MOMENT,
    ),
}  # fmt: skip
