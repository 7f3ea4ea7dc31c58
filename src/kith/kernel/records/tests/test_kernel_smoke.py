import pytest

from kith.kernel.errors import Conflict, InvalidMany, NotFound
from kith.kernel.lookups.compile import compile_tree, say_tree
from kith.kernel.lookups.finding import matching
from kith.kernel.lookups.paging import paginate, read_sort
from kith.kernel.lookups.tree import from_json, parse, to_json, to_text
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, EventLink, Operation
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import timeline
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
people = registry["person"]


def add(by, **raw):
    return actions.create(people, actions.parse_values(people, raw, by=by), by=by)


def test_a_created_person_is_found_listed_and_has_one_event():
    ines = actor("ines")
    marta = add(
        ines, given_name="Marta", family_name="Kowalczyk", emails="marta@bellevue.example", phones="+48 58 555 01 42"
    )
    assert marta.phone == "+48585550142"
    assert marta.owner_id == ines.user_id
    assert [p.pk for p in matching(people.rows(ines), "kowal mar")] == [marta.pk]
    assert [p.pk for p in matching(people.rows(ines), "5550142")] == [marta.pk]
    assert Event.objects.get().verb == "person.created"
    entries, _more = timeline(ines, "person", marta.pk)
    assert entries[0].sentence == "added this"


def test_an_edit_is_one_event_with_old_and_new_and_can_be_undone():
    ines = actor("ines")
    marta = add(ines, given_name="Marta", family_name="Kowalczyk")
    row = actions.edit(people, marta, {"job_title": "Facilities director"}, by=ines)
    event = Event.objects.order_by("-id").first()
    assert event.changes == {"job_title": ["", "Facilities director"]}
    assert row.version == 2
    undo(Operation.objects.get(pk=event.operation), by=ines)
    row.refresh_from_db()
    assert row.job_title == ""


def test_two_people_editing_the_same_value_see_both():
    ines = actor("ines")
    marta = add(ines, given_name="Marta")
    actions.edit(people, marta, {"job_title": "Director"}, by=ines, base={"job_title": ""})
    with pytest.raises(Conflict) as clash:
        actions.edit(people, marta, {"job_title": "Head"}, by=ines, base={"job_title": ""})
    assert clash.value.values["job_title"] == ("", "Director", "Head")
    merged = actions.edit(people, marta, {"source": "Webinar"}, by=ines, base={"source": ""})
    assert (merged.job_title, merged.source) == ("Director", "Webinar")


def test_rows_out_of_scope_cannot_be_read_or_changed():
    ines, jonas = actor("ines"), actor("jonas")
    marta = add(ines, given_name="Marta")
    policy("member", "person", see="own", edit="own")
    jonas = actor("jonas")
    with pytest.raises(NotFound):
        people.get(jonas, marta.pk)
    with pytest.raises(NotFound):
        actions.edit(people, marta, {"job_title": "x"}, by=jonas)
    policy("member", "person", see="team", edit="team")
    assert people.get(actor("priya"), marta.pk) == marta


def test_a_filter_is_text_json_condition_and_sentence():
    ines = actor("ines")
    add(ines, given_name="Marta", tags="vip")
    add(ines, given_name="Yusuf")
    tree = parse('owner.is:me,any(tags.any:vip,given_name.is:"Zoë, the 2nd"),not(family_name.has:x)')
    assert parse(to_text(tree)) == tree == from_json(to_json(tree))
    compiled = compile_tree(people, tree, ines)
    assert [p.name for p in compiled.apply(people.rows(ines))] == ["Marta"]
    assert (
        say_tree(people, tree, ines)
        == "Owner is me and (Tags has any of vip or First name is Zoë, the 2nd) and not (Last name contains x)"
    )
    assert compile_tree(people, parse("gone.is:1"), ines).broken


def test_pages_by_key_cover_all_rows_once_both_ways():
    ines = actor("ines")
    for i in range(23):
        add(ines, given_name=f"P{i:02}", birthday="2000-01-%02d" % (i % 5 + 1) if i % 3 else "")
    for text in ("birthday", "-birthday", "name", "-id"):
        sort = read_sort(people.columns(), text)
        seen, cursor, pages = [], "", []
        while True:
            page = paginate(people.rows(ines), sort, cursor, 5)
            pages.append([r.pk for r in page.rows])
            seen += pages[-1]
            if not page.after:
                break
            cursor = page.after
        assert len(seen) == len(set(seen)) == 23, text
        back = paginate(people.rows(ines), sort, page.before, 5)
        assert [r.pk for r in back.rows] == pages[-2], text


def test_unknown_and_broken_values_are_all_named():
    with pytest.raises(InvalidMany) as bad:
        actions.parse_values(
            people, {"nope": 1, "birthday": "31.31.2000", "emails": "not an address"}, by=actor("ines")
        )
    assert set(bad.value.errors) == {"nope", "birthday", "emails"}


def test_events_cannot_be_rewritten():
    from django.db import IntegrityError, transaction

    add(actor("ines"), given_name="Marta")
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.update(verb="x")
    assert EventLink.objects.count() == 1
