"""The API of every record type, as careless programs use it: any body is answered, and never by a fault."""

import io
import json

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kith.kernel.accounts import tokens
from kith.kernel.files.queries import keeps_files
from kith.kernel.lookups.wishes import settable
from kith.kernel.records.merge import mergeable
from kith.kernel.records.registry import registry
from tests.cast import actor, policy, user
from tests.conformance.samples import row_of, sample

pytestmark = pytest.mark.django_db
RECORDS = list(registry)
ANYTHING = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.text(max_size=20),
        st.sampled_from(["2026-03-12", "0000-00-00", "9999-12-31", "\ud800", "\x00", "me", "1e400", "=1+1", "<b>", "x" * 5000]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["value", "label", "id", "name", "country", "x"]), inner, max_size=3),
    ),
    max_leaves=5,
)  # fmt: skip


@pytest.fixture(params=RECORDS, ids=lambda record: record.name)
def record(request):
    return request.param


@pytest.fixture
def row(record):
    return row_of(record, actor("astrid"))


@pytest.fixture
def ask():
    actor("astrid")
    client = Client(headers={"Authorization": "Bearer " + tokens.issue(user("astrid"), "careless")[1]})

    def asked(method, path, body=None):
        sent = {} if method == "get" else {"data": json.dumps(body), "content_type": "application/json"}
        with transaction.atomic():
            answer = getattr(client, method)(f"/api/v1/{path}", **sent)
            transaction.set_rollback(True)
        return answer

    return asked


def fine_or_refused_in_words(answer):
    assert answer.status_code < 500, answer.content[:500]
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"
        problem = json.loads(answer.content)
        assert problem["title"] and problem["status"] == answer.status_code
        for error in problem.get("errors", []):
            assert error["detail"] and (error["pointer"] == "" or error["pointer"].startswith("/"))


CARELESS = settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@CARELESS
@given(data=st.data())
def test_any_value_of_any_field_is_taken_or_refused_in_words(record, ask, data):
    keys = sorted(record.writable(actor("astrid")))
    body = data.draw(st.dictionaries(st.sampled_from([*keys, "nope"]), ANYTHING, max_size=4))
    fine_or_refused_in_words(ask("post", record.slug, body))


def test_each_field_alone_and_all_at_once_are_taken_or_refused_in_words(record, row, ask):
    keys, address = [*sorted(record.columns(actor("astrid"))), "nope"], f"{record.slug}/{row.pk}"
    for value in (None, True, 10**30, 0.1, "x" * 100_000, [[]], {"id": "x"}, [{"value": 5}]):
        fine_or_refused_in_words(ask("patch", address, dict.fromkeys(keys, value)))
    for key in keys:
        for value in (None, "1"):
            fine_or_refused_in_words(ask("patch", address, {key: value}))


@CARELESS
@given(body=ANYTHING)
def test_a_body_of_any_shape_is_answered(record, ask, body):
    fine_or_refused_in_words(ask("post", record.slug, body))


@CARELESS
@given(data=st.data())
def test_actions_take_any_body(record, row, ask, data):
    for act in record.actions:
        names = [*act.inputs, "nope"] if isinstance(act.inputs, dict) else [*(i.key for i in act.inputs), "nope"]
        body = data.draw(st.dictionaries(st.sampled_from(names), ANYTHING, max_size=3))
        fine_or_refused_in_words(ask("post", f"{record.slug}/{row.pk}/actions/{act.verb}", body))


WISHES = ["ids", "filter", "q", "set", "add_tags", "remove_tags", "archive", "restore", "action", "inputs", "dry_run", "expect"]  # fmt: skip


@CARELESS
@given(data=st.data())
def test_a_change_of_many_rows_takes_any_body(record, row, ask, data):
    body = data.draw(st.dictionaries(st.sampled_from([*WISHES, "nope"]), ANYTHING, max_size=4))
    fine_or_refused_in_words(ask("post", f"{record.slug}/bulk", body))
    for act in record.actions:
        inputs = data.draw(
            st.dictionaries(st.sampled_from([*(i.key for i in act.inputs), "nope"]), ANYTHING, max_size=3)
        )
        fine_or_refused_in_words(
            ask("post", f"{record.slug}/bulk", {"ids": [row.pk], "action": act.verb, "inputs": inputs})
        )


def test_each_field_that_many_rows_may_have_alike_is_set_or_refused_in_words(record, row, ask):
    for key, column in settable(record, actor("astrid")).items():
        for value in (sample(column, actor("astrid")), None, True, 10**30, "x" * 10_000, [[]], {"id": "x"}):
            answer = ask("post", f"{record.slug}/bulk", {"ids": [row.pk], "set": {key: value}})
            fine_or_refused_in_words(answer)
            if answer.status_code == 422:
                pointers = [e["pointer"] for e in json.loads(answer.content).get("errors", [])]
                assert all(p.startswith("/set/") for p in pointers), pointers


def test_what_many_rows_would_become_is_said_and_not_done(record, row, ask):
    before = record.get(actor("astrid"), row.pk)
    raw = {k: c.raw(before) for k, c in record.columns().items()}
    answer = ask("post", f"{record.slug}/bulk", {"ids": [row.pk], "archive": True, "dry_run": True})
    fine_or_refused_in_words(answer)
    if answer.status_code == 200:
        told = json.loads(answer.content)
        assert (told["count"], told["operation"], [s["id"] for s in told["sample"]]) == (1, None, [row.pk])
    after = record.get(actor("astrid"), row.pk)
    assert {k: c.raw(after) for k, c in record.columns().items()} == raw


def test_look_alikes_are_merged_as_was_said_and_come_apart_again(record, row, ask):
    if not mergeable(record):
        assert ask("post", f"{record.slug}/{row.pk}/merge", {"others": [row.pk + 1]}).status_code == 404
        return
    other = row_of(record, actor("astrid"))
    answer = ask("post", f"{record.slug}/{row.pk}/merge", {"others": [other.pk], "dry_run": True})
    said = json.loads(answer.content)
    assert answer.status_code == 200 and said["operation"] is None
    with transaction.atomic():
        client = Client(headers={"Authorization": "Bearer " + tokens.issue(user("astrid"), "careful")[1]})
        path = f"/api/v1/{record.slug}/{row.pk}/merge"
        done = client.post(path, json.dumps({"others": [other.pk]}), content_type="application/json").json()
        changing = {"operation", "version", "updated_at"}
        assert {k: v for k, v in done.items() if k not in changing} == {
            k: v for k, v in said.items() if k not in changing
        }
        assert client.post(f"/api/v1/operations/{done['operation']}/undo").status_code == 200
    assert json.loads(ask("get", f"{record.slug}/{other.pk}").content)["id"] == other.pk


@CARELESS
@given(data=st.data())
def test_a_merge_takes_any_body(record, row, ask, data):
    body = data.draw(st.dictionaries(st.sampled_from(["others", "choices", "dry_run", "nope"]), ANYTHING, max_size=3))
    fine_or_refused_in_words(ask("post", f"{record.slug}/{row.pk}/merge", body))
    keys = st.sampled_from([*record.columns(), "nope"])
    choices = data.draw(st.dictionaries(keys, st.one_of(st.just(row.pk), ANYTHING), max_size=3))
    fine_or_refused_in_words(ask("post", f"{record.slug}/{row.pk}/merge", {"others": [row.pk + 1], "choices": choices}))


@CARELESS
@given(data=st.data())
def test_views_take_any_body(record, ask, data):
    names = ["name", "filter", "q", "sort", "columns", "face", "shared", "team", "pinned", "default", "nope"]
    body = data.draw(st.dictionaries(st.sampled_from(names), ANYTHING, max_size=5))
    fine_or_refused_in_words(ask("post", f"{record.slug}/views", {"name": "Mine", **body}))
    fine_or_refused_in_words(ask("patch", f"{record.slug}/views/all", body))


def test_every_view_that_comes_with_a_type_lists_and_exports_its_rows(record, row, ask):
    views = json.loads(ask("get", f"{record.slug}/views").content)["data"]
    assert views[0]["id"] == "all"
    for view in views:
        assert ask("get", f"{record.slug}?view={view['id']}").status_code == 200
    assert ask("get", f"{record.slug}?view=nope").status_code == 404
    for format in ("csv", "jsonl"):
        answer = ask("get", f"{record.slug}/export?format={format}")
        assert answer.status_code == 200
    (line,) = b"".join(answer.streaming_content).splitlines()
    assert json.loads(line)["id"] == row.pk


def test_files_are_kept_with_rows_of_work_and_not_of_configuration(record, row, ask):
    answer = ask("get", f"{record.slug}/{row.pk}/files")
    assert answer.status_code == (200 if keeps_files(record) else 404)
    fine_or_refused_in_words(ask("post", f"{record.slug}/{row.pk}/files", {"file": "x"}))


@pytest.mark.parametrize("record", [r for r in RECORDS if not r.settings], ids=lambda r: r.name)
def test_a_row_out_of_reach_is_on_no_face_of_the_api(record, row):
    policy("member", record.name, see="own", edit="own", archive="own")
    jonas = Client(headers={"Authorization": "Bearer " + tokens.issue(user("jonas"), "nosy")[1]})
    address = f"/api/v1/{record.slug}/{row.pk}"
    for part in ("", "/events", "/files"):
        assert jonas.get(address + part).status_code == 404
    assert not jonas.get(f"/api/v1/{record.slug}").json()["data"]
    assert b"".join(jonas.get(f"/api/v1/{record.slug}/export?format=jsonl").streaming_content) == b""
    for path, body in (
        (f"/api/v1/{record.slug}/bulk", {"ids": [row.pk], "archive": True}),
        (f"/api/v1/{record.slug}/bulk", {"filter": "", "archive": True, "expect": 1}),
        (f"{address}/merge", {"others": [row.pk + 1]}),
    ):
        answer = jonas.post(path, json.dumps(body), content_type="application/json")
        assert answer.status_code in (404, 422), answer.content
        assert record.name_of(row) not in answer.content.decode()
    assert jonas.post(f"{address}/files", {"file": io.BytesIO(b"x")}).status_code == 404
    assert getattr(record.get(actor("astrid"), row.pk), "archived_at", None) is None
