"""People of a file, dealt out by the rules of assignment where the mapping asks for it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kith.contacts.models import Person
from kith.kernel.errors import InvalidMany
from kith.kernel.intake.models import ImportRun
from kith.kernel.intake.tests.conftest import Bring
from kith.kernel.intake.undoing import take_back
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.qualification.models import Decision
from kith.qualification.tests.cast import NAMES, pool, rule
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
FILE = "First name,Last name\nMarta,Kowalczyk\nOliver,Grant\nYusuf,Demir\nAnna,Berg\n"
ASSIGN = {"then": ["assign"], "constants": {}}


@pytest.fixture
def bring(tmp_path):
    return Bring(tmp_path)


def owners():
    return sorted(str(owner) for owner in Person.objects.values_list("owner__name", flat=True))


def test_people_of_a_file_are_dealt_out_in_turn_where_the_mapping_says_so(bring):
    rule(pool=pool("ines", "jonas"))
    run = bring("person", FILE, **ASSIGN)
    assert owners() == ["None"] * 4
    run_waiting_jobs(names=list(NAMES))
    assert owners() == ["Ines Okafor"] * 2 + ["Jonas Lindqvist"] * 2
    assert Decision.objects.count() == 4 and run.counts["create"] == 4


def test_without_it_they_are_whose_the_mapping_says(bring):
    rule(user=user("jonas"))
    bring("person", FILE)
    run_waiting_jobs(names=list(NAMES))
    assert owners() == ["Ines Okafor"] * 4 and not Decision.objects.exists()


def test_whoever_the_file_gives_an_owner_keeps_them(bring):
    rule(user=user("jonas"))
    bring("person", "First name,Owner\nMarta,Ines Okafor\nOliver,\n", **ASSIGN)
    run_waiting_jobs(names=list(NAMES))
    assert owners() == ["Ines Okafor", "Jonas Lindqvist"]


def test_a_check_deals_nobody_out(bring):
    rule(user=user("jonas"))
    bring("person", FILE, write=False, **ASSIGN)
    run_waiting_jobs(names=list(NAMES))
    assert not Person.objects.exists() and not Decision.objects.exists()


def test_an_import_that_was_dealt_out_is_taken_back_whole(bring):
    rule(user=user("jonas"))
    run = bring("person", FILE, **ASSIGN)
    run_waiting_jobs(names=list(NAMES))
    take_back(ImportRun.objects.get(pk=run.pk), by=actor("ines"))
    assert not Person.objects.filter(archived_at=None).exists()


@pytest.mark.parametrize(("parts", "said"), [
    ({"then": ["assign"]}, "has a value for every row"), ({"then": ["dance"]}, "“then” names “dance”; there is: assign"),
])  # fmt: skip
def test_a_mapping_that_leaves_nothing_to_decide_or_names_what_does_not_exist_is_refused(bring, parts, said):
    with pytest.raises(InvalidMany, match=said):
        bring.begin("person", FILE, **parts)


def test_the_wizard_offers_it_for_people_and_takes_the_importer_out(client):
    rule(user=user("jonas"))
    client.force_login(user("ines"))
    file = SimpleUploadedFile("people.csv", FILE.encode())
    place = client.post("/people/import/", {"file": file})["Location"]
    assert "Deal out by the rules of assignment" in client.get(place).content.decode()
    hotels = client.post("/companies/import/", {"file": SimpleUploadedFile("hotels.csv", b"Name\nBellevue\n")})
    assert "Deal out" not in client.get(hotels["Location"]).content.decode()
    sent = {"lines": "2", "header-0": "First name", "to-0": "given_name", "header-1": "Last name", "to-1": "family_name",
            "constant-key": "owner", "constant-value": "me", "then": "assign", "do": "run"}  # fmt: skip
    assert client.post(place, sent).status_code == 303
    run = ImportRun.objects.get(target="person")
    assert run.mapping["then"] == ["assign"] and "owner" not in run.mapping.get("constants", {})
    run_waiting_jobs()
    assert owners() == ["Jonas Lindqvist"] * 4
