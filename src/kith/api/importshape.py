"""Imports and their rows as JSON: what the uploader may see of them, and nothing of records out of reach."""

from __future__ import annotations

from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.intake import queries
from kith.kernel.intake.models import ImportRow, ImportRun, Verdict
from kith.kernel.intake.targets import Target

COUNTS = ("rows", *Verdict.values, "waiting")


def run_shape(run: ImportRun) -> dict[str, Any]:
    return {
        "id": run.pk, "type": run.target, "file": run.file_name, "size": run.size, "state": run.state,
        "problem": run.problem, "counts": {key: run.counts.get(key, 0) for key in COUNTS},
        "by": {"id": run.user_id, "name": str(run.user)} if run.user is not None else None,
        "created_at": run.created_at.isoformat(), "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "operation": run.operation, "url": f"/api/v1/imports/{run.pk}",
    }  # fmt: skip


def whole_shape(actor: Actor, target: Target, run: ImportRun) -> dict[str, Any]:
    """One import with how far it is, its mapping, how the file was read, and the words that were not taken."""
    live, op = queries.progress(run), queries.operation_of(run)
    odd = [
        {"column": u.column, "to": u.to, "value": u.value, "rows": u.rows, "why": u.why, "suggestions": u.suggestions}
        for u in queries.unresolved(run)
    ]
    return {
        **run_shape(run), "headers": run.headers, "notes": run.notes, "mapping": run.mapping, "unresolved": odd,
        "progress": {"busy": live.busy, "done": live.done, "total": live.total, "rows_per_second": live.rate},
        "conflicts": op.conflicts if op is not None else [],
        "rejects": f"/api/v1/imports/{run.pk}/rejects.csv" if run.counts.get(Verdict.REJECT) else None,
    }  # fmt: skip


def row_shapes(actor: Actor, target: Target, run: ImportRun, rows: list[ImportRow]) -> list[dict[str, Any]]:
    """Rows of the file with what became of them; ids of those records only that the actor may see, in one query."""
    columns = target.columns(actor) if target.record is None else target.record.columns(actor)
    made = [row.record_id for row in rows if row.record_id]
    seen = set(made) if target.record is None else set(
        target.record.rows(actor).filter(pk__in=made).values_list("pk", flat=True)
    )  # fmt: skip
    return [
        {
            "number": row.number, "verdict": row.verdict, "reasons": row.reasons,
            "record_id": row.record_id if row.record_id in seen else None,
            "cells": dict(zip(run.headers, row.cells, strict=False)), "beyond": row.cells[len(run.headers):],
            "extra": row.extra or {}, "values": {k: v for k, v in (row.values or {}).items() if k in columns},
            "changes": {k: v for k, v in (row.changes or {}).items() if k in columns},
        }
        for row in rows
    ]  # fmt: skip
