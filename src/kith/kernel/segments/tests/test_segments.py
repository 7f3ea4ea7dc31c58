"""Who is in a segment follows what happens, at once, with the reason why they came and left."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.kernel.errors import Invalid
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.lookups.compile import compile_tree, say_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.actions import archive, create, edit, parse_values
from kith.kernel.records.registry import registry
from kith.kernel.segments import evaluating, jobs, queries
from kith.kernel.segments.explaining import chips, say_came, say_left, why
from kith.kernel.segments.models import Dirty, Membership, Segment
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation, undo
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
people, companies, segments = registry["person"], registry["company"], registry["segment"]


@pytest.fixture
def ines():
    return actor("ines")


def person(by, name="Marta Kowalska", **values):
    given, _space, family = name.partition(" ")
    raw = {"given_name": given, "family_name": family, **values}
    return create(people, parse_values(people, raw, by=by), by=by)


def segment(by, conditions="job_title.has:curator", name="Curators", **values):
    found = create(segments, {"name": name, "conditions": conditions, "subject": "person", **values}, by=by)
    run_waiting_jobs()
    return found


def names(one, by):
    return sorted(queries.members(by, one).values_list("name", flat=True))


def test_a_segment_begins_with_everybody_who_meets_it(ines):
    person(ines, job_title="Chief curator")
    person(ines, "Oliver Brandt", job_title="Porter")
    curators = segment(ines)
    assert names(curators, ines) == ["Marta Kowalska"]
    curators.refresh_from_db()
    assert curators.members == 1
    assert queries.passages(ines, curators) == []  # the first members came with the segment


def test_a_change_brings_somebody_in_and_another_takes_them_out_with_the_condition_that_decided(ines):
    curators = segment(ines)
    marta = person(ines, job_title="Porter")
    run_waiting_jobs()
    assert names(curators, ines) == []
    edit(people, marta, {"job_title": "Curator"}, by=ines)
    run_waiting_jobs()
    assert names(curators, ines) == ["Marta Kowalska"]
    edit(people, marta, {"job_title": "Director"}, by=ines)
    run_waiting_jobs()
    assert names(curators, ines) == []
    left, came = queries.passages(ines, curators)
    assert (came.came, left.came) == (True, False)
    assert say_came(came.stay, curators, ines) == "by a change: Job title contains curator"
    assert say_left(left.stay, curators, ines) == "by a change: no longer Job title contains curator"
    assert came.stay.came_event and left.stay.left_event


def test_somebody_who_comes_back_has_two_stays(ines):
    curators, marta = segment(ines), person(ines)
    for title in ("Curator", "Porter", "Curator"):
        edit(people, marta, {"job_title": title}, by=ines)
        run_waiting_jobs()
    stays = Membership.objects.filter(segment=curators, row_id=marta.pk).order_by("pk")
    assert [bool(stay.left_at) for stay in stays] == [True, False]


def test_a_new_person_comes_because_they_are_new(ines):
    curators = segment(ines)
    person(ines, job_title="Curator")
    run_waiting_jobs()
    assert say_came(queries.passages(ines, curators)[0].stay, curators, ines) == "when it was added to Kith"


def test_a_companys_change_reaches_its_people(ines):
    museums = segment(ines, "industry.is:Museums", "Museum people")
    company = create(companies, {"name": "Bellevue", "industry": "Hotels"}, by=ines)
    person(ines, company=company.pk)
    run_waiting_jobs()
    assert names(museums, ines) == []
    edit(companies, company, {"industry": "Museums"}, by=ines)
    run_waiting_jobs()
    assert names(museums, ines) == ["Marta Kowalska"]
    assert "Industry is Museums" in say_came(queries.passages(ines, museums)[0].stay, museums, ines)


def test_what_deals_make_of_a_person_counts(ines):
    from kith.deals.actions import win
    from kith.deals.tests.cast import deal, reason

    customers = segment(ines, "standing.is:won", "Customers")
    marta = person(ines)
    run_waiting_jobs()
    win(deal(ines, contact=marta, stage="Verbal yes"), reason=reason("Speed", "won"), by=ines)
    run_waiting_jobs()
    assert names(customers, ines) == ["Marta Kowalska"]


def test_an_undo_takes_the_membership_back_too(ines):
    curators, marta = segment(ines), person(ines)
    with operation("person.edit", "Edited", by=ines, record="person") as (op, by):
        edit(people, marta, {"job_title": "Curator"}, by=by)
    run_waiting_jobs()
    assert names(curators, ines) == ["Marta Kowalska"]
    undo(Operation.objects.get(pk=op.pk), by=ines)
    run_waiting_jobs()
    assert names(curators, ines) == []


def test_somebody_archived_leaves(ines):
    curators, marta = segment(ines), person(ines, job_title="Curator")
    run_waiting_jobs()
    archive(people, marta, by=ines)
    run_waiting_jobs()
    assert names(curators, ines) == []
    assert Membership.objects.get(segment=curators).left_why == "gone"


def test_nothing_is_marked_where_no_segment_looks(ines):
    segment(ines, "industry.is:Museums", "Museums", subject="company")
    Dirty.objects.all().delete()
    person(ines)
    assert not Dirty.objects.exists()


def test_marks_survive_a_worker_that_is_killed_between_segments(ines, monkeypatch):
    first = segment(ines)
    second = segment(ines, "segment.is:curators", "Curators again")
    person(ines, job_title="Curator")

    def dies(pk):
        raise KeyboardInterrupt

    monkeypatch.setattr("kith.kernel.segments.settling.lock", dies)
    with pytest.raises(KeyboardInterrupt):
        jobs.settle.function()
    assert (names(first, ines), names(second, ines)) == (["Marta Kowalska"], [])
    monkeypatch.undo()
    jobs.settle.function()
    assert names(first, ines) == names(second, ines) == ["Marta Kowalska"]
    assert Membership.objects.count() == 2


def test_a_change_among_fifty_segments_takes_few_questions_and_moves_the_right_ones(
    ines, django_assert_max_num_queries
):
    marta = person(ines, job_title="Porter")
    for n in range(50):
        segment(ines, f"job_title.is:{'Curator' if n % 25 == 0 else f'Title {n}'}", f"S {n}")
    run_waiting_jobs()
    edit(people, marta, {"job_title": "Curator"}, by=ines)
    with django_assert_max_num_queries(45):
        jobs.settle.function()
    assert sorted(Membership.objects.values_list("segment__name", flat=True)) == ["S 0", "S 25"]


def test_changed_conditions_look_at_everybody_again(ines):
    person(ines, job_title="Curator")
    person(ines, "Oliver Brandt", job_title="Porter")
    one = segment(ines)
    edit(segments, one, {"conditions": "job_title.is:Porter"}, by=ines)
    run_waiting_jobs()
    assert names(one, ines) == ["Oliver Brandt"]
    assert {p.stay.came_why if p.came else p.stay.left_why for p in queries.passages(ines, one)} == {"rule"}


def test_segments_stand_on_segments_and_follow_them(ines):
    curators = segment(ines)
    warsaw = segment(ines, "segment.is:curators,city.is:Warsaw", "Curators in Warsaw")
    address = [{"value": "Long Street 1", "city": "Warsaw", "country": "PL"}]
    marta = person(ines, job_title="Curator")
    edit(people, marta, {"addresses": people.columns()["addresses"].kind.clean([{"street": "Long Street 1", "city": "Warsaw"}])}, by=ines)  # fmt: skip
    run_waiting_jobs()
    assert names(warsaw, ines) == ["Marta Kowalska"] and address
    edit(segments, curators, {"conditions": "job_title.is:Nobody"}, by=ines)
    run_waiting_jobs()
    assert names(warsaw, ines) == []


def test_segments_that_would_wait_for_each_other_are_refused_with_the_way_around(ines):
    one = segment(ines, name="One")
    two = segment(ines, "segment.is:one", "Two")
    with pytest.raises(Invalid, match="One → Two → One"):
        edit(segments, one, {"conditions": "segment.is:two"}, by=ines)
    with pytest.raises(Invalid, match="wait for each other"):
        ACTIONS["segment.exclude"].run(one, other=two, by=ines)


def test_lists_filter_by_segment_and_say_it_by_name(ines):
    person(ines, job_title="Curator")
    person(ines, "Oliver Brandt")
    segment(ines)
    for text, expected in (("segment.is:curators", ["Marta Kowalska"]), ("segment.is_not:curators", ["Oliver Brandt"])):
        found = compile_tree(people, parse(text), ines)
        assert not found.broken
        assert [p.name for p in found.apply(people.rows(ines))] == expected
    assert say_tree(people, parse("segment.is:curators"), ines) == "Segment is Curators"


def test_me_means_nothing_in_a_segment(ines):
    with pytest.raises(Invalid, match="same for everybody"):
        segment(ines, "owner.is:me")
    with pytest.raises(Invalid, match="no field “shoe_size”"):
        segment(ines, "shoe_size.is:43")


def test_a_field_that_goes_leaves_the_members_and_a_struck_through_condition(ines):
    one = segment(ines)
    person(ines, job_title="Curator")
    run_waiting_jobs()
    Segment.objects.filter(pk=one.pk).update(conditions="custom.gone.is:1,job_title.has:curator")
    evaluating.rebuild(one.pk)
    one.refresh_from_db()
    assert "custom.gone" in one.problem and names(one, ines) == ["Marta Kowalska"]
    assert [sound for _words, sound in chips(one, ines)] == [False, True]
    assert [r.state for r in why(one, queries.members(ines, one).get().pk, ines).reasons] == ["broken", "met"]


def test_days_that_pass_bring_people_in(ines):
    old = segment(ines, "last_touch_at.before:-30d", "Silent")
    one = Segment.objects.get(pk=old.pk)
    assert one.timed and not Segment.objects.get(pk=segment(ines).pk).timed
    marta = person(ines)
    people.model.objects.filter(pk=marta.pk).update(last_touch_at=timezone.now() - dt.timedelta(days=31))
    jobs.calendar.function()
    assert names(old, ines) == ["Marta Kowalska"]
    assert Membership.objects.get(segment=old).came_why == "time"


def test_why_somebody_is_out_is_said_condition_by_condition_with_the_value(ines):
    one = segment(ines, "job_title.has:curator,any(city.is:Warsaw,country.is:PL),birthday.filled", "Warsaw")
    marta = person(ines, job_title="Porter")
    found = why(one, marta.pk, ines)
    assert not found.member and not found.should
    assert [(r.words, r.state, r.value) for r in found.reasons][:2] == [
        ("Job title contains curator", "unmet", "Porter"), ("any of these", "head", "")]  # fmt: skip
    assert [r.state for r in found.reasons if r.depth] == ["unknown", "unknown"]
    assert found.reasons[-1].state == "unmet"


def test_lists_take_addresses_and_names_and_refuse_who_is_nobody(ines):
    marta = person(ines, emails="marta@bellevue.example")
    guests = segment(ines, "", "Guests", how="static")
    with pytest.raises(Invalid, match="nobody@else.example"):
        ACTIONS["segment.add"].run(guests, who="nobody@else.example", by=ines)
    ACTIONS["segment.add"].run(guests, who="Marta <MARTA@bellevue.example>", by=ines)
    run_waiting_jobs()
    assert names(guests, ines) == ["Marta Kowalska"]
    bellevue = create(companies, {"name": "Bellevue"}, by=ines)
    with pytest.raises(Invalid, match="gathers people"):
        ACTIONS["company.put_on_list"].run(bellevue, segment=guests, by=ines)
    ACTIONS["person.take_off_list"].run(marta, segment=guests, by=ines)
    run_waiting_jobs()
    assert names(guests, ines) == []
    assert [say_left(p.stay, guests, ines) for p in queries.passages(ines, guests) if not p.came] == [
        "put on the list, or taken off it"
    ]


def test_an_excluded_address_keeps_out_whoever_gets_it(ines):
    curators = segment(ines)
    ACTIONS["segment.exclude"].run(curators, addresses="marta@bellevue.example", by=ines)
    marta = person(ines, job_title="Curator", emails="m.kowalska@bellevue.example")
    run_waiting_jobs()
    assert names(curators, ines) == ["Marta Kowalska"]
    edit(people, marta, parse_values(people, {"emails": "Marta@Bellevue.example"}, by=ines), by=ines)
    run_waiting_jobs()
    assert names(curators, ines) == []
    shut = queries.exclusions(curators)[0]
    ACTIONS["segment.admit"].run(curators, exclusion=str(shut.pk), by=ines)
    run_waiting_jobs()
    assert names(curators, ines) == ["Marta Kowalska"]


def test_another_segment_keeps_its_members_out(ines):
    curators = segment(ines)
    asked = segment(ines, "", "Asked us to wait", how="static")
    marta = person(ines, job_title="Curator")
    ACTIONS["segment.exclude"].run(curators, other=asked, by=ines)
    run_waiting_jobs()
    assert names(curators, ines) == ["Marta Kowalska"]
    ACTIONS["person.put_on_list"].run(marta, segment=asked, by=ines)
    run_waiting_jobs()
    assert names(curators, ines) == []
    assert [r.state for r in why(curators, marta.pk, ines).reasons] == ["met", "unmet"]


def test_why_somebody_is_out_names_no_segment_out_of_reach(ines):
    curators = segment(ines)
    secret = segment(actor("astrid"), "", "Rivals", how="static")
    marta = person(ines, job_title="Curator")
    ACTIONS["segment.exclude"].run(curators, other=secret, by=actor("astrid"))
    assert why(curators, marta.pk, ines).reasons[-1].words == "is not in “Rivals”"
    policy("member", "segment", see="own")
    found = why(curators, marta.pk, actor("ines")).reasons[-1]
    assert (found.words, found.state) == ("is not in a segment that you may not see", "met")


def test_members_out_of_a_readers_reach_are_not_counted(ines):
    person(ines, job_title="Curator")
    curators = segment(ines)
    policy("member", "person", see="own")
    assert queries.count(actor("jonas"), curators) == (0, True)
    assert queries.count(actor("ines"), curators) == (1, True)


def test_a_look_at_many_rows_takes_the_same_questions_as_at_one(ines, django_assert_max_num_queries):
    one = segment(ines)
    for n in range(20):
        person(ines, f"Marta {n}", job_title="Curator")
    with django_assert_max_num_queries(30):
        jobs.settle.function()
    assert queries.count(ines, one) == (20, True)


def test_a_worker_that_began_before_the_segment_was_made_knows_of_it(ines):
    from kith.kernel.organisation import models
    from kith.kernel.segments.trees import Seen

    one = segment(ines)
    person(ines, job_title="Curator")
    models._cache["segments.seen"] = Seen({}, {}, frozenset())  # as that process remembers it, under an older stamp
    models._current.config = None
    assert run_waiting_jobs(names=[jobs.settle.name])
    assert names(one, ines) == ["Marta Kowalska"]


def test_the_nightly_look_finds_what_was_never_marked(ines):
    one, marta = segment(ines), person(ines)
    run_waiting_jobs()
    people.model.objects.filter(pk=marta.pk).update(job_title="Curator")
    jobs.night.function()
    assert names(one, ines) == ["Marta Kowalska"]


def test_a_type_with_a_segment_of_its_own_keeps_its_column():
    for name in ("campaign", "research"):
        column = registry[name].columns()["segment"]
        assert column.expr is None and column.kind.target == "segment"


def test_only_types_that_say_so_are_gathered(ines):
    from kith.kernel.segments.records import subjects

    assert set(subjects()) == {"person", "company", "deal"}
    with pytest.raises(Invalid):
        create(segments, {"name": "Papers", "subject": "asset"}, by=ines)
    assert "segment" not in registry["activity"].columns()


def test_a_program_reads_who_is_kept_out_as_far_as_it_may(ines):
    from kith.kernel.records.parts import Part

    [kept_out] = [part for part in segments.parts if isinstance(part, Part) and part.key == "exclusions"]
    marta = person(ines)
    listed = segment(ines, "", "Guests", how="static")
    shut = segment(ines, "job_title.has:porter", "Porters")
    for given in ({"other": shut}, {"addresses": "sven@nowhere.example"}, {"addresses": "Marta Kowalska"}):
        ACTIONS["segment.exclude"].run(listed, by=ines, **given)
    told = kept_out.dump(ines, listed)
    assert [(one["words"], one["row"]) for one in told] == [
        ("Porters", None), ("sven@nowhere.example", None), ("Marta Kowalska", marta.pk),
    ]  # fmt: skip
    assert told[0]["segment"]["name"] == "Porters" and all(one["id"] for one in told)
    policy("member", "person", see="own")
    policy("member", "segment", see="own")
    assert [one["words"] for one in kept_out.dump(actor("jonas"), listed)] == ["", "sven@nowhere.example", ""]
