"""Replay says whom the rules would have given the leads of 90 days to, against who took them, and writes nothing."""

import argparse
import datetime as dt
import json

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.accounts import tokens
from kith.kernel.errors import NotAllowed
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.qualification.assigning import replaying
from kith.qualification.assigning.replaying import replay
from kith.qualification.tests.cast import captured, make, person, pool, rule
from tests.cast import actor, user
from tests.conformance.test_undo import differences, tables

pytestmark = pytest.mark.django_db
WRITES = ("INSERT", "UPDATE", "DELETE", "COPY", "TRUNCATE")


def came(name, days=10, **values):
    """Somebody came to us so many days ago, under the rules as they are."""
    with time_machine.travel(timezone.now() - dt.timedelta(days=days), tick=True):
        return captured(person(name, **values))


def given(told):
    return {row.name: (row.to, row.did) for row in told.rows}


def test_it_says_who_would_have_got_whom_against_who_did():
    first = rule("Poland", where="country.is:PL", user=user("ines"), position=1)
    rule("Everybody else", user=user("jonas"), position=2)
    came("Marta Kowalczyk", 9, addresses=[{"country": "PL"}])
    came("Oliver Grant", 8)
    actions.edit(registry["assignment_rule"], first, {"user": user("priya")}, by=system())
    told = replay(by=actor("astrid"))
    assert given(told) == {
        "Marta Kowalczyk": ("Priya Nair", "Ines Okafor"), "Oliver Grant": ("Jonas Lindqvist", "Jonas Lindqvist"),
    }  # fmt: skip
    assert (told.count, told.nobody, told.elsewhere) == (2, 0, 1)
    assert [(one.name, one.would, one.did) for one in told.people] == [
        ("Ines Okafor", 0, 1), ("Jonas Lindqvist", 1, 1), ("Priya Nair", 1, 0),
    ]  # fmt: skip
    assert told.rules == {"Everybody else": 1, "Poland": 1}


def test_those_nobody_would_take_are_counted_and_named_with_the_reason():
    came("Marta Kowalczyk")
    rule("Poland", where="country.is:PL", user=user("ines"))
    told = replay(by=actor("astrid"))
    (row,) = told.rows
    assert (told.nobody, row.to, row.did) == (1, "", "")
    assert any("Poland: the filter does not fit" in words for words in row.would)


def test_who_had_an_owner_when_they_came_is_counted_apart_and_what_a_colleague_did_by_hand_counts_as_who_did():
    rule(user=user("ines"))
    came("Kept Already", owner=user("priya"))
    free = make("person", given_name="Taken", family_name="By Hand")
    actions.archive(registry["assignment_rule"], registry["assignment_rule"].rows(system()).first(), by=system())
    free = captured(free)
    actions.edit(registry["person"], free, {"owner": user("helena")}, by=actor("astrid"))
    rule(user=user("jonas"))
    told = replay(by=actor("astrid"))
    assert (told.count, told.kept) == (1, 1)
    assert given(told) == {"Taken By Hand": ("Jonas Lindqvist", "Helena Brandt")}


def test_turns_absences_and_fullness_are_those_of_the_time():
    for n in range(6):
        came(f"Lead {n}", days=20 - n)
    gone = timezone.localdate() - dt.timedelta(days=16)
    made = pool("ines", "jonas")
    make("absence", user=user("ines"), first_day=gone, last_day=gone + dt.timedelta(days=1))
    rule(pool=made)
    took = [row.to for row in reversed(replay(by=actor("astrid")).rows)]
    assert took[4] == took[5] == "Jonas Lindqvist"
    assert took.count("Jonas Lindqvist") in (3, 4) and set(took) == {"Ines Okafor", "Jonas Lindqvist"}
    small = make("pool", name="Small")
    make("pool_member", pool=small, user=user("ines"), most_open=1)
    rule("Small", pool=small, position=1)
    told = replay(by=actor("astrid"))
    assert told.rules == {"Small": 1, "Everybody": 5}
    assert any("hold" in words for words in told.notes)


def test_a_rule_that_is_off_is_tried_as_if_it_were_in_use_and_only_what_it_would_take_is_named():
    rule("Everybody", user=user("jonas"), position=2)
    wanted = rule("Poland", where="country.is:PL", user=user("ines"), position=1, active=False)
    came("Marta Kowalczyk", addresses=[{"country": "PL"}])
    came("Oliver Grant")
    assert replay(by=actor("astrid")).rules == {"Everybody": 2}
    told = replay(wanted, by=actor("astrid"))
    assert given(told) == {"Marta Kowalczyk": ("Ines Okafor", "Jonas Lindqvist")}
    assert (told.count, told.touched) == (2, 1) and told.rules == {"Everybody": 1, "Poland": 1}


def test_it_writes_nothing_and_asks_no_more_for_many_than_for_few(monkeypatch):
    rule(pool=pool("ines", "jonas"), otherwise=user("helena"))
    for n in range(3):
        came(f"Lead {n}")
    by = actor("astrid")
    before = tables()
    replay(by=by)  # what is read once per configuration has been read
    with CaptureQueriesContext(connection) as few:
        replay(by=by)
    assert differences(before, tables()) == []
    assert [q["sql"] for q in few if q["sql"].lstrip().upper().startswith(WRITES)] == []
    assert [q["sql"] for q in few if "FOR UPDATE" in q["sql"] or "advisory" in q["sql"]] == []
    for n in range(12):
        came(f"More {n}")
    replay(by=by)
    with CaptureQueriesContext(connection) as many:
        assert replay(by=by).count == 15
    assert len(many) <= len(few)
    monkeypatch.setattr(replaying, "MOST", 5)
    told = replay(by=actor("astrid"))
    assert told.count == 5 and "more than 5" in told.notes[0]


def test_what_came_longer_ago_than_it_looks_back_does_not_count():
    rule(user=user("ines"))
    came("Long Ago", days=100)
    came("Lately")
    assert replay(by=actor("astrid")).count == 1
    assert replay(by=actor("astrid"), days=120).count == 2


def test_only_who_manages_settings_may(client):
    with pytest.raises(NotAllowed):
        replay(by=actor("ines"))
    client.force_login(user("ines"))
    assert client.get("/settings/assignment/replay").status_code == 403


def test_page_api_and_command_say_the_same(client, capsys):
    rule("Everybody", user=user("jonas"), position=2)
    wanted = rule("Poland", where="country.is:PL", user=user("ines"), position=1, active=False)
    came("Marta Kowalczyk", addresses=[{"country": "PL"}])
    client.force_login(user("astrid"))
    assert "/settings/assignment/replay" in client.get("/settings/assignment/").content.decode()
    page = client.get(f"/settings/assignment/replay?rule={wanted.pk}").content.decode()
    assert "Marta Kowalczyk" in page and "Nothing was written" in page and "Ines Okafor" in page
    assert client.get("/settings/assignment/replay?rule=x").status_code == 404
    api = Client(headers={"Authorization": "Bearer " + tokens.issue(user("astrid"), "replays")[1]})
    answer = api.post(f"/api/v1/assignment-rules/{wanted.pk}/replay", "{}", content_type="application/json").json()
    assert answer["rows"][0]["to"] == "Ines Okafor" and answer["rows"][0]["did"] == "Jonas Lindqvist"
    every = api.post("/api/v1/assignment-rules/replay", '{"days": 30}', content_type="application/json").json()
    assert every["rules"] == {"Everybody": 1}
    wrong = api.post("/api/v1/assignment-rules/replay", '{"days": 0}', content_type="application/json")
    assert wrong.status_code == 422

    from kith.cli.assignment import arguments, run

    parser = argparse.ArgumentParser()
    arguments(parser)
    run(parser.parse_args(["replay", "Poland", "--json"]))
    assert json.loads(capsys.readouterr().out)["rows"] == answer["rows"]
    run(parser.parse_args(["replay"]))
    assert "Jonas Lindqvist" in capsys.readouterr().out
