"""The list where everybody can see it, the page of the proof, and what happens when a colleague goes."""

from __future__ import annotations

import re

import pytest

from kith.kernel.accounts.leaving import held_by, leave, warnings_for
from kith.kernel.accounts.models import User
from kith.kernel.errors import Invalid
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import undo
from kith.process.forgotten import looking, proving
from kith.process.forgotten.models import Proof, Unattended
from kith.process.forgotten.tests.test_list import plan, why
from kith.process.tests.cast import company, in_force, made
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    in_force()
    return actor("ines")


def page(client, who: str, path: str) -> str:
    client.force_login(user(who))
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_says_who_why_and_since_when_and_the_sidebar_how_many(client, ines):
    company(ines)
    made("deal", ines, name="Sensors")
    shown = page(client, "ines", "/unattended/")
    assert "Hotel Bellevue" in shown and "Sensors" in shown and "No next step" in shown and "Ines Okafor" in shown
    assert re.search(
        r'href="/unattended/"[^>]*>.{0,400}?Without a next step.{0,200}?data-tone="warn"[^>]*>2<', shown, re.S
    )


def test_when_nobody_is_on_it_it_says_so(client, ines):
    plan(company(ines), ines)
    assert "Nobody is forgotten" in page(client, "ines", "/unattended/")


def test_who_may_not_see_rows_is_told_only_how_many(client, ines):
    company(ines)
    for record in ("company", "person", "deal"):
        policy("member", record, see="own", edit="own")
    shown = page(client, "jonas", "/unattended/")
    assert "Hotel Bellevue" not in shown and "1 more that you may not see" in shown
    assert "Hotel Bellevue" in page(client, "ines", "/unattended/")


def test_taking_it_on_makes_it_ones_own_and_can_be_undone(client, ines):
    bellevue = company(ines)
    page(client, "helena", "/unattended/")
    client.post(f"/unattended/company/{bellevue.pk}/take")
    bellevue.refresh_from_db()
    assert bellevue.owner_id == user("helena").pk and why(bellevue) == "no_step"
    undo(Operation.objects.latest("pk"), by=actor("helena"))
    bellevue.refresh_from_db()
    assert bellevue.owner_id == ines.user_id


def test_who_may_not_change_a_row_cannot_take_it_on(client, ines):
    bellevue = company(ines)
    client.force_login(user("rolf"))
    assert client.post(f"/unattended/company/{bellevue.pk}/take").status_code in (303, 403, 404)
    bellevue.refresh_from_db()
    assert bellevue.owner_id == ines.user_id


def test_setting_a_date_from_the_list_takes_the_row_off(client, ines):
    bellevue = company(ines)
    shown = page(client, "ines", "/unattended/")
    assert f"/companies/{bellevue.pk}/say/task" in shown
    sent = {"step_subject": "Ring", "step_due": "2031-05-05T10:00", "subject": "Ring", "due": "2031-05-05T10:00"}
    client.post(f"/companies/{bellevue.pk}/say/task", sent)
    assert why(bellevue) == ""


def test_a_long_list_goes_on_on_the_next_page(client, ines):
    for n in range(53):
        company(ines, f"Hotel {n:02}")
    first = page(client, "ines", "/unattended/")
    assert "Hotel 49" in first and "Hotel 52" not in first and "The next ones" in first
    after = Unattended.objects.order_by("pk")[49].pk
    second = page(client, "ines", f"/unattended/?kind=lead&after={after}")
    assert "Hotel 52" in second and "Hotel 49" not in second


def test_the_list_costs_as_many_questions_for_fifty_as_for_one(client, ines):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    company(ines)
    page(client, "ines", "/unattended/")
    with CaptureQueriesContext(connection) as one:
        page(client, "ines", "/unattended/")
    for n in range(20):
        company(ines, f"Hotel {n}")
    page(client, "ines", "/unattended/")
    with CaptureQueriesContext(connection) as many:
        page(client, "ines", "/unattended/")
    assert len(many) == len(one)


def test_the_proof_says_what_was_checked_and_nothing_is_wrong(client, ines):
    plan(company(ines), ines)
    made("deal", ines, name="Sensors")
    client.force_login(user("astrid"))
    assert client.post("/proof/now").status_code == 303
    proof = Proof.objects.get()
    assert proof.violations == 0 and proof.asked_by == "Astrid Moe"
    assert proof.counts == {
        "lead": {"checked": 1, "attended": 1, "listed": 0}, "deal": {"checked": 1, "attended": 0, "listed": 1},
        "customer": {"checked": 0, "attended": 0, "listed": 0}, "ticket": {"checked": 0, "attended": 0, "listed": 0},
    }  # fmt: skip
    shown = page(client, "astrid", "/proof/")
    assert "as it should be" in shown and "Past proofs" in shown


def test_only_those_who_manage_settings_see_the_proof(client, ines):
    client.force_login(user("ines"))
    assert client.get("/proof/").status_code == 403 and client.post("/proof/now").status_code == 403


def test_what_came_past_all_actions_is_found_named_and_put_right(client, ines):
    lost, gone, moved, wrong = (company(ines, name) for name in ("Lost", "Gone", "Moved", "Wrong"))
    Unattended.objects.filter(record_id=lost.pk).delete()
    registry["company"].model.objects.filter(pk=gone.pk).update(archived_at="2026-01-01T00:00Z")
    registry["company"].model.objects.filter(pk=moved.pk).update(owner=None)
    registry["company"].model.objects.filter(pk=wrong.pk).update(next_step_at="2031-01-01T00:00Z")
    proof = proving.prove()
    assert {(one["what"], one["id"]) for one in proof.found} == {
        ("unlisted", lost.pk), ("listed", gone.pk), ("mistold", moved.pk), ("step", wrong.pk),
    }  # fmt: skip
    assert proof.violations == 4
    assert "neither attended to nor on the list" in page(client, "astrid", "/proof/")
    assert proving.check().violations == 0 and why(lost) == "no_step" and why(moved) == "no_owner"


def test_a_deactivation_past_the_action_is_found_too(ines):
    bellevue = company(ines)
    plan(bellevue, ines)
    User.objects.filter(pk=ines.user_id).update(is_active=False)
    [found] = proving.check().rows
    assert found == {"what": "unlisted", "kind": "lead", "record": "company", "id": bellevue.pk}


def test_more_than_a_proof_names_is_put_right_all_the_same(ines, monkeypatch):
    for n in range(5):
        company(ines, f"Hotel {n}")
    monkeypatch.setattr(proving, "MOST", 2)
    Unattended.objects.all().delete()
    registry["company"].model.objects.update(next_step_at="2031-01-01T00:00Z")
    proof = proving.prove()
    assert (proof.violations, len(proof.found)) == (10, 4)
    assert proving.check().violations == 0 and Unattended.objects.count() == 5


def test_the_whole_list_can_be_made_again(ines):
    company(ines), made("deal", ines, name="Sensors")
    before = set(Unattended.objects.values_list("record", "record_id", "kind", "why"))
    Unattended.objects.all().delete()
    looking.rebuild()
    assert set(Unattended.objects.values_list("record", "record_id", "kind", "why")) == before


def test_it_is_proved_every_night():
    from kith.kernel.jobs.declare import JOBS

    assert JOBS["forgotten.prove"].every == "47 2 * * *"
    JOBS["forgotten.prove"]()
    assert Proof.objects.count() == 1


def test_an_administrator_is_told_beforehand_what_a_colleague_would_leave(ines):
    bellevue = company(ines)
    plan(bellevue, ines)
    made("deal", ines, name="Sensors", company=bellevue)
    assert held_by(user("ines")) == {"companies": 1, "deals": 1, "activities": 1}
    [said] = warnings_for(user("ines"))
    assert said.startswith("1 lead, 1 open deal wait for them.")
    assert warnings_for(user("jonas")) == []


def test_what_a_colleague_leaves_goes_to_whoever_is_named_and_comes_back_with_undo(ines):
    bellevue = company(ines)
    step = plan(bellevue, ines)
    leave(user("ines"), to=user("priya"), by=actor("astrid"))
    bellevue.refresh_from_db(), step.refresh_from_db()
    assert bellevue.owner_id == step.owner_id == user("priya").pk
    assert why(bellevue) == "" and not held_by(user("ines"))
    undo(Operation.objects.get(kind="accounts.hand_on"), by=actor("astrid"))
    assert why(bellevue) == "owner_left"


def test_many_rows_are_on_the_list_at_once_and_handed_on_by_a_job(ines, monkeypatch):
    from kith.kernel.accounts import leaving

    monkeypatch.setattr(leaving, "AT_ONCE", 0)
    bellevue = company(ines)
    plan(bellevue, ines)
    leave(user("ines"), to=user("priya"), by=actor("astrid"))
    assert why(bellevue) == "owner_left"
    run_waiting_jobs(names=["accounts.hand_on"])
    assert why(bellevue) == ""


def test_nothing_is_handed_to_somebody_who_has_left(ines):
    leave(user("jonas"), to=None, by=actor("astrid"))
    with pytest.raises(Invalid, match="somebody who works here"):
        leave(user("ines"), to=user("jonas"), by=actor("astrid"))
    assert user("ines").is_active


def test_rows_that_somebody_else_is_writing_are_looked_at_by_a_job(ines):
    from kith.kernel.jobs import enqueue

    bellevue = company(ines)
    Unattended.objects.all().delete()
    enqueue("forgotten.look", refs=[("company", bellevue.pk)])
    run_waiting_jobs(names=["forgotten.look"])
    assert why(bellevue) == "no_step"


def test_the_list_is_asked_for_again_when_a_ticket_changes(client):
    client.force_login(user("ines"))
    [topics] = re.findall(r'id="unattended"[^>]*data-live="([^"]*)"', client.get("/unattended/").text)
    assert "ticket" in topics.split()
