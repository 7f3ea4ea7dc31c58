"""A row opened from a list says where in it it stands, and leads to its neighbours."""

import pytest
from django.db import connection
from django.db.models import BooleanField, Func
from django.test.utils import CaptureQueriesContext

from kith.deals.actions import install_defaults
from kith.kernel.access.actor import system
from kith.kernel.lookups.beside import place_of
from kith.kernel.lookups.look import look_at
from kith.kernel.records.registry import registry
from kith.ui.pages.tests.helpers import HTMX, add, text_of
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
people = registry["person"]
LIST = "http://testserver/people/"


@pytest.fixture
def staff():
    """Anders, Birgit, Carl and Doris; Carl and Doris have no title."""
    ines = actor("ines")
    titles = {"Anders": "Director", "Birgit": "Cook", "Carl": "", "Doris": ""}
    return {name: add(people, ines, given_name=name, job_title=title) for name, title in titles.items()}


def place(client, row, query=""):
    """The place as the page asks for it once it is there."""
    return client.get(f"/people/{row.pk}", {"part": "place", "list": query}, headers=HTMX)


def hrefs(response, *rows):
    text = response.content.decode()
    return [name for name in rows if f'href="/people/{name}?list=' in text]


def test_a_row_opened_from_a_list_leads_back_to_that_list_as_it_was(browser, staff):
    page = browser("ines").get(f"/people/{staff['Carl'].pk}", headers={"referer": LIST + "?sort=-name&q=c"})
    assert '<a href="/people/?sort=-name&amp;q=c">' in page.content.decode()
    assert f'hx-get="/people/{staff["Carl"].pk}?part=place&list=sort%3D-name%26q%3Dc"' in page.content.decode()


def test_a_row_reached_another_way_says_nothing_of_a_list(browser, staff):
    for referer in ("", "http://elsewhere.example/people/", "http://testserver/people/12", "http://testserver/deals/"):
        page = browser("ines").get(f"/people/{staff['Carl'].pk}", headers={"referer": referer})
        assert "record-place" not in page.content.decode(), referer


def test_it_says_which_of_how_many_and_the_keys_go_on(browser, staff):
    answer = place(browser("ines"), staff["Birgit"], "sort=name")
    assert "2 of 4" in text_of(answer)
    text = answer.content.decode()
    assert f'href="/people/{staff["Anders"].pk}?list=sort%3Dname"' in text
    assert f'href="/people/{staff["Carl"].pk}?list=sort%3Dname"' in text
    assert 'data-hotkey="j"' in text and 'data-hotkey="k"' in text


def test_the_ends_of_a_list_lead_on_one_way_only(browser, staff):
    first, last = (place(browser("ines"), staff[n], "sort=name").content.decode() for n in ("Anders", "Doris"))
    assert 'rel="prev"' in first and first.count("?list=") == 1
    assert "4 of 4" in last and last.count("?list=") == 1


@pytest.mark.parametrize("sort", ["name", "-name", "job_title", "-job_title", "owner", "created_at", "-id"])
def test_walking_on_meets_every_row_once_and_counts_up(staff, sort):
    look = look_at(people, actor("ines"), {"sort": sort})
    every = [row.pk for row in look.page().rows]
    places = [place_of(look_at(people, actor("ines"), {"sort": sort}), pk) for pk in every]
    assert [p.at for p in places] == [1, 2, 3, 4]
    assert [p.after for p in places] == [*every[1:], None]
    assert [p.before for p in places] == [None, *every[:-1]]
    assert {(p.total, p.exact) for p in places} == {(4, True)}


def test_counting_stops_at_the_cap(staff):
    look = look_at(people, actor("ines"), {"sort": "name"})
    near, far = place_of(look, staff["Birgit"].pk, cap=2), place_of(look, staff["Doris"].pk, cap=2)
    assert (near.at, near.total, near.exact) == (2, 2, False)
    assert (far.at, far.before) == (None, staff["Carl"].pk)


def test_a_count_that_takes_too_long_is_not_waited_for(staff):
    look = look_at(people, actor("ines"), {"sort": "name"})
    slow = Func(template="(pg_sleep(0.05) IS NOT NULL)", output_field=BooleanField())
    look.__dict__["matched"] = people.rows(actor("ines")).annotate(slow=slow).filter(slow=True)
    place = place_of(look, staff["Birgit"].pk, patience=20)
    assert (place.before, place.after) == (staff["Anders"].pk, staff["Carl"].pk)
    assert (place.at, place.total, place.exact) == (None, 0, False)
    assert people.rows(actor("ines")).count() == 4  # and what follows may take its time again
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_a_row_that_the_filter_leaves_out_has_no_place(browser, staff):
    answer = place(browser("ines"), staff["Carl"], "filter=job_title.is:Cook")
    assert "?list=" not in answer.content.decode() and " of " not in text_of(answer)


def test_what_is_out_of_reach_is_neither_counted_nor_a_neighbour(browser, staff):
    own = add(people, actor("jonas"), given_name="Claus")
    policy("member", "person", see="own", edit="own")
    answer = place(browser("jonas"), own, "sort=name")
    assert "1 of 1" in text_of(answer) and "?list=" not in answer.content.decode()


def test_a_board_has_no_order_to_walk_through(browser, staff):
    install_defaults(by=system("test"))
    deal = add(registry["deal"], actor("ines"), name="Forty sensors")
    answer = browser("ines").get(f"/deals/{deal.pk}", {"part": "place", "list": "face=board"}, headers=HTMX)
    assert "?list=" not in answer.content.decode()


def test_nonsense_in_the_address_is_left_alone(browser, staff):
    for query in ("filter=)(", "sort=nothing", "view=9999", "&".join(f"a{n}=1" for n in range(50)), "x" * 5000):
        assert place(browser("ines"), staff["Carl"], query).status_code == 200, query[:20]


def test_the_place_costs_few_queries_and_the_page_none(browser, staff):
    client = browser("ines")
    client.get("/people/")
    client.get(f"/people/{staff['Carl'].pk}")  # what is kept between requests is read once
    with CaptureQueriesContext(connection) as plain:
        client.get(f"/people/{staff['Carl'].pk}")
    with CaptureQueriesContext(connection) as opened:
        client.get(f"/people/{staff['Carl'].pk}", headers={"referer": LIST})
    assert len(opened) == len(plain)
    with CaptureQueriesContext(connection) as asked:
        place(client, staff["Carl"], "sort=name")
    counts = [q["sql"] for q in asked.captured_queries if "COUNT(" in q["sql"]]
    assert all("LIMIT" in sql for sql in counts)
