"""Forms for new rows and edits: nothing typed is lost, edits merge, two people on one value both see both."""

import json

import pytest

from kith.kernel.customfields.models import CustomField
from kith.kernel.organisation.models import bump
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, Operation
from kith.ui.pages.tests.helpers import HTMX, add, form_of, text_of
from tests.cast import actor

pytestmark = pytest.mark.django_db
people, companies, deals = registry["person"], registry["company"], registry["deal"]


@pytest.fixture
def marta():
    ines = actor("ines")
    return add(people, ines, given_name="Marta", family_name="Kowalczyk", emails="m@bellevue.example", tags="vip",
               phones="+48 58 555 01 42", birthday="1980-03-12")  # fmt: skip


def test_a_new_person_is_added_and_opened_with_an_undo(browser):
    client = browser("ines")
    form = form_of(client.get("/people/new"), "/people/new")
    form |= {
        "given_name": "Marta",
        "family_name": "Kowalczyk",
        "emails-0-value": "m@bellevue.example",
        "emails-0-kind": "work",
    }
    response = client.post("/people/new", form)
    marta = people.model.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"/people/{marta.pk}"
    assert marta.owner.name == "Ines Okafor"
    assert marta.emails == [{"value": "m@bellevue.example", "label": "work"}]
    page = client.get(response["Location"])
    assert "Marta Kowalczyk added." in text_of(page)
    op = Operation.objects.get()
    assert f'data-undo="/operations/{op.pk}/undo"' in page.content.decode()
    client.post(f"/operations/{op.pk}/undo")
    marta.refresh_from_db()
    assert marta.archived_at


def test_what_is_wrong_is_said_at_the_field_and_on_top_and_nothing_is_cleared(browser):
    client = browser("ines")
    sent = form_of(client.get("/people/new"), "/people/new") | {
        "given_name": "Marta", "birthday": "31 February", "emails-0-value": "not an address", "emails-1-value": "m@b.example",
        "phones-0-value": "call me", "about_text": "Likes tea", "tags_text": "vip, hotels", "company_text": "No such company",
        "addresses-0-city": "Gdańsk", "addresses-0-country_text": "Atlantis",
    }  # fmt: skip
    response = client.post("/people/new", sent)
    text = response.content.decode()
    assert response.status_code == 422
    assert people.model.objects.count() == 0
    again = form_of(response, "/people/new")
    for key in (
        "given_name",
        "emails-0-value",
        "emails-1-value",
        "phones-0-value",
        "about_text",
        "company_text",
        "addresses-0-city",
    ):
        assert again[key] == sent[key], key
    assert again["addresses-0-country_text"] == "Atlantis"
    assert again["tags"] == ["vip", "hotels"]
    assert 'href="#f-birthday"' in text
    assert 'aria-describedby="f-birthday-error"' in text
    assert "“not an address” is not an e-mail address" in text_of(response)
    assert "There is no company “No such company”." in text_of(response)


def test_a_person_without_any_name_is_refused_in_words(browser):
    client = browser("ines")
    response = client.post("/people/new", form_of(client.get("/people/new"), "/people/new"))
    assert response.status_code == 422
    assert "A person needs a name, an e-mail address or a phone number." in text_of(response)


def test_a_form_sent_back_untouched_changes_nothing(browser, marta):
    client = browser("ines")
    response = client.post(f"/people/{marta.pk}/edit", form_of(client.get(f"/people/{marta.pk}/edit"), "/edit"))
    assert response.status_code == 303
    assert Event.objects.count() == 1
    marta.refresh_from_db()
    assert marta.version == 1


def test_only_what_was_touched_is_written(browser, marta):
    client = browser("ines")
    form = form_of(client.get(f"/people/{marta.pk}/edit"), "/edit")
    assert client.post(f"/people/{marta.pk}/edit", form | {"job_title": "Director"}).status_code == 303
    assert Event.objects.order_by("-id").first().changes == {"job_title": ["", "Director"]}


def test_every_value_can_be_emptied(browser, marta):
    client = browser("ines")
    form = form_of(client.get(f"/people/{marta.pk}/edit"), "/edit")
    form |= {
        "family_name": "",
        "birthday": "",
        "emails-0-value": "",
        "phones-0-value": "",
        "tags": [],
        "owner_text": "",
    }
    assert client.post(f"/people/{marta.pk}/edit", form).status_code == 303
    marta.refresh_from_db()
    assert (marta.family_name, marta.birthday, marta.emails, marta.phones, marta.tags, marta.owner) == (
        "",
        None,
        [],
        [],
        [],
        None,
    )


def test_edits_of_different_values_merge(browser, marta):
    client = browser("ines")
    form = form_of(client.get(f"/people/{marta.pk}/edit"), "/edit")
    actions.edit(people, marta, {"job_title": "Head of facilities"}, by=actor("priya"))
    assert client.post(f"/people/{marta.pk}/edit", form | {"source": "Webinar"}).status_code == 303
    marta.refresh_from_db()
    assert (marta.job_title, marta.source) == ("Head of facilities", "Webinar")


def test_two_people_on_one_value_both_see_both_and_one_chooses(browser, marta):
    client = browser("ines")
    form = form_of(client.get(f"/people/{marta.pk}/edit"), "/edit") | {"job_title": "Director", "source": "Webinar"}
    actions.edit(people, marta, {"job_title": "Head of facilities"}, by=actor("priya"))
    clash = client.post(f"/people/{marta.pk}/edit", form)
    assert clash.status_code == 409
    assert "Priya Nair changed this" in text_of(clash)
    assert "theirs: “Head of facilities”. Yours: “Director”." in text_of(clash)
    again = form_of(clash, "/edit")
    assert (again["job_title"], again["source"]) == ("Director", "Webinar")
    assert client.post(f"/people/{marta.pk}/edit", again | {"keep": "job_title"}).status_code == 303
    marta.refresh_from_db()
    assert (marta.job_title, marta.source) == ("Director", "Webinar")


def test_taking_theirs_keeps_their_value_and_saves_the_rest(browser, marta):
    client = browser("ines")
    form = form_of(client.get(f"/people/{marta.pk}/edit"), "/edit") | {"job_title": "Director", "source": "Webinar"}
    actions.edit(people, marta, {"job_title": "Head of facilities"}, by=actor("priya"))
    again = form_of(client.post(f"/people/{marta.pk}/edit", form), "/edit")
    assert client.post(f"/people/{marta.pk}/edit", again | {"take": "job_title"}).status_code == 303
    marta.refresh_from_db()
    assert (marta.job_title, marta.source) == ("Head of facilities", "Webinar")


def test_a_third_change_while_one_chooses_is_seen_too(browser, marta):
    client = browser("ines")
    form = form_of(client.get(f"/people/{marta.pk}/edit"), "/edit") | {"job_title": "Director"}
    actions.edit(people, marta, {"job_title": "Head"}, by=actor("priya"))
    again = form_of(client.post(f"/people/{marta.pk}/edit", form), "/edit")
    actions.edit(people, marta, {"job_title": "Owner"}, by=actor("helena"))
    third = client.post(f"/people/{marta.pk}/edit", again | {"keep": "job_title"})
    assert third.status_code == 409
    assert "theirs: “Owner”" in text_of(third)


@pytest.mark.parametrize(
    "carried", ["", "{", "[1]", '{"job_title": {"id": 1}}', '{"company": {"id": "x"}}', '{"job_title": "\\ud800"}']
)
def test_a_hidden_field_that_was_tampered_with_harms_nothing(browser, marta, carried):
    client = browser("ines")
    form = form_of(client.get(f"/people/{marta.pk}/edit"), "/edit")
    form |= {"base": carried, "theirs": carried, "take": ["job_title", "company", "nothing"], "keep": "birthday"}
    assert client.post(f"/people/{marta.pk}/edit", form).status_code in (303, 409)


def test_quick_add_asks_for_little_and_goes_on_with_the_next(browser):
    client = browser("ines")
    dialog = client.get("/people/new", headers=HTMX)
    assert "<html" not in dialog.content.decode()
    form = form_of(dialog, "/people/new")
    assert "birthday" not in form
    again = client.post("/people/new", form | {"given_name": "Freya", "then": "another"}, headers=HTMX)
    assert again.status_code == 200
    assert form_of(again, "/people/new")["given_name"] == ""
    said = json.loads(again["HX-Trigger"])
    assert said["kith:toast"]["undo"].startswith("/operations/")
    assert "person" in said["record-changed"]["types"]
    opened = client.post("/people/new", form | {"given_name": "Anders", "then": "open"}, headers=HTMX)
    assert opened["HX-Redirect"] == f"/people/{people.model.objects.get(given_name='Anders').pk}"


def test_what_the_address_says_is_filled_in_even_where_quick_add_would_not_ask(browser, marta):
    client = browser("ines")
    form = form_of(client.get(f"/deals/new?contact={marta.pk}", headers=HTMX), "/deals/new")
    assert form["contact"] == str(marta.pk)
    assert form["contact_text"] == "Marta Kowalczyk"


def test_somebody_who_may_be_here_already_is_shown_once(browser, marta):
    client = browser("ines")
    form = form_of(client.get("/people/new"), "/people/new") | {
        "given_name": "M.",
        "emails-0-value": "M@Bellevue.example",
    }
    warned = client.post("/people/duplicates", form)
    assert "Marta Kowalczyk : the same e-mail address" in text_of(warned)
    first = client.post("/people/new", form)
    assert first.status_code == 422
    assert "This may be here already." in text_of(first)
    assert people.model.objects.count() == 1
    assert client.post("/people/new", form_of(first, "/people/new")).status_code == 303
    assert people.model.objects.count() == 2


def test_editing_somebody_does_not_warn_of_themselves(browser, marta):
    client = browser("ines")
    form = form_of(client.get(f"/people/{marta.pk}/edit"), "/edit")
    assert "Marta" not in text_of(client.post("/people/duplicates", form))


def test_editing_somebody_one_says_that_a_look_alike_is_somebody_else(browser, marta):
    ines, client = actor("ines"), browser("ines")
    double = add(people, ines, given_name=marta.given_name, family_name=marta.family_name, company=marta.company_id)
    form = form_of(client.get(f"/people/{double.pk}/edit"), "/edit")
    warned = client.post("/people/duplicates", form)
    assert marta.name in text_of(warned) and "They are two people" in text_of(warned)
    assert f'hx-post="/people/{double.pk}/do/tell_apart"' in warned.content.decode()
    said = client.post(f"/people/{double.pk}/do/tell_apart", {**form, "other": marta.pk}, headers=HTMX)
    assert said.status_code == 204 and "/undo" in said["HX-Trigger"]
    assert marta.name not in text_of(client.post("/people/duplicates", form))
    new = form_of(client.get("/people/new"), "/people/new") | {
        "given_name": "M.",
        "emails-0-value": "M@Bellevue.example",
    }
    assert "They are two people" not in text_of(client.post("/people/duplicates", new)), "nobody is there yet"


def test_leaving_a_field_tells_what_is_wrong_with_it_but_asks_for_nothing_yet(browser):
    client = browser("ines")
    said = client.post("/people/check", {"birthday": "31 February", "given_name": ""}).content.decode()
    assert "birthday" in said
    assert "given_name" not in said


def test_custom_fields_stand_in_the_form_like_any_other(browser, marta):
    CustomField.objects.create(record="person", key="budget", label="Budget", kind="money")
    CustomField.objects.create(
        record="person", key="part", label="Part", kind="choice", options={"choices": {"c": "Champion"}}
    )
    CustomField.objects.create(
        record="person", key="boss", label="Reports to", kind="link", options={"target": "person"}
    )
    bump()
    client = browser("ines")
    form = form_of(client.get(f"/people/{marta.pk}/edit"), "/edit")
    form |= {"custom.budget": "12 000,50", "custom.part": "c", "custom.boss": str(marta.pk), "custom.boss_text": ""}
    del form["custom.boss_text"]  # as with a script
    assert client.post(f"/people/{marta.pk}/edit", form).status_code == 303
    marta.refresh_from_db()
    assert (marta.custom["budget"], marta.custom["part"], marta.custom["boss"]["id"]) == (12000.5, "c", marta.pk)
    page = text_of(client.get(f"/people/{marta.pk}"))
    assert "Champion" in page
    assert "€12,000" in page
    refused = client.post(
        f"/people/{marta.pk}/edit", form_of(client.get(f"/people/{marta.pk}/edit"), "/edit") | {"custom.budget": "much"}
    )
    assert "“much” is not a number." in text_of(refused)


def test_the_currency_stands_beside_the_amount_and_any_money_of_today_can_be_chosen(browser):
    client = browser("jonas")
    text = client.get("/deals/new").content.decode()
    assert 'name="currency" aria-label="Currency"' in text
    assert '<option value="PLN">' in text
    assert '<option value="DEM">' not in text


def test_columns_beyond_a_role_are_neither_asked_for_nor_taken(browser, marta):
    from tests.cast import policy

    policy("member", "person", hidden=["birthday"], read_only=["source"])
    client = browser("ines")
    form = form_of(client.get(f"/people/{marta.pk}/edit"), "/edit")
    assert "birthday" not in form
    assert "source" not in form
    assert "birthday" not in form["base"]
    client.post(f"/people/{marta.pk}/edit", form | {"birthday": "2001-01-01", "source": "x"})
    marta.refresh_from_db()
    assert (str(marta.birthday), marta.source) == ("1980-03-12", "")
