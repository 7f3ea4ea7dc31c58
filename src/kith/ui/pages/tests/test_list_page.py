"""The list of a record type as a person meets it: rows, views, filters, empty states, and what it costs."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, policy, text, user

pytestmark = pytest.mark.django_db
people, companies = registry["person"], registry["company"]
MOST_QUERIES = 12


def add(record, by, **raw):
    return actions.create(record, actions.parse_values(record, raw, by=by), by=by)


@pytest.fixture
def ines(client):
    client.force_login(user("ines"))
    return actor("ines")


def names(response):
    return re.findall(r'<a class="name" href="[^"]+">([^<]+)</a>', response.content.decode())


def test_the_list_shows_rows_that_lead_to_their_pages(client, ines):
    bellevue = add(companies, ines, name="Bellevue Hotels")
    marta = add(people, ines, given_name="Marta", family_name="Kowalczyk", company=bellevue.pk, job_title="Director")
    response = client.get("/people/")
    assert response.status_code == 200
    assert names(response) == ["Marta Kowalczyk"]
    body = response.content.decode()
    assert f'href="/people/{marta.pk}"' in body
    assert f'<a href="/companies/{bellevue.pk}">Bellevue Hotels</a>' in body
    assert "Ines Okafor" in body


def test_fifty_rows_cost_few_queries_however_many_colleagues_and_companies_they_name(client, ines):
    for n in range(60):
        house = add(companies, ines, name=f"House {n}")
        add(people, ines, given_name=f"P{n:02}", company=house.pk, owner=user(("ines", "priya", "jonas")[n % 3]).pk)
    client.get("/people/")
    with CaptureQueriesContext(connection) as captured:
        response = client.get("/people/?sort=name")
    assert len(captured) <= MOST_QUERIES, [q["sql"][:120] for q in captured.captured_queries]
    assert len(names(response)) == 50
    assert "Showing 50 of 60" in text(response).replace("  ", " ")


def test_next_and_back_walk_the_list_by_key(client, ines):
    for n in range(120):
        add(people, ines, given_name=f"P{n:03}")
    page, seen = client.get("/people/?sort=name"), []
    for _ in range(3):
        seen += names(page)
        further = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
        if not further:
            break
        page = client.get("/people/" + further[1].replace("&amp;", "&"))
    assert seen == [f"P{n:03}" for n in range(120)]
    back = re.search(r'rel="prev" href="([^"]+)"', page.content.decode())[1].replace("&amp;", "&")
    assert names(client.get("/people/" + back)) == [f"P{n:03}" for n in range(50, 100)]


def test_a_thousand_rows_are_not_counted_until_somebody_asks(client, ines):
    template = add(people, ines, given_name="Zoë")
    people.model._default_manager.bulk_create(
        people.model(given_name=f"P{n}", name=f"P{n}", sort_name=f"p{n}", owner_id=template.owner_id)
        for n in range(1100)
    )
    response = client.get("/people/")
    assert "of 1,000+" in text(response)
    href = re.search(r'<a href="([^"]*count=exact[^"]*)"', response.content.decode())[1].replace("&amp;", "&")
    part = client.get("/people/" + href, headers={"HX-Request": "true"})
    assert "Showing 50 of 1,101" in text(part)
    assert "<table" not in part.content.decode()


def test_a_filter_is_said_as_a_sentence_with_a_way_to_remove_and_to_edit_it(client, ines):
    add(people, ines, given_name="Marta", job_title="Director")
    add(people, ines, given_name="Yusuf", job_title="Head")
    response = client.get("/people/?filter=job_title.is:Director,owner.is:me")
    assert names(response) == ["Marta"]
    body = response.content.decode()
    assert "Remove filter: Job title" in body
    assert 'href="/people/filter/?filter=job_title.is:Director,owner.is:me&amp;at=0"' in body
    assert 'href="?filter=owner.is:me"' in body


@pytest.mark.parametrize(
    "filter",
    [
        "shoe_size.is:42",
        "amount.over:1",
        "created_at.before:never",
        "name.sounds:like",
        "((",
        "name",
        "owner.is:Nobody at all",
    ],
)
def test_a_filter_that_means_nothing_is_struck_through_and_said_never_an_error(client, ines, filter):
    add(people, ines, given_name="Marta")
    response = client.get("/people/", {"filter": filter})
    assert response.status_code == 200
    assert names(response) == ["Marta"]
    assert "data-gone" in response.content.decode()
    assert 'class="list-problem"' in response.content.decode()


@pytest.mark.parametrize(
    "query",
    ["sort=shoe", "sort=--name", "cols=shoe,name", "cursor=zzz", "view=no-such", "view=999999999999999999999", "face=hologram",
     "q=%00%ED%A0%80", "filter=%00", "q=" + "a" * 5000, "cols=" + "x," * 3000, "count=exact&cursor=!!"],
)  # fmt: skip
def test_no_address_is_an_error_page(client, ines, query):
    add(people, ines, given_name="Marta")
    assert client.get("/people/?" + query).status_code == 200


def test_words_find_rows_in_any_order_and_their_absence_is_explained(client, ines):
    add(people, ines, given_name="Marta", family_name="Kowalczyk")
    assert names(client.get("/people/?q=kow+mar")) == ["Marta Kowalczyk"]
    response = client.get("/people/?q=nobody")
    assert "match “nobody”" in text(response)
    assert "at least two letters" in text(client.get("/people/?q=z"))


def test_an_empty_list_offers_the_first_move_and_an_empty_filter_names_the_part_to_blame(client, ines):
    response = client.get("/people/")
    assert 'href="/people/import/"' in response.content.decode()
    assert 'href="/people/new"' in response.content.decode()
    add(people, ines, given_name="Marta", job_title="Director")
    response = client.get("/people/?filter=job_title.is:Director,city.is:Oslo")
    assert "Without “City is Oslo” there would be 1" in text(response)
    assert 'href="?filter=job_title.is:Director"' in response.content.decode()


def test_archived_rows_are_out_unless_the_filter_speaks_of_them(client, ines):
    marta = add(people, ines, given_name="Marta")
    add(people, ines, given_name="Yusuf")
    actions.archive(people, marta, by=ines)
    assert names(client.get("/people/")) == ["Yusuf"]
    assert names(client.get("/people/?view=archived")) == ["Marta"]


def test_somebody_else_sees_neither_rows_nor_counts(client, ines):
    add(people, ines, given_name="Marta")
    policy("member", "person", see="own", edit="own")
    client.force_login(user("jonas"))
    for query in ("", "?q=mar", "?filter=given_name.is:Marta", "?count=exact", "?filter=given_name.is:Nobody"):
        response = client.get("/people/" + query)
        assert names(response) == []
        assert "of 1" not in text(response)
        assert "would be 1" not in text(response)


def test_a_hidden_column_cannot_be_shown_sorted_or_filtered_by(client, ines):
    add(people, ines, given_name="Marta", job_title="Director")
    policy("member", "person", hidden=["job_title"])
    body = client.get("/people/?cols=job_title&sort=job_title&filter=job_title.is:Director").content.decode()
    assert "<td>Director" not in body
    assert "data-gone" in body


def test_names_of_linked_rows_out_of_scope_stay_unknown(client, ines):
    house = add(companies, ines, name="Secret House", industry="Spies")
    add(people, ines, given_name="Marta", company=house.pk)
    policy("member", "company", see="own", edit="own")
    client.force_login(user("jonas"))
    assert names(client.get("/people/")) == ["Marta"]
    assert "Secret House" not in client.get("/people/?cols=company,industry").content.decode()
    assert names(client.get("/people/?filter=industry.is:Spies")) == []


def test_the_page_carries_no_inline_script_or_style(client, ines):
    add(people, ines, given_name="<script>alert(1)</script>", job_title="<b onclick=x>")
    body = client.get("/people/?q=scr").content.decode()
    assert "<script>alert" not in body
    assert not re.search(r"<[^>]+\s(style|on\w+)=", body)


def test_a_live_refresh_keeps_what_is_picked(client, ines):
    marta, yusuf = add(people, ines, given_name="Marta"), add(people, ines, given_name="Yusuf")
    part = client.get(f"/people/?part=rows&pick={marta.pk}", headers={"HX-Request": "true"}).content.decode()
    assert re.search(rf'value="{marta.pk}"[^>]* checked', part)
    assert not re.search(rf'value="{yusuf.pk}"[^>]* checked', part)
    assert "<html" not in part


def test_late_next_steps_are_said_in_words(client, ines):
    import datetime as dt

    from django.utils import timezone

    marta = add(people, ines, given_name="Marta")
    people.model._default_manager.filter(pk=marta.pk).update(
        next_step="Call", next_step_at=timezone.now() - dt.timedelta(days=8, minutes=1)
    )
    assert "late 8 days" in text(client.get("/people/"))
