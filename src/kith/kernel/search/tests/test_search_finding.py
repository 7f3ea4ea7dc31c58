import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.search.models import Visit
from kith.kernel.search.queries import find, nearest
from kith.kernel.search.visits import forget_visits, note_visit, recent
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


def add(record, by, **raw):
    record = registry[record]
    return actions.create(record, actions.parse_values(record, raw, by=by), by=by)


@pytest.fixture
def ines():
    by = actor("ines")
    hotel = add("company", by, name="Hotel Bellevue Group", domain="bellevue.example")
    add(
        "person",
        by,
        given_name="Marta",
        family_name="Kowalczyk",
        emails="m.kowalczyk@bellevue.example",
        phones="+48 58 555 01 42",
        company=hotel.pk,
    )
    add("person", by, given_name="Łukasz", family_name="Sørensen", emails="lukasz@fjord.example")
    add("person", by, given_name="Jonathan", family_name="Michaelson")
    return by


def names(by, text):
    return [h.name for h in find(by, text)]


@pytest.mark.parametrize(
    "text",
    [
        "marta",
        "kowal",
        "MARTA KOW",
        "kow mar",
        "m.kowal",
        "bellevue.exa marta",
        "5550142",
        "0142",
        "58 555",
        "+48585550142",
    ],
)
def test_a_person_is_found_by_any_words_and_fragments(ines, text):
    assert "Marta Kowalczyk" in names(ines, text)


@pytest.mark.parametrize("text", ["lukasz sorensen", "ŁUKASZ", "Sørensen", "sorens"])
def test_accents_and_strokes_do_not_matter(ines, text):
    assert names(ines, text) == ["Łukasz Sørensen"]


@pytest.mark.parametrize("text", ["jonahtan", "jonatan", "michealson", "jonathon michaelson", "kowalcyzk", "belevue"])
def test_one_typo_is_forgiven(ines, text):
    assert names(ines, text), text


def test_two_types_answer_one_question(ines):
    assert set(names(ines, "bellevue")) == {"Hotel Bellevue Group", "Marta Kowalczyk"}


def test_nothing_out_of_scope_is_found_or_remembered(ines):
    pk = find(ines, "marta")[0].pk
    policy("member", "person", see="own", edit="own")
    jonas = actor("jonas")
    assert names(jonas, "marta") == []
    assert names(jonas, "matra") == []
    note_visit(jonas, "person", pk)
    assert recent(jonas) == []


def test_recent_records_come_newest_first(ines):
    first, second = find(ines, "marta")[0].pk, find(ines, "jonathan")[0].pk
    note_visit(ines, "person", first)
    note_visit(ines, "person", second)
    assert [h.name for h in recent(ines)] == ["Jonathan Michaelson", "Marta Kowalczyk"]
    assert [h.name for h in recent(ines, but=("person", second))] == ["Marta Kowalczyk"]


def test_recent_records_of_all_types_cost_two_queries(ines, django_assert_num_queries):
    for hit in [*find(ines, "marta"), *find(ines, "bellevue")]:
        note_visit(ines, hit.record, hit.pk)
    with django_assert_num_queries(2):
        assert {h.record for h in recent(ines)} == {"person", "company"}


def test_opening_a_record_again_moves_it_up_and_within_a_minute_writes_nothing(ines):
    first, second = find(ines, "marta")[0].pk, find(ines, "jonathan")[0].pk
    note_visit(ines, "person", first)
    note_visit(ines, "person", second)
    Visit.objects.update(at=timezone.now() - dt.timedelta(minutes=5))
    note_visit(ines, "person", first)
    noted = Visit.objects.get(record_id=first).at
    note_visit(ines, "person", first)
    assert Visit.objects.get(record_id=first).at == noted
    assert recent(ines)[0].name == "Marta Kowalczyk"


def test_visits_are_forgotten_after_two_months(ines):
    old, young = find(ines, "marta")[0].pk, find(ines, "jonathan")[0].pk
    note_visit(ines, "person", old)
    Visit.objects.update(at=timezone.now() - dt.timedelta(days=61))
    note_visit(ines, "person", young)
    assert [h.name for h in recent(ines)] == ["Jonathan Michaelson"]
    assert forget_visits() == 1
    assert Visit.objects.get().record_id == young


def test_words_far_from_all_others_stay_unanswered(ines):
    assert nearest("zzzzyx") == []
    assert names(ines, "zzzzyx") == []


def test_the_palette_offers_records_and_things_to_do_and_escapes_what_was_typed(ines, django_assert_max_num_queries):
    browser = Client()
    browser.force_login(user("ines"))
    with django_assert_max_num_queries(12):
        answer = browser.get("/search/?q=mart", HTTP_HX_REQUEST="true").content.decode()
    assert "/people/" in answer and "<html" not in answer
    assert "/people/new" in browser.get("/search/?q=new per").content.decode()
    hostile = browser.get("/search/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in hostile


def test_a_note_without_a_name_is_called_by_how_it_begins(ines):
    words = "Compared us with AquaGuard; our battery life made all the difference to them"
    note = actions.create(registry["activity"], {"kind": "note", "body": words}, by=ines)
    called = "Compared us with AquaGuard; our battery life made all the…"
    assert [h.name for h in find(ines, "aquaguard")] == [called] == [str(note)]
    note_visit(ines, "activity", note.pk)
    assert [h.name for h in recent(ines)] == [called]
    policy("member", "activity", hidden=["body"])
    assert [h.name for h in find(actor("ines"), "aquaguard")] == [f"#{note.pk}"]


def test_the_words_beside_a_name_tell_nothing_out_of_reach(ines):
    by = actor("jonas")
    hotel = registry["company"].model.objects.get()
    add("person", by, given_name="Oliver", company=hotel.pk)
    assert [hit.sub for hit in find(by, "oliver")] == ["Hotel Bellevue Group"]
    policy("member", "company", see="own", edit="own")
    assert [(hit.name, hit.sub) for hit in find(actor("jonas"), "oliver")] == [("Oliver", "")]
    policy("member", "company", see="all", edit="all")
    policy("member", "person", hidden=["company"])
    assert [(hit.name, hit.sub) for hit in find(actor("jonas"), "oliver")] == [("Oliver", "")]
