"""What packages put around the page."""

import pytest
from django.contrib.auth.models import AnonymousUser

from kith.kernel.accounts.models import User
from kith.ui import render, shell


@pytest.fixture
def ask(rf, monkeypatch):
    monkeypatch.setattr(shell, "_entries", {})
    monkeypatch.setattr(shell, "_parts", {})

    def at(path, user=None):
        request = rf.get(path)
        request.user = user or User(pk=7, name="Ines Okafor", email="ines@tidewell.example")
        return request

    return at


def test_places_stand_in_their_order_and_the_open_one_is_marked(ask):
    shell.register_nav("deals", label="Deals", icon="deal", href="/deals/", order=30)
    shell.register_nav(
        "people", label="People", icon="people", href="/people/", order=20, count=lambda request: (3, "late"), tab=True
    )
    made = shell.shell_for(ask("/people/12"))
    assert [(i.label, i.current, i.count, i.tone) for i in made.places] == [
        ("People", True, 3, "late"),
        ("Deals", False, None, None),
    ]
    assert [i.label for i in made.tabs] == ["People"]


def test_place_that_a_person_may_not_see_is_not_there(ask):
    shell.register_nav(
        "settings", label="Settings", icon="settings", href="/settings/", section="below", visible=lambda request: False
    )
    assert shell.shell_for(ask("/")).below == ()


def test_stranger_sees_the_brand_and_nothing_else(ask):
    shell.register_nav("people", label="People", icon="people", href="/people/")
    shell.register_part("brand", lambda request: "Tidewell")
    assert shell.shell_for(ask("/", AnonymousUser())) == shell.Shell(brand="Tidewell")


def test_spine_is_drawn_only_when_somebody_gives_it(ask):
    assert shell.shell_for(ask("/")).spine == ()
    shell.register_part("spine", lambda request: ("In my care", 318, [shell.SpineStop(1, "Awareness", "/x/")]))
    made = shell.shell_for(ask("/"))
    assert made.spine_total == 318 and made.spine[0].name == "Awareness"


def test_unknown_section_is_refused_at_start(ask):
    with pytest.raises(ValueError, match="section must be one of"):
        shell.register_nav("x", label="X", icon="x", href="/", section="top")


def test_htmx_asking_for_the_whole_page_is_not_given_a_part(rf):
    assert render.is_htmx(rf.get("/", headers={"HX-Request": "true", "HX-Request-Type": "partial"}))
    assert not render.is_htmx(rf.get("/", headers={"HX-Request": "true", "HX-Request-Type": "full"}))
    assert not render.is_htmx(rf.get("/"))


def test_several_events_travel_in_one_answer():
    from django.http import HttpResponse

    answer = render.toast(HttpResponse(), "Łódź moved", undo="/undo/1/")
    render.trigger(answer, "record-changed", {"types": ["deal"]})
    assert answer["HX-Trigger"].isascii()
    assert (
        '"record-changed": {"types": ["deal"]}' in answer["HX-Trigger"] and '"undo": "/undo/1/"' in answer["HX-Trigger"]
    )


def test_places_of_a_drawer_stand_in_it_and_it_is_open_where_one_is_current(ask):
    shell.register_nav("orders", label="Orders", icon="box", href="/orders/", drawer="selling")
    shell.register_nav("people", label="People", icon="people", href="/people/")
    made = shell.shell_for(ask("/orders/3"))
    assert [i.label for i in made.places] == ["People"]
    assert [(str(d.label), d.current, [i.label for i in d.items]) for d in made.drawers] == [
        ("Selling", True, ["Orders"])
    ]
    assert not shell.shell_for(ask("/people/")).drawers[0].current


def test_drawer_without_a_place_that_one_may_see_is_not_there(ask):
    shell.register_nav("x", label="X", icon="box", href="/x/", drawer="marketing", visible=lambda request: False)
    assert shell.shell_for(ask("/")).drawers == ()


def test_unknown_drawer_is_refused_at_start(ask):
    with pytest.raises(ValueError, match="drawer must be one of"):
        shell.register_nav("x", label="X", icon="x", href="/", drawer="attic")
