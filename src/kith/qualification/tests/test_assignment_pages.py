"""Assignment on pages: rules are read and edited, tried without a trace, and every decision stands on the person."""

import pytest

from kith.api.tests.programs import Program
from kith.contacts.models import Person
from kith.kernel.timeline.models import Event
from kith.qualification.tests.cast import captured, make, person, pool, rule
from tests.cast import user

pytestmark = pytest.mark.django_db


@pytest.fixture
def astrid(client):
    client.force_login(user("astrid"))
    return client


def test_the_settings_say_rules_as_sentences_and_show_what_everybody_holds(astrid):
    rule("Poland", where="country.is:PL", pool=pool("ines", "jonas"), answer_within="2 business hours")
    page = astrid.get("/settings/assignment/").content.decode()
    assert "Country is Poland" in page
    assert "in turn: Inbound" in page
    assert "2 business hours" in page
    assert "Ines Okafor" in page


def test_only_who_manages_settings_opens_them(client):
    client.force_login(user("ines"))
    assert client.get("/settings/assignment/").status_code == 403


def test_the_filter_of_a_rule_is_edited_with_the_editor_of_lists(astrid):
    made = rule("Poland", user=user("ines"))
    to = f"/settings/qualification/assignment-rules/{made.pk}/where"
    assert "For people where" in astrid.get(to).content.decode()
    sent = {"g-r": "all", "c-r-0": "country", "o-r-0": "is", "v-r-0": "PL", "c-r-1": "", "do": "apply"}
    response = astrid.post(to, sent)
    assert (response.status_code, response["Location"]) == (303, "/settings/assignment/")
    made.refresh_from_db()
    assert made.where == "country.is:PL"
    wrong = astrid.post(to, {**sent, "v-r-0": "Atlantis"})
    assert wrong.status_code == 422


def test_trying_the_rules_with_made_up_values_names_the_rule_and_leaves_no_trace(astrid):
    rule("Poland", where="country.is:PL", user=user("ines"), position=1)
    rule("Everybody else", user=user("jonas"), position=2)
    before = (Person.objects.count(), Event.objects.count())
    page = astrid.get("/settings/assignment/try?ask=1&country=PL").content.decode()
    assert "Ines Okafor would get it." in page
    other = astrid.get("/settings/assignment/try?ask=1&country=GB").content.decode()
    assert "Jonas Lindqvist would get it." in other
    assert "the filter does not fit" in other
    assert (Person.objects.count(), Event.objects.count()) == before


def test_trying_the_rules_on_somebody_says_who_is_passed_over(astrid):
    import datetime as dt

    rule(pool=pool("ines", "jonas"))
    make("absence", user=user("ines"), first_day=dt.date.today(), last_day=dt.date.today())
    marta = person()
    page = astrid.get(f"/settings/assignment/try?ask=1&person={marta.pk}").content.decode()
    assert "Jonas Lindqvist would get it." in page
    assert "away until" in page


def test_the_person_s_page_says_why_they_are_with_whom_they_are(astrid):
    rule("Everybody", pool=pool("ines"), answer_within="2 business hours")
    marta = captured(person())
    assert "panel/assignment" in astrid.get(f"/people/{marta.pk}").content.decode()
    page = astrid.get(f"/people/{marta.pk}/panel/assignment", HTTP_HX_REQUEST="true").content.decode()
    assert "it is their turn" in page
    assert "First answer due" in page
    assert astrid.get("/assignments/?view=waiting").status_code == 200


def test_a_program_and_a_list_ask_the_rules_for_whoever_has_nobody(client):
    marta, oliver = person(), person("Oliver Grant")
    rule(user=user("ines"))
    api = Program("astrid")
    assert api("post", f"people/{marta.pk}/actions/assign_by_rules", {}).status_code == 200
    assert api("post", f"people/{marta.pk}/actions/assign_by_rules", {}).status_code == 422
    client.force_login(user("astrid"))
    assert "Assign by the rules" in client.get(f"/people/{oliver.pk}").content.decode()
    assert "Assign by the rules" not in client.get(f"/people/{marta.pk}").content.decode()
    marta.refresh_from_db()
    assert marta.owner == user("ines")
