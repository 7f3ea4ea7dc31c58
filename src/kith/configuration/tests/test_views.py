"""Views that everybody finds go along: with names in their filters, and a place on the board."""

import pytest

from kith.configuration.actions import Refused, apply, roll_back
from kith.configuration.exporting import files_of
from kith.kernel.lookups.actions import save_view
from kith.kernel.lookups.models import SavedView
from kith.kernel.lookups.state import ListState, of_saved
from kith.kernel.lookups.tree import parse, to_text
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def astrid():
    return actor("astrid")


@pytest.fixture
def view(astrid):
    """The deals of Ines on the board of a pipeline, shared with everybody; and one of Astrid's own."""
    pipeline = actions.create(registry["pipeline"], {"name": "Service"}, by=astrid)
    state = ListState(parse(f"owner.is:{user('ines').pk}"), sort="-amount", face="board", place=str(pipeline.pk))
    save_view(registry["deal"], ListState(), name="Mine", by=astrid)
    return save_view(registry["deal"], state, name="Of Ines", shared="all", by=astrid)


def test_a_shared_view_goes_out_by_names_and_comes_in_by_numbers(view, astrid, emptied):
    files = files_of(by=astrid)
    assert [path for path in files if path.startswith("views/")] == ["views/deal-of-ines.yaml"]
    assert "filter: owner.is:ines@tidewell.example" in files["views/deal-of-ines.yaml"]
    assert "in: Service" in files["views/deal-of-ines.yaml"]
    emptied()
    apply(files, by=astrid)
    found = SavedView.objects.get()
    assert to_text(of_saved(found).tree) == f"owner.is:{user('ines').pk}" and found.shared == "all"
    assert found.options["in"] == str(registry["pipeline"].model.objects.get().pk)
    assert files_of(by=astrid) == files
    roll_back(None, by=astrid)
    assert not SavedView.objects.exists()


def test_a_changed_view_is_taken_back_and_one_that_went_comes_again(view, astrid):
    files = files_of(by=astrid)
    path = "views/deal-of-ines.yaml"
    apply({**files, path: files[path].replace("sort: -amount", "sort: name")}, by=astrid)
    assert SavedView.objects.get(name="Of Ines").sort == "name"
    roll_back(None, by=astrid)
    assert SavedView.objects.get(name="Of Ines").sort == "-amount"
    apply({name: text for name, text in files.items() if name != path}, by=astrid, remove=True)
    assert not SavedView.objects.filter(name="Of Ines").exists()
    roll_back(None, by=astrid)
    assert files_of(by=astrid) == files


def test_who_is_not_here_is_said(view, astrid):
    files = files_of(by=astrid)
    path = "views/deal-of-ines.yaml"
    with pytest.raises(Refused, match=r"views/deal-of-ines.yaml: There is no colleague “nobody@example.org”"):
        apply({**files, path: files[path].replace("ines@tidewell.example", "nobody@example.org")}, by=astrid)
