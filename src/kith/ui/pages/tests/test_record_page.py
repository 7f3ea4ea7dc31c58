"""The page of one row: what it shows, to whom, and at what price."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.kernel.records import actions
from kith.kernel.records.models import Moved
from kith.kernel.records.registry import registry
from kith.ui.pages.tests.helpers import HTMX, add, text_of
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
people, companies, activities = registry["person"], registry["company"], registry["activity"]
MOST_QUERIES = 12


@pytest.fixture
def marta():
    ines = actor("ines")
    bellevue = add(companies, ines, name="Hotel Bellevue Group")
    return add(people, ines, given_name="Marta", family_name="Kowalczyk", job_title="Facilities director",
               company=bellevue.pk, emails="m.kowalczyk@bellevue.example", phones="+48 58 555 01 42")  # fmt: skip


def test_the_page_says_who_it_is_what_is_known_and_what_happened(browser, marta):
    page = browser("ines").get(f"/people/{marta.pk}")
    text = page.content.decode()
    assert "<h1>Marta Kowalczyk</h1>" in text
    assert f'href="/companies/{marta.company_id}"' in text
    assert "mailto:m.kowalczyk@bellevue.example" in text
    assert "tel:+48585550142" in text
    assert "Ines Okafor added this" in text_of(page)


def test_what_is_missing_is_counted_and_can_be_asked_for(browser, marta):
    page = browser("ines").get(f"/people/{marta.pk}")
    known, total = (int(n) for n in text_of(page).split(" known")[0].split()[-3::2])
    assert 0 < known < total
    assert f'href="/people/{marta.pk}/cell/birthday?at=facts" data-empty' in page.content.decode()
    actions.edit(people, marta, {"birthday": people.columns()["birthday"].kind.parse("1980-03-12")}, by=actor("ines"))
    after = browser("ines").get(f"/people/{marta.pk}")
    assert f"{known + 1} of {total} known" in text_of(after)


def test_somebody_who_only_reads_finds_no_way_to_edit(browser, marta):
    text = browser("rolf").get(f"/people/{marta.pk}").content.decode()
    assert "Marta Kowalczyk" in text
    for way in ("/edit", "/cell/", "/do/", "composer"):
        assert f'href="/people/{marta.pk}{way}' not in text
        assert f'action="/people/{marta.pk}{way}' not in text
    assert browser("rolf").get(f"/people/{marta.pk}/edit").status_code == 403
    assert browser("rolf").post(f"/people/{marta.pk}/do/archive").status_code == 403


def test_a_row_out_of_scope_and_one_that_never_was_look_the_same(browser, marta):
    policy("member", "person", see="own", edit="own")
    client = browser("jonas")
    for tail in ("", "/edit", "/history", "/timeline", "/panel/related", "/do/archive"):
        there = client.get(f"/people/{marta.pk}{tail}")
        nowhere = client.get(f"/people/{marta.pk + 1000}{tail}")
        assert there.status_code == nowhere.status_code == 404, tail
        assert text_of(there).replace(str(marta.pk), "#") == text_of(nowhere).replace(str(marta.pk + 1000), "#"), tail


def test_an_id_that_no_table_can_hold_is_not_found(browser, marta):
    assert browser("ines").get("/people/99999999999999999999999").status_code == 404
    assert browser("ines").get("/nothings/1").status_code == 404


def test_an_address_merged_away_leads_to_the_row_that_stayed(browser, marta):
    Moved.objects.create(record="person", old_id=987654, new_id=marta.pk)
    response = browser("ines").get("/people/987654?kind=call")
    assert response.status_code == 302
    assert response["Location"] == f"/people/{marta.pk}?kind=call"


def test_an_archived_row_says_so_and_can_be_brought_back(browser, marta):
    ines = actor("ines")
    actions.archive(people, marta, by=ines)
    client = browser("ines")
    text = text_of(client.get(f"/people/{marta.pk}"))
    assert "Archived today." in text
    assert "Set next step" not in text
    assert client.post(f"/people/{marta.pk}/do/restore").status_code == 303
    marta.refresh_from_db()
    assert marta.archived_at is None


def test_the_page_costs_at_most_twelve_queries_however_long_the_story(browser, marta):
    ines = actor("ines")
    for n in range(40):
        add(activities, ines, kind="note", body=f"Note {n}", person=marta.pk)
    client = browser("ines")
    client.get(f"/people/{marta.pk}")
    for url in (f"/people/{marta.pk}", f"/companies/{marta.company_id}"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        assert len(queries) <= MOST_QUERIES, "\n".join(q["sql"][:160] for q in queries.captured_queries)


def test_head_and_facts_can_be_fetched_alone(browser, marta):
    client = browser("ines")
    head = client.get(f"/people/{marta.pk}?part=head", headers=HTMX).content.decode()
    facts = client.get(f"/people/{marta.pk}?part=facts", headers=HTMX).content.decode()
    assert "<h1>Marta Kowalczyk</h1>" in head
    assert "<html" not in head
    assert 'data-edit="/people/' in facts
    assert "<h1>" not in facts


def test_the_page_says_why_one_may_see_it(browser, marta):
    policy("member", "person", see="team", edit="team")
    assert "Ines Okafor, who looks after it, is in your team." in text_of(browser("priya").get(f"/people/{marta.pk}"))
    assert "You look after it." in text_of(browser("ines").get(f"/people/{marta.pk}"))


def test_the_name_of_a_company_out_of_reach_stands_nowhere_on_the_page(browser, marta):
    policy("member", "company", see="none", edit="none")
    response = browser("ines").get(f"/people/{marta.pk}")
    assert response.status_code == 200
    assert "Bellevue Group" not in response.content.decode()


def test_scripts_in_every_word_are_inert(browser):
    evil = '<script>alert("x")</script>"\'><img src=x onerror=alert(1)>'
    ines = actor("ines")
    company = add(companies, ines, name=evil, industry=evil, about_text=evil, tags=[evil[:50]])
    row = add(people, ines, given_name=evil[:140], family_name="K", job_title=evil, company=company.pk, source=evil,
              about_text=evil, tags=[evil[:50]], addresses=[{"street": evil, "city": evil}],
              emails=[{"value": "m@bellevue.example", "label": evil[:30]}])  # fmt: skip
    add(activities, ines, kind="note", subject=evil, body=evil, person=row.pk)
    actions.edit(people, row, {"job_title": "x" + evil}, by=ines)
    client = browser("ines")
    for url in (f"/people/{row.pk}", f"/people/{row.pk}/edit", f"/people/{row.pk}/history", f"/companies/{company.pk}",
                "/history", "/pick/person?q=", f"/people/new?job_title={evil}&given_name={evil}"):  # fmt: skip
        text = client.get(url).content.decode()
        assert "<script>alert" not in text, url
        assert "<img src=x" not in text, url
