"""Whose day it is: one's own, or that of everyone in one's teams, and never more than one may see."""

import pytest

from kith.kernel.access.actor import actor_for
from kith.today.count import late
from kith.today.tests.cast import company, person, section, task, words
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(ines):
    """Something late for Ines, for Priya in her team, and for Jonas in another."""
    for who, name in (("ines", "Anders Holm"), ("priya", "Beatriz Nunes"), ("jonas", "Gregor Steiner")):
        by = actor(who)
        task(by, f"Call {name}", "2026-03-11T16:00", person=person(by, name))
        company(by, f"{name} and sons")
    return ines


def test_a_day_is_ones_own_and_somebody_elses_rows_never_show(three, page):
    html = page()
    assert "Anders Holm" in html and "Beatriz" not in html and "Gregor" not in html


def test_everyone_in_the_team_is_one_press_away(three, page):
    html = page(path="/?of=team")
    assert section(html, "late").count("Call ") >= 2 and "Priya Nair" in section(html, "late")
    assert "Beatriz Nunes and sons" in section(html, "loose") and "Gregor" not in html
    assert "Two people expect something from your team today; two have waited too long." in words(html)
    assert 'aria-current="true"' in html and 'href="/?of=team"' in page()


def test_who_may_see_only_their_own_rows_sees_only_those_of_the_team_too(three, page):
    for record in ("activity", "person", "company"):
        policy("member", record, see="own")
    html = page(path="/?of=team")
    assert "Anders Holm" in html and "Beatriz" not in html


def test_what_a_role_hides_is_not_told_on_this_page_either(three, page):
    marta = person(three, "Marta Kowalczyk", phones=[{"value": "+48 58 555 01 18", "label": "work"}])
    task(three, "Call back", "2026-03-10T16:00", person=marta)
    policy("member", "person", hidden=["phone"])
    policy("member", "company", hidden=["last_touch_at"])
    policy("member", "activity", hidden=["subject"])
    html = page()
    assert "Marta Kowalczyk" in html and "tel:" not in html and "Call back" not in html
    assert "and sons" not in html  # what is silent or without a date cannot be told without its last touch


def test_without_a_team_there_is_no_switch(morning, page):
    assert "Everyone in my team" not in page("astrid", "/?of=team")


def test_the_place_counts_what_is_late(three, page, rf):
    assert '<span class="n" data-tone="late">1</span>' in page()
    assert '<span class="n" data-tone="late">' not in page("helena")
    request = rf.get("/")
    request.user = user("ines")  # not read for a request, so nothing was carried along
    assert late(request) == (None, None)


def test_the_count_follows_the_readers_midnight(ines, page):
    ana = person(ines, "Ana Horvat")
    task(ines, "Some time today", "2026-03-12", person=ana)
    assert '<span class="n" data-tone="late">' not in page()
    reader = user("ines")
    reader.time_zone = "Europe/Stockholm"  # where that moment is one o'clock at night, and no midnight
    reader.save()
    assert '<span class="n" data-tone="late">1</span>' in page()
    assert "Late 1" in section(page(), "late")


def test_who_may_not_edit_gets_no_tick(three, page):
    policy("member", "activity", edit="own")
    html = page(path="/?of=team")
    assert "Done: Call Anders Holm" in html and "Done: Call Beatriz Nunes" not in html


def test_a_reader_gets_a_page_without_buttons_to_write(morning, page):
    rolf = user("rolf")
    ines = actor("ines")
    task(ines, "Call", "2026-03-11T16:00", owner=rolf, person=person(ines, "Anders Holm"))
    html = page("rolf")
    assert "Anders Holm" in section(html, "late") and "/say/" not in html and "do/finish" not in html
    assert not actor_for(rolf).can("activity.create")
