"""Editing one value where it stands: the editor, saving, refusals, two people at once, and no way around the rules."""

import json
import re

import pytest

from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import undo
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
people, companies = registry["person"], registry["company"]
HTMX = {"HX-Request": "true"}


def add(by, record=people, **raw):
    return actions.create(record, actions.parse_values(record, raw, by=by), by=by)


@pytest.fixture
def ines(client):
    client.force_login(user("ines"))
    return actor("ines")


def base(response):
    found = re.search(r'name="base" value="([^"]*)"', response.content.decode())
    return found[1].replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")


def test_a_cell_opens_with_its_value_saves_and_answers_with_what_it_shows_now(client, ines):
    marta = add(ines, given_name="Marta", job_title="Director")
    url = f"/people/{marta.pk}/cell/job_title/"
    editor = client.get(url, headers=HTMX)
    assert 'value="Director"' in editor.content.decode()
    assert "data-editing" in editor.content.decode()
    saved = client.post(url, {"job_title": "Head <of> halls", "base": base(editor)}, headers=HTMX)
    assert saved.status_code == 200
    assert saved.content.decode() == "Head &lt;of&gt; halls"
    assert '"record-changed"' in saved["HX-Trigger"]
    marta.refresh_from_db()
    assert marta.job_title == "Head <of> halls"


def test_the_toast_takes_the_edit_back(client, ines):
    marta = add(ines, given_name="Marta", job_title="Director")
    saved = client.post(f"/people/{marta.pk}/cell/job_title", {"job_title": "Head"}, headers=HTMX)
    address = json.loads(saved["HX-Trigger"])["kith:toast"]["undo"]
    assert client.post(address, headers=HTMX).status_code in (200, 204)
    marta.refresh_from_db()
    assert marta.job_title == "Director"


def test_saving_the_same_value_is_no_change_and_offers_no_undo(client, ines):
    marta = add(ines, given_name="Marta", job_title="Director")
    saved = client.post(f"/people/{marta.pk}/cell/job_title", {"job_title": "Director"}, headers=HTMX)
    assert "kith:toast" not in saved.headers.get("HX-Trigger", "")
    assert not Operation.objects.filter(kind="person.edit").exists()


def test_a_value_that_cannot_be_taken_comes_back_in_its_field_with_the_sentence(client, ines):
    marta = add(ines, given_name="Marta")
    answer = client.post(f"/people/{marta.pk}/cell/birthday", {"birthday": "soon"}, headers=HTMX)
    assert answer.status_code == 422
    assert "“soon” is not a date" in answer.content.decode()
    assert "data-editing" in answer.content.decode()


def test_an_emptied_value_that_is_needed_is_refused(client, ines):
    house = add(ines, companies, name="Bellevue")
    answer = client.post(f"/companies/{house.pk}/cell/name", {"name": ""}, headers=HTMX)
    assert answer.status_code == 422
    assert "Name is needed." in answer.content.decode()


def test_two_people_editing_the_same_value_see_both_and_choose(client, ines):
    marta = add(ines, given_name="Marta", job_title="Director")
    url = f"/people/{marta.pk}/cell/job_title"
    began = base(client.get(url, headers=HTMX))
    actions.edit(people, marta, {"job_title": "Head"}, by=actor("priya"))
    clash = client.post(url, {"job_title": "Boss", "base": began}, headers=HTMX)
    assert clash.status_code == 409
    body = clash.content.decode()
    assert "Priya Nair changed this" in body
    assert "“Head”" in body
    assert "“Boss”" in body
    raw = re.search(r'name="raw" value="([^"]*)"', body)[1].replace("&#34;", '"')
    yielded = client.post(url, {"base": base(clash), "raw": raw, "take": "1"}, headers=HTMX)
    assert yielded.content.decode() == "Head"
    kept = client.post(url, {"base": base(clash), "raw": raw, "keep": "1"}, headers=HTMX)
    assert kept.content.decode() == "Boss"


def test_edits_of_different_values_do_not_clash(client, ines):
    marta = add(ines, given_name="Marta", job_title="Director", source="Fair")
    url = f"/people/{marta.pk}/cell/job_title"
    began = base(client.get(url, headers=HTMX))
    actions.edit(people, marta, {"source": "Webinar"}, by=actor("priya"))
    assert client.post(url, {"job_title": "Boss", "base": began}, headers=HTMX).status_code == 200
    marta.refresh_from_db()
    assert (marta.job_title, marta.source) == ("Boss", "Webinar")


def test_links_are_picked_and_shown_as_links(client, ines):
    house = add(ines, companies, name="Bellevue")
    marta = add(ines, given_name="Marta")
    url = f"/people/{marta.pk}/cell/company"
    assert 'src="/pick/company"' in client.get(url, headers=HTMX).content.decode()
    saved = client.post(url, {"company": house.pk}, headers=HTMX)
    assert f'href="/companies/{house.pk}"' in saved.content.decode()
    assert client.post(url, {"company": "", "company_text": "Bellevue"}, headers=HTMX).status_code == 200


def test_typing_addresses_in_one_line_keeps_the_labels_of_those_that_stay(client, ines):
    marta = add(
        ines,
        given_name="Marta",
        emails=[{"value": "m@a.example", "label": "work"}, {"value": "m@b.example", "label": "private"}],
    )
    saved = client.post(f"/people/{marta.pk}/cell/emails", {"emails": "m@b.example, m@c.example"}, headers=HTMX)
    assert saved.status_code == 200
    marta.refresh_from_db()
    assert [(e["value"], e["label"]) for e in marta.emails] == [("m@b.example", "private"), ("m@c.example", "")]


def test_beside_a_fact_the_answer_is_the_inside_of_the_fact(client, ines):
    marta = add(ines, given_name="Marta")
    saved = client.post(f"/people/{marta.pk}/cell/job_title?at=facts", {"job_title": "Head"}, headers=HTMX)
    assert f'href="/people/{marta.pk}/cell/job_title?at=facts"' in saved.content.decode()


def test_without_a_script_the_editor_is_a_page_that_leads_back(client, ines):
    marta = add(ines, given_name="Marta", job_title="Director")
    url = f"/people/{marta.pk}/cell/job_title?at=facts"
    assert "<html" in client.get(url).content.decode()
    answer = client.post(url, {"job_title": "Head"})
    assert (answer.status_code, answer["Location"]) == (303, f"/people/{marta.pk}")
    refused = client.post(f"/people/{marta.pk}/cell/birthday?at=facts", {"birthday": "soon"})
    assert refused.status_code == 422
    assert "<html" in refused.content.decode()


@pytest.mark.parametrize("key", ["name", "id", "created_at", "industry", "tsv", "shoe_size", "search", "custom"])
def test_what_cannot_be_set_cannot_be_edited_in_place(client, ines, key):
    marta = add(ines, given_name="Marta")
    for call in (client.get, client.post):
        assert call(f"/people/{marta.pk}/cell/{key}", headers=HTMX).status_code in (403, 404)


def test_rows_and_columns_beyond_reach_stay_so(client, ines):
    marta = add(ines, given_name="Marta", job_title="Director")
    policy("member", "person", hidden=["source"], read_only=["job_title"])
    assert client.get(f"/people/{marta.pk}/cell/source", headers=HTMX).status_code == 404
    assert client.get(f"/people/{marta.pk}/cell/job_title", headers=HTMX).status_code == 403
    policy("member", "person", see="own", edit="own", hidden=[], read_only=[])
    client.force_login(user("jonas"))
    for call in (client.get, client.post):
        answer = call(f"/people/{marta.pk}/cell/job_title", headers=HTMX)
        assert answer.status_code == 404
        assert "Director" not in answer.content.decode()


@pytest.mark.parametrize("sent", [{"base": "nonsense"}, {"base": "[" * 5000}, {"raw": "{"}, {"raw": '{"a": 1}'}, {}])
def test_a_broken_form_is_a_sentence_at_most(client, ines, sent):
    marta = add(ines, given_name="Marta")
    assert client.post(f"/people/{marta.pk}/cell/job_title", {"job_title": "x", **sent}, headers=HTMX).status_code in (
        200,
        409,
        422,
    )


def test_an_edit_from_a_list_can_be_undone_from_history(client, ines):
    marta = add(ines, given_name="Marta", job_title="Director")
    client.post(f"/people/{marta.pk}/cell/job_title", {"job_title": "Head"}, headers=HTMX)
    undo(Operation.objects.get(kind="person.edit"), by=ines)
    marta.refresh_from_db()
    assert marta.job_title == "Director"
