"""What the pages of people and companies tell of roles and connections, to whom, and at what price."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.contacts.models import Position, Relation
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.timeline.models import Operation
from kith.ui.pages.tests.helpers import HTMX, form_of, text_of
from tests.cast import actor, add, policy, user

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def do(verb, row, by, **raw):
    perform(ACTIONS[verb], row, raw, by=by)


def panel(client, row, key="connections"):
    slug = "people" if key == "connections" else "companies"
    return text_of(client.get(f"/{slug}/{row.pk}/panel/{key}", headers=HTMX))


@pytest.fixture
def ines():
    return actor("ines")


@pytest.fixture
def as_ines(client, ines):
    client.force_login(user("ines"))
    return client


@pytest.fixture
def hotel(ines):
    return add(ines, "company", name="Hotel Bellevue")


@pytest.fixture
def marta(ines, hotel):
    return add(ines, given_name="Marta", family_name="Kowalczyk", company=hotel.pk, job_title="Director")


@pytest.fixture
def oliver(ines):
    return add(ines, given_name="Oliver", family_name="Grant")


def test_a_person_shows_every_role_the_main_one_first_and_ended_ones_last(as_ines, ines, marta):
    inn, board = add(ines, "company", name="Old Inn"), add(ines, "company", name="Harbour Board")
    do("person.add_position", marta, ines, company=inn.pk, title="Porter", since="2019-03-01", until="2021-05-31")
    do("person.add_position", marta, ines, company=board.pk, title="Member", since="2024-02-01")
    told = panel(as_ines, marta)
    places = [told.index(words) for words in ("Hotel Bellevue", "Harbour Board", "Old Inn")]
    assert places == sorted(places)
    for words in ("Director", "main", "Member, since 1 Feb 2024", "Porter, 1 Mar 2019 – 31 May 2021"):
        assert words in told, told
    assert "Roles and connections" in text_of(as_ines.get(f"/people/{marta.pk}"))


def test_connections_read_in_words_from_both_ends(as_ines, ines, marta, oliver):
    do("person.relate", marta, ines, other=oliver.pk, kind="reports to")
    assert "reports to Oliver Grant" in panel(as_ines, marta)
    assert "Marta Kowalczyk reports to Oliver" in panel(as_ines, oliver)


@pytest.mark.parametrize("end", ["from", "towards"])
def test_a_connection_is_removed_from_either_end_and_comes_back(as_ines, ines, marta, oliver, end):
    for kind in ("reports to", "is married to"):
        do("person.relate", marta, ines, other=oliver.pk, kind=kind)
    here = marta if end == "from" else oliver
    form = form_of(as_ines.get(f"/people/{here.pk}"), f"/people/{marta.pk}/do/unrelate")
    response = as_ines.post(f"/people/{marta.pk}/do/unrelate", {**form, "kind": "reports to", "other": oliver.pk})
    assert response.status_code == 303 and response["Location"] == f"/people/{here.pk}"
    assert list(Relation.objects.values_list("kind", flat=True)) == ["is married to"]
    op = Operation.objects.latest("pk")
    assert f"/operations/{op.pk}/undo" in as_ines.get(f"/people/{here.pk}").content.decode()
    as_ines.post(f"/operations/{op.pk}/undo")
    assert Relation.objects.count() == 2


def test_a_role_is_changed_and_ended_where_it_stands(as_ines, ines, marta, hotel):
    page = as_ines.get(f"/people/{marta.pk}").content.decode()
    for verb in ("change_position", "end_position"):
        assert f"/people/{marta.pk}/do/{verb}?company={hotel.pk}" in page
    asked = as_ines.get(f"/people/{marta.pk}/do/change_position?company={hotel.pk}&title=Director", headers=HTMX)
    assert "Marta Kowalczyk · Hotel Bellevue" in text_of(asked)
    form = form_of(asked, "/do/change_position")
    assert (form["company"], form["title"]) == (str(hotel.pk), "Director")
    assert as_ines.post(f"/people/{marta.pk}/do/change_position", {**form, "since": "2024-01-01"}).status_code == 303
    assert as_ines.post(f"/people/{marta.pk}/do/end_position", {"company": hotel.pk}).status_code == 303
    told = panel(as_ines, marta)
    assert "Director, 1 Jan 2024 – today" in told and "main" not in told
    assert f"/people/{marta.pk}/do/remove_position" in as_ines.get(f"/people/{marta.pk}").content.decode()


def test_a_company_shows_who_works_and_worked_there_through_any_role(as_ines, ines, marta, oliver, hotel):
    do("person.add_position", oliver, ines, company=add(ines, "company", name="Grant & Sons").pk)
    do("company.add_person", hotel, ines, person=oliver.pk, title="Advisor", since="2024-02-01")
    yusuf = add(ines, given_name="Yusuf")
    do("person.add_position", yusuf, ines, company=hotel.pk, title="Porter", until="2020-12-31")
    told = panel(as_ines, hotel, "people")
    places = [told.index(words) for words in ("Marta Kowalczyk", "Director", "Oliver Grant", "Advisor, since", "Yusuf", "Porter, until")]  # fmt: skip
    assert places == sorted(places)
    related = as_ines.get(f"/companies/{hotel.pk}/panel/related", headers=HTMX).content.decode()
    assert "/people/" not in related, "the panel has them, so Related leaves them out"


def test_names_out_of_reach_stand_nowhere(as_ines, ines, client, marta, oliver, hotel):
    do("person.relate", marta, ines, other=oliver.pk, kind="reports to")
    do("person.add_position", oliver, ines, company=hotel.pk)
    jonas = add(actor("jonas"), given_name="Jonasz", family_name="Nowak", company=hotel.pk)
    do("person.relate", jonas, actor("jonas"), other=oliver.pk, kind="knows")
    for record in ("person", "company"):
        policy("member", record, see="own", edit="own")
    client.force_login(user("jonas"))
    told = panel(client, jonas)
    assert "not yours to see" in told and "knows not yours to see" in told
    for name in ("Bellevue", "Oliver", "Marta"):
        assert name not in told
    client.force_login(user("ines"))
    told = panel(client, oliver)
    assert "not yours to see knows Oliver" in told and "Jonasz" not in told
    assert "Marta Kowalczyk reports to Oliver" in told
    assert "Jonasz" not in panel(client, hotel, "people")


def test_who_only_reads_sees_no_way_to_change_it(client, ines, marta, oliver):
    do("person.relate", marta, ines, other=oliver.pk, kind="reports to")
    actor("rolf")
    client.force_login(user("rolf"))
    page = client.get(f"/people/{marta.pk}").content.decode()
    assert "reports to" in page and "/do/" not in page.split('id="panel-connections"')[1].split("</section>")[0]


@pytest.mark.parametrize("own", [False, True], ids=["all in reach", "only one's own"])
def test_the_pages_cost_the_same_however_many_roles_and_connections(as_ines, ines, marta, hotel, own):
    if own:
        for record in ("person", "company"):
            policy("member", record, see="own", edit="own")
    as_ines.get(f"/people/{marta.pk}")

    def cost(url):
        with CaptureQueriesContext(connection) as asked:
            assert as_ines.get(url).status_code == 200
        assert len(asked) <= MOST_QUERIES, "\n".join(q["sql"][:200] for q in asked.captured_queries)
        return len(asked)

    urls = (f"/people/{marta.pk}", f"/companies/{hotel.pk}")
    do("person.relate", marta, ines, other=add(ines, given_name="First").pk, kind="knows")
    do("person.add_position", marta, ines, company=add(ines, "company", name="First & Co").pk)
    few = [cost(url) for url in urls]
    for n in range(15):
        other = add(ines, given_name=f"P{n}", company=hotel.pk)
        Relation.objects.create(person=other if n % 2 else marta, other=marta if n % 2 else other, kind="knows")
        Position.objects.create(person=other, company=add(ines, "company", name=f"Company {n}"))
        Position.objects.create(person=marta, company=add(ines, "company", name=f"Firm {n}"))
    assert [cost(url) for url in urls] == few
