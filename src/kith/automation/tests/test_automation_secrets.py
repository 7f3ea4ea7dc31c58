"""The steps of a workflow, and the addresses they call, are for those who may edit it; others read what it does in words."""

import json

import pytest
from django.test import Client

from kith.automation.models import Run
from kith.automation.tests.making import WHY, deal, drafted, edit, lose, work, workflow
from kith.kernel.accounts import tokens
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
SECRET = "T0K3N-of-the-other-system"
CALLS = {
    "record": "deal", "when": {"event": "deal.lost"},
    "steps": [WHY, {"do": "webhook", "url": f"https://hooks.example.com/{SECRET}"}],
}  # fmt: skip


def seen_by(who, address, **more):
    client = Client()
    if address.startswith("/api/"):
        more["HTTP_AUTHORIZATION"] = "Bearer " + tokens.issue(user(who), "test")[1]
    else:
        client.force_login(user(who))
    answer = client.get(address, **more)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, body.decode()


@pytest.fixture
def made():
    """A workflow that calls another system, edited once, so that its history holds the address too."""
    row = workflow(CALLS, "Tell the others")
    edit(row, {"draft": {**CALLS, "if": "amount.over:10"}}, by=actor("astrid"))
    drafted({**CALLS, "if": "amount.over:5"}, "Another draft", by=actor("astrid"))
    lose(deal(by=actor("ines")))
    work()
    return row


def addresses(row):
    run = Run.objects.get()
    return [
        f"/workflows/{row.pk}", f"/workflows/{row.pk}/history", "/workflows/",
        "/workflows/export?format=csv", "/workflows/export?format=jsonl&columns=name,draft", "/history", f"/workflows/{row.pk}/edit",
        f"/runs/{run.pk}", "/runs/", "/runs/export?format=csv", f"/api/v1/workflows/{row.pk}", "/api/v1/workflows",
        f"/api/v1/workflows/{row.pk}/events", f"/api/v1/runs/{run.pk}", f"/api/v1/runs/{run.pk}/events",
        "/api/v1/workflows/export?format=csv", "/api/v1/workflows?columns=draft", "/settings/automation/",
        f"/workflows/{row.pk}/replay", f"/workflows/{row.pk}/steps", f"/workflows/{row.pk}/steps/one?at=2",
    ]  # fmt: skip


def test_no_face_shows_addresses_to_those_who_may_not_edit_workflows(made):
    for address in addresses(made):
        status, body = seen_by("ines", address)
        assert SECRET not in body and "hooks.example.com" not in body, (address, status)
        assert status in (200, 403), (address, status)
    assert seen_by("ines", f"/workflows/{made.pk}")[0] == 200, "it is there to be read"


@pytest.mark.parametrize(("who", "seen"), [("helena", False), ("astrid", True)])
def test_files_hold_the_steps_for_those_who_may_edit_them_only(made, who, seen):
    client = Client()
    client.force_login(user(who))
    answer = client.post("/workflows/export", {"format": "csv", "columns": "all", "wide": "all"})
    body = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    assert answer.status_code == 200 and "Tell the others" in body and (SECRET in body) is seen


def test_they_read_its_name_its_state_and_what_it_does_in_words(made):
    _status, page = seen_by("ines", f"/workflows/{made.pk}")
    assert "Tell the others" in page and "on, version 1" in page
    assert "call another system" in page and "Ask why" in page
    _status, answer = seen_by("ines", f"/api/v1/workflows/{made.pk}")
    said = json.loads(answer)
    assert said["name"] == "Tell the others" and said["active"] is True and "draft" not in said


def test_those_who_may_edit_it_see_all_of_it(made):
    for address in (
        f"/workflows/{made.pk}/steps/one?at=2",
        f"/api/v1/workflows/{made.pk}",
        f"/api/v1/workflows/{made.pk}/events",
    ):
        status, body = seen_by("astrid", address)
        assert status == 200 and SECRET in body, address
    assert "call hooks.example.com" in seen_by("astrid", f"/workflows/{made.pk}")[1]
