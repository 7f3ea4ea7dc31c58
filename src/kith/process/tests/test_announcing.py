"""Everybody reads how we work; those whom a change concerns are told, and say that they have read it."""

from __future__ import annotations

import pytest

from kith.activities.models import Notice
from kith.kernel.access.actor import system
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.search.commands import commands
from kith.kernel.timeline.operations import undo
from kith.process.definition.files import from_yaml
from kith.process.models import Receipt
from kith.process.publishing import save_draft
from kith.process.tests.cast import SMALL, in_force
from kith.process.tests.test_editing_pages import text
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
OWNED = SMALL.replace("    step: 3\n", "    step: 3\n    team: South\n")
FASTER = OWNED.replace("We learn the budget at the end.", "We learn the budget too late.")
CHANGES = "/process/changes/small/2/"


@pytest.fixture
def astrid():
    for who in ("ines", "jonas", "helena", "rolf"):
        user(who)
    return actor("astrid")


def publish(process, changed, by):
    save_draft(process, from_yaml(changed), by=by)
    process.refresh_from_db()
    return perform(ACTIONS["process.publish"], process, {"note": "Budget earlier"}, by=by)


def test_a_change_is_told_to_the_team_that_owns_the_step_and_to_nobody_else(astrid):
    process = in_force(OWNED, by=astrid)
    assert not Notice.objects.exists(), "the first version changes nothing"
    publish(process, FASTER, astrid)
    told = Notice.objects.all()
    assert {n.user.name for n in told} == {"Ines Okafor", "Helena Brandt"}
    assert {n.text for n in told} == {"Small changed: version 2 is in force."} and told[0].path == CHANGES


def test_a_step_without_a_team_concerns_everybody_but_whoever_published(astrid):
    process = in_force(by=astrid)
    publish(process, SMALL.replace("within: 2 h", "within: 1 h"), astrid)
    assert Notice.objects.count() == 4


def test_a_version_that_came_through_a_terminal_is_told_to_everybody_it_concerns(astrid):
    process = in_force(OWNED, by=astrid)
    publish(process, FASTER, system("cli"))
    assert {n.user.name for n in Notice.objects.all()} == {"Ines Okafor", "Helena Brandt"}


def test_the_inbox_leads_to_what_changed_and_reading_it_is_kept(client, astrid):
    process = in_force(OWNED, by=astrid)
    publish(process, FASTER, astrid)
    client.force_login(user("ines"))
    assert CHANGES in client.get("/settings/notifications/").content.decode() + client.get("/inbox/").content.decode()
    page = text(client.get(CHANGES))
    assert "Qualify: what it prevents changed." in page and "Budget earlier" in page and "Who has read it" not in page
    assert client.post(CHANGES).status_code == 303
    assert Receipt.objects.get().user == user("ines") and "You have read this" in text(client.get(CHANGES))
    client.force_login(user("astrid"))
    page = text(client.get(CHANGES))
    assert "Ines Okafor" in page and "Helena Brandt not yet" in page and "Jonas" not in page


def test_a_version_that_was_taken_back_and_published_again_is_read_again(client, astrid):
    process = in_force(OWNED, by=astrid)
    outcome = publish(process, FASTER, astrid)
    client.force_login(user("ines"))
    client.post(CHANGES)
    undo(outcome.operation, by=astrid)
    process.refresh_from_db()
    perform(ACTIONS["process.publish"], process, {}, by=astrid)
    assert "You have read this" in text(client.get(CHANGES)), "what was published once stays on record"
    assert "You have read this" not in text(client.get(CHANGES.replace("/2/", "/3/")))
    assert Notice.objects.filter(user=user("ines")).count() == 2


def test_the_guide_is_found_by_name(astrid):
    assert "/process/guide/" in [c.href for c in commands(actor("rolf"), "how we work")]


def test_the_guide_is_for_everybody_and_can_be_kept_to_one_team(client, astrid):
    client.force_login(user("rolf"))
    assert "No process is in force yet" in text(client.get("/process/guide/"))
    in_force(OWNED, by=astrid)
    assert client.get("/process/guide/").url == "/process/guide/small/"
    page = text(client.get("/process/guide/small/"))
    assert (
        "Capture" in page
        and "a deal is won" in page
        and "Their industry is known" in page
        and "30 days (Retail: 10 days)" in page
    )
    page = client.get("/process/guide/small/?team=South").content.decode()
    assert 'id="qualify"' in page and 'id="capture"' not in page
    assert client.get("/process/guide/none/").status_code == 404
