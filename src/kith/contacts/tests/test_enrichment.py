"""Looking people and companies up: what addresses and numbers tell, never over what a person wrote, taken back by undo."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.contacts.enrichment import names, places
from kith.contacts.enrichment.applying import look_up
from kith.contacts.enrichment.domains import company_domain
from kith.contacts.enrichment.providers import Finding, register_provider, unregister_provider
from kith.contacts.events import Captured
from kith.contacts.models import Person, Provenance, entries
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions as records
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import undo
from tests.cast import actor, user

KITH = system("automation")


def company(name="Fjordheim Senior Living", domain="fjordheim.example"):
    return records.create(registry["company"], {"name": name, "domain": domain}, by=KITH)


def elin(by=KITH, email="elin@fjordheim.example", phone="+4722123456", **more):
    values = {
        "given_name": "Elin",
        "emails": entries([email] if email else []),
        "phones": entries([phone] if phone else []),
    }
    return records.create(registry["person"], values | more, by=by)


def fresh(person):
    return Person.objects.select_related("company").get(pk=person.pk)


# --- what is told ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("Elin Sørensen", ("Elin", "Sørensen")), ("Sørensen, Elin", ("Elin", "Sørensen")), ("Elin", ("Elin", "")), ("", ("", "")),
        ("Dr. Elin Sørensen", ("Elin", "Sørensen")), ("Frau Prof. Dr. Anna Berg", ("Anna", "Berg")),
        ("Ludwig van Beethoven", ("Ludwig", "van Beethoven")), ("Otto von der Heide", ("Otto", "von der Heide")),
        ("Anna Maria Rossi", ("Anna Maria", "Rossi")), ("Martin King Jr.", ("Martin", "King")), ("Van Morrison", ("Van", "Morrison")),
        ("King, Jr.", ("King", "Jr.")), ("Dr Oetker", ("Dr", "Oetker")),
    ],
)  # fmt: skip
def test_a_whole_name_has_its_parts(whole, parts):
    assert names.parts_of(whole) == parts


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("elin.soerensen@fjordheim.example", ("Elin", "Soerensen")), ("anna-maria.rossi+news@x.example", ("Anna-Maria", "Rossi")),
        ("esoerensen@x.example", ("", "")), ("e.soerensen@x.example", ("", "")), ("info.desk@x.example", ("", "")),
        ("elin.soerensen.7@x.example", ("", "")), ("nobody", ("", "")),
    ],
)  # fmt: skip
def test_an_address_tells_a_name_only_where_it_is_plainly_one(address, parts):
    assert names.parts_of_address(address) == parts


def test_addresses_of_mail_providers_tell_no_company():
    assert company_domain("elin@Fjordheim.example") == "fjordheim.example"
    assert [company_domain(a) for a in ("elin@gmail.com", "elin@gmx.ch", "elin@126.com", "elin", "")] == [""] * 5


def test_numbers_and_countries_tell_where_somebody_is_unless_there_is_more_than_one_answer():
    assert places.country_of_number("+4722123456") == "NO" and places.country_of_number("+80012345678") == ""
    assert (
        places.zone_of_number("+13125551234") == "America/Chicago"
        and places.zone_of_number("+4722123456") == "Europe/Oslo"
    )
    assert [places.zone_of_country(c) for c in ("DE", "CH", "US", "CN", "")] == [
        "Europe/Berlin",
        "Europe/Zurich",
        "",
        "",
        "",
    ]
    assert [places.language_of_country(c) for c in ("DE", "NO", "CH", "BE", "")] == ["de", "nb", "", "", ""]


# --- what is kept ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_blanks_are_filled_with_source_and_date():
    made, person = company(), elin()
    assert look_up("person", [person.pk], by=KITH) == 1
    now = fresh(person)
    assert (now.company, now.country, now.time_zone, now.language) == (made, "NO", "Europe/Oslo", "nb")
    told = dict(Provenance.objects.filter(record="person", record_id=person.pk).values_list("column", "source"))
    assert told == {"company": "email_domain", "addresses": "phone", "time_zone": "phone", "language": "country"}
    event = Event.objects.get(verb="contacts.looked_up")
    assert event.payload["columns"] == told and set(event.changes) == set(told)
    assert look_up("person", [person.pk], by=KITH) == 0


@pytest.mark.django_db
def test_what_a_person_wrote_or_took_out_stays():
    company()
    person = elin(by=actor("ines"), language="en")
    records.edit(registry["person"], person, {"time_zone": "Europe/Paris"}, by=actor("ines"))
    records.edit(registry["person"], fresh(person), {"time_zone": ""}, by=actor("ines"))
    look_up("person", [person.pk], by=KITH)
    assert (fresh(person).language, fresh(person).time_zone, fresh(person).country) == ("en", "", "NO")


@pytest.mark.django_db
def test_what_was_found_follows_a_new_number_until_somebody_writes_it_themselves():
    person = elin()
    look_up("person", [person.pk], by=KITH)
    records.edit(registry["person"], fresh(person), {"phones": entries(["+41313204545"])}, by=actor("ines"))
    look_up("person", [person.pk], by=KITH)
    assert (fresh(person).country, fresh(person).time_zone) == ("CH", "Europe/Zurich")
    records.edit(registry["person"], fresh(person), {"time_zone": "Europe/Rome"}, by=actor("ines"))
    records.edit(registry["person"], fresh(person), {"phones": entries(["+4722123456"])}, by=actor("ines"))
    look_up("person", [person.pk], by=KITH)
    assert (fresh(person).country, fresh(person).time_zone) == ("NO", "Europe/Rome")


@pytest.mark.django_db
def test_undo_takes_it_back_for_good_and_asking_again_brings_it():
    person = elin()
    done = perform(ACTIONS["person.look_up"], person, {}, by=actor("ines"))
    undo(Operation.objects.get(pk=done.operation.pk), by=actor("ines"))
    assert fresh(person).country == "" and not Provenance.objects.exists()
    assert look_up("person", [person.pk], by=KITH) == 0
    perform(ACTIONS["person.look_up"], fresh(person), {}, by=actor("ines"))
    assert fresh(person).country == "NO"


@pytest.mark.django_db
def test_where_nothing_is_new_the_action_says_so():
    person = elin(phone="", email="")
    with pytest.raises(Invalid, match="Nothing new was found about Elin"):
        perform(ACTIONS["person.look_up"], person, {}, by=actor("ines"))


@pytest.mark.django_db
def test_a_domain_that_two_companies_have_tells_neither():
    company()
    company("Fjordheim Holding")
    person = elin(phone="")
    look_up("person", [person.pk], by=KITH)
    assert fresh(person).company is None


@pytest.mark.django_db
def test_a_company_learns_its_domain_and_country():
    made = records.create(
        registry["company"],
        {"name": "Bellevue", "emails": entries(["office@bellevue.example"]), "phones": entries(["+41313204545"])},
        by=KITH,
    )
    perform(ACTIONS["company.look_up"], made, {}, by=actor("ines"))
    made.refresh_from_db()
    assert (made.domain, made.country) == ("bellevue.example", "CH")


@pytest.mark.django_db
def test_five_hundred_cost_as_many_questions_as_five():
    company()

    def asked(n):
        people = [elin(email=f"p{n}.{i}@fjordheim.example", phone=f"+47221{n:02}{i:03}"[:11]).pk for i in range(n)]
        with CaptureQueriesContext(connection) as captured:
            look_up("person", people, by=KITH)
        return len(captured)

    asked(2)
    assert asked(60) <= asked(5) + 4  # events are copied from fifty on


# --- when and where it shows -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_who_comes_to_us_is_looked_up_in_the_background_and_who_is_added_by_hand_is_not():
    by_hand, came = elin(), elin(email="rolf@fjordheim.example")
    with change(came, by=KITH) as c:
        c.says(Captured(through="form", source="Checklist"))
    run_waiting_jobs(names=["contacts.look_up"])
    assert (fresh(by_hand).country, fresh(came).country) == ("", "NO")
    operation = Operation.objects.get(kind="look_up")
    assert operation.label == "Looked up one person"


@pytest.mark.django_db
def test_people_of_an_import_are_looked_up_many_at_once():
    elin(by=system("import"))
    run_waiting_jobs(names=["contacts.look_up"])
    assert Person.objects.get().time_zone == "Europe/Oslo"


@pytest.mark.django_db
def test_the_page_says_where_a_value_is_from_until_somebody_changes_it(client):
    client.force_login(user("ines"))
    with time_machine.travel("2026-11-03T10:00:00Z", tick=False):
        person = elin(by=actor("ines"))
        look_up("person", [person.pk], by=KITH)
    with time_machine.travel("2026-11-22T10:00:00Z", tick=False):
        page = client.get(f"/people/{person.pk}").content.decode()
        assert "from the phone number, 3 Nov" in page and "from the country, 3 Nov" in page
        records.edit(registry["person"], fresh(person), {"language": "en"}, by=actor("ines"))
        assert "from the country, 3 Nov" not in client.get(f"/people/{person.pk}").content.decode()


class Register:
    """A provider of somebody else's."""

    key, label = "register", "Register of companies"
    sources = {"register": "from the register"}  # noqa: RUF012 - as people write them

    def look_up(self, record, rows):
        return [Finding(row.pk, "job_title", "Caretaker", "register") for row in rows] if record == "person" else []


class Broken(Register):
    key = "broken"

    def look_up(self, record, rows):
        raise TimeoutError("the register does not answer")


@pytest.mark.django_db
def test_other_providers_are_asked_and_one_that_fails_keeps_nobody_from_answering(client):
    register_provider(Broken())
    register_provider(Register())
    try:
        person = elin(by=actor("ines"))
        look_up("person", [person.pk], by=KITH)
        assert (fresh(person).job_title, fresh(person).country) == ("Caretaker", "NO")
        client.force_login(user("ines"))
        assert "from the register, " in client.get(f"/people/{person.pk}").content.decode()
    finally:
        unregister_provider("broken")
        unregister_provider("register")
