"""Learning who leaves: customers as they stood at the end of past quarters, and whether they were gone 90 days later.

Values are those of that day: health is worked out as of then, columns are read back from the story. One row a customer
and quarter; the last quarter learned from ended long enough ago for its outcome to be known. Health itself is tried on the
same rows, which is its backtest.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.learning.columns import Source, plain
from kith.kernel.learning.documents import document_of, measured
from kith.kernel.learning.encoding import shape
from kith.kernel.learning.history import before, told
from kith.kernel.learning.regression import interval, learn
from kith.kernel.organisation.models import bump
from kith.kernel.records.registry import registry
from kith.retention.churn.features import features_of, labels, sources
from kith.retention.customers import Batch, Key, customers_on
from kith.retention.health.computing import work_out
from kith.retention.models import Churn, ChurnKind, ChurnModel

WITHIN = 90  # days in which leaving counts
QUARTERS = 8  # looked back over
FEWEST, FEWEST_EACH = 200, 30  # rows, and rows of either outcome, below which nothing is learned
BETTER = 0.55  # what the area under the curve must be above with certainty
CHUNK, KEPT = 2000, 20


@dataclass
class Rows:
    """What is learned from, row by row: values by feature, who left within 90 days, and health as it stood."""

    values: list[dict[str, Any]] = field(default_factory=list)
    left: list[bool] = field(default_factory=list)
    health: list[int | None] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.left)

    def column(self, key: str) -> list[Any]:
        return [row.get(key) for row in self.values]


def cuts(today: dt.date) -> list[dt.date]:
    """The last days looked at: every quarter back from the latest whose outcome is known, oldest first."""
    last = today - dt.timedelta(days=WITHIN)
    return [last - dt.timedelta(days=91 * n) for n in reversed(range(QUARTERS))]


def gather(now: dt.datetime) -> Rows:
    """Customers of each cut, with what became of them. Leaving that nobody wanted, or that we wanted, is none of theirs."""
    out, read = Rows(), sources()
    for day in cuts(timezone.localdate(now)):
        gone = _gone(day)
        for batch in customers_on(day, CHUNK):
            _add(out, batch, day, gone, read)
    return out


def _gone(day: dt.date) -> dict[Key, str]:
    """{customer: kind of leaving} of those who left within the 90 days after it."""
    rows = Churn.objects.filter(archived_at=None, ended_on__gt=day, ended_on__lte=day + dt.timedelta(days=WITHIN))
    return {
        ("company", c) if c else ("person", p): kind
        for c, p, kind in rows.values_list("company_id", "person_id", "kind")
    }


def _add(out: Rows, batch: Batch, day: dt.date, gone: dict[Key, str], read: list[Source]) -> None:
    moment = timezone.make_aware(dt.datetime.combine(day, dt.time(23, 59)))
    found = work_out(batch, moment, past=True)
    columns = _columns(batch, moment, read)
    for key, health in found.items():
        kind = gone.get(key)
        if kind is not None and kind != ChurnKind.UNWANTED:
            continue
        out.values.append(features_of(health.lines, batch.since(key), day) | columns.get(key, {}))
        out.left.append(kind is not None)
        out.health.append(health.points)


def _columns(batch: Batch, moment: dt.datetime, read: list[Source]) -> dict[Key, dict[str, Any]]:
    """Columns of companies as they stood."""
    if not batch.companies:
        return {}
    earlier = before("company", [(pk, moment) for pk in batch.companies])
    out: dict[Key, dict[str, Any]] = {}
    for row in registry["company"].model._default_manager.filter(pk__in=list(batch.companies)).defer("search", "tsv"):
        values = {}
        for source in read:
            then = told(earlier, row.pk, moment, source.column.key)
            values[source.key] = plain(source, source.column.raw(row) if then is None else then[0])
        out["company", row.pk] = values
    return out


def train(now: dt.datetime | None = None) -> ChurnModel:
    """Learn and keep it as a new version, silent ones too: they say why."""
    now = now or timezone.now()
    rows, named = gather(now), labels()
    keys = [key for key in named if any(row.get(key) not in (None, "") for row in rows.values)]
    numeric = {key: not any(isinstance(row.get(key), str) for row in rows.values) for key in keys}
    forms = {key: form for key in keys if (form := shape(rows.column(key), numeric[key])) is not None}
    report: dict[str, Any] = {
        "rows": len(rows), "left": sum(rows.left), "within": WITHIN, "used": [named[key] for key in forms], "health": backtest(rows.health, rows.left),
    }  # fmt: skip
    silent = _thin(rows) or ("" if forms else _("Nothing that is known tells customers apart."))
    document = None
    if not silent:
        values = {key: rows.column(key) for key in forms}
        learned = learn(forms, values, rows.left)
        report |= measured(learned)
        if learned.low <= BETTER:
            silent = _(
                "What is known of customers says too little about who leaves: the chance would be little better than a guess."
            )
        else:
            document = document_of(forms, learned, values, len(rows), named)
    return _keep(silent, document, report, now)


def _thin(rows: Rows) -> str:
    left = sum(rows.left)
    if len(rows) >= FEWEST and min(left, len(rows) - left) >= FEWEST_EACH:
        return ""
    words = _(
        "Too little to learn from: %(left)d customers left, over %(rows)d looked at. It takes %(fewest)d, and %(each)d who left."
    )
    return words % {"left": left, "rows": len(rows), "fewest": FEWEST, "each": FEWEST_EACH}


def backtest(health: list[int | None], left: list[bool]) -> dict[str, Any] | None:
    """How well health, as it stood, told who left within 90 days: the chance that somebody who left stood lower than somebody
    who stayed, with its 95 % interval; and the share that left by tenths of health. None where nobody left or stayed."""
    known = [(h, gone) for h, gone in zip(health, left, strict=True) if h is not None]
    gone = sorted(h for h, g in known if g)
    stayed = sorted(h for h, g in known if not g)
    if not gone or not stayed:
        return None
    auc = _area(gone, stayed)
    low, high = interval(auc, len(gone), len(stayed))
    bands = []
    for start in range(0, 100, 10):
        some = [g for h, g in known if start <= h < start + 10 or (start == 90 and h == 100)]
        if some:
            bands.append(
                {"from": start, "customers": len(some), "left": sum(some), "share": round(sum(some) / len(some), 4)}
            )
    return {
        "auc": round(auc, 4), "low": round(low, 4), "high": round(high, 4), "left": len(gone), "stayed": len(stayed),
        "unknown": len(health) - len(known), "bands": bands,
    }  # fmt: skip


def _area(gone: list[int], stayed: list[int]) -> float:
    """Share of pairs in which who left stood lower; ties are half. Both sorted."""
    from bisect import bisect_left, bisect_right

    n = len(stayed)
    return sum(n - bisect_right(stayed, h) + (bisect_right(stayed, h) - bisect_left(stayed, h)) / 2 for h in gone) / (
        n * len(gone)
    )


@transaction.atomic
def _keep(silent: str, document: Any, report: dict[str, Any], now: dt.datetime) -> ChurnModel:
    last = ChurnModel.objects.aggregate(last=Max("number"))["last"] or 0
    made = ChurnModel.objects.create(number=last + 1, at=now, silent=silent, document=document, report=report)
    ChurnModel.objects.filter(number__lte=made.number - KEPT).delete()
    bump()
    return made
