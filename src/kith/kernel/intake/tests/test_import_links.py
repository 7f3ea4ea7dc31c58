"""Links: by external id, name, e-mail or id; made, left blank, refused or waiting; never guessed."""

from __future__ import annotations

import pytest

from kith.kernel.accounts.models import User
from kith.kernel.intake.models import PendingLink, Unresolved
from kith.kernel.intake.tests.conftest import reasons
from kith.kernel.records import actions
from kith.kernel.records.models import ExternalId
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
people, companies = registry["person"], registry["company"]


def company(name, by="helena"):
    return actions.create(companies, {"name": name}, by=actor(by))


def linked(bring, text="First name,Company\nMarta,Łódź Straße\n", **rule):
    rule = {"to": "company", **rule}
    return bring("person", text, columns={"First name": "given_name", "Company": rule})


def test_a_name_is_found_whatever_its_case_and_accents(bring):
    there = company("Łódź Straße")
    linked(bring, "First name,Company\nMarta,LODZ  STRASSE\n".replace("  ", " "))
    assert people.model.objects.get().company_id == there.pk


def test_a_near_name_is_reported_with_a_proposal_and_never_taken(bring):
    company("Bellevue Hotels")
    run = linked(bring, "First name,Company\nMarta,Bellevue Hotles\n")
    assert reasons(run) == {2: ["Company: There is no company “Bellevue Hotles”."]}
    odd = Unresolved.objects.get(run=run)
    assert (odd.value, odd.why, odd.rows, odd.suggestions) == ("Bellevue Hotles", "missing", 1, ["Bellevue Hotels"])


def test_a_translation_in_the_mapping_adopts_the_proposal(bring):
    there = company("Bellevue Hotels")
    linked(bring, "First name,Company\nMarta,Bellevue Hotles\n", values={"bellevue hotles": "Bellevue Hotels"})
    assert people.model.objects.get().company_id == there.pk


def test_a_dry_run_says_how_many_links_would_wait_and_how_many_rows_a_made_one_is_for(bring):
    text = "First name,Company,Owner\nMarta,Bellevue,Nora Lund\nOliver,Bellevue,Nora Lund\nInes,,Nora Lund\n"
    columns = {"First name": "given_name", "Company": {"to": "company", "missing": "wait"}, "Owner": {"to": "owner", "missing": "create"}}  # fmt: skip
    run = bring("person", text, by="astrid", columns=columns, write=False)
    assert run.counts["waiting"] == 2
    assert Unresolved.objects.get(run=run, why="create").rows == 3
    run = bring("person", text, by="astrid", columns=columns)
    assert run.counts["waiting"] == 2 and Unresolved.objects.get(run=run, why="create").rows == 3


def test_a_name_that_several_have_is_refused(bring):
    company("Acme"), company("ACME")
    assert reasons(linked(bring, "First name,Company\nMarta,acme\n")) == {
        2: ["Company: More than one company is called “acme”."]
    }


def test_a_link_to_nothing_may_be_left_blank_with_a_note(bring):
    run = linked(bring, missing="blank")
    assert people.model.objects.get().company_id is None
    assert run.rows.get().reasons == ["Company: There is no company “Łódź Straße”."]


def test_the_other_end_may_be_made_once_and_only_if_one_may(bring):
    text = "First name,Company\nMarta,Tidewell\nOliver,tidewell\n"
    run = linked(bring, text, missing="create")
    assert (
        companies.model.objects.get().name == "Tidewell"
        and people.model.objects.filter(company__name="Tidewell").count() == 2
    )
    assert Event.objects.get(record="company").operation == run.operation
    policy("member", "company", rights=["import"])
    run = linked(bring, "First name,Company\nMarta,Elsewhere\n", missing="create")
    assert "does not include" in reasons(run)[2][0]


def test_a_dry_run_makes_no_other_end(bring):
    linked_run = bring.begin("person", "First name,Company\nMarta,Tidewell\n", columns={
        "First name": "given_name", "Company": {"to": "company", "missing": "create"}})  # fmt: skip
    run = bring.walk(linked_run, write=False)
    assert run.counts["create"] == 1 and not companies.model.objects.exists()
    assert Unresolved.objects.get(run=run).why == "create"


def test_an_id_of_another_system_links_files_in_any_order(bring):
    contacts = "Id,First name,AccountId\nc1,Marta,a1\nc2,Oliver,a2\n"
    accounts = "Id,Name,ParentId\na1,Bellevue,a2\na2,Hafen,\n"
    run = bring("person", contacts, source="salesforce")
    assert run.counts["waiting"] == 2
    run = bring("company", accounts, by="helena", source="salesforce")
    assert run.counts["waiting"] == 0 and not PendingLink.objects.filter(tied=None).exists()
    marta = people.model.objects.get(given_name="Marta")
    assert marta.company.name == "Bellevue" and marta.company.parent.name == "Hafen"
    tied = Event.objects.filter(record="person", record_id=marta.pk, verb="person.changed").get()
    assert tied.operation == run.operation and tied.changes["company"][1]["name"] == "Bellevue"


def test_the_same_id_of_different_systems_means_different_rows(bring):
    bring("company", "Id,Name\n1,Bellevue\n", by="helena", source="old crm")
    bring("company", "Id,Name\n1,Hafen\n", by="helena", source="shop")
    assert set(ExternalId.objects.values_list("source", "value")) == {("old crm", "1"), ("shop", "1")}
    assert companies.model.objects.count() == 2


def test_an_external_id_recognises_a_row_whose_name_changed(bring):
    bring("company", "Id,Name\n1,Bellevue\n", by="helena", source="shop")
    run = bring("company", "Id,Name\n1,Bellevue Hotels\n", by="helena", source="shop", existing="overwrite")
    assert run.counts["update"] == 1 and companies.model.objects.get().name == "Bellevue Hotels"


def test_a_link_that_waits_ties_only_when_one_row_has_the_name(bring):
    linked(bring, "First name,Company\nMarta,Acme\n", missing="wait")
    bring("company", "Name\nAcme\nACME\n", by="helena", match=[])
    assert people.model.objects.get().company_id is None and PendingLink.objects.count() == 1


def test_a_value_set_meanwhile_is_not_overwritten_by_a_link_that_waited(bring):
    linked(bring, "First name,Company\nMarta,Acme\n", missing="wait")
    other = company("Other")
    marta = people.model.objects.get()
    actions.edit(people, marta, {"company": other}, by=actor("ines"))
    bring("company", "Name\nAcme\n", by="helena")
    marta.refresh_from_db()
    assert marta.company_id == other.pk and not PendingLink.objects.filter(tied=None).exists()


def test_owners_are_found_by_name_or_address_and_made_only_if_the_mapping_says_so(bring):
    actor("jonas")
    text = "First name,Owner\nMarta,JONAS LINDQVIST\nOliver,jonas@tidewell.example\nInes,Anna Snelling\n"
    run = bring("person", text, by="astrid")
    assert reasons(run) == {4: ["Owner: There is no colleague “Anna Snelling”."]}
    assert set(people.model.objects.values_list("owner__name", flat=True)) == {"Jonas Lindqvist"}
    bring(
        "person",
        text,
        by="astrid",
        columns={"First name": "given_name", "Owner": {"to": "owner", "missing": "create"}},
        match=[],
    )
    anna = User.objects.get(name="Anna Snelling")
    assert anna.email == "anna.snelling@placeholder.invalid" and not anna.has_usable_password()


def test_a_company_hidden_from_the_importer_is_not_there_for_them(bring):
    company("Bellevue")
    policy("member", "company", see="own")
    assert reasons(linked(bring, "First name,Company\nMarta,Bellevue\n")) == {
        2: ["Company: There is no company “Bellevue”."]
    }


def test_ids_of_kith_are_used_only_when_the_mapping_says_so(bring):
    there = company("Bellevue")
    assert list(reasons(linked(bring, f"First name,Company\nMarta,{there.pk}\n"))) == [2]
    linked(bring, f"First name,Company\nMarta,{there.pk}\n", by="id")
    assert people.model.objects.get().company_id == there.pk
