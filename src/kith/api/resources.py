"""Records over the API: list, read, create, change, archive, run actions, read the timeline. One set for all types."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from kith.api.door import body, endpoint
from kith.api.looks import look_of
from kith.api.shape import asked_columns, flat, keep_external, read_external, shown, to_dict, values_of
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Conflict, Invalid, NotFound
from kith.kernel.lookups.finding import matching
from kith.kernel.lookups.paging import paginate
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.models import ExternalId, RecordModel
from kith.kernel.records.queries import capped_count
from kith.kernel.records.registry import registry
from kith.kernel.timeline.queries import timeline

MOST = 200


def record_named(slug: str) -> Any:
    record = registry.by_slug(slug)
    if record is None:
        raise NotFound(f"There is no resource “{slug}”; known: {', '.join(r.slug for r in registry)}.")
    return record


def limit_of(request: HttpRequest) -> int:
    text = request.GET.get("limit", "50")
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise Invalid(f"limit is a whole number from 1 to {MOST}.", "limit")
    return int(text)


def list_rows(actor: Actor, request: HttpRequest, slug: str) -> Any:
    """`?view=&filter=&q=&sort=&cursor=&limit=&fields=&count=exact&archived=1`"""
    record = record_named(slug)
    columns = asked_columns(record, actor, request)
    look = look_of(record, actor, request.GET)
    away = request.GET.get("archived") == "1"
    rows = look.compiled.apply(record.rows(actor, archived=True)) if away else look.unsearched
    if external := request.GET.get("external_id"):
        source, value = read_external(external)
        rows = rows.filter(
            pk__in=ExternalId.objects.filter(record=record.name, source=source, value=value).values("record_id")
        )
    if look.state.query:
        rows = matching(rows, look.state.query) if issubclass(record.model, RecordModel) else rows
    page = paginate(record.listing(rows, columns), look.sort, request.GET.get("cursor", ""), limit_of(request))
    out: dict[str, Any] = {
        "data": [to_dict(record, r, columns) for r in page.rows],
        "next": page.after,
        "previous": page.before,
    }
    if request.GET.get("count"):
        exact = request.GET["count"] == "exact"
        out["count"], out["count_is_exact"] = (rows.count(), True) if exact else capped_count(rows)
    return out


def create_row(actor: Actor, request: HttpRequest, slug: str) -> Any:
    record, data = record_named(slug), body(request)
    external = data.pop("external_id", None)
    values = values_of(record, actor, data, extra=tuple(getattr(record, "at_creation", ())))
    with transaction.atomic():
        row = actions.create(record, values, by=actor)
        if external is not None:
            keep_external(record, row.pk, external)
    return 201, read_row(actor, request, slug, row.pk)


def read_row(actor: Actor, request: HttpRequest, slug: str, pk: int) -> Any:
    record = record_named(slug)
    columns = asked_columns(record, actor, request)
    found = record.get(actor, pk)
    row = record.listing(record.rows(actor).filter(pk=found.pk), columns).first()
    return to_dict(record, row, columns)


def change_row(actor: Actor, request: HttpRequest, slug: str, pk: int) -> Any:
    """Change some columns; `If-Match: "version"` refuses when somebody changed the row since."""
    record = record_named(slug)
    row = record.get(actor, pk, "see")
    wanted = request.headers.get("If-Match", "").strip().strip('"')
    if wanted and wanted != "*" and wanted != str(getattr(row, "version", "")):
        raise Conflict("The row was changed since you read it; read it again.")
    actions.edit(record, row, values_of(record, actor, body(request)), by=actor)
    return read_row(actor, request, slug, row.pk)


def archive_row(actor: Actor, request: HttpRequest, slug: str, pk: int) -> Any:
    record = record_named(slug)
    actions.archive(record, record.get(actor, pk), by=actor)
    return 204, None


def run_action(actor: Actor, request: HttpRequest, slug: str, pk: int, verb: str) -> Any:
    record = record_named(slug)
    row = record.get(actor, pk)
    if verb == "restore":
        actions.restore(record, row, by=actor)
        return read_row(actor, request, slug, pk)
    act = next((a for a in record.actions if a.verb == verb), None)
    if act is None:
        raise NotFound(
            f"{record.label} has no action “{verb}”; known: {', '.join(a.verb for a in record.actions) or 'none'}."
        )
    outcome = perform(act, row, flat(body(request)), by=actor, json=True)
    return {**read_row(actor, request, slug, pk), "operation": outcome.operation.pk if outcome.operation else None}


def _changes(actor: Actor, event: Any) -> dict[str, Any]:
    """What an event changed, without columns that this actor does not see on rows of its type."""
    kind = registry.get(event.record)
    hidden = set(kind.columns()) - set(shown(kind, actor)) if kind is not None else set()
    return {key: pair for key, pair in event.changes.items() if key not in hidden}


def read_events(actor: Actor, request: HttpRequest, slug: str, pk: int) -> Any:
    record = record_named(slug)
    row = record.get(actor, pk)
    chips = [c for c in request.GET.get("chips", "").split(",") if c]
    entries, more = timeline(
        actor, record.name, row.pk, chips=chips, before=request.GET.get("cursor", ""), limit=limit_of(request)
    )
    return {
        "data": [
            {
                "id": str(e.event.pk), "at": e.event.at.isoformat(), "verb": e.event.verb, "sentence": e.sentence,
                "actor": {"id": e.event.actor_id, "name": e.event.actor_name}, "channel": e.event.channel,
                "record": e.event.record, "record_id": e.event.record_id, "payload": _told(e.event.payload),
                "changes": _changes(actor, e.event),
                "cause": str(e.event.cause) if e.event.cause else None, "operation": e.event.operation,
            }
            for e in entries
        ],
        "next": more,
    }  # fmt: skip


def _told(payload: dict[str, Any]) -> dict[str, Any]:
    """A payload without the rows of plain tables that undo keeps with it: who reads them is for each table to say."""
    return {key: value for key, value in payload.items() if key != "sides"}


def read_part(actor: Actor, request: HttpRequest, slug: str, pk: int, key: str) -> Any:
    """Rows of plain tables that belong to this one: a person's roles, a deal's products."""
    record = record_named(slug)
    row = record.get(actor, pk)
    part = next((p for p in record.parts if p.key == key), None)
    if part is None:
        known = ["events", *(p.key for p in record.parts)]
        raise NotFound(f"{record.label} has no part “{key}”; known: {', '.join(known)}.")
    return {"data": part.dump(actor, row)}


collection = endpoint(get=list_rows, post=create_row)
item = endpoint(get=read_row, patch=change_row, delete=archive_row)
action_run = endpoint(post=run_action)
events = endpoint(get=read_events)
part = endpoint(get=read_part)
