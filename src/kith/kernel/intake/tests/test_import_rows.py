"""What becomes of the rows of a file: made, changed, left alone, refused with a sentence."""

from __future__ import annotations

import pytest

from kith.kernel.intake.models import ImportRow
from kith.kernel.intake.tests.conftest import reasons
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
people, companies = registry["person"], registry["company"]

THREE = """First name,Last name,E-mail,Phone,Shoe size
Marta,Kowalczyk,marta@bellevue.example,+48 58 555 01 42,38
Oliver,Brandt,oliver@hafen.example,,44
Ines,Okafor,,,
"""


def test_people_come_in_with_their_events_words_and_owner(bring):
    run = bring("person", THREE)
    assert run.state == "done" and run.counts == {"rows": 3, "create": 3, "waiting": 0}
    marta = people.model.objects.get(email="marta@bellevue.example")
    assert (marta.name, marta.phone, marta.owner_id) == ("Marta Kowalczyk", "+48585550142", user("ines").pk)
    assert marta.team_id is not None
    assert "kowalczyk" in marta.search
    event = Event.objects.get(record="person", record_id=marta.pk)
    assert (event.verb, event.channel, event.operation, event.actor_id) == (
        "person.created",
        "import",
        run.operation,
        user("ines").pk,
    )
    assert event.changes["family_name"] == [None, "Kowalczyk"]


def test_a_column_nobody_mapped_stays_beside_the_row(bring):
    run = bring("person", THREE)
    assert run.headers[4] == "Shoe size"
    assert ImportRow.objects.get(run=run, number=2).cells[4] == "38"


def test_a_dry_run_writes_nothing_and_says_what_would_happen(bring):
    run = bring("person", THREE, write=False)
    assert run.state == "checked" and run.counts["create"] == 3 and run.total == 3
    assert not people.model.objects.exists() and not Event.objects.exists()
    assert ImportRow.objects.get(run=run, number=2).values["family_name"] == "Kowalczyk"


def test_importing_the_same_file_again_changes_nothing(bring):
    bring("person", THREE, match=["emails"])
    run = bring("person", THREE, match=["emails"])
    assert run.counts == {"rows": 3, "unchanged": 2, "create": 1, "waiting": 0}


def test_blanks_are_filled_but_what_is_known_stays(bring):
    ines = actor("ines")
    actions.create(
        people, {"given_name": "Marta", "emails": [{"value": "marta@bellevue.example", "label": "work"}]}, by=ines
    )
    run = bring(
        "person",
        "First name,Last name,E-mail,Phone\nMartha,Kowalczyk,MARTA@bellevue.example;mk@home.example,+48585550142\n",
    )
    marta = people.model.objects.get()
    assert run.counts["update"] == 1
    assert (marta.given_name, marta.family_name, marta.phone) == ("Marta", "Kowalczyk", "+48585550142")
    assert [e["value"] for e in marta.emails] == ["marta@bellevue.example", "mk@home.example"]
    row = ImportRow.objects.get(run=run)
    assert row.changes["family_name"] == ["", "Kowalczyk"] and row.record_id == marta.pk


def test_overwriting_replaces_what_is_known_but_a_blank_cell_takes_nothing_away(bring):
    ines = actor("ines")
    actions.create(people, {"given_name": "Marta", "family_name": "K", "job_title": "Director",
                            "emails": [{"value": "marta@bellevue.example", "label": ""}]}, by=ines)  # fmt: skip
    bring(
        "person", "First name,Last name,E-mail,Title\nMartha,Kowalczyk,marta@bellevue.example,\n", existing="overwrite"
    )
    marta = people.model.objects.get()
    assert (marta.given_name, marta.family_name, marta.job_title) == ("Martha", "Kowalczyk", "Director")


def test_rows_that_are_there_can_be_skipped_or_refused(bring):
    bring("person", THREE)
    assert bring("person", THREE, existing="skip").counts["unchanged"] == 2
    run = bring("person", THREE, existing="reject")
    assert "Marta Kowalczyk is there already." in reasons(run)[2]


def test_any_address_of_a_person_is_recognised_and_blank_never_equals_blank(bring):
    ines = actor("ines")
    actions.create(
        people,
        {"given_name": "Marta", "emails": [{"value": v, "label": ""} for v in ("a@x.example", "b@x.example")]},
        by=ines,
    )
    actions.create(people, {"given_name": "Nobody"}, by=ines)
    run = bring("person", "First name,E-mail\nMarta,B@X.example\nSomebody,\nElse,\n")
    assert run.counts == {"rows": 3, "unchanged": 1, "create": 2, "waiting": 0}


def test_a_row_that_repeats_an_earlier_one_is_refused_or_completes_it(bring):
    text = "First name,E-mail,Title\nMarta,m@x.example,\nMarta,M@x.example,Director\nMarta,m@X.example,Boss\n"
    run = bring("person", text, write=False)
    assert reasons(run) == {
        3: ["It says the same as line 2 of this file."],
        4: ["It says the same as line 2 of this file."],
    }
    bring("person", text, duplicates="merge")
    assert people.model.objects.get().job_title == "Director"


def test_a_repeated_row_counts_when_the_first_was_refused(bring):
    run = bring("person", "First name,E-mail,Birthday\nMarta,m@x.example,soon\nMarta,m@x.example,1980-01-02\n")
    assert list(reasons(run)) == [2] and people.model.objects.get().birthday.year == 1980


def test_every_kind_of_broken_value_is_refused_with_the_column_and_the_rest_goes_on(bring):
    text = (
        "First name,E-mail,Phone,Birthday,Language\n"
        "A,not an address,,,\n"
        "B,,nothing,,\n"
        "C,,,31.02.1980,\n"
        "D,,,,Klingonish\n"
        ",,,,\n"
        "E" + "e" * 400 + ",,,,\n"
        "F,f@x.example,,1980-12-31,de\n"
        "G,g@x.example\n"
    )
    run = bring("person", text)
    said = reasons(run)
    assert said[2] == ["E-mail: “not an address” is not an e-mail address; it should look like name@example.com."]
    assert said[3][0].startswith("Phone: “nothing” is not a phone number")
    assert said[4] == ["Birthday: “31.02.1980” is not a date; write it as 2026-03-12."]
    assert said[5][0].startswith("Language: “Klingonish” is not one of the choices")
    assert "has 401 characters" in said[7][0]
    assert "fewer cells" in said[9][0]
    assert [(p.given_name, p.birthday.isoformat()) for p in people.model.objects.all()] == [("F", "1980-12-31")]


def test_a_value_that_cannot_be_read_may_be_left_out_and_is_noted(bring):
    run = bring("person", "First name,Phone\nMarta,ask at the desk\n", columns={
        "First name": "given_name", "Phone": {"to": "phones", "invalid": "blank"}})  # fmt: skip
    row = ImportRow.objects.get(run=run)
    assert (
        row.verdict == "create"
        and row.reasons[0].startswith("Phone: “ask at the desk”")
        and row.cells[1] == "ask at the desk"
    )


def test_markup_formulas_and_odd_characters_stay_text(bring):
    bring("person", "First name,Last name\n<script>alert(1)</script>,=HYPERLINK(1)\nŁukasz,O’Neill 😀\n")
    names = set(people.model.objects.values_list("given_name", "family_name"))
    assert names == {("<script>alert(1)</script>", "=HYPERLINK(1)"), ("Łukasz", "O’Neill 😀")}


def test_what_is_too_long_is_refused_and_never_cut_short(bring):
    text = (
        f"Name,Number,Company,Mail,Kind\nMarta {'K' * 151},1,,,\nOliver Brandt,{'2' * 201},,,\nJudith Marek,3,{'H' * 301},,\n"
        f"Jonas Lind,4,,j@x.example,{'reception in the mornings ' * 2}\nInes Okafor,{'5' * 200},,i@x.example,reception\n"
    )
    run = bring("person", text, source="erp", columns={
        "Name": {"to": "given_name", "split": True}, "Number": "external_id", "Company": {"to": "company", "missing": "create"},
        "Mail": "emails", "Kind": "emails.label"})  # fmt: skip
    said = reasons(run)
    assert "Name: “KKKKKKKKKKKKKKKKKKKKKKKKKKKKKK…” has 151 characters; the most that fit are 150." in said[2]
    assert said[3] == ["Number: “222222222222222222222222222222…” has 201 characters; the most that fit are 200."]
    assert "has 301 characters; the most that fit are 300." in said[4][0]
    assert "the most that fit are 40." in said[5][0]
    (ines,) = people.model.objects.all()
    assert ines.emails == [{"value": "i@x.example", "label": "reception"}]


def test_a_label_belongs_to_the_value_before_it_where_nobody_says_which(bring):
    text = "First name,Mail,Mail for,Second mail,For\nMarta,m@x.example,work,k@x.example,private\n"
    columns = {"First name": "given_name", "Mail": "emails", "Mail for": "emails.label", "Second mail": "emails", "For": "emails.label"}  # fmt: skip
    bring("person", text, columns=columns)
    kept = {e["value"]: e["label"] for e in people.model.objects.get().emails}
    assert kept == {"m@x.example": "work", "k@x.example": "private"}


def test_a_nul_or_a_lone_surrogate_refuses_only_its_row(bring):
    run = bring("person", "First name\nMar\0ta\nOliver\n")
    assert "NUL" in reasons(run)[2][0] and people.model.objects.get().given_name == "Oliver"


def test_dates_at_the_edge_of_time_and_huge_amounts_are_kept_or_refused_in_words(bring):
    text = "Name,Revenue,Employees,Founded\nA,-5,0,9999\nB,1e300,1,1\nC,9999999999999999.99,2147483648,\nD,1,2,40000\n"
    run = bring("company", text, by="helena")
    said = reasons(run)
    assert "larger than this field can hold" in said[3][0]
    assert "at most 2147483647" in said[4][0]
    assert "at most 32767" in said[5][0]
    assert companies.model.objects.get().revenue == -5


def test_a_row_hidden_from_the_importer_is_neither_matched_nor_mentioned(bring):
    jonas = actor("jonas")
    actions.create(people, {"given_name": "Marta", "emails": [{"value": "m@x.example", "label": ""}]}, by=jonas)
    policy("member", "person", see="own", edit="own")
    run = bring("person", "First name,E-mail\nMarta,m@x.example\n")
    assert run.counts["create"] == 1 and people.model.objects.filter(email="m@x.example").count() == 2
    assert ImportRow.objects.get(run=run).reasons == []


def test_a_row_that_is_seen_but_not_editable_is_refused_by_name(bring):
    jonas = actor("jonas")
    actions.create(people, {"given_name": "Marta", "emails": [{"value": "m@x.example", "label": ""}]}, by=jonas)
    policy("member", "person", see="all", edit="own")
    run = bring("person", "First name,E-mail,Title\nMarta,m@x.example,Boss\n")
    assert reasons(run) == {2: ["Marta is there already and you may not change it."]}


def test_a_row_that_would_leave_the_importers_reach_is_refused_and_others_come_in(bring):
    user("jonas")
    policy("member", "person", see="own", edit="own")
    run = bring("person", "First name,Owner\nMarta,Jonas Lindqvist\nOliver,Ines Okafor\n")
    assert list(reasons(run)) == [2] and people.model.objects.get().given_name == "Oliver"


def test_without_the_right_nothing_is_imported(bring):
    from kith.kernel.errors import NotAllowed

    with pytest.raises(NotAllowed):
        bring("person", THREE, by="rolf")


def test_an_archived_row_is_brought_back_rather_than_made_twice(bring):
    ines = actor("ines")
    marta = actions.create(people, {"given_name": "Marta", "emails": [{"value": "m@x.example", "label": ""}]}, by=ines)
    actions.archive(people, marta, by=ines)
    run = bring("person", "First name,E-mail,Title\nMarta,m@x.example,Boss\n")
    marta.refresh_from_db()
    assert run.counts["update"] == 1 and marta.archived_at is None and marta.job_title == "Boss"
