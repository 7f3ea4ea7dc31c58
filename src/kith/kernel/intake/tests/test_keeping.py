"""Mappings kept for the next file: who may change them, what is offered, and that renaming and removing can be undone."""

from __future__ import annotations

import pytest

from kith.kernel.errors import Invalid, NotAllowed, NotFound
from kith.kernel.intake import keeping
from kith.kernel.intake.mapping import load
from kith.kernel.intake.models import SavedMapping
from kith.kernel.intake.targets import find_target
from kith.kernel.timeline.operations import undo
from tests.cast import actor

pytestmark = pytest.mark.django_db
FAIR = {"Given name": "given_name", "Mail": "emails", "Badge": None}
PEOPLE = "Given name,Mail,Badge\nMarta,m@x.example,7\n"


def kept(bring, name="Fair list", by="ines"):
    return keeping.keep(bring.begin("person", PEOPLE, by=by, columns=FAIR), name, by=actor(by))


def offered(headers):
    return [o.name for o in keeping.fitting(find_target("person"), headers)]


def test_a_kept_mapping_is_offered_for_files_that_have_its_columns(bring):
    kept(bring)
    assert offered(["Mail", "Given name", "Anything"]) == ["Fair list"]
    assert offered(["Mail"]) == []
    assert offered(["mail", "GIVEN NAME"]) == ["Fair list"]  # spelt as the file likes


def test_of_several_that_fit_the_one_that_says_most_comes_first(bring):
    kept(bring)
    run = bring.begin("person", PEOPLE, columns={**FAIR, "Badge": "source"})
    keeping.keep(run, "Fair list with badges", by=actor("ines"))
    assert offered(["Given name", "Mail", "Badge"]) == ["Fair list with badges", "Fair list"]


def test_a_mapping_that_comes_with_kith_is_offered_for_its_own_file():
    company = find_target("company")
    headers = ["account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of"]
    assert [o.name for o in keeping.fitting(company, headers)] == ["Maven accounts"]
    assert keeping.use(company, "shipped:maven/accounts").name == "Maven accounts"
    assert keeping.use(company, "shipped:maven/pipeline") is None  # is for deals


def test_using_a_kept_mapping_is_noted(bring):
    saved = kept(bring)
    assert saved.used_at is None
    saved.refresh_from_db()
    assert keeping.use(find_target("person"), f"saved:{saved.pk}") == load(saved.document)
    saved.refresh_from_db()
    assert saved.used_at is not None


def test_a_renamed_mapping_returns_to_its_name(bring):
    saved, ines = kept(bring), actor("ines")
    op = keeping.rename(saved, "  Spring   fair ", by=ines)
    assert SavedMapping.objects.get().name == "Spring fair" and offered(["Given name", "Mail"]) == ["Spring fair"]
    undo(op, by=ines)
    assert SavedMapping.objects.get().name == "Fair list"
    assert keeping.rename(saved, saved.name, by=ines) is None


def test_undoing_a_rename_leaves_a_later_name_alone(bring):
    saved, ines = kept(bring), actor("ines")
    op = keeping.rename(saved, "Spring fair", by=ines)
    keeping.rename(saved, "Autumn fair", by=ines)
    with pytest.raises(Invalid, match="another name by now: “Autumn fair”"):
        undo(op, by=ines)


def test_a_removed_mapping_comes_back_as_it_was(bring):
    saved, ines = kept(bring), actor("ines")
    keeping.use(find_target("person"), f"saved:{saved.pk}")
    saved.refresh_from_db()
    before = SavedMapping.objects.values().get()
    op = keeping.remove(saved, by=ines)
    assert not SavedMapping.objects.exists() and keeping.use(find_target("person"), f"saved:{before['id']}") is None
    undo(op, by=ines)
    assert SavedMapping.objects.values().get() == before


def test_a_removed_mapping_does_not_push_another_of_its_name_aside(bring):
    ines = actor("ines")
    op = keeping.remove(kept(bring), by=ines)
    kept(bring, by="jonas")
    with pytest.raises(Invalid, match="called “Fair list” already, kept by Jonas"):
        undo(op, by=ines)


def test_ones_own_mapping_is_replaced_and_a_colleagues_is_not(bring):
    kept(bring)
    run = bring.begin("person", PEOPLE, columns={**FAIR, "Badge": "source"})
    keeping.keep(run, "Fair list", by=actor("ines"))
    assert SavedMapping.objects.get().document["columns"]["Badge"]["to"] == "source"
    with pytest.raises(Invalid, match="kept by Ines Okafor; choose another name"):
        kept(bring, by="jonas")
    kept(bring, by="astrid")  # an administrator may
    assert SavedMapping.objects.get().user.name == actor("astrid").name


def test_colleagues_use_a_mapping_and_only_its_keeper_or_an_administrator_changes_it(bring):
    saved, jonas = kept(bring), actor("jonas")
    assert keeping.kept(jonas) == [saved] and keeping.get(jonas, saved.pk) == saved
    for change in (lambda: keeping.rename(saved, "Mine", by=jonas), lambda: keeping.remove(saved, by=jonas)):
        with pytest.raises(NotAllowed, match="was kept by Ines Okafor"):
            change()
    keeping.rename(saved, "Everybody’s", by=actor("astrid"))


def test_who_may_not_import_people_sees_no_mapping_for_people(bring):
    saved, rolf = kept(bring), actor("rolf")
    assert keeping.kept(rolf) == []
    with pytest.raises(NotFound):
        keeping.get(rolf, saved.pk)


@pytest.mark.parametrize(("name", "said"), [("  ", "Give the mapping a name"), ("x" * 121, "121 characters; the most that fit are 120")])  # fmt: skip
def test_a_name_is_needed_and_never_cut(bring, name, said):
    saved = kept(bring)
    with pytest.raises(Invalid, match=said):
        keeping.rename(saved, name, by=actor("ines"))
    with pytest.raises(Invalid, match=said):
        kept(bring, name=name)


def test_two_mappings_of_one_type_have_two_names(bring):
    kept(bring)
    other = kept(bring, "Autumn fair")
    with pytest.raises(Invalid, match="called “Fair list” already"):
        keeping.rename(other, "Fair list", by=actor("ines"))
