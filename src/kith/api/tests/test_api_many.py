"""The same change on many rows by a program: tried, sure of the number, in one step."""

import json

import pytest

from kith.api.tests.programs import Program, names, new
from kith.kernel.lookups import bulk as bulk_changes
from tests.cast import policy

pytestmark = pytest.mark.django_db


def test_a_field_of_rows_that_match_is_set_in_one_step(ines, five):
    tried = ines(
        "post", "people/bulk", {"filter": "tags.any:north", "set": {"job_title": "Buyer"}, "dry_run": True}
    ).data
    assert (tried["count"], tried["changed"], tried["operation"]) == (5, 5, None)
    assert [row["name"] for row in tried["sample"]] == ["Marta", "Yusuf", "Ana", "Elin", "Tom"]
    assert names(ines, "filter=job_title.is:Buyer") == []
    done = ines("post", "people/bulk", {"filter": "tags.any:north", "set": {"job_title": "Buyer"}, "expect": 5})
    assert done.status_code == 200 and done.data["changed"] == 5
    assert len(names(ines, "filter=job_title.is:Buyer")) == 5
    op = ines("get", f"operations/{done.data['operation']}").data
    assert (op["label"], op["progress"]["state"]) == ("Job title of 5 people", "done")
    ines("post", f"operations/{op['id']}/undo")
    assert names(ines, "filter=job_title.is:Buyer") == []


def test_tags_are_added_and_taken_off(ines, five):
    done = ines("post", "people/bulk", {"ids": five[:2], "add_tags": ["vip"], "remove_tags": ["North"]})
    assert done.data["changed"] == 2
    assert names(ines, "filter=tags.any:vip") == ["Marta", "Yusuf"]
    assert names(ines, "filter=tags.any:north") == ["Ana", "Elin", "Tom"]


def test_rows_are_archived_and_brought_back(ines, five):
    assert ines("post", "people/bulk", {"ids": five[:2], "archive": True}).data["changed"] == 2
    assert names(ines, "") == ["Ana", "Elin", "Tom"]
    assert ines("post", "people/bulk", {"filter": "archived_at.filled", "restore": True}).data["changed"] == 2
    assert len(names(ines, "")) == 5


def test_an_action_runs_where_it_applies_and_says_where_not(ines):
    tasks = [new(ines, "activities", kind="task", subject=f"Send {n}") for n in range(3)]
    ines("post", f"activities/{tasks[0]}/actions/finish", {})
    done = ines("post", "activities/bulk", {"ids": tasks, "action": "finish", "inputs": {"outcome": "Sent"}})
    assert done.status_code == 200, done.data
    assert (done.data["changed"], done.data["refusals"]) == (2, 1)
    assert done.data["refused"][0]["id"] == tasks[0] and done.data["refused"][0]["reason"]
    wrong = ines("post", "activities/bulk", {"ids": tasks, "action": "finish", "inputs": {"outcome": 5}})
    assert [e["pointer"] for e in wrong.data["errors"]] == ["/inputs/outcome"]


def test_another_number_of_rows_than_expected_stops_it(ines, five):
    refused = ines("post", "people/bulk", {"filter": "", "archive": True, "expect": 4})
    assert refused.status_code == 409 and "5" in refused.data["detail"]
    assert len(names(ines, "")) == 5


def test_many_rows_are_not_changed_without_saying_how_many(ines, five, monkeypatch):
    monkeypatch.setattr("kith.api.many.SURE_FROM", 4)
    refused = ines("post", "people/bulk", {"filter": "", "archive": True})
    assert refused.status_code == 422 and "“expect”: 5" in refused.data["detail"]
    assert ines("post", "people/bulk", {"ids": five, "archive": True}).status_code == 200


def test_more_rows_than_one_waits_for_go_on_in_the_background(ines, five, monkeypatch):
    from kith.kernel.jobs.inline import run_waiting_jobs

    monkeypatch.setattr(bulk_changes, "AT_ONCE", 2)
    monkeypatch.setattr(bulk_changes, "BATCH", 2)
    body = {"filter": "tags.any:north", "set": {"job_title": "Bu\u0000yer\ud800", "birthday": None}, "expect": 5}
    tried = ines("post", "people/bulk", {**body, "dry_run": True})
    assert tried.status_code == 200 and tried.data["waiting"] and tried.data["changed"] is None
    asked = ines("post", "people/bulk", json.dumps(body))
    assert asked.status_code == 202, asked.data
    assert asked.data["progress"] == f"/api/v1/operations/{asked.data['operation']}"
    where = ines("get", f"operations/{asked.data['operation']}").data["progress"]
    assert (where["state"], where["total"], where["seen"]) == ("waiting", 5, 0)
    run_waiting_jobs(names=["lookups.bulk"])
    where = ines("get", f"operations/{asked.data['operation']}").data["progress"]
    assert (where["state"], where["changed"], where["refusals"]) == ("done", 5, 0)
    assert names(ines, "filter=job_title.starts:Buyer") == ["Marta", "Yusuf", "Ana", "Elin", "Tom"]
    assert Program("jonas")("get", f"operations/{asked.data['operation']}").status_code == 404


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Say which rows"),
        ({"ids": [1], "filter": ""}, "not both"),
        ({"ids": ["1"]}, "list of ids"),
        ({"ids": []}, "list of ids"),
        ({"filter": 5}, "is text"),
        ({"filter": "(("}, "cannot be read"),
        ({"filter": "gone.is:1"}, "gone"),
        ({"filter": ""}, "one thing to do"),
        ({"filter": "", "archive": True, "restore": True}, "one thing to do"),
        ({"filter": "", "archive": False}, "is true"),
        ({"filter": "", "set": {}}, "values by field"),
        ({"filter": "", "set": {"emails": ["x@y.example"]}}, "not set on many"),
        ({"filter": "", "set": {"nope": "X"}}, "no field “nope”"),
        ({"filter": "", "set": {"job_title": 5}}, "must be text"),
        ({"filter": "", "add_tags": "vip"}, "list of words"),
        ({"filter": "", "action": "nope"}, "no action"),
        ({"filter": "", "inputs": {}, "archive": True}, "belong to an action"),
        ({"filter": "", "archive": True, "expect": "5"}, "whole number"),
        ({"filter": "", "archive": True, "colour": "red"}, "no “colour” here"),
        ({"filter": "name.is:Nobody", "archive": True}, "None of these rows"),
    ],
)
def test_a_wrong_wish_for_many_rows_gets_a_sentence(ines, five, data, words):
    refused = ines("post", "people/bulk", data)
    assert refused.status_code == 422, refused.data
    assert words in json.dumps(refused.data, ensure_ascii=False)
    assert len(names(ines, "")) == 5


def test_rows_out_of_reach_are_not_among_the_many(ines, five):
    policy("member", "person", see="own", edit="own", archive="own")
    jonas = Program("jonas")
    own = new(jonas, given_name="Oliver")
    done = jonas("post", "people/bulk", {"ids": [*five, own], "add_tags": ["vip"]}).data
    assert (done["count"], done["changed"]) == (1, 1)
    assert jonas("post", "people/bulk", {"ids": five, "archive": True}).status_code == 422
    assert Program("rolf")("post", "people/bulk", {"ids": five, "archive": True}).status_code == 403


def test_an_action_on_many_rows_takes_fields_beside_its_inputs_as_on_one():
    from kith.deals.actions import install_defaults
    from kith.kernel.access.actor import system

    install_defaults(by=system("cli"))
    ines = Program("ines")
    deals = [new(ines, "deals", name=f"Sensors {n}", amount=100) for n in range(2)]
    stage = ines("get", "stages?sort=-id&limit=1").data["data"][0]["id"]
    wrong = ines(
        "post", "deals/bulk", {"ids": deals, "action": "move_to_stage", "inputs": {"stage": stage, "colour": "red"}}
    )
    assert wrong.status_code == 422 and [e["pointer"] for e in wrong.data["errors"]] == ["/inputs/colour"]
    inputs = {"stage": stage, "amount": 250, "override_reason": "Agreed by phone"}
    done = ines("post", "deals/bulk", {"ids": deals, "action": "move_to_stage", "inputs": inputs})
    assert (done.status_code, done.data["changed"], done.data["refused"]) == (200, 2, []), done.data
    assert [float(ines("get", f"deals/{pk}").data["amount"]) for pk in deals] == [250, 250]
