"""The same change on many rows over the API: those of a list of ids, or all that match a filter. One operation, one undo.

Up to 500 rows are done at once; more go on in the background, and /operations/ID says how far they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest

from kith.api import inputs
from kith.api.door import body, endpoint
from kith.api.resources import record_named
from kith.api.shape import flat
from kith.kernel import jsontext
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Conflict, Invalid, InvalidMany, NeedsInput
from kith.kernel.lookups.bulk import Result, Wish, bulk_change, rehearse
from kith.kernel.lookups.selection import MOST_PICKED, Selection
from kith.kernel.lookups.tree import parse
from kith.kernel.lookups.wishes import SURE_FROM, doable, settable, wish_of
from kith.kernel.records.actions import refusal

SAMPLE = 5  # rows that are named
ROWS, SURE = ("ids", "filter", "q"), ("dry_run", "expect")
WISHES = ("set", "add_tags", "remove_tags", "archive", "restore", "action", "inputs")


def change_many(actor: Actor, request: HttpRequest, slug: str) -> Any:
    """`{"ids": […]}` or `{"filter": "…", "q": "…"}`, with one of set, add_tags and remove_tags, archive, restore, action."""
    record, data = record_named(slug), body(request)
    inputs.only(data, (*ROWS, *WISHES, *SURE))
    actor.require(f"{record.name}.bulk")
    selection = _selection(data)
    rows = selection.rows(record, actor)
    count = rows.order_by().count()
    if not count:
        raise Invalid("None of these rows is there, or none that you may see.", "ids" if "ids" in data else "filter")
    wish = _wish(record, actor, data, count)
    named = record.listing(rows.order_by("pk"), [])[:SAMPLE]
    sample = [{"id": row.pk, "name": record.name_of(row)} for row in named]
    dry = inputs.yes(data, "dry_run")
    if not dry:
        _be_sure(data, count)
    with _inside("set" if wish.verb == "edit" else "inputs"):
        result = (rehearse if dry else bulk_change)(record, selection, wish, by=actor)
    status = 202 if result.waiting and not dry else 200
    return status, {"count": count, "sample": sample, **_told(result)}


@contextmanager
def _inside(part: str) -> Iterator[None]:
    """Point at fields where they stand in the body."""
    try:
        yield
    except InvalidMany as refused:
        raise InvalidMany({f"{part}.{k}" if k else part: told for k, told in refused.errors.items()}) from None
    except NeedsInput as refused:
        errors = {f"{part}.{k}": told for k, told in refused.errors.items()}
        raise NeedsInput(refused.message, tuple(f"{part}.{k}" for k in refused.inputs), errors) from None


def _told(result: Result) -> dict[str, Any]:
    refused = [{"id": pk, "name": name, "reason": reason} for pk, name, reason in result.refused]
    op = result.operation.pk if result.operation is not None else None
    return {
        "waiting": result.waiting, "changed": None if result.waiting else result.changed, "refusals": result.refusals,
        "refused": refused, "operation": op, "progress": f"/api/v1/operations/{op}" if result.waiting and op else None,
    }  # fmt: skip


def _selection(data: dict[str, Any]) -> Selection:
    if "ids" in data:
        if "filter" in data or "q" in data:
            raise Invalid("Send “ids” or a “filter”, not both.", "ids")
        return Selection(inputs.ids(data, "ids", MOST_PICKED))
    if "filter" not in data and "q" not in data:
        raise Invalid("Say which rows: “ids”, or a “filter” (“” means all rows).", "ids")
    filter, query = inputs.text(data, "filter"), inputs.text(data, "q").strip()[:200]
    parse(filter)
    return Selection((), True, filter, query)


def _be_sure(data: dict[str, Any], count: int) -> None:
    """The number of rows that was expected is the number that is meant. Many rows are not changed without saying it."""
    expected = inputs.number(data, "expect")
    if expected is None and "ids" not in data and count > SURE_FROM:
        raise Invalid(f"This means {count:,} rows; send “expect”: {count} to show that you mean all of them.", "expect")
    if expected is not None and expected != count:
        raise Conflict(f"This means {count:,} rows and not {expected:,}, so nothing was done; look again.")


def _wish(record: Any, actor: Actor, data: dict[str, Any], count: int) -> Wish:
    asked = {"tags" if key in ("add_tags", "remove_tags") else key for key in WISHES if key in data and key != "inputs"}
    if len(asked) != 1:
        raise Invalid("Say one thing to do: set, add_tags and remove_tags, archive, restore, or action.")
    verb = asked.pop()
    if verb != "action" and "inputs" in data:
        raise Invalid("“inputs” belong to an action.", "inputs")
    if verb == "set":
        return _values(record, actor, data["set"], count)
    if verb == "tags":
        tags = {"add": inputs.texts(data, "add_tags"), "remove": inputs.texts(data, "remove_tags")}
        return wish_of(record, verb, count, tags, json=True)
    if verb == "action":
        return _action(record, actor, data, count)
    if data[verb] is not True:
        raise Invalid(f"“{verb}” is true, or left out.", verb)
    return wish_of(record, verb, count, {}, json=True)


def _values(record: Any, actor: Actor, given: Any, count: int) -> Wish:
    if not isinstance(given, dict) or not given:
        raise Invalid("“set” gives values by field: {“owner”: 3}.", "set")
    values, columns = flat(jsontext.clean(given)), settable(record, actor)
    writable = record.writable(actor)
    errors = {
        k: [f"“{writable[k].label}” is not set on many rows at once." if k in writable else refusal(record, k, actor)]
        for k in values if k not in columns
    }  # fmt: skip
    if errors:
        with _inside("set"):
            raise InvalidMany(errors)
    named = ", ".join(columns[k].label for k in values)
    return wish_of(record, "edit", count, values, named=named, json=True)


def _action(record: Any, actor: Actor, data: dict[str, Any], count: int) -> Wish:
    able = {a.verb: a for a in doable(record, actor)}
    verb = inputs.text(data, "action")
    if verb not in able:
        known = ", ".join(able) or "none"
        raise Invalid(f"“{verb}” is no action that you may run on many rows; there are: {known}.", "action")
    given = data.get("inputs", {})
    if not isinstance(given, dict):
        raise Invalid("“inputs” are an object: {“reason”: …}.", "inputs")
    return wish_of(record, "do", count, jsontext.clean(given), action=able[verb], json=True)


bulk = endpoint(post=change_many)
