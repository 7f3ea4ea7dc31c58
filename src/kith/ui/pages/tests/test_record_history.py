"""History and undo: what was done, by whom, and taking it back, with what was edited since left alone."""

import json

import pytest

from kith.kernel.access.actor import system
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import operation
from kith.ui.pages.tests.helpers import HTMX, add, text_of
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
people = registry["person"]


@pytest.fixture
def marta():
    return add(people, actor("ines"), given_name="Marta", family_name="Kowalczyk")


def test_everybody_finds_their_own_changes_and_a_manager_those_of_all(browser, marta):
    actions.edit(people, marta, {"job_title": "Director"}, by=actor("ines"))
    actions.edit(people, marta, {"source": "Fair"}, by=actor("jonas"))
    assert text_of(browser("ines").get("/history")).count("Edited Marta Kowalczyk") >= 1
    assert "Jonas Lindqvist ·" not in text_of(browser("ines").get("/history"))
    assert "Jonas Lindqvist ·" in text_of(browser("helena").get("/history"))


def test_an_edit_is_taken_back_and_the_line_says_by_whom(browser, marta):
    actions.edit(people, marta, {"job_title": "Director"}, by=actor("ines"))
    op = Operation.objects.get()
    client = browser("helena")
    line = client.post(f"/operations/{op.pk}/undo", headers=HTMX)
    assert "taken back by Helena Brandt" in text_of(line)
    said = json.loads(line["HX-Trigger"])
    assert said["kith:toast"]["message"] == "Taken back: Edited Marta Kowalczyk."
    assert f"person:{marta.pk}" in said["record-changed"]["types"]
    marta.refresh_from_db()
    assert marta.job_title == ""


def test_what_was_edited_since_stays_and_is_said(browser, marta):
    ines = actor("ines")
    actions.edit(people, marta, {"job_title": "Director", "source": "Fair"}, by=ines)
    first = Operation.objects.get()
    actions.edit(people, marta, {"job_title": "Owner"}, by=ines)
    client = browser("ines")
    assert client.post(f"/operations/{first.pk}/undo").status_code == 303
    text = text_of(client.get("/history"))
    assert "One value was changed since and stays." in text
    assert "Marta Kowalczyk: job title was changed since and was left as it is." in text
    marta.refresh_from_db()
    assert (marta.job_title, marta.source) == ("Owner", "")


def test_twice_is_refused_in_words(browser, marta):
    actions.edit(people, marta, {"job_title": "Director"}, by=actor("ines"))
    op = Operation.objects.get()
    client = browser("ines")
    client.post(f"/operations/{op.pk}/undo", headers=HTMX)
    again = client.post(f"/operations/{op.pk}/undo", headers=HTMX)
    assert json.loads(again["HX-Trigger"])["kith:toast"]["message"] == "This was already undone by Ines Okafor."


def test_a_change_of_somebody_else_is_not_there_to_be_undone(browser, marta):
    actions.edit(people, marta, {"job_title": "Director"}, by=actor("ines"))
    op = Operation.objects.get()
    client = browser("jonas")
    assert client.post(f"/operations/{op.pk}/undo").status_code == 404
    assert client.post("/operations/999999/undo").status_code == 404
    assert client.get(f"/operations/{op.pk}/undo").status_code == 405
    marta.refresh_from_db()
    assert marta.job_title == "Director"


def test_the_list_goes_on_page_by_page(browser, marta):
    ines = actor("ines")
    for n in range(35):
        actions.edit(people, marta, {"job_title": f"Title {n}"}, by=ines)
    client = browser("ines")
    first = client.get("/history").content.decode()
    assert first.count('id="op-') == 30
    earlier = first.split('href="/history?')[1].split('"')[0]
    assert client.get(f"/history?{earlier}", headers=HTMX).content.decode().count('id="op-') == 5
    assert client.get("/history?before=nonsense").status_code == 200


def test_the_history_of_a_row_has_every_value_and_who_gave_it(browser, marta):
    actions.edit(people, marta, {"job_title": "Director"}, by=actor("jonas"))
    text = text_of(browser("ines").get(f"/people/{marta.pk}/history"))
    assert "Ines Okafor added this" in text
    assert "First name: Marta" in text
    assert "Jonas Lindqvist changed job title" in text
    assert "on the page" in text


def test_history_tells_the_channel_the_cause_and_the_larger_change(browser, marta):
    anders = add(people, actor("ines"), given_name="Anders")
    cause = Event.objects.get(record_id=anders.pk, record="person")
    with operation("rule", "Welcome new people", by=system(cause=cause.pk)) as (_op, by):
        actions.edit(people, marta, {"source": "Rule"}, by=by)
        actions.edit(people, anders, {"source": "Rule"}, by=by)
    text = text_of(browser("ines").get(f"/people/{marta.pk}/history"))
    assert "by a rule, part of “Welcome new people”, because Ines Okafor added this" in text


def test_history_hides_columns_and_names_beyond_a_role(browser, marta):
    companies = registry["company"]
    secret = add(companies, actor("helena"), name="Secret plc")
    actions.edit(people, marta, {"company": secret, "job_title": "Spy"}, by=actor("helena"))
    policy("member", "person", hidden=["job_title"])
    policy("member", "company", see="none", edit="none")
    text = text_of(browser("ines").get(f"/people/{marta.pk}/history"))
    assert "Spy" not in text
    assert "Secret" not in text
    assert "not yours to see" in text
