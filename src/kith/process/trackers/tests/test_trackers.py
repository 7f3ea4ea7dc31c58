"""Issues and customers: how far an issue is comes in, signed; how many customers wait for it goes out, tried again, and seen
where it fails."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from django.utils import timezone

from kith.activities.models import Notice
from kith.automation.tests.othersystem import running
from kith.kernel import outgoing
from kith.kernel.errors import Invalid
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.process.trackers.models import Issue, Token
from kith.process.trackers.providers import secret_of
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
JOBS = ["trackers.follow", "trackers.tell"]
HUB = "https://github.com/tidewell/sensors/issues/14"
LAB = "https://gitlab.com/tidewell/hard/ware/-/issues/7"


@pytest.fixture
def ines():
    return actor("ines")


@pytest.fixture
def other(settings):
    with running(settings) as server:
        yield server


def made(record, by=None, **values):
    return actions.create(registry[record], values, by=by or actor("ines"))


def tracker(other, provider="webhook", at="https://github.com/tidewell", token="t0ken", **values):
    row = made(
        "tracker", actor("astrid"), name="Sensors", provider=provider, issues_at=at, api_at=other.address, **values
    )
    if provider != "webhook" and token:
        do("tracker.give_token", row, "astrid", token=token)
    return row


def do(verb, row, who="ines", **raw):
    return perform(ACTIONS[verb], row, raw, by=actor(who))


def waits(name, url=HUB, record="promise"):
    company = made("company", name=name)
    words = {"wording": f"Alerts for {name}"} if record == "promise" else {"subject": f"No alerts at {name}"}
    return made(record, company=company, issue_url=url, **words)


def work(hours=0.2):
    run_waiting_jobs(names=JOBS)
    run_waiting_jobs(names=JOBS, now=timezone.now() + timezone.timedelta(hours=hours))


def test_an_issue_lists_who_waits_for_it_and_its_tracker_is_told_how_many_once(other):
    tracker(other)
    waits("Hotel Bellevue")
    waits("Hotel Royal", f"{HUB}/#comment-3", record="ticket")
    work()
    issue = Issue.objects.get()
    assert (issue.url, issue.customers, issue.told) == (HUB, 2, "2 customers wait for this.")
    work()
    ((headers, body),) = other.kept
    told = json.loads(body)
    assert (told["issue"], told["customers"], told["names"], told["promises"], told["tickets"]) == (HUB, 2, [], 1, 1)
    tracker_ = issue.tracker
    assert outgoing.is_signed(headers["Kith-Signature"], secret_of(tracker_), body)


def test_one_customer_with_a_promise_and_a_ticket_is_one(other):
    row = waits("Hotel Bellevue")
    made("ticket", subject="No alerts", company=row.company, issue_url=HUB)
    work()
    assert Issue.objects.get().customers == 1


def test_names_leave_only_where_that_was_chosen(other):
    tracker(other, tells="names")
    waits("Hotel Bellevue")
    work()
    assert json.loads(other.kept[0][1])["text"] == "1 customer waits for this. Hotel Bellevue."
    assert Issue.objects.get().told == "1 customer waits for this.", "and are kept nowhere beside the customer"
    assert Event.objects.get(verb="issue.told").payload["words"] == "1 customer waits for this."
    work()
    assert len(other.kept) == 1


def test_a_kept_promise_waits_no_more_and_the_tracker_hears_that_nobody_does(other):
    tracker(other)
    row = waits("Hotel Bellevue")
    work()
    do("promise.keep", row)
    work()
    assert Issue.objects.get().customers == 0
    assert json.loads(other.kept[-1][1])["text"] == "No customer waits for this any more."


def test_a_ticket_that_names_another_issue_leaves_the_first_one(ines):
    row = waits("Hotel Bellevue", record="ticket")
    work()
    actions.edit(registry["ticket"], row, {"issue_url": LAB}, by=ines)
    work()
    assert dict(Issue.objects.values_list("url", "customers")) == {HUB: 0, LAB: 1}


def test_on_github_it_is_a_comment_with_the_token_that_was_given(other):
    tracker(other, "github")
    waits("Hotel Bellevue")
    work()
    ((headers, body),) = other.kept
    assert headers["Authorization"] == "Bearer t0ken" and json.loads(body) == {"body": "1 customer waits for this."}
    assert "t0ken" not in Token.objects.get().sealed


def test_on_gitlab_it_is_a_note_of_the_issue_in_its_group(other, monkeypatch):
    asked = []
    real = outgoing.post
    monkeypatch.setattr(outgoing, "post", lambda url, *more, **named: asked.append(url) or real(url, *more, **named))
    tracker(other, "gitlab", at="https://gitlab.com/tidewell")
    waits("Hotel Bellevue", LAB)
    work()
    assert asked == [f"{other.address}/projects/tidewell%2Fhard%2Fware/issues/7/notes"]
    assert other.kept[0][0]["PRIVATE-TOKEN"] == "t0ken"


def test_what_fails_is_tried_again_and_seen_until_it_went_through(other, client):
    other.plan = [500, 503, 500]
    tracker(other)
    waits("Hotel Bellevue")
    run_waiting_jobs(names=JOBS)
    run_waiting_jobs(names=JOBS, now=timezone.now() + timezone.timedelta(minutes=6))
    issue = Issue.objects.get()
    assert "answered 500" in issue.problem and issue.tries == 3, "after a minute, and after five more"
    client.force_login(user("ines"))
    assert "The tracker could not be told" in client.get(f"/issues/{issue.pk}").content.decode()
    for _n in range(3):
        work(hours=24)
    issue.refresh_from_db()
    assert (issue.problem, issue.tries, len(other.kept)) == ("", 0, 4)


def test_without_a_token_nothing_is_sent_and_the_issue_says_why(other):
    tracker(other, "github", token="")
    waits("Hotel Bellevue")
    work()
    assert other.kept == [] and "has no token yet" in Issue.objects.get().problem


def test_a_token_goes_to_no_other_address_than_the_one_it_was_given_for(other):
    row = tracker(other, "github")
    actions.edit(registry["tracker"], row, {"api_at": other.address + "/elsewhere"}, by=actor("astrid"))
    waits("Hotel Bellevue")
    work()
    assert other.kept == [] and "given for another address" in Issue.objects.get().problem


def test_a_token_does_not_leave_unencrypted():
    with pytest.raises(Invalid, match="https://"):
        made(
            "tracker",
            actor("astrid"),
            name="X",
            provider="github",
            issues_at="https://a.example",
            api_at="http://a.example",
        )


def test_a_tracker_inside_a_private_network_is_not_called(settings, other):
    settings.AUTOMATION_REACHES = ()
    tracker(other)
    waits("Hotel Bellevue")
    work()
    assert other.kept == [] and "private network" in Issue.objects.get().problem


def test_an_address_of_the_api_with_a_password_in_it_is_refused():
    with pytest.raises(Invalid, match="may not hold a password"):
        made(
            "tracker",
            actor("astrid"),
            name="X",
            provider="webhook",
            issues_at="https://a.example",
            api_at="https://a:b@c.example",
        )


# --- hearing


def call(client, row, body, **headers):
    return client.post(f"/hooks/trackers/{row.pk}/", body, content_type="application/json", headers=headers)


def hub(row, state="closed", reason="completed", url=HUB, **issue):
    return json.dumps(
        {"issue": {"html_url": url, "title": "Alerts at night", "state": state, "state_reason": reason, **issue}}
    ).encode()


def signed_hub(row, body):
    right = hmac.new(secret_of(row).encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={right}", "X-GitHub-Event": "issues"}


def test_github_says_that_it_is_done_and_every_promise_and_ticket_knows(other, client):
    row = tracker(other, "github")
    promise = waits("Hotel Bellevue")
    ticket = waits("Hotel Royal", record="ticket")
    work()
    body = hub(row)
    assert call(client, row, body, **signed_hub(row, body)).json() == {"known": True}
    promise.refresh_from_db()
    issue = Issue.objects.get()
    assert (promise.delivery, promise.state, promise.issue_title) == ("done", "open", "Alerts at night")
    assert (issue.delivery, issue.title) == ("done", "Alerts at night")
    told = Event.objects.get(verb="issue.moved")
    assert told.links.filter(record="ticket", record_id=ticket.pk).exists() and told.actor_name == "Sensors"
    assert Notice.objects.filter(user=ticket.owner, kind="issues").count() == (1 if ticket.owner else 0)


@pytest.mark.parametrize(
    ("issue", "delivery"),
    [
        ({"state": "closed", "reason": "not_planned"}, "dropped"),
        ({"state": "open", "reason": None, "assignees": [{"login": "kim"}]}, "doing"),
        ({"state": "open", "reason": "reopened"}, "planned"),
    ],
)
def test_what_github_says_in_our_words(other, client, issue, delivery):
    row = tracker(other, "github")
    waits("Hotel Bellevue")
    work()
    body = hub(row, **issue)
    call(client, row, body, **signed_hub(row, body))
    assert Issue.objects.get().delivery == delivery


def test_gitlab_is_known_by_its_secret(other, client):
    row = tracker(other, "gitlab", at="https://gitlab.com/tidewell")
    waits("Hotel Bellevue", LAB)
    work()
    body = json.dumps({"object_kind": "issue", "object_attributes": {"url": LAB, "title": "Range", "state": "closed"}})
    assert call(client, row, body, **{"X-Gitlab-Token": "wrong"}).status_code == 401
    assert call(client, row, body, **{"X-Gitlab-Token": secret_of(row)}).status_code == 202
    assert Issue.objects.get().delivery == "done"


def test_any_other_tracker_signs_as_kith_does(other, client):
    row = tracker(other)
    promise = waits("Hotel Bellevue")
    work()
    body = json.dumps({"issue": HUB, "title": "Alerts", "delivery": "doing"}).encode()
    assert call(client, row, body, **{"Kith-Signature": outgoing.signed(secret_of(row), body)}).status_code == 202
    promise.refresh_from_db()
    assert promise.delivery == "doing"
    wrong = json.dumps({"issue": HUB, "delivery": "soon"}).encode()
    assert call(client, row, wrong, **{"Kith-Signature": outgoing.signed(secret_of(row), wrong)}).status_code == 422


def test_a_forged_an_old_or_an_unsigned_call_changes_nothing(other, client):
    import time

    row = tracker(other)
    waits("Hotel Bellevue")
    work()
    body = json.dumps({"issue": HUB, "delivery": "done"}).encode()
    then = int(time.time()) - 3600
    for header in (
        "",
        "t=1,v1=00",
        outgoing.signed("other", body),
        f"t={then},v1={outgoing.signature(secret_of(row), then, body)}",
    ):
        assert call(client, row, body, **{"Kith-Signature": header}).status_code == 401
    assert Issue.objects.get().delivery == ""


def test_a_new_secret_ends_the_old_one(other, client):
    row = tracker(other)
    old = secret_of(row)
    do("tracker.renew_secret", row, "astrid")
    body = json.dumps({"issue": HUB, "delivery": "done"}).encode()
    assert call(client, row, body, **{"Kith-Signature": outgoing.signed(old, body)}).status_code == 401


def test_a_tracker_says_nothing_of_issues_that_are_not_its_own(other, client):
    row = tracker(other, at="https://github.com/tidewell/other")
    waits("Hotel Bellevue")
    work()
    body = json.dumps({"issue": HUB, "delivery": "done"}).encode()
    assert call(client, row, body, **{"Kith-Signature": outgoing.signed(secret_of(row), body)}).json() == {
        "known": False
    }
    assert Issue.objects.get().delivery == ""


def test_a_tracker_that_is_put_away_is_not_heard(other, client):
    row = tracker(other)
    actions.archive(registry["tracker"], row, by=actor("astrid"))
    body = b"{}"
    assert call(client, row, body, **{"Kith-Signature": outgoing.signed(secret_of(row), body)}).status_code == 404


def test_saying_by_hand_how_far_it_is_is_taken_back_whole():
    promise = waits("Hotel Bellevue")
    work()
    outcome = do("issue.move", Issue.objects.get(), "astrid", status="doing")
    promise.refresh_from_db()
    assert promise.delivery == "doing"
    undo(outcome.operation, by=actor("astrid"))
    promise.refresh_from_db()
    assert (promise.delivery, Issue.objects.get().delivery) == ("", "")


def test_a_promise_that_names_an_issue_later_says_how_far_it_is_already():
    waits("Hotel Bellevue")
    work()
    do("issue.move", Issue.objects.get(), "astrid", status="doing")
    later = waits("Hotel Royal")
    work()
    later.refresh_from_db()
    assert later.delivery == "doing"


def test_the_pages_say_who_waits_and_hide_what_a_reader_may_not_see(client):
    waits("Hotel Bellevue")
    ticket = waits("Hotel Royal", record="ticket")
    work()
    issue = Issue.objects.get()
    client.force_login(user("ines"))
    page = client.get(f"/issues/{issue.pk}").content.decode()
    assert "Alerts for Hotel Bellevue" in page and "No alerts at Hotel Royal" in page and "No tracker is set up" in page
    beside = client.get(f"/tickets/{ticket.pk}/panel/issue", headers={"HX-Request": "true"}).content.decode()
    assert "2 customers wait for it" in beside
    assert client.get("/issues/?view=waited").status_code == 200


def test_the_secret_stands_on_the_page_of_whoever_sets_it_up_alone(other, client):
    row = tracker(other)
    for who, there in (("astrid", True), ("ines", False)):
        client.force_login(user(who))
        answer = client.get(f"/trackers/{row.pk}")
        assert (secret_of(row) in answer.content.decode()) is there
