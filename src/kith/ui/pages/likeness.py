"""Rows that look like the one being typed: `Record.duplicates(actor, values)` says which and why, this shows them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from kith.kernel.access.actor import Actor
from kith.ui.render import fragment

MOST = 5


def alike(record: Any, actor: Actor, values: dict[str, Any]) -> list[tuple[Any, str]]:
    """(row, why in words) of rows the actor may see that look the same as these typed values; nothing for types that
    do not say."""
    find = getattr(record, "duplicates", None)
    return list(find(actor, values))[:MOST] if callable(find) else []


def likeness_notice(request: HttpRequest, record: Any, found: list[tuple[Any, str]]) -> HttpResponse:
    return fragment(request, "pages/form_alike.html", "alike", {"record": record, "alike": found})
