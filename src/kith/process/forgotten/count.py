"""How many stand on the public list, beside its place on every page. It comes with the reader's own row."""

from __future__ import annotations

from django.db.models import BigIntegerField
from django.http import HttpRequest

from kith.kernel.accounts.carried import carry
from kith.ui.pages.base import actor_of

MOST = 99
COUNT = f"(SELECT count(*) FROM (SELECT 1 FROM forgotten_unattended LIMIT {MOST + 1}) AS listed)"  # noqa: S608 - made of a constant


def carry_count() -> None:
    carry("unattended", COUNT, BigIntegerField())


def visible(request: HttpRequest) -> bool:
    actor = actor_of(request)
    return actor.can("deal.see") or actor.can("person.see")


def count(request: HttpRequest) -> tuple[int | str | None, str | None]:
    """(figure, tone) for the sidebar."""
    n = getattr(request.user, "unattended", None) or 0
    return (f"{MOST}+" if n > MOST else n or None), "warn" if n else None
