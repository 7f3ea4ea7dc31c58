"""The filter tree against everything an address or a stored view may hold: read, refused in words, never an error."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kith.kernel.errors import Invalid
from kith.kernel.lookups.compile import compile_tree, say_tree
from kith.kernel.lookups.look import look_with
from kith.kernel.lookups.state import ListState, read
from kith.kernel.lookups.tree import GROUPS, Condition, Group, from_json, parse, to_json, to_text
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
people, companies, deals = registry["person"], registry["company"], registry["deal"]
CALM = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def add(record, by, **raw):
    return actions.create(record, actions.parse_values(record, raw, by=by), by=by)


@CALM
@given(text=st.text(alphabet='abc.,:|()"\\ 0é☃', max_size=40))
@example(text="any(any(any(any(any(any(any(a.is:1")
@example(text='a.is:"')
@example(text="a.is:1" + ",a.is:1" * 80)
def test_any_text_is_a_filter_or_refused_and_a_filter_reads_back_as_itself(text):
    try:
        tree = parse(text)
    except Invalid as problem:
        assert problem.message
        return
    assert parse(to_text(tree)) == tree
    assert from_json(to_json(tree)) == tree


@pytest.fixture
def ines():
    return actor("ines")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["me", "this_quarter", "²", "-7d", "1e9"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "name", "x"]), inner, max_size=2)
    ),
    max_leaves=3,
)


@CALM
@given(data=st.data())
def test_whatever_a_stored_view_holds_is_used_or_named_never_an_error(ines, data):
    record = data.draw(st.sampled_from([people, companies, deals]))
    columns = record.columns(ines)
    key = data.draw(st.sampled_from(sorted(columns)))
    op = data.draw(st.sampled_from([*columns[key].kind.operators(), "nonsense"]))
    values = data.draw(st.lists(VALUES, max_size=3))
    how = data.draw(st.sampled_from(GROUPS))
    try:
        tree = from_json({how: [[key, op, values]]})
    except Invalid:
        return
    look = look_with(record, ines, ListState(tree))
    assert isinstance(say_tree(record, tree, ines), str)
    list(look.matched[:1])


def test_a_filter_is_frozen_text_with_relative_words_resolved_when_asked():
    ines, jonas = actor("ines"), actor("jonas")
    marta = add(people, ines, given_name="Marta")
    tree = parse("owner.is:me")
    assert [p.pk for p in compile_tree(people, tree, ines).apply(people.rows(ines))] == [marta.pk]
    assert not compile_tree(people, tree, jonas).apply(people.rows(jonas)).exists()


def test_not_keeps_rows_whose_value_is_unknown():
    ines = actor("ines")
    add(people, ines, given_name="Marta", job_title="Director")
    blank = add(people, ines, given_name="Yusuf")
    tree = parse("not(birthday.after:2000-01-01,job_title.is:Director)")
    assert [p.pk for p in compile_tree(people, tree, ines).apply(people.rows(ines))] == [blank.pk]


def test_filtering_through_a_link_tells_nothing_of_rows_out_of_reach():
    ines, jonas = actor("ines"), actor("jonas")
    house = add(companies, ines, name="Secret", industry="Spies")
    add(people, jonas, given_name="Marta", company=house.pk)
    policy("member", "company", see="own", edit="own")
    jonas = actor("jonas")
    for text in (
        "industry.is:Spies",
        "industry.is_not:Trade",
        "industry.starts:Sp",
        "industry.filled",
        "industry.empty",
    ):
        assert not look_with(people, jonas, ListState(parse(text))).matched.exists(), text
    assert look_with(people, actor("ines"), ListState(parse("industry.is:Spies"))).matched.exists()


def test_custom_fields_of_every_kind_can_be_filtered_and_sorted():
    from kith.kernel.customfields.models import CustomField
    from kith.kernel.organisation.models import bump

    ines = actor("ines")
    house = add(companies, ines, name="Bellevue")
    kinds = {"text": "Oak", "integer": 7, "number": "1.5", "bool": "1", "day": "2026-03-12", "moment": "2026-03-12T09:30", "choice": "a",
             "link": house.pk, "money": "12.50", "percent": "50", "duration": "90", "email": "a@b.example", "url": "https://b.example"}  # fmt: skip
    for kind in kinds:
        options = {"choices": {"a": "A"}} if kind == "choice" else {"target": "company"} if kind == "link" else {}
        CustomField.objects.create(record="person", key=f"f_{kind}", label=kind, kind=kind, options=options)
    bump()
    row = add(people, ines, given_name="Marta", **{f"custom.f_{k}": v for k, v in kinds.items()})
    add(people, ines, given_name="Yusuf")
    for kind, value in kinds.items():
        key = f"custom.f_{kind}"
        op = "on" if kind in ("day", "moment") else "is"
        day = "2026-03-12" if op == "on" else str(value)
        found = look_with(people, ines, ListState(Group("all", (Condition(key, op, (day,)),))))
        assert not found.compiled.broken, found.compiled.broken
        assert [p.pk for p in found.matched] == [row.pk], kind
        for sort in (key, f"-{key}"):
            page = look_with(people, ines, ListState(sort=sort)).page()
            assert page.rows[0].pk == row.pk, (kind, "rows without a value come last")


def test_an_address_changes_only_what_it_says():
    base = ListState(parse("owner.is:me"), "", "name", ("city",), "list")
    assert read({}, base) == (base, "")
    state, unread = read({"filter": ""}, base)
    assert (state.tree, state.sort, unread) == (Group(), "name", "")
    assert state.params(base) == {"filter": ""}
    assert read({"filter": "(("}, base)[1] == "(("
    assert read(state.params(base), base)[0] == state
