"""Bad input through forms: a sentence for each, never an error page, and nothing is cut or lost silently."""

import pytest

from kith.kernel.kinds import KINDS
from kith.kernel.records.registry import registry
from kith.ui.pages.tests.helpers import HTMX, add, form_of, text_of
from tests.cast import actor

pytestmark = pytest.mark.django_db
people, companies, activities = registry["person"], registry["company"], registry["activity"]
LONG = "x" * (10 * 1024 * 1024)


@pytest.fixture
def marta():
    return add(people, actor("ines"), given_name="Marta", family_name="Kowalczyk")


@pytest.fixture
def bellevue():
    return add(companies, actor("ines"), name="Hotel Bellevue Group")


def edit(client, row, **changed):
    url = f"{registry.by_model(type(row)).url(row.pk)}/edit"
    form = form_of(client.get(url), "/edit")
    for key in changed:
        form.pop(f"{key}_text", None)  # as with a script
    return client.post(url, form | changed)


def test_ten_megabytes_in_a_short_field_are_refused_with_the_limit(browser, marta):
    response = edit(browser("ines"), marta, job_title=LONG)
    assert response.status_code == 422
    assert "This text has 10485760 characters; the most that fit here are 200." in text_of(response)[:20_000]
    assert LONG in response.content.decode()


@pytest.mark.parametrize(
    "key", ["birthday", "language", "time_zone", "company", "preferred_channel", "emails-0-value", "phones-0-value"]
)
def test_ten_megabytes_in_any_other_field_are_refused_without_being_repeated_in_the_sentence(browser, marta, key):
    response = edit(browser("ines"), marta, **{key: LONG})
    assert response.status_code == 422
    assert response.content.decode().count("x" * 1000) < 3 * (len(LONG) // 1000)


def test_a_form_beyond_what_the_server_takes_is_refused_in_words(browser, marta):
    response = browser("ines").post(f"/people/{marta.pk}/edit", {"about_text": LONG + "x" * (3 * 1024 * 1024)})
    assert response.status_code in (400, 413)


def test_nul_and_half_characters_are_taken_out_and_the_rest_is_kept(browser, marta):
    assert edit(browser("ines"), marta, job_title="Dir\x00ector", about_text="a\x00b").status_code == 303
    marta.refresh_from_db()
    assert (marta.job_title, marta.about_text) == ("Director", "ab")


@pytest.mark.parametrize(
    "key", ["company", "owner", "team", "language", "birthday", "emails-0-value", "tags_new", "given_name"]
)
def test_nul_alone_in_any_field_is_no_error(browser, marta, key):
    assert edit(browser("ines"), marta, **{key: "\x00"}).status_code in (303, 422)


@pytest.mark.parametrize(
    "day", ["0000-01-01", "0000-00-00", "10000-01-01", "2026-02-30", "99999999999999999999-01-01", "-1", "１２"]
)
def test_days_that_do_not_exist_are_refused(browser, marta, day):
    response = edit(browser("ines"), marta, birthday=day)
    assert response.status_code == 422
    assert "write it as 2026-03-12" in text_of(response)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_at_the_edges_are_kept_shown_and_edited_again(browser, marta, day):
    client = browser("ines")
    assert edit(client, marta, birthday=day).status_code == 303
    for tail in ("", "/history", "/edit"):
        assert client.get(f"/people/{marta.pk}{tail}").status_code == 200
    assert form_of(client.get(f"/people/{marta.pk}/edit"), "/edit")["birthday"] == day


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00",
        "9999-12-31T23:59",
        "0000-01-01T00:00",
        "2026-13-01T10:00",
        "noon",
        "9999-12-31T23:59:59.999999+14:00",
    ],
)
def test_moments_at_the_edges_are_kept_or_refused_but_never_an_error(browser, moment):
    from tests.cast import user

    colleague = user("ines")
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"):
        colleague.time_zone = zone
        colleague.save()
        task = add(activities, actor("ines"), kind="task", subject="Edge")
        client = browser("ines")
        response = edit(client, task, due_at=moment)
        assert response.status_code in (303, 422), (zone, moment)
        if response.status_code == 303:
            for url in (f"/activities/{task.pk}", f"/activities/{task.pk}/edit", f"/activities/{task.pk}/history"):
                assert client.get(url).status_code == 200, (zone, moment, url)


@pytest.mark.parametrize("amount", ["-12", "0", "999999999999999.99", "12 000,50", "€ 12.000", "1e3"])
def test_amounts_that_fit_are_kept(browser, bellevue, amount):
    client = browser("ines")
    assert edit(client, bellevue, revenue=amount).status_code == 303
    assert client.get(f"/companies/{bellevue.pk}").status_code == 200


@pytest.mark.parametrize(
    "amount",
    [
        "1e400",
        "-1e400",
        "1e-400",
        "99999999999999999999",
        "NaN",
        "Infinity",
        "twelve",
        "1,234",
        "--1",
        "9" * 5000,
        "1e999999999",
    ],
)
def test_amounts_that_cannot_be_kept_are_refused_in_a_sentence(browser, bellevue, amount):
    response = edit(browser("ines"), bellevue, revenue=amount)
    assert response.status_code == 422
    assert "Annual revenue:" in text_of(response)
    assert form_of(response, "/edit")["revenue"] == amount


@pytest.mark.parametrize("number", ["99999999999", "-99999999999", "1.5", "9" * 400, "0x10", "１２"])
def test_whole_numbers_that_cannot_be_kept_are_refused(browser, bellevue, number):
    assert edit(browser("ines"), bellevue, employees=number).status_code in ((303, 422) if number == "１２" else (422,))


@pytest.mark.parametrize("link", ["99999999999999999999", "-1", "1.5", "[]", "{}", '{"id": 1}', "None", "' OR 1=1 --"])
def test_links_to_nothing_are_refused(browser, marta, link):
    response = edit(browser("ines"), marta, company=link)
    assert response.status_code == 422
    assert "Company:" in text_of(response)


def test_more_entries_than_fit_are_refused_not_cut(browser, marta):
    rows = {f"emails-{n}-value": f"m{n}@bellevue.example" for n in range(55)}
    response = edit(browser("ines"), marta, **rows)
    assert response.status_code == 422
    assert "At most 50 entries fit here." in text_of(response)
    assert form_of(response, "/edit")["emails-54-value"] == "m54@bellevue.example"


def test_field_names_that_no_form_has_are_ignored(browser, marta):
    extra = {
        "id": "7",
        "emails-x-value": "x",
        "emails--value": "x",
        "emails-999999999-value": "x",
        "version": "9",
        "_": "",
        "archived_at": "2026-01-01",
    }
    assert edit(browser("ines"), marta, job_title="Director", **extra).status_code == 303
    marta.refresh_from_db()
    assert (marta.job_title, marta.archived_at, marta.emails) == ("Director", None, [])


def test_words_in_addresses_of_pages_are_no_error(browser, marta):
    client = browser("ines")
    for query in ("?kind=\x00", "?e=\x00", "?before=%00~%00", "?chip=\x00", "?part=\x00", "?upto=x~y"):
        assert client.get(f"/people/{marta.pk}{query}").status_code == 200, query
        assert client.get(f"/people/{marta.pk}{query}", headers=HTMX).status_code == 200, query
    for url in (
        "/pick/person?q=%00",
        "/pick/person?q=%ED%A0%80",
        "/pick/country?q=" + "x" * 5000,
        "/people/new?company=%00&birthday=x",
    ):
        assert client.get(url).status_code == 200, url


def test_every_kind_of_value_has_a_field_that_gives_back_what_it_holds():
    from kith.ui.forms import Ask, field_of, fill

    for name, kind in KINDS.items():
        try:
            made = kind()
        except TypeError:
            continue  # links need a target
        ask = Ask("it", "It", made, record="person")
        shown = field_of(ask, fill(made, made.blank))
        assert shown.type, name
        assert made.same(made.parse(fill(made, made.blank)), made.blank), name
