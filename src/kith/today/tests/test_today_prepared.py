"""Statements that are kept say for every reader what building them anew would say."""

import dataclasses
import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.kernel.organisation.models import cached
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.today import prepared
from kith.today.page import as_json, day_of
from kith.today.scope import scope_of
from tests.cast import actor

pytestmark = pytest.mark.django_db


def task(by, name, hours):
    person = create(registry["person"], {"given_name": name, "owner": by.user}, by=by)
    values = {"kind": "task", "subject": f"Call {name}", "person": person, "due_at": timezone.now() + dt.timedelta(hours=hours), "owner": by.user}  # fmt: skip
    return create(registry["activity"], values, by=by)


def day(by, scope):
    return as_json(day_of(by, dataclasses.replace(scope, memo={})))


def anew(monkeypatch, by, scope):
    """The day with every statement built for this reader alone."""
    with monkeypatch.context() as patched:
        patched.setattr(prepared, "prepare", lambda actor, scope, build: None)
        cached("today_prepared", dict).clear()
        found = day(by, scope)
    cached("today_prepared", dict).clear()
    return found


@pytest.mark.parametrize("who", ["astrid", "ines", "priya"])
@pytest.mark.parametrize("of", ["me", "team"])
def test_each_reader_gets_their_own_day_from_statements_made_for_another(monkeypatch, who, of):
    people = [actor(name) for name in ("ines", "priya", "jonas", "astrid")]
    for n, by in enumerate(people):
        task(by, f"Marta {by.name}", -30 - n)
        task(by, f"Pavel {by.name}", 0.2)
    scopes = {by.user_id: scope_of(by, of) for by in people}
    wanted = {by.user_id: anew(monkeypatch, by, scopes[by.user_id]) for by in people}
    assert len({str(found) for found in wanted.values()}) > 1
    day_of(actor(who), scope_of(actor(who), of))  # whoever comes first makes them
    for by in people:
        assert day(by, scopes[by.user_id]) == wanted[by.user_id]


def test_all_large_statements_of_a_day_are_kept_for_whoever_sees_alike():
    ines = actor("ines")
    task(ines, "Marta", -30)
    day_of(ines, scope_of(ines))
    kept = cached("today_prepared", dict)
    assert {key[0] for key in kept} >= {"late", "due", "day", "birthdays", "anniversaries"}
    assert not [key[0] for key, found in kept.items() if found is None and key[0] != "leads"]
    size = len(kept)
    day_of(ines, scope_of(ines))
    assert len(kept) == size


@time_machine.travel("2026-10-15T12:00:00Z")
def test_a_moment_later_is_another_moment_in_a_kept_statement():
    ines = actor("ines")
    soon = task(ines, "Marta", 0)
    scope = scope_of(ines)
    day_of(ines, scope)
    assert soon.due_at < scope.now
    later = dataclasses.replace(scope, now=scope.now + dt.timedelta(minutes=7), memo={})
    found = {section["key"]: section["rows"] for section in as_json(day_of(ines, later))["sections"]}
    assert found["late"][0]["when"].startswith("7 min late")


def test_what_differs_in_a_way_that_is_not_understood_is_built_for_each(monkeypatch):
    ines = actor("ines")
    scope = scope_of(ines)

    def doubled(a, s):
        return registry["person"].rows(a).filter(owner_id=2 * (a.user_id or 0)).values_list("pk", named=True)

    def mine(a, s):
        return registry["person"].rows(a).filter(owner_id=a.user_id).values_list("pk", "name", named=True)

    assert prepared.prepare(ines, scope, doubled) is None
    task(ines, "Marta", 1)
    found = prepared.prepare(ines, scope, mine)
    with CaptureQueriesContext(connection) as asked:
        assert [row.name for row in found.rows(ines, scope)] == ["Marta"]
    assert len(asked) == 1 and found.rows(actor("priya"), scope) == []
