"""Rows that look like the one being typed: `Record.duplicates(actor, values, own=)` says which and why, this shows them.

Of one that is there already its editor may say that the two are two (`Record.apart`); then it is not shown again.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from kith.kernel.access.actor import Actor
from kith.ui.render import fragment

MOST = 5


def alike(record: Any, actor: Actor, values: dict[str, Any], own: int | None = None) -> list[tuple[Any, str]]:
    """(row, why in words) of rows the actor may see that look the same as these typed values; nothing for types that
    do not say. own: the row being edited."""
    find = getattr(record, "duplicates", None)
    return list(find(actor, values, own=own))[:MOST] if callable(find) else []


def apart(record: Any, actor: Actor) -> Any:
    """The action by which this actor may say that two rows of the type are two; None."""
    return record.apart if record.apart is not None and actor.can(record.apart.needs) else None


def likeness_notice(
    request: HttpRequest,
    record: Any,
    found: list[tuple[Any, str]],
    actor: Actor,
    own: int | None,
    values: dict[str, Any],
) -> HttpResponse:
    """What looks like the row being typed; where that is there already, with a way to say that they are two. Of a new row also
    what is to be known before it is made (`Record.cautions`)."""
    told = record.cautions(actor, values) if callable(record.cautions) and own is None else []
    context = {
        "record": record,
        "alike": found,
        "own": own,
        "apart": apart(record, actor) if own else None,
        "cautions": told,
    }
    return fragment(request, "pages/form_alike.html", "alike", context)
