"""The rows of a run as they stood in the file, written by COPY, and the keys by which later rows are seen to repeat them."""

from __future__ import annotations

import base64
import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any

from django.db import connection

from kith.kernel.intake.draft import Draft
from kith.kernel.intake.models import ImportKey, ImportRun, PendingLink, Unresolved
from kith.kernel.jsontext import encoder
from kith.kernel.text import fold

ROW_COLUMNS = "run_id, number, cells, extra, values, changes, verdict, reasons, record_id"
KEEP_ODD = """
    INSERT INTO intake_unresolved ("run_id", "column", "to", "value", "why", "rows", "suggestions")
    SELECT %s, *, '[]'::jsonb FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])
    ON CONFLICT ("run_id", "column", "to", "value") DO UPDATE SET "rows" = intake_unresolved."rows" + excluded."rows"
"""


def plain(value: Any) -> Any:
    """A cell that JSON does not know: moments and days in ISO form, bytes as base64, nothing lost."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    return str(value) if not isinstance(value, Decimal) else format(value, "f")


_encode = encoder(plain)


def keep_rows(run: int, drafts: list[Draft], dump: Any, write: bool) -> None:
    """COPY a batch. What a created row was given is kept only by a dry run: afterwards its own history has it."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY intake_importrow ({ROW_COLUMNS}) FROM STDIN") as copy,
    ):
        for d in drafts:
            shown = d.refused or (not write and d.verdict == "create")
            copy.write_row((
                run, d.number, _encode(d.cells), _encode(d.extra) if d.extra else None,
                _encode(dump(d)) if shown and d.values else None, _encode(d.changes) if d.changes else None,
                "reject" if d.refused else d.verdict, _encode(d.reasons or d.notes) if d.reasons or d.notes else "[]",
                d.record_id if write and not d.refused else d.existing.pk if d.existing is not None else None,
            ))  # fmt: skip


def keep_keys(run: int, drafts: list[Draft]) -> None:
    """Remember what the accepted rows are recognised by. Of one batch no two hold the same key."""
    held: dict[str, int] = {}
    for d in drafts:
        if not d.refused:
            for key in d.keys:
                held.setdefault(key, d.number)
    if not held:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO intake_importkey (run_id, key, number) SELECT %s, * FROM unnest(%s::text[], %s::bigint[]) "
            "ON CONFLICT DO NOTHING",
            [run, list(held), list(held.values())],
        )


def earlier(run: int, keys: set[str]) -> dict[str, int]:
    """{key: number of the row of this file that has it} for those that earlier batches brought."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, number FROM intake_importkey WHERE run_id = %s AND key = ANY(%s)", [run, list(keys)]
        )
        return dict(cursor.fetchall())


def keep_odd(run: int, drafts: list[Draft]) -> None:
    """Count the words that could not be taken as they are, whatever their number."""
    counts = Counter(odd for d in drafts for odd in d.odd)
    merged: dict[tuple[str, str, str], tuple[str, int]] = {}
    for (column, to, value, why), n in counts.items():
        merged[column, to, value] = (why, merged.get((column, to, value), ("", 0))[1] + n)
    if not merged:
        return
    columns, targets, values = zip(*merged, strict=True)
    reasons, rows = zip(*merged.values(), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(KEEP_ODD, [run, *(list(part) for part in (columns, targets, values, reasons, rows))])


def drop_answered(run: ImportRun, waiting: dict[str, str], write: bool) -> None:
    """Forget missing links that were tied after all: `waiting` maps a column of the file to the type it links to.

    A dry run ties nothing, so there a later row of the same file counts as the answer.
    """
    for column, target in waiting.items():
        odd = Unresolved.objects.filter(run=run, column=column, why="missing")
        if write:
            still = PendingLink.objects.filter(run=run, target=target, tied=None).values("words")
            odd.exclude(value__in=still).delete()
        elif target == run.target:
            words = dict(odd.values_list("pk", "value"))
            keys = {k: pk for pk, w in words.items() for k in (f"name:{fold(w)}", f"external_id:{w}")}
            known = ImportKey.objects.filter(run=run, key__in=keys).values_list("key", flat=True)
            odd.filter(pk__in=[keys[k] for k in known]).delete()


def clear(run: ImportRun) -> None:
    """Forget an earlier pass before the next one."""
    with connection.cursor() as cursor:
        for table in ("intake_importrow", "intake_importkey", "intake_unresolved"):
            cursor.execute(f"DELETE FROM {table} WHERE run_id = %s", [run.pk])  # noqa: S608
