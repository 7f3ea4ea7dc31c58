"""A workflow is made in the browser with plain forms, from nothing to a run, and every save can be undone."""

import re

import pytest

from kith.automation import editing
from kith.automation.models import Workflow
from kith.automation.tests.making import WHEN_LOST, WHY, deal, drafted, lose, tasks, the_run, work, workflow
from kith.kernel.customfields.actions import define
from kith.kernel.timeline.models import Operation
from kith.process.tests.cast import BUSY, in_force
from kith.ui.pages.filterform import ROOT
from tests.cast import actor, text, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def astrid(client):
    actor("astrid")
    client.force_login(user("astrid"))
    return client


def test_a_workflow_is_made_step_by_step_published_tried_and_does_its_work(astrid):
    astrid.post("/workflows/new", {"name": "Ask why", "description": "", "per_hour": "50"})
    made = Workflow.objects.get(name="Ask why")
    base = f"/workflows/{made.pk}"
    assert "It has no step yet." in text(astrid.get(f"{base}/steps"))
    assert (
        astrid.post(f"{base}/steps/start", {"record": "deal", "how": "event", "event": "deal.lost"}).status_code == 302
    )
    assert astrid.get(f"{base}/steps/filter?at=if").status_code == 200
    line = f"{ROOT}-0"
    sent = {f"g-{ROOT}": "all", f"c-{line}": "amount", f"o-{line}": "over", f"v-{line}": "10000", "do": "apply"}
    astrid.post(f"{base}/steps/filter?at=if", sent)
    shown = astrid.post(f"{base}/steps/one?new=write&where=", {"kind": "task", "do": "refresh"})
    assert 'name="inputs.subject"' in shown.content.decode()
    refused = astrid.post(f"{base}/steps/one?new=write&where=", {"kind": "task"})
    assert refused.status_code == 422 and "needs “What”" in text(refused), text(refused)[:900]
    saved = astrid.post(
        f"{base}/steps/one?new=write&where=", {"kind": "task", "inputs.subject": "Ask why", "inputs.owner": "=owner"}
    )
    assert saved.status_code == 302
    made.refresh_from_db()
    assert made.draft == {
        "record": "deal", "when": {"event": "deal.lost"}, "if": "amount.over:10000",
        "steps": [{"do": "write", "kind": "task", "inputs": {"subject": "Ask why", "owner": "=owner"}}],
    }  # fmt: skip
    assert "write a task “Ask why” (who its owner)" in text(astrid.get(base))
    assert astrid.get(f"{base}/replay").status_code == 200
    for verb in ("publish", "switch_on"):
        assert astrid.post(f"{base}/do/{verb}").status_code == 303
    row = deal()
    lose(row)
    work()
    run = the_run(made)
    assert len(tasks(row)) == 1
    page = text(astrid.get(f"/runs/{run.pk}"))
    assert (
        "Cold-chain sensors" in page
        and "Because Ines Okafor lost this deal" in page
        and "write a task “Ask why”" in page
    )
    assert "Ask why" in text(astrid.get("/settings/automation/"))


def test_steps_are_moved_edited_and_removed_and_each_save_can_be_undone(astrid):
    made = drafted({**WHEN_LOST, "steps": [{"do": "wait", "for": "1 day"}, WHY]})
    base = f"/workflows/{made.pk}/steps"
    astrid.post(base, {"do": "down:1"})
    made.refresh_from_db()
    assert [s["do"] for s in made.draft["steps"]] == ["write", "wait"]
    astrid.post(f"{base}/one?at=2", {"for": "5 days"})
    made.refresh_from_db()
    assert made.draft["steps"][1] == {"do": "wait", "for": "5 days"}
    astrid.post(base, {"do": "remove:1"})
    made.refresh_from_db()
    assert [s["do"] for s in made.draft["steps"]] == ["wait"]
    op = Operation.objects.filter(kind="workflow.edit").latest("pk")
    assert astrid.post(f"/operations/{op.pk}/undo").status_code == 303
    made.refresh_from_db()
    assert [s["do"] for s in made.draft["steps"]] == ["write", "wait"]


def test_a_branch_is_added_and_filled_on_both_sides(astrid):
    made = drafted(WHEN_LOST)
    base = f"/workflows/{made.pk}/steps"
    astrid.get(f"{base}/one?new=branch&where=")
    made.refresh_from_db()
    assert len(made.draft["steps"]) == 1  # looking at the form writes nothing
    assert astrid.post(f"{base}/one?new=branch&where=")["Location"] == f"{base}/filter?at=2"
    astrid.post(f"{base}/one?new=stop&where=2a.", {})
    astrid.post(
        f"{base}/one?new=set&where=2b.",
        {"set.0.key": "competitor", "set.0.value": "Polar", "set.1.key": "", "set.1.value": ""},
    )
    made.refresh_from_db()
    assert made.draft["steps"][1] == {
        "do": "branch", "if": "", "then": [{"do": "stop"}], "else": [{"do": "set", "values": {"competitor": "Polar"}}],
    }  # fmt: skip
    assert "in step 2, if so" in text(astrid.get(base))


def names(response):
    """What the form of the start asks for."""
    form = response.content.decode().split('id="start-form"')[1]
    return set(re.findall(r'name="(\w+)"', form)) - {"csrfmiddlewaretoken", "do", "how"}


@pytest.mark.parametrize(
    ("how", "asked"),
    [("event", {"record", "event"}), ("date", {"record", "date", "offset", "at"}), ("stage", {"stage", "moment"}),
     ("schedule", {"record", "rhythm", "clock"}), ("becomes", {"record"}), ("webhook", {"record"})],
)  # fmt: skip
def test_the_start_asks_only_for_what_belongs_to_the_way_that_is_chosen(astrid, how, asked):
    in_force(BUSY)
    made = drafted({**WHEN_LOST, "when": {}})
    address = f"/workflows/{made.pk}/steps/start"
    assert names(astrid.get(address)) == {"record"}
    shown = astrid.post(address, {"record": "deal", "how": how, "do": "refresh"})
    assert names(shown) == asked
    part = astrid.post(address, {"record": "deal", "how": how}, headers={"HX-Request": "true"})
    assert names(part) == asked and "<html" not in part.content.decode()
    made.refresh_from_db()
    assert made.draft["when"] == {}, "looking writes nothing"


def test_dates_are_those_of_the_record_that_is_chosen(astrid):
    define(record="deal", label="Pilot ends", kind="day", by=actor("astrid"))
    address = f"/workflows/{drafted({**WHEN_LOST, 'when': {}}).pk}/steps/start"

    def dates(record):
        shown = astrid.post(address, {"record": record, "how": "date", "do": "refresh"}).content.decode()
        return re.findall(r'<option value="([^"]+)"', shown.split('name="date"')[1].split("</select>")[0])

    assert {"closes_on", "custom.pilot_ends"} <= set(dates("deal"))
    assert "closes_on" not in dates("company") and "customer_since" in dates("company")
    nothing = astrid.post(address, {"record": "", "how": "date", "do": "refresh"})
    assert "Choose what it is about first." in text(nothing) and 'name="date"' not in nothing.content.decode()


@pytest.mark.parametrize(
    ("sent", "cron"),
    [({"rhythm": "daily", "clock": "07:30"}, "30 7 * * *"), ({"rhythm": "weekly", "weekday": "7", "clock": "08:00"}, "0 8 * * 0"),
     ({"rhythm": "monthly", "monthday": "15", "clock": "18:05"}, "5 18 15 * *"), ({"rhythm": "typed", "schedule": "0 8 * * 1-5"}, "0 8 * * 1-5")],
)  # fmt: skip
def test_set_times_are_chosen_kept_as_a_rule_and_shown_again_as_they_were_chosen(astrid, sent, cron):
    made = drafted({**WHEN_LOST, "when": {}})
    address = f"/workflows/{made.pk}/steps/start"
    assert astrid.post(address, {"record": "deal", "how": "schedule", **sent, "do": "apply"}).status_code == 302
    made.refresh_from_db()
    assert made.draft["when"] == {"schedule": cron}
    shown = astrid.get(address).content.decode()
    assert f'<option value="{sent["rhythm"]}" selected' in shown
    for key, value in sent.items():
        if key in ("clock", "monthday", "schedule"):
            assert re.search(rf'<input[^>]*name="{key}"[^>]*value="{re.escape(value)}"', shown), key


@pytest.mark.parametrize(
    ("sent", "why"),
    [({"rhythm": "daily", "clock": "25:00"}, "“25:00” is not a time of day"), ({"rhythm": "monthly", "monthday": "32"}, "Say on which day; from 1 to 31."),
     ({"rhythm": "weekly", "weekday": "x"}, "Say on which day; from 1 to 7.")],
)  # fmt: skip
def test_a_time_that_is_none_is_refused_and_what_was_typed_stays(astrid, sent, why):
    made = drafted(WHEN_LOST)
    refused = astrid.post(f"/workflows/{made.pk}/steps/start", {"record": "deal", "how": "schedule", **sent})
    assert refused.status_code == 422 and why in text(refused)
    assert names(refused) >= {"rhythm", "record"}
    made.refresh_from_db()
    assert made.draft["when"] == {"event": "deal.lost"}


def test_a_saved_start_leads_on_also_with_a_script(astrid):
    made = drafted({**WHEN_LOST, "when": {}})
    sent = {"record": "deal", "how": "becomes", "do": "apply"}
    went = astrid.post(f"/workflows/{made.pk}/steps/start", sent, headers={"HX-Request": "true"})
    assert (went.status_code, went["HX-Redirect"]) == (204, f"/workflows/{made.pk}/steps/filter?at=when")


def test_what_is_not_there_any_more_is_not_found(astrid):
    made = drafted(WHEN_LOST)
    base = f"/workflows/{made.pk}/steps"
    for address in (f"{base}/one?at=9", f"{base}/one?at=1a.1", f"{base}/one?new=dance", f"{base}/filter?at=7x"):
        assert astrid.get(address).status_code == 404, address
    for do in ("up:9", "remove:x", "dance:1", "up:1c.1", "remove:1a.1.1"):
        assert astrid.post(base, {"do": do}).status_code == 404, do


def test_every_kind_of_step_has_a_form(astrid):
    from kith.automation.steps import KINDS

    workflow(WHEN_LOST, "Other")
    made = drafted(WHEN_LOST)
    for name in KINDS:
        assert astrid.get(f"/workflows/{made.pk}/steps/one?new={name}&where=").status_code == 200, name


def test_only_who_manages_settings_may_edit_or_see_the_overview(client):
    made = drafted(WHEN_LOST)
    client.force_login(user("ines"))
    for tail in ("/steps", "/steps/start", "/steps/filter", "/steps/one?new=wait", "/replay"):
        assert client.get(f"/workflows/{made.pk}{tail}").status_code == 403, tail
    assert client.get("/settings/automation/").status_code == 403
    assert client.post("/settings/automation/pause").status_code == 403


def test_moving_past_the_end_leaves_everything_as_it_was():
    document = {"steps": [{"do": "stop"}, {"do": "wait"}]}
    assert editing.moved(document, "1", -1) == document == editing.moved(document, "2", 1)
