"""Parts of pages: what a customer bought, what was promised to them, what an order holds, what proves a promise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext_lazy as _

from kith.contacts.actions import is_customer
from kith.conversion.models import Order, Promise
from kith.conversion.promises import ABOUT
from kith.kernel.access.actor import Actor
from kith.kernel.records.reach import seen_ids
from kith.kernel.records.registry import registry
from kith.kernel.timeline.entries import readable_by
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.types import BodyLink, type_of
from kith.ui.panels import Panel

SHOWN = 12
OWN = ("person", "company", "deal", "order")  # types that promises point at
QUOTED = (
    1500  # characters of what was said that an address carries; whoever notes the promise keeps the span that matters
)
OPEN_FIRST = Case(When(state="open", then=Value(0)), default=Value(1), output_field=IntegerField())


def _link(row: Any) -> tuple[str, str]:
    record = registry.by_model(type(row))
    assert record is not None
    return record.name, f"{record.name}.is:{row.pk}"


def orders(actor: Actor, row: Any) -> dict[str, Any] | None:
    """The newest orders of a company, person or deal; None where there are none and none can be added."""
    name, look = _link(row)
    rows = registry["order"].rows(actor, archived=False).filter(**{name: row}).order_by("-placed_on", "-pk")
    found = list(rows[: SHOWN + 1])
    able = actor.can("order.create")
    if not (found or able):
        return None
    more = len(found) > SHOWN
    return {
        "orders": found[:SHOWN], "more": more, "count": None if more else len(found) or None, "able": able,
        "new": f"/orders/new?{name}={row.pk}", "all": f"/orders/?filter={look}",
    }  # fmt: skip


def _promised_to(row: Any) -> tuple[str, dict[str, Any], str]:
    """(type, condition, the same as a filter): promises that hang on the row, or on the customer whom a ticket or renewal is
    about."""
    name, look = _link(row)
    if name in OWN:
        return name, {name: row}, look
    for link in ("company", "person"):
        if pk := getattr(row, f"{link}_id", None):
            return name, {f"{link}_id": pk}, f"{link}.is:{pk}"
    return name, {}, ""


def promises(actor: Actor, row: Any) -> dict[str, Any] | None:
    """What was promised here: open ones first, the earliest due first."""
    name, where, look = _promised_to(row)
    if not where:
        return None
    rows = registry["promise"].rows(actor, archived=False).filter(**where).select_related("owner")
    found: list[Promise] = list(rows.annotate(first=OPEN_FIRST).order_by("first", "due_on", "pk")[: SHOWN + 1])
    able = actor.can("promise.create")
    if not (found or able):
        return None
    more = len(found) > SHOWN
    return {
        "promises": found[:SHOWN], "more": more, "count": sum(p.state == "open" for p in found) or None, "able": able,
        "edits": actor.can("promise.edit"), "say": f"{registry[name].url(row.pk)}/say/promise",
        "all": f"/promises/?filter={look}",
    }  # fmt: skip


def order_lines(actor: Actor, order: Order) -> dict[str, Any]:
    """What was bought, and how invoicing sees it."""
    lines = list(order.lines.select_related("product"))
    return {"lines": lines, "count": len(lines) or None, "order": order}


def evidence(actor: Actor, promise: Promise) -> dict[str, Any] | None:
    """The words that prove a promise, what holds them, and where the technical team works on it."""
    event = None
    if promise.source is not None:
        event = next(iter(readable_by(actor, Event.objects.filter(pk=promise.source))), None)
    where = _where(actor, promise, event)
    if not (promise.quote or event or promise.constraint or promise.issue_url):
        return None
    said = type_of(event.verb).say(event.payload) if event is not None and where else ""
    return {"promise": promise, "event": event, "said": said, "where": where}


def _where(actor: Actor, promise: Promise, event: Event | None) -> str:
    """Where the event stands on a story that the reader may see."""
    for name in ("deal", "person", "company") if event is not None else ():
        pk = getattr(promise, f"{name}_id")
        if pk and event is not None and seen_ids(actor, registry[name], {pk}):
            return f"{registry[name].url(pk)}?e={event.pk}#e-{event.pk}"
    return ""


def note_promise(actor: Actor, event: Any, record: str, pk: int, words: str) -> BodyLink | None:
    """Under what was said: the composer for a promise, with these words as its evidence."""
    if record not in ABOUT or not actor.can("promise.create"):
        return None
    begins = urlencode({"source": str(event.pk), "quote": words[:QUOTED]})
    return BodyLink(_("Note a promise"), f"{registry[record].url(pk)}/say/promise?{begins}", "check", part=True)


def bought(actor: Actor, row: Any) -> dict[str, Any] | None:
    """The same for a company or person, with whether they are a customer, and the verbs that say so."""
    found = orders(actor, row)
    name, _look = _link(row)
    if found is None and row.customer_since is None:
        return None
    return {
        "orders": [], "more": False, "count": None, "able": False, **(found or {}),
        "customer": is_customer(row), "since": row.customer_since, "until": row.customer_until,
        "says": actor.can(f"{name}.edit"), "do": f"{registry[name].url(row.pk)}/do/",
    }  # fmt: skip


BOUGHT = Panel(
    "orders", _("Orders"), "conversion/panel_orders.html", bought, depends_on=("order",), place="related", order=20, lazy=True,
    covers=("order",), verbs=("become_customer", "end_customer"),
)  # fmt: skip
ORDERS = Panel(
    "orders", _("Orders"), "conversion/panel_orders.html", orders, depends_on=("order",), place="related", order=20, lazy=True,
    covers=("order",),
)  # fmt: skip
PROMISES = Panel(
    "promises", _("Promises"), "conversion/panel_promises.html", promises, depends_on=("promise",), place="next", order=30,
    lazy=True, covers=("promise",),
)  # fmt: skip
PROMISED = replace(PROMISES, title=_("What was promised"), order=6)  # beside a talk it comes before what was earlier
LINES = Panel(
    "lines", _("Products"), "conversion/panel_lines.html", order_lines, place="main", order=20,
    verbs=("add_line", "change_line", "remove_line"),
)  # fmt: skip
EVIDENCE = Panel("evidence", _("Evidence"), "conversion/panel_evidence.html", evidence, place="main", order=20)
