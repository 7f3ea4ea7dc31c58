"""A Thursday morning at Tidewell: 12 March 2026, 08:56, and people to turn to."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.utils import timezone

from kith.deals.models import Deal
from kith.kernel.access.actor import Actor
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import user

MORNING = "2026-03-12 08:56"


def person(by: Actor, name: str, **values: Any) -> Any:
    given, _sep, family = name.partition(" ")
    values = {"given_name": given, "family_name": family, "owner": user_of(by), **values}
    return actions.create(registry["person"], values, by=by)


def company(by: Actor, name: str, **values: Any) -> Any:
    return actions.create(registry["company"], {"name": name, "owner": user_of(by), **values}, by=by)


def task(by: Actor, subject: str, due: str, **values: Any) -> Any:
    """Something to do; `due` like "2026-03-12T09:30"."""
    raw = {"subject": subject, "due_at": due, "kind": "task", **values}
    links = {key: raw.pop(key) for key in ("person", "company", "deal", "owner") if key in raw}
    typed = actions.parse_values(registry["activity"], raw, by=by)
    return actions.create(registry["activity"], {"owner": user_of(by), **typed, **links}, by=by)


def user_of(by: Actor) -> Any:
    return user(
        next(who for who in ("ines", "priya", "jonas", "helena", "astrid", "rolf") if user(who).pk == by.user_id)
    )


def touched(row: Any, days: int) -> None:
    """The last word was so many days ago."""
    type(row).objects.filter(pk=row.pk).update(last_touch_at=timezone.now() - dt.timedelta(days=days))


def idle(deal: Deal, days: int) -> None:
    since = timezone.now() - dt.timedelta(days=days)
    Deal.objects.filter(pk=deal.pk).update(stage_since=since, last_touch_at=None)


def words(html: str) -> str:
    """What one reads: tags and extra space taken out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def section(html: str, key: str) -> str:
    """The words of one section, "" when it is not there."""
    found = re.search(rf'<section class="ruled[^"]*" id="{key}".*?</section>', html, re.DOTALL)
    return words(found[0]) if found else ""
