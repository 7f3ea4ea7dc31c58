import pytest

from kith.contacts.models import Person, Position
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.records import actions
from kith.kernel.records.merge import merge
from kith.kernel.records.models import ExternalId
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import timeline
from tests.cast import actor, add, policy

pytestmark = pytest.mark.django_db
people = registry["person"]


@pytest.fixture
def ines():
    return actor("ines")


def test_merging_keeps_the_chosen_values_and_unites_the_lists(ines):
    hotel = add(ines, "company", name="Hotel Bellevue")
    marta = add(ines, given_name="Marta", family_name="Kowalczyk", emails="m@bellevue.example", tags="vip")
    double = add(
        ines,
        given_name="Marta",
        family_name="Kowalczyk-Nowak",
        emails="marta@private.example, m@bellevue.example",
        job_title="Director",
        tags="north",
        company=hotel.pk,
    )
    kept, _op = merge(people, marta, [double], choices={"family_name": double.pk}, by=ines)
    assert kept.name == "Marta Kowalczyk-Nowak"
    assert [e["value"] for e in kept.emails] == ["m@bellevue.example", "marta@private.example"]
    assert kept.tags == ["vip", "north"]
    assert (kept.job_title, kept.company) == ("Director", hotel)


def test_both_ids_keep_resolving_and_both_stories_are_one(ines):
    marta, double = add(ines, given_name="Marta"), add(ines, given_name="Martha")
    actions.edit(people, double, {"job_title": "Director"}, by=ines)
    merge(people, marta, [double], by=ines)
    assert people.get(ines, double.pk).pk == marta.pk
    verbs = [e.event.verb for e in timeline(ines, "person", marta.pk)[0]]
    assert verbs.count("person.created") == 2
    assert "person.changed" in verbs and "person.merged" in verbs
    assert [p.pk for p in people.rows(ines, archived=False)] == [marta.pk]


def test_a_merge_can_be_undone_with_everything_that_was_theirs(ines):
    hotel, inn = add(ines, "company", name="Hotel"), add(ines, "company", name="Inn")
    marta, double = add(ines, given_name="Marta", company=hotel.pk), add(ines, given_name="Martha", company=inn.pk)
    Position.objects.get_or_create(person=marta, company=hotel)
    Position.objects.get_or_create(person=double, company=hotel)
    Position.objects.get_or_create(person=double, company=inn)
    ExternalId.objects.create(source="sf", record="person", value="003", record_id=double.pk)
    kept, op = merge(people, marta, [double], by=ines)
    assert Position.objects.filter(person=kept).count() == 2
    assert ExternalId.objects.get().record_id == kept.pk
    actions.edit(people, kept, {"source": "Webinar"}, by=ines)
    assert undo(op, by=ines).conflicts == []
    double.refresh_from_db()
    assert (double.archived_at, double.company) == (None, inn)
    assert Position.objects.filter(person=double).count() == 2
    assert ExternalId.objects.get().record_id == double.pk
    assert people.get(ines, double.pk).pk == double.pk
    assert Person.objects.get(pk=marta.pk).source == "Webinar"


def test_values_edited_after_the_merge_stay_and_are_named_by_undo(ines):
    marta, double = add(ines, given_name="Marta"), add(ines, given_name="Martha", job_title="Director")
    kept, op = merge(people, marta, [double], by=ines)
    actions.edit(people, kept, {"job_title": "Owner"}, by=ines)
    assert "job title" in undo(op, by=ines).conflicts[0]
    assert Person.objects.get(pk=marta.pk).job_title == "Owner"


def test_merges_of_merges_resolve_to_the_last(ines):
    a, b, c = (add(ines, given_name=n) for n in ("Ana", "Anna", "Hana"))
    merge(people, b, [a], by=ines)
    merge(people, c, [b], by=ines)
    assert people.get(ines, a.pk).pk == c.pk
    assert [e.event.verb for e in timeline(ines, "person", c.pk)[0]].count("person.created") == 3


def test_rows_one_may_not_change_cannot_be_merged(ines):
    marta, double = add(ines, given_name="Marta"), add(actor("jonas"), given_name="Martha")
    policy("member", "person", see="all", edit="own", archive="own")
    with pytest.raises(NotFound):
        merge(people, marta, [double], by=actor("ines"))
    with pytest.raises(Invalid):
        merge(people, marta, [marta], by=actor("ines"))


def test_a_company_merge_moves_its_people(ines):
    hotel, double = add(ines, "company", name="Hotel"), add(ines, "company", name="Hotel Ltd")
    marta = add(ines, given_name="Marta", company=double.pk)
    _kept, op = merge(registry["company"], hotel, [double], by=ines)
    marta.refresh_from_db()
    assert marta.company == hotel
    undo(op, by=ines)
    marta.refresh_from_db()
    assert marta.company == double


def test_a_row_brought_back_by_hand_after_a_merge_can_be_merged_again(ines):
    marta, double, third = (add(ines, given_name=name) for name in ("Marta", "Martha", "Marthe"))
    merge(people, marta, [double], by=ines)
    actions.restore(people, people.model.objects.get(pk=double.pk), by=ines)
    merge(people, third, [double], by=ines)
    assert people.get(ines, double.pk) == third
    actions.restore(people, people.model.objects.get(pk=double.pk), by=ines)
    merge(people, double, [third], by=ines)
    assert people.get(ines, third.pk) == double
