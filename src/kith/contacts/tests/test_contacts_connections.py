"""Roles in companies and connections between people: made, changed, ended, removed, and each of it taken back whole."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.contacts.models import NotDuplicate, Position, Relation
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.timeline import operations
from kith.kernel.timeline.operations import operation, undo
from kith.kernel.timeline.queries import timeline
from tests.cast import actor, add

pytestmark = pytest.mark.django_db


def do(verb, row, by, **raw):
    outcome = perform(ACTIONS[verb], row, raw, by=by)
    row.refresh_from_db()
    return outcome.operation


def roles(person):
    return [(p.company.name, p.title, p.since, p.until) for p in person.positions.order_by("pk")]


def ties(person):
    return sorted((r.other.given_name, r.kind) for r in person.relations.all())


@pytest.fixture
def ines():
    return actor("ines")


@pytest.fixture
def marta(ines):
    return add(ines, given_name="Marta", family_name="Kowalczyk")


@pytest.fixture
def oliver(ines):
    return add(ines, given_name="Oliver", family_name="Grant")


@pytest.fixture
def hotel(ines):
    return add(ines, "company", name="Hotel Bellevue")


@pytest.fixture
def board(ines):
    return add(ines, "company", name="Harbour Board")


def test_a_role_that_is_taken_back_is_gone_with_the_main_company_it_brought(ines, marta, hotel):
    op = do("person.add_position", marta, ines, company=hotel.pk, title="Director")
    assert roles(marta) == [("Hotel Bellevue", "Director", None, None)] and marta.company == hotel
    assert undo(op, by=ines).conflicts == []
    marta.refresh_from_db()
    assert roles(marta) == [] and (marta.company, marta.job_title) == (None, "")


def test_a_role_said_anew_goes_back_to_what_it_was(ines, marta, hotel):
    do("person.add_position", marta, ines, company=hotel.pk, title="Porter", since="2024-01-01")
    op = do("person.change_position", marta, ines, company=hotel.pk, title="Director", since="2025-01-01")
    assert roles(marta) == [("Hotel Bellevue", "Director", dt.date(2025, 1, 1), None)]
    assert marta.job_title == "Director"
    assert undo(op, by=ines).conflicts == []
    marta.refresh_from_db()
    assert roles(marta) == [("Hotel Bellevue", "Porter", dt.date(2024, 1, 1), None)] and marta.job_title == "Porter"


def test_an_end_that_is_taken_back_never_was(ines, marta, hotel, board):
    do("person.add_position", marta, ines, company=hotel.pk, title="Director")
    do("person.add_position", marta, ines, company=board.pk, title="Member")
    op = do("person.end_position", marta, ines, company=hotel.pk)
    assert roles(marta)[0][3] == timezone.localdate() and (marta.company, marta.job_title) == (board, "Member")
    assert undo(op, by=ines).conflicts == []
    marta.refresh_from_db()
    assert roles(marta)[0][3] is None and (marta.company, marta.job_title) == (hotel, "Director")


def test_the_main_company_can_be_left_though_nobody_wrote_a_role_down(ines, hotel):
    yusuf = add(ines, given_name="Yusuf", company=hotel.pk, job_title="Porter")
    op = do("person.end_position", yusuf, ines, company=hotel.pk, until="2026-01-31")
    assert roles(yusuf) == [("Hotel Bellevue", "Porter", None, dt.date(2026, 1, 31))]
    assert (yusuf.company, yusuf.job_title) == (None, "")
    undo(op, by=ines)
    yusuf.refresh_from_db()
    assert roles(yusuf) == [] and (yusuf.company, yusuf.job_title) == (hotel, "Porter")


def test_a_role_written_down_by_mistake_is_removed_and_comes_back(ines, marta, hotel):
    do("person.add_position", marta, ines, company=hotel.pk, title="Director", since="2024-01-01")
    op = do("person.remove_position", marta, ines, company=hotel.pk)
    assert roles(marta) == [] and marta.company is None
    assert undo(op, by=ines).conflicts == []
    marta.refresh_from_db()
    assert roles(marta) == [("Hotel Bellevue", "Director", dt.date(2024, 1, 1), None)] and marta.company == hotel


def test_a_role_that_is_not_there_cannot_be_ended_or_removed(ines, marta, hotel):
    for verb in ("end_position", "remove_position", "change_position"):
        with pytest.raises((Invalid, NotFound), match="Marta Kowalczyk has no role at Hotel Bellevue"):
            do(f"person.{verb}", marta, ines, company=hotel.pk)


def test_a_role_ends_after_it_began(ines, marta, hotel):
    with pytest.raises(Invalid, match="before"):
        do("person.add_position", marta, ines, company=hotel.pk, since="2025-01-01", until="2024-01-01")
    do("person.add_position", marta, ines, company=hotel.pk, since="2025-01-01")
    with pytest.raises(Invalid, match="before"):
        do("person.end_position", marta, ines, company=hotel.pk, until="2024-01-01")


def test_a_connection_that_is_taken_back_is_gone(ines, marta, oliver):
    op = do("person.relate", marta, ines, other=oliver.pk, kind="reports to")
    assert ties(marta) == [("Oliver", "reports to")]
    assert undo(op, by=ines).conflicts == []
    assert ties(marta) == []


def test_one_of_several_connections_is_removed_by_its_kind_and_comes_back(ines, marta, oliver):
    for kind in ("reports to", "is married to"):
        do("person.relate", marta, ines, other=oliver.pk, kind=kind)
    op = do("person.unrelate", marta, ines, other=oliver.pk, kind="reports to")
    assert ties(marta) == [("Oliver", "is married to")]
    assert timeline(ines, "person", oliver.pk)[0][0].sentence == "removed the connection to Oliver Grant: reports to"
    assert undo(op, by=ines).conflicts == []
    assert ties(marta) == [("Oliver", "is married to"), ("Oliver", "reports to")]


def test_all_connections_to_somebody_are_removed_at_once_and_come_back(ines, marta, oliver):
    for kind in ("reports to", "is married to"):
        do("person.relate", marta, ines, other=oliver.pk, kind=kind)
    op = do("person.unrelate", marta, ines, other=oliver.pk)
    assert ties(marta) == []
    undo(op, by=ines)
    assert ties(marta) == [("Oliver", "is married to"), ("Oliver", "reports to")]


def test_a_connection_that_is_not_there_is_refused_in_words(ines, marta, oliver):
    with pytest.raises(Invalid, match="Marta Kowalczyk has no connection to Oliver Grant"):
        do("person.unrelate", marta, ines, other=oliver.pk)


def test_what_was_changed_since_is_left_alone_and_named(ines, marta, hotel):
    op = do("person.add_position", marta, ines, company=hotel.pk, title="Porter")
    do("person.change_position", marta, actor("jonas"), company=hotel.pk, title="Director")
    done = undo(op, by=ines)
    assert roles(marta) == [("Hotel Bellevue", "Director", None, None)]
    assert any("Marta Kowalczyk" in told and "changed since" in told for told in done.conflicts)


def test_a_connection_made_again_meanwhile_is_not_doubled_by_an_undo(ines, marta, oliver):
    do("person.relate", marta, ines, other=oliver.pk, kind="reports to")
    op = do("person.unrelate", marta, ines, other=oliver.pk)
    do("person.relate", marta, ines, other=oliver.pk, kind="reports to")
    undo(op, by=ines)
    assert ties(marta) == [("Oliver", "reports to")]


def test_taking_back_stands_on_every_timeline_that_told_of_it(ines, marta, oliver):
    op = do("person.relate", marta, ines, other=oliver.pk, kind="reports to")
    undo(op, by=ines)
    for who in (marta, oliver):
        told = [entry.sentence for entry in timeline(ines, "person", who.pk)[0]]
        assert told[0] == "took back: noted a connection to Oliver Grant: reports to"


@pytest.mark.parametrize("record", ["person", "company"])
def test_two_told_apart_by_mistake_may_look_alike_again(ines, record):
    named = {"given_name": "Jan", "family_name": "Novák"} if record == "person" else {"name": "Hotel"}
    one, two = add(ines, record, **named), add(ines, record, **named)
    op = do(f"{record}.tell_apart", one, ines, other=two.pk)
    assert NotDuplicate.objects.get().low_id == one.pk
    assert undo(op, by=ines).conflicts == []
    assert not NotDuplicate.objects.exists()
    with pytest.raises(Invalid, match="Choose another"):
        do(f"{record}.tell_apart", one, ines, other=one.pk)


def test_nothing_new_is_no_event(ines, marta, oliver):
    assert do("person.relate", marta, ines, other=oliver.pk, kind="reports to") is not None
    assert do("person.relate", marta, ines, other=oliver.pk, kind="reports to") is None
    assert Relation.objects.count() == 1 and Position.objects.count() == 0


@pytest.mark.parametrize("later", [False, True], ids=["at once", "by a job"])
def test_roles_and_connections_of_many_people_are_one_undo(ines, marta, oliver, hotel, later, monkeypatch):
    """Whatever the operation is called: a bulk edit, a composer with a next step, an automation."""
    monkeypatch.setattr(operations, "AT_ONCE", 1 if later else 500)
    with operation("person.bulk", "Many", by=ines, record="person") as (op, by):
        for person in (marta, oliver):
            ACTIONS["person.add_position"].run(person, company=hotel, title="Guest", by=by)
        ACTIONS["person.relate"].run(marta, other=oliver, kind="knows", by=by)
    do("person.change_position", oliver, actor("jonas"), company=hotel.pk, title="Director")
    done = undo(op, by=ines)
    assert done.waiting == later
    if later:
        assert run_waiting_jobs(names=["timeline.undo"]) == 1
    op.refresh_from_db()
    assert roles(marta) == [] and ties(marta) == []
    marta.refresh_from_db()
    oliver.refresh_from_db()
    assert (marta.company, oliver.company) == (None, hotel), "what was changed since is left whole"
    assert roles(oliver) == [("Hotel Bellevue", "Director", None, None)]
    assert op.conflicts == [
        "Oliver Grant: “noted a role at Hotel Bellevue: Guest” was changed since and was left as it is."
    ]
