"""Taking an import back: rows it made go, values it changed return, what was edited since stays and is listed."""

from __future__ import annotations

import pytest

from kith.kernel.errors import Conflict, Invalid
from kith.kernel.intake import undoing
from kith.kernel.intake.models import PendingLink
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import undo
from tests.cast import actor

pytestmark = pytest.mark.django_db
people, companies = registry["person"], registry["company"]
TWO = "First name,Last name,E-mail,Title\nMarta,Kowalczyk,m@x.example,Boss\nOliver,Brandt,o@x.example,Clerk\n"


def there(given_name="Marta", **more):
    values = {"given_name": given_name, "emails": [{"value": "m@x.example", "label": ""}], **more}
    return actions.create(people, values, by=actor("ines"))


def test_rows_made_are_archived_and_before_images_return(bring):
    marta = there(job_title="Director")
    run = bring("person", TWO, existing="overwrite")
    marta.refresh_from_db()
    assert (marta.job_title, marta.family_name) == ("Boss", "Kowalczyk")
    undoing.take_back(run, by=actor("ines"))
    marta.refresh_from_db()
    run.refresh_from_db()
    assert (marta.job_title, marta.family_name, marta.archived_at) == ("Director", "", None)
    assert people.model.objects.get(given_name="Oliver").archived_at is not None
    assert run.state == "undone" and Operation.objects.get(pk=run.operation).conflicts == []


def test_what_was_edited_since_stays_and_is_listed_until_one_says_everything(bring):
    marta = there(job_title="Director")
    run = bring("person", TWO, existing="overwrite")
    ines = actor("ines")
    oliver = people.model.objects.get(given_name="Oliver")
    actions.edit(people, oliver, {"job_title": "Head"}, by=ines)
    actions.edit(people, marta, {"job_title": "Owner"}, by=ines)
    undoing.take_back(run, by=ines)
    said = Operation.objects.get(pk=run.operation).conflicts
    oliver.refresh_from_db()
    marta.refresh_from_db()
    assert oliver.archived_at is None and marta.job_title == "Owner" and marta.family_name == ""
    assert "Oliver Brandt was changed since and stays." in said
    assert any("job title was changed since and was left as it is" in s for s in said)
    run.refresh_from_db()
    undoing.take_back(run, by=ines, everything=True)
    run_waiting_jobs(names=["import.undo"])
    oliver.refresh_from_db()
    assert oliver.archived_at is not None


def test_what_kith_found_out_by_itself_since_keeps_nobody(bring):
    run = bring("person", "First name,Phone\nOliver,+48 22 555 12 34\n")
    run_waiting_jobs(names=["contacts.look_up"])
    oliver = people.model.objects.get(given_name="Oliver")
    assert Event.objects.filter(verb="contacts.looked_up", record_id=oliver.pk).exists()
    undoing.take_back(run, by=actor("ines"))
    oliver.refresh_from_db()
    assert oliver.archived_at is not None and Operation.objects.get(pk=run.operation).conflicts == []


def test_a_large_import_is_taken_back_by_a_job_in_batches(bring, monkeypatch):
    monkeypatch.setattr(undoing, "AT_ONCE", 1)
    run = bring("person", TWO)
    undo(Operation.objects.get(pk=run.operation), by=actor("ines"))
    run.refresh_from_db()
    assert run.state == "undoing" and people.rows(actor("ines"), archived=False).count() == 2
    assert run_waiting_jobs(names=["import.undo"]) == 1
    run.refresh_from_db()
    assert run.state == "undone" and people.rows(actor("ines"), archived=False).count() == 0


def test_nothing_is_taken_back_twice_nor_while_it_runs(bring):
    run = bring("person", TWO)
    undoing.take_back(run, by=actor("ines"))
    with pytest.raises(Invalid, match="already undone"):
        undoing.take_back(run, by=actor("ines"))
    other = bring("person", TWO)
    other.state = "running"
    other.save()
    with pytest.raises(Conflict):
        undoing.take_back(other, by=actor("ines"))


def test_what_was_taken_back_can_come_in_again_without_doubles(bring):
    run = bring("person", TWO)
    undoing.take_back(run, by=actor("ines"))
    again = bring("person", TWO)
    assert again.counts["update"] == 2 and people.model.objects.count() == 2
    assert people.rows(actor("ines"), archived=False).count() == 2


def test_links_that_were_tied_and_rows_made_for_them_go_too(bring):
    run = bring("person", "First name,Company\nMarta,Tidewell\n", columns={
        "First name": "given_name", "Company": {"to": "company", "missing": "create"}})  # fmt: skip
    tidewell = companies.model.objects.get()
    assert people.model.objects.get().company_id == tidewell.pk
    undoing.take_back(run, by=actor("ines"))
    tidewell.refresh_from_db()
    assert tidewell.archived_at is not None and people.model.objects.get().archived_at is not None


def test_links_that_still_wait_are_forgotten(bring):
    run = bring("person", "First name,Company\nMarta,Tidewell\n", columns={
        "First name": "given_name", "Company": {"to": "company", "missing": "wait"}})  # fmt: skip
    assert run.counts["waiting"] == 1
    undoing.take_back(run, by=actor("ines"))
    assert not PendingLink.objects.exists()


def test_a_link_that_an_import_tied_waits_again_when_that_import_is_taken_back(bring):
    bring("person", "First name,Company\nMarta,Tidewell\n", columns={
        "First name": "given_name", "Company": {"to": "company", "missing": "wait"}})  # fmt: skip
    run = bring("company", "Name\nTidewell\n", by="helena")
    assert people.model.objects.get().company.name == "Tidewell"
    undoing.take_back(run, by=actor("helena"))
    assert people.model.objects.get().company is None
    again = bring("company", "Name\nTidewell\n", by="helena")
    assert again.counts["update"] == 1  # brought back, and tied as it was
    assert people.model.objects.get().company.name == "Tidewell"


def test_a_dry_run_ties_nothing(bring):
    bring("person", "First name,Company\nMarta,Tidewell\n", columns={
        "First name": "given_name", "Company": {"to": "company", "missing": "wait"}})  # fmt: skip
    bring("company", "Name\nTidewell\n", by="helena", write=False)
    assert people.model.objects.get().company is None and PendingLink.objects.get().tied is None
