"""What people did, counted a second time in plain Python."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kith.insight.tests.asking import report
from kith.kernel.lookups.look import look_at
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
activities = registry["activity"]
NOW = dt.datetime(2026, 3, 12, 12, tzinfo=dt.UTC)
ZONE = "Pacific/Auckland"
KEYS = {"call": "calls", "meeting": "meetings", "note": "notes", "task": "tasks"}
TEAMS = {"ines": "South", "priya": "South", "jonas": "North", "astrid": "No team"}
NAMES = {"ines": "Ines Okafor", "priya": "Priya Nair", "jonas": "Jonas Lindqvist", "astrid": "Astrid Moe"}
DONE = st.lists(
    st.tuples(
        st.sampled_from(sorted(KEYS)), st.sampled_from(sorted(TEAMS)), st.none() | st.integers(0, 24 * 120), st.booleans()
    ),
    max_size=14,
)  # fmt: skip


def counted(rows):
    """{key: number} of (kind, …) rows."""
    kinds = Counter(KEYS[kind] for kind, *_rest in rows)
    return {**{key: kinds[key] for key in KEYS.values()}, "everything": len(rows)}


def told(figures):
    return {key: figures[key].value for key in (*KEYS.values(), "everything")}


@given(plots=DONE)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_everybody_is_told_what_they_did_in_the_days_of_the_reader(plots):
    sid = transaction.savepoint()
    try:
        with time_machine.travel(NOW, tick=False), timezone.override(ZONE):
            check(plots)
    finally:
        transaction.savepoint_rollback(sid)


def check(plots):
    done = []
    for kind, who, hours, gone in plots:
        at = None if hours is None else NOW - dt.timedelta(hours=hours)
        row = actions.create(
            activities, {"kind": kind, "subject": "Sensors", "done_at": at, "owner": user(who)}, by=actor("astrid")
        )
        if gone:
            actions.archive(activities, row, by=actor("astrid"))
        elif row.done_at is not None:  # a note is written when it is made
            done.append((kind, who, row.done_at.astimezone(ZoneInfo(ZONE)).date()))
    for word, first, last in (
        ("all", dt.date.min, dt.date.max),
        ("2026-02", dt.date(2026, 2, 1), dt.date(2026, 2, 28)),
    ):
        mine = [d for d in done if first <= d[2] <= last]
        out = report("astrid", "activity", period=word)
        assert told(out.figures) == counted(mine)
        for key, names in (("person", NAMES), ("team", TEAMS)):
            groups: dict[str, list] = {}
            for d in mine:
                groups.setdefault(names[d[1]], []).append(d)
            assert {r.label: told(r.figures) for r in out.tables[key].rows} == {
                k: counted(v) for k, v in groups.items()
            }
        for row in out.tables["month"].rows:
            assert told(row.figures) == counted([d for d in mine if d[2].isoformat()[:7] == row.key[:7]]), row.label
        assert sum(row.figures["everything"].value for row in out.tables["month"].rows) == len(mine)
        rows = [out.figures, *(r.figures for key in ("person", "team", "month") for r in out.tables[key].rows)]
        for figures in rows:
            for figure in figures.values():
                assert shown(figure.rows) == figure.count, figure.rows


def shown(address):
    from urllib.parse import parse_qsl, urlsplit

    look = look_at(activities, actor("astrid"), dict(parse_qsl(urlsplit(address).query)))
    assert look.sound, address
    return look.matched.count()


def test_what_is_only_planned_does_not_count_and_what_is_ticked_off_does():
    ines = actor("ines")
    row = actions.create(activities, {"kind": "task", "subject": "Send offer"}, by=ines)
    assert report("ines", "activity").figures["everything"].value == 0
    from kith.activities.actions import finish

    finish(row, by=ines)
    assert report("ines", "activity", period="this_month").figures["tasks"].value == 1
