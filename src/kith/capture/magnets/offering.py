"""Which forms hand something over, kept until configuration changes; and how often such a form was looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from kith.capture.magnets.models import Magnet
from kith.kernel.organisation.models import cached

MACHINES = re.compile(r"bot|crawl|spider|preview|slurp|facebookexternalhit|curl|wget|python-", re.IGNORECASE)
# The server need not have written it to disk before somebody sees a page.
COUNT = """
    WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))
    INSERT INTO capture_seen (form_id, day, count) SELECT %s, %s, 1 FROM quick
    ON CONFLICT (form_id, day) DO UPDATE SET count = capture_seen.count + 1
"""


@dataclass(frozen=True)
class Offered:
    """A magnet as its form knows it."""

    pk: int
    days: int
    confirm: bool
    in_force: bool


def offered(form: int | None) -> list[Offered]:
    """What this form hands over now."""
    return [one for one in _by_form().get(form or 0, []) if one.in_force]


def ever_offered(form: int | None) -> bool:
    """Whether this form handed anything over, now or before."""
    return (form or 0) in _by_form()


def _by_form() -> dict[int, list[Offered]]:
    found: dict[int, list[Offered]] = cached("capture:magnets", _load)
    return found


def _load() -> dict[int, list[Offered]]:
    out: dict[int, list[Offered]] = {}
    for row in Magnet.objects.order_by("pk"):
        out.setdefault(row.form_id, []).append(Offered(row.pk, row.days, row.confirm, row.archived_at is None))
    return out


def seen(request: HttpRequest, form: int) -> None:
    """Count that a form was shown, where it hands something over and somebody may have looked: no machine that says so,
    no page that is fetched ahead. One statement."""
    ahead = "prefetch" in (request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")).lower()
    if request.method != "GET" or ahead or not offered(form) or MACHINES.search(request.headers.get("User-Agent", "")):
        return
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [form, timezone.localdate()])
