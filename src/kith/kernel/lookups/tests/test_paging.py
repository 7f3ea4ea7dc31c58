"""Paging by key: every row once, in both directions, whatever the column holds."""

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kith.kernel.errors import Invalid
from kith.kernel.lookups.paging import paginate, read_sort
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
people, companies = registry["person"], registry["company"]


def add(record, by, **raw):
    return actions.create(record, actions.parse_values(record, raw, by=by), by=by)


@pytest.fixture
def staff():
    """Eleven people: some without a title, a company or an owner."""
    ines = actor("ines")
    houses = [add(companies, ines, name=name) for name in ("Örebro Hus", "Atlas", "Zéphyr")]
    for n in range(11):
        raw = {"given_name": f"Person {n:02}", "job_title": ("", "Director", "Head")[n % 3]}
        if n % 4:
            raw["company"] = houses[n % 3].pk
        add(people, ines, **raw)
    return ines


def walk(by, sort, limit=3):
    """Names of all pages forward, and of all pages back from the last."""
    key = read_sort(people.columns(), sort)
    rows = people.rows(by)
    page, there = paginate(rows, key, "", limit), []
    while True:
        there.append([p.name for p in page.rows])
        if not page.after:
            break
        page = paginate(rows, key, page.after, limit)
    back = []
    while page.before:
        page = paginate(rows, key, page.before, limit)
        back.insert(0, [p.name for p in page.rows])
    return there, back


@pytest.mark.parametrize("key", ["name", "job_title", "company", "owner", "created_at", "birthday", "industry", "id"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_each_row_comes_once_forward_and_back(staff, key, sign):
    there, back = walk(staff, sign + key)
    names = [n for page in there for n in page]
    assert sorted(names) == [f"Person {n:02}" for n in range(11)]
    assert back == there[:-1]


def test_rows_without_a_value_come_last_in_both_directions(staff):
    for sort in ("job_title", "-job_title"):
        rows = paginate(people.rows(staff), read_sort(people.columns(), sort), "", 50).rows
        titles = [p.job_title for p in rows]
        assert titles[-titles.count("") :] == [""] * titles.count("")
        assert titles[0] != ""


def test_a_link_is_sorted_by_the_name_it_shows_not_by_its_id(staff):
    rows = paginate(people.rows(staff), read_sort(people.columns(), "company"), "", 50).rows
    names = [p.company.name for p in rows if p.company]
    assert names == sorted(names, key=["Atlas", "Örebro Hus", "Zéphyr"].index)


def test_a_cursor_of_another_sort_begins_again_in_words(staff):
    columns = people.columns()
    after = paginate(people.rows(staff), read_sort(columns, "name"), "", 3).after
    with pytest.raises(Invalid, match="start again"):
        paginate(people.rows(staff), read_sort(columns, "-name"), after, 3)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner), max_leaves=3
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sort=st.sampled_from(["name", "company", "created_at", "birthday", "id", "owner"]),
    blank=st.sampled_from([0, 1]),
    tag=st.sampled_from(["", "t", "d", "n", "x"]),
    value=JSON,
    pk=st.integers() | st.text(),
)
def test_no_cursor_breaks_the_database(staff, sort, blank, tag, value, pk):
    data = [0, blank, tag, value, pk, sort]
    cursor = base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")
    try:
        paginate(people.rows(staff), read_sort(people.columns(), sort), cursor, 3)
    except Invalid as problem:
        assert problem.field == "cursor"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=st.text(max_size=40))
def test_no_text_passes_for_a_cursor(staff, cursor):
    try:
        paginate(people.rows(staff), read_sort(people.columns(), "name"), cursor, 3)
    except Invalid as problem:
        assert problem.field == "cursor"


@pytest.mark.parametrize("sign", ["", "-"])
def test_rows_of_many_colleagues_are_sorted_by_their_names_and_unowned_ones_come_last(sign):
    ines = actor("ines")
    for n in range(24):
        owner = (None, "priya", "jonas", "astrid", "rolf", "helena", "ines")[n % 7]
        row = add(people, ines, given_name=f"Person {n:02}", owner=user(owner or "ines").pk)
        if owner is None:
            people.model.objects.filter(pk=row.pk).update(owner=None)
    rows = people.rows(ines).select_related("owner")
    owned = sorted(rows.exclude(owner=None), key=lambda p: (p.owner.name, p.pk), reverse=bool(sign))
    unowned = sorted(rows.filter(owner=None), key=lambda p: p.pk, reverse=bool(sign))
    there, back = walk(ines, sign + "owner", limit=5)
    assert [name for page in there for name in page] == [p.name for p in [*owned, *unowned]]
    assert back == there[:-1]
