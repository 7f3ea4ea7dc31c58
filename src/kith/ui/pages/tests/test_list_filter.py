"""The filter editor: from column over comparison to value, groups in groups, and back to the list as its address."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
people = registry["person"]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ines(client):
    client.force_login(user("ines"))
    return actor("ines")


def asked(response):
    """The fields of the editor by name, as a browser would send them back."""
    body, out = response.content.decode(), {}
    for tag in re.findall(r"<input[^>]*>", body):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]*)"', tag)
        if name and not (kind and kind[1] in ("checkbox", "radio") and " checked" not in tag):
            out.setdefault(name[1], []).append(value[1] if value else "")
    for name, inside in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)" selected', inside)
        out.setdefault(name, []).extend(chosen or re.findall(r'<option value="([^"]*)"', inside)[:1])
    for name, inside in re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>\n?(.*?)</textarea>', body, re.DOTALL):
        out.setdefault(name, []).append(inside)
    return {k: v for k, v in out.items() if k != "csrfmiddlewaretoken"}


def filter_of(response):
    return parse_qs(urlsplit(response["Location"]).query, keep_blank_values=True).get("filter", [""])[0]


def test_a_condition_is_built_field_by_field_without_a_script(client, ines):
    first = asked(client.get("/people/filter/"))
    assert first["c-r-0"] == [""]
    second = asked(client.get("/people/filter/", {**first, "c-r-0": "job_title", "do": "refresh:r-0"}))
    assert second["o-r-0"] == ["has"]
    done = client.get("/people/filter/", {**second, "v-r-0": "Director", "do": "apply"})
    assert filter_of(done) == "job_title.has:Director"


@pytest.mark.parametrize(
    "text",
    [
        "job_title.has:Director", "job_title.is:Director|Head", 'job_title.is:"a, b"|"c | d"', "owner.is:me", "owner.is:me|my_team",
        "tags.any:vip|hotel", "preferred_channel.is:email", "country.is:PL|DE", "birthday.in:this_quarter", "birthday.on:2026-03-12",
        "birthday.before:-30d", "birthday.between:2026-01-01|2026-03-31", "created_at.in:last_30_days", "company.empty",
        "birthday.in:last_11_days", "emails.has:example", "owner.is:me,job_title.filled", "any(owner.is:me,tags.any:vip)",
        "not(tags.any:spam,job_title.empty)", "owner.is:me,any(job_title.is:Owner,not(tags.any:vip,city.is:Oslo))", "team.is:my_team",
    ],
)  # fmt: skip
def test_every_filter_survives_being_opened_and_applied_unchanged(client, ines, text):
    opened = client.get("/people/filter/", {"filter": text, "at": "0"})
    assert opened.status_code == 200
    applied = client.get("/people/filter/", {**asked(opened), "do": "apply"})
    assert applied.status_code == 303, re.findall(r'class="error"[^>]*>.*?</p>', applied.content.decode(), re.DOTALL)
    assert parse(filter_of(applied)) == parse(text)


def test_groups_are_added_filled_and_removed(client, ines):
    form = asked(client.get("/people/filter/", {"filter": "owner.is:me", "at": "0"}))
    form = asked(client.get("/people/filter/", {**form, "do": "group:r"}))
    assert form["g-r-1"] == ["any"]
    form = asked(client.get("/people/filter/", {**form, "c-r-1-0": "tags", "do": "refresh:r-1-0"}))
    form = asked(client.get("/people/filter/", {**form, "v-r-1-0_text": "vip", "do": "add:r-1"}))
    form = asked(client.get("/people/filter/", {**form, "c-r-1-1": "city", "do": "refresh:r-1-1"}))
    form = {**form, "v-r-1-1": "Oslo", "g-r-1": "not"}
    assert (
        filter_of(client.get("/people/filter/", {**form, "do": "apply"}))
        == "owner.is:me,not(tags.any:vip,city.has:Oslo)"
    )
    form = asked(client.get("/people/filter/", {**form, "do": "remove:r-1-0"}))
    assert filter_of(client.get("/people/filter/", {**form, "do": "apply"})) == "owner.is:me,not(city.has:Oslo)"


def test_another_column_does_not_take_over_the_value_of_the_one_before(client, ines):
    form = asked(client.get("/people/filter/", {"filter": "job_title.has:Director", "at": "0"}))
    form = asked(client.get("/people/filter/", {**form, "c-r-0": "birthday", "do": "refresh:r-0"}))
    assert "Director" not in str(form.get("v-r-0"))


def test_a_value_that_cannot_be_used_comes_back_with_its_sentence(client, ines):
    form = asked(client.get("/people/filter/", {"filter": "birthday.before:today", "at": "0"}))
    refused = client.get("/people/filter/", {**form, "v-r-0": "soon", "d-r-0": "soon", "do": "apply"})
    assert refused.status_code == 422
    assert "“soon” is not a date" in refused.content.decode()
    lacking = client.get(
        "/people/filter/", {"g-r": "all", "c-r-0": "job_title", "o-r-0": "has", "v-r-0": "", "do": "apply"}
    )
    assert lacking.status_code == 422
    assert "lacks a value" in lacking.content.decode()


def test_the_rest_of_the_address_stays(client, ines):
    form = asked(client.get("/people/filter/", {"q": "mar", "sort": "name", "cols": "city", "view": "archived"}))
    form = asked(client.get("/people/filter/", {**form, "c-r-1": "city", "do": "refresh:r-1"}))
    done = client.get("/people/filter/", {**form, "v-r-1": "Oslo", "do": "apply"})
    assert parse_qs(urlsplit(done["Location"]).query) == {
        "view": ["archived"], "filter": ["archived_at.filled,city.has:Oslo"], "q": ["mar"], "sort": ["name"], "cols": ["city"],
    }  # fmt: skip


def test_colleagues_are_offered_as_me_and_my_team(client, ines):
    body = client.get("/people/filter/", {"filter": "owner.is:me", "at": "0"}, headers=HTMX).content.decode()
    assert re.search(r'value="me" checked', body)
    assert 'value="my_team"' in body
    assert 'src="/pick/user"' in body
    assert "<dialog" in body


@pytest.mark.parametrize(
    "query",
    ["do=add:r-9-9", "do=remove:r", "do=remove:r-7", "do=group:x", "do=refresh:", "do=apply&g-r=maybe&c-r-0=shoe&o-r-0=x", "at=99",
     "c-r-0=job_title&o-r-0=zz&do=refresh:r-0", "c-r-0-0-0-0-0-0-0-0=city&do=apply", "g-r=all&c-r-99999999=city&v-r-99999999=x&do=apply",
     "do=remove:r-²", "c-r-0=birthday&o-r-0=between&v-r-0=x&do=apply"],
)  # fmt: skip
def test_no_nonsense_breaks_the_editor(client, ines, query):
    assert client.get("/people/filter/?" + query).status_code in (200, 303, 422)


def test_the_editor_of_a_hidden_column_does_not_offer_it(client, ines):
    from tests.cast import policy

    policy("member", "person", hidden=["job_title"])
    assert 'value="job_title"' not in client.get("/people/filter/").content.decode()
