import pytest

from kith.contacts.apart import tell_people_apart
from kith.contacts.duplicates import like
from kith.contacts.models import Company, Person, entries
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.queries import timeline
from tests.cast import actor, add, policy

pytestmark = pytest.mark.django_db
people, companies = registry["person"], registry["company"]


@pytest.fixture
def ines():
    return actor("ines")


def why(by, **values):
    return [f.why for f in like(by, "person", Person(**values))]


def test_any_address_counts_not_only_the_first(ines):
    add(ines, given_name="Marta", emails="marta@bellevue.example, m.kowalczyk@private.example")
    assert why(ines, emails=entries(["x@x.example", "M.Kowalczyk+news@private.example"])) == [
        "the same e-mail address, m.kowalczyk@private.example"
    ]


def test_one_mailbox_of_a_provider_that_ignores_dots_is_one(ines):
    add(ines, given_name="Marta", emails="marta.kowalczyk@gmail.com")
    assert why(ines, emails=entries(["martakowalczyk@googlemail.com"]))


def test_phones_are_compared_normalised(ines):
    add(ines, given_name="Marta", phones="+48 58 555 01 42")
    assert why(ines, phones=entries(["+48585550142"])) == ["the same phone number, +48585550142"]


def test_blank_never_equals_blank(ines):
    add(ines, given_name="Marta")
    add(ines, given_name="Yusuf")
    assert why(ines, given_name="Ana") == []
    assert like(ines, "company", Company(name="")) == []


def test_a_first_name_alone_makes_nobody_the_same_but_a_full_name_does(ines):
    add(ines, given_name="Marta")
    add(ines, given_name="Jonas", family_name="Sørensen")
    assert why(ines, given_name="Marta") == []
    assert why(ines, given_name="JONAS", family_name="Sorensen") == ["the same name"]


def test_namesakes_at_different_companies_are_two_people(ines):
    hotel, inn = add(ines, "company", name="Hotel"), add(ines, "company", name="Inn")
    add(ines, given_name="Jan", family_name="Novák", company=hotel.pk)
    assert why(ines, given_name="Jan", family_name="Novák", company=inn) == []
    assert why(ines, given_name="Jan", family_name="Novák", company=hotel) == ["the same name at Hotel"]


def test_companies_are_recognised_by_domain_and_folded_name(ines):
    add(ines, "company", name="Kadıköy Offices", domain="https://www.Kadikoy.example/")
    assert [f.why for f in like(ines, "company", Company(name="Other", domain="kadikoy.example"))] == [
        "the same web domain, kadikoy.example"
    ]
    assert [f.why for f in like(ines, "company", Company(name="KADIKÖY offices"))] == ["the same name"]


def test_what_one_may_not_see_is_no_hint(ines):
    add(ines, given_name="Marta", emails="m@bellevue.example")
    policy("member", "person", see="own", edit="own")
    assert why(actor("jonas"), emails=entries(["m@bellevue.example"])) == []


def test_rows_told_apart_are_not_proposed_again(ines):
    one = add(ines, given_name="Jan", family_name="Novák")
    two = add(ines, given_name="Jan", family_name="Novák")
    assert [f.row for f in like(ines, "person", two)] == [one]
    tell_people_apart(one, other=two, by=ines)
    assert like(ines, "person", two) == like(ines, "person", one) == []


def test_a_person_has_roles_in_several_companies_and_their_timelines_say_so(ines):
    marta, hotel, board = (
        add(ines, given_name="Marta"),
        add(ines, "company", name="Hotel"),
        add(ines, "company", name="Board"),
    )
    by_verb = {a.verb: a for a in people.actions}
    perform(by_verb["add_position"], marta, {"company": hotel.pk, "title": "Director"}, by=ines)
    perform(by_verb["add_position"], marta, {"company": board.pk, "title": "Member", "since": "2024-01-01"}, by=ines)
    marta.refresh_from_db()
    assert (marta.company, marta.job_title) == (hotel, "Director")
    assert [p.title for p in marta.positions.order_by("pk")] == ["Director", "Member"]
    assert timeline(ines, "company", board.pk)[0][0].sentence == "noted a role at Board: Member"
    perform(by_verb["end_position"], marta, {"company": hotel.pk}, by=ines)
    marta.refresh_from_db()
    assert marta.company == board


def test_people_know_each_other_and_both_stories_say_so(ines):
    marta, oliver = add(ines, given_name="Marta"), add(ines, given_name="Oliver")
    by_verb = {a.verb: a for a in people.actions}
    perform(by_verb["relate"], marta, {"other": oliver.pk, "kind": "reports to"}, by=ines)
    assert timeline(ines, "person", oliver.pk)[0][0].sentence == "noted a connection to Oliver: reports to"
    perform(by_verb["unrelate"], marta, {"other": oliver.pk}, by=ines)
    assert marta.relations.count() == 0
