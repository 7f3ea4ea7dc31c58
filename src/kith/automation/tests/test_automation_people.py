"""Colleagues are told in their inbox and by mail as they chose, and asked before a run goes on."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.activities import notices
from kith.automation import sweeps
from kith.automation.models import RunState
from kith.automation.tests.making import WHEN_LOST, WHY, deal, lose, tasks, the_run, work, workflow
from kith.kernel.errors import KithError
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records.action import ACTIONS, perform
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
TELL = {"do": "notify", "to": ["=owner", "Helena Brandt"], "text": "{name} was lost, {amount}"}


def told(who):
    return [line["notice"].text for line in notices.notices_of(actor(who))]


def telling(**more):
    user("helena")
    made = workflow({**WHEN_LOST, "steps": [{**TELL, **more}]})
    row = deal()
    lose(row)
    work()
    return made, row


def test_the_owner_and_a_named_colleague_find_it_in_their_inbox(client):
    _made, row = telling()
    assert told("ines") == told("helena") == ["Cold-chain sensors was lost, €12,400"]
    client.force_login(user("ines"))
    page = client.get("/inbox/").content.decode()
    assert "Cold-chain sensors was lost" in page and f'href="/deals/{row.pk}"' in page
    line = notices.notices_of(actor("ines"))[0]["notice"]
    client.post(f"/inbox/notice/{line.pk}/read")
    assert notices.notices_of(actor("ines"))[0]["notice"].read_at is not None
    assert notices.notices_of(actor("helena"))[0]["notice"].read_at is None


def test_money_is_told_in_its_own_currency():
    user("helena")
    workflow({**WHEN_LOST, "steps": [TELL]})
    lose(deal(currency="SEK"))
    work()
    assert told("ines") == ["Cold-chain sensors was lost, SEK\xa012,400"]


def test_an_open_inbox_fetches_its_lines_again_when_a_run_went_on(client):
    client.force_login(user("ines"))
    page = client.get("/inbox/").content.decode()
    assert 'data-live="run activity" data-live-src="/inbox/"' in page
    telling()
    part = client.get("/inbox/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "Cold-chain sensors was lost" in part


def test_the_inbox_counts_what_was_told(client):
    telling()
    client.force_login(user("helena"))
    from kith.kernel.accounts.backends import Backend

    assert Backend().get_user(user("helena").pk).unread == 1


def test_the_name_of_a_row_out_of_reach_is_not_shown(client):
    telling()
    policy("manager", "deal", see="own", edit="own", archive="own")
    assert notices.notices_of(actor("helena"))[0]["about"] is None


def test_nothing_is_mailed_unless_the_workflow_or_the_person_says_so(postbox):
    telling()
    run_waiting_jobs()
    assert postbox.kept == []


def test_a_mail_leaves_at_once_where_the_workflow_says_so(postbox):
    telling(mail=True)
    run_waiting_jobs()
    assert sorted(m["To"] for m in postbox.kept) == ["helena@tidewell.example", "ines@tidewell.example"]
    assert (
        postbox.kept[0]["Subject"] == "Cold-chain sensors was lost, €12,400" or "=?utf-8" in postbox.kept[0]["Subject"]
    )
    run_waiting_jobs()
    assert len(postbox.kept) == 2


def test_each_person_chooses_at_once_a_digest_or_never(postbox, client):
    client.force_login(user("ines"))
    assert client.post("/settings/notifications/", {"workflow": "digest", "approval": "once"}).status_code == 302
    notices.choose(user("helena"), "workflow", "never")
    telling(mail=True)
    lose(deal("Second site"))
    work()
    run_waiting_jobs()
    assert postbox.kept == []
    run_waiting_jobs(names=["activities.mail_digests"])
    assert notices.mail_notices("digest") == 1
    (mail,) = postbox.kept
    text = mail.get_payload(decode=True).decode()
    assert (
        mail["To"] == "ines@tidewell.example"
        and "Cold-chain sensors was lost" in text
        and "Second site was lost" in text
    )
    assert notices.mail_notices("digest") == 0


def test_a_mail_server_that_refuses_gets_the_mail_at_the_next_try(postbox):
    postbox.refuse = 1
    telling(mail=True)
    run_waiting_jobs()
    assert len(postbox.kept) < 2
    run_waiting_jobs(now=timezone.now() + dt.timedelta(hours=1))
    assert len(postbox.kept) == 2


def asking():
    user("helena")
    made = workflow(
        {**WHEN_LOST, "steps": [{"do": "approve", "by": "Helena Brandt", "question": "Write to {name}?"}, WHY]}
    )
    row = deal()
    lose(row)
    work()
    return made, row


def test_a_run_goes_on_with_a_yes_of_whoever_is_asked():
    made, row = asking()
    run = the_run(made)
    assert (run.state, run.why, told("helena")) == (
        RunState.WAITING,
        "Helena Brandt is asked.",
        ["Write to Cold-chain sensors?"],
    )
    with pytest.raises(KithError, match="Only Helena Brandt or an administrator may answer this"):
        perform(ACTIONS["run.approve"], run, {}, by=actor("ines"))
    perform(ACTIONS["run.approve"], run, {"words": "Gladly"}, by=actor("helena"))
    work()
    assert the_run(made).state == RunState.DONE and len(tasks(row)) == 1
    assert the_run(made).steps.get(number="1").result == "Approved by Helena Brandt. Gladly"


def test_a_no_or_no_answer_in_time_stops_it():
    made, row = asking()
    perform(ACTIONS["run.decline"], the_run(made), {}, by=actor("helena"))
    work()
    assert (the_run(made).state, the_run(made).why, tasks(row)) == (RunState.STOPPED, "Declined by Helena Brandt.", [])
    with pytest.raises(KithError):
        perform(ACTIONS["run.approve"], the_run(made), {}, by=actor("helena"))


def test_nobody_answering_stops_it_after_a_week():
    made, row = asking()
    sweeps.minute(timezone.now() + dt.timedelta(days=8))
    work()
    assert (the_run(made).state, the_run(made).why, tasks(row)) == (RunState.STOPPED, "Nobody answered in time.", [])
