"""What the generic pages share: the record type of a URL, its row, and its faces' addresses."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry


def record_of(slug: str) -> Any:
    """The record type with that plural in URLs, or 404."""
    record = registry.by_slug(slug)
    if record is None:
        raise Http404(f"There is no page “{slug}”.")
    return record


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined,no-any-return]


def base_url(record: Any) -> str:
    """Where a type's pages live; row pages are base_url + id."""
    return f"/{record.slug}/"
