"""Colleagues named in a note: "@Priya" or "@Priya Nair". They find it in their mentions."""

from __future__ import annotations

import re
from typing import Any

from kith.activities.models import Activity, Mention
from kith.kernel.access.actor import Actor
from kith.kernel.accounts.queries import colleagues_by_name
from kith.kernel.text import fold

_AT = re.compile(r"(?:^|[\s(])@([\w'’.-]+(?:\s[\w'’.-]+)?)")


def mentioned(text: str) -> list[int]:
    """Ids of colleagues named in `text`, each once; a first name counts when only one colleague bears it."""
    found: dict[int, None] = {}
    names = colleagues_by_name()
    for match in _AT.findall(text):
        full = fold(match).strip(" .,-'’")
        for words in (full, full.split()[0] if full else ""):
            if pk := names.get(words):
                found[pk] = None
                break
    return list(found)


def note_mentions(row: Activity, *, by: Actor) -> list[Any]:
    """Remember who is named in an activity's text; naming somebody twice is once."""
    if "@" not in row.body:
        return []
    pks = [pk for pk in mentioned(row.body) if pk != by.user_id]
    return Mention.objects.bulk_create([Mention(activity=row, user_id=pk) for pk in pks], ignore_conflicts=True)
