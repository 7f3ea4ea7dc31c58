"""The API of every record type, as careless programs use it: any body is answered, and never by a fault."""

import json

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kith.kernel.accounts import tokens
from kith.kernel.records.registry import registry
from tests.cast import actor, user
from tests.conformance.samples import row_of

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

    def asked(method, path, body):
        with transaction.atomic():
            answer = getattr(client, method)(f"/api/v1/{path}", json.dumps(body), content_type="application/json")
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
