"""Views of a list: saved, drifted from, shared, pinned, opened first, deleted and brought back."""

import re

import pytest
from django.core.cache import caches

from kith.deals.actions import install_defaults
from kith.kernel.access.actor import system
from kith.kernel.lookups.models import SavedView
from kith.kernel.organisation.models import bump
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import undo
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
people = registry["person"]
STATE = "filter=job_title.is:Director&sort=name&cols=city"


@pytest.fixture
def ines(client):
    caches["local"].clear()
    client.force_login(user("ines"))
    return actor("ines")


def save(client, name="Directors", state=STATE, **more):
    return client.post("/people/views/new", {"name": name, "state": state, **more})


def key_of(response):
    return re.search(r"view=(\d+)", response["Location"])[1]


def tabs(response):
    nav = re.search(r'<nav class="tabs.*?</nav>', response.content.decode(), re.DOTALL)[0]
    return [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", a)).strip()
        for a in re.findall(r"<a href[^>]*>.*?</a>", nav, re.DOTALL)
    ]


def current(response):
    found = re.search(r'<a href="[^"]*" aria-current="page">([^<]+)', response.content.decode())
    return found[1].strip() if found else None


def test_a_view_keeps_filter_sort_and_columns_and_opens_by_its_own_address(client, ines):
    actions.create(people, {"given_name": "Marta", "job_title": "Director"}, by=ines)
    key = key_of(save(client))
    response = client.get(f"/people/?view={key}")
    body = response.content.decode()
    assert current(response) == "Directors"
    assert "Remove filter: Job title" in body
    assert re.search(r'aria-sort="ascending"[^>]*>.*?Name', body)
    assert ">City<" in re.sub(r"<a[^>]*>([^<]*)</a>", r">\1<", body)
    assert 'class="drift"' not in body


def test_drift_from_a_view_is_shown_and_can_be_saved_or_reset(client, ines):
    key = key_of(save(client))
    drifted = client.get(f"/people/?view={key}&sort=-name")
    body = drifted.content.decode()
    assert 'class="drift"' in body
    assert f'formaction="/people/views/{key}/update"' in body
    assert f'href="?view={key}"' in body
    client.post(f"/people/views/{key}/update", {"state": f"view={key}&sort=-name"})
    view = SavedView.objects.get()
    assert (view.sort, view.version) == ("-name", 2)
    assert 'class="drift"' not in client.get(f"/people/?view={key}").content.decode()


def test_an_address_says_only_what_differs_from_the_view(client, ines):
    key = key_of(save(client))
    body = client.get(f"/people/?view={key}&q=mar").content.decode()
    assert f'href="/people/filter/?view={key}&amp;q=mar"' in body
    assert f'href="?view={key}&amp;filter=&amp;q=mar"' in body


def test_a_name_is_needed_and_may_be_used_once(client, ines):
    save(client)
    again = save(client)
    assert again.status_code == 422
    assert "already a view called “Directors”" in again.content.decode()
    assert save(client, name="  ").status_code == 422
    assert save(client, name="x" * 200).status_code == 422
    assert save(client, name="All\x00 right").status_code == 303


def test_a_view_is_found_by_others_only_when_it_is_shared(client, ines):
    key = key_of(save(client))
    client.force_login(user("jonas"))
    assert "Directors" not in tabs(client.get("/people/"))
    refused = client.get(f"/people/?view={key}")
    assert "gone, or it is not shared with you" in refused.content.decode()
    client.force_login(user("ines"))
    client.post(f"/people/views/{key}/edit", {"name": "Directors", "shared": "team"})
    for who, found in (("priya", True), ("jonas", False)):
        client.force_login(user(who))
        actor(who)
        assert (current(client.get(f"/people/?view={key}")) == "Directors") is found, who
    client.force_login(user("ines"))
    client.post(f"/people/views/{key}/edit", {"name": "Directors", "shared": "all"})
    client.force_login(user("jonas"))
    assert current(client.get(f"/people/?view={key}")) == "Directors"
    assert f'href="/people/?view={key}"' in client.get("/people/").content.decode()


def test_a_shared_view_shows_each_reader_only_their_own_rows(client, ines):
    actions.create(people, {"given_name": "Marta", "job_title": "Director"}, by=ines)
    key = key_of(save(client, shared="all"))
    policy("member", "person", see="own", edit="own")
    client.force_login(user("jonas"))
    assert "Marta" not in client.get(f"/people/?view={key}").content.decode()


def test_nobody_changes_a_view_of_somebody_else(client, ines):
    key = key_of(save(client, shared="all"))
    client.force_login(user("jonas"))
    for what in ("update", "edit", "delete"):
        answer = client.post(f"/people/views/{key}/{what}", {"name": "Mine now", "shared": "", "state": ""})
        assert answer.status_code == 403, what
    assert SavedView.objects.get().name == "Directors"
    client.force_login(user("helena"))
    assert client.post(f"/people/views/{key}/edit", {"name": "Heads", "shared": "all"}).status_code == 303


def test_the_view_chosen_as_default_opens_first_and_all_is_still_one_link_away(client, ines):
    key = key_of(save(client))
    client.post(f"/people/views/{key}/default")
    opened = client.get("/people/")
    assert current(opened) == "Directors"
    assert 'href="/people/?view=all"' in opened.content.decode()
    assert current(client.get("/people/?view=all")) == "All people"
    assert current(client.get("/people/?q=mar")) == "All people"
    client.post(f"/people/views/{key}/default")
    assert current(client.get("/people/")) == "All people"


def test_a_pinned_view_tells_how_many_once_it_was_counted(client, ines):
    actions.create(people, {"given_name": "Marta", "job_title": "Director"}, by=ines)
    key = key_of(save(client))
    client.post(f"/people/views/{key}/pin")
    first = client.get("/people/")
    assert "Directors" in tabs(first)
    assert 'hx-trigger="load"' in first.content.decode()
    counted = client.get("/people/views/tabs", headers={"HX-Request": "true"})
    assert "Directors 1" in tabs(counted)
    assert 'hx-trigger="load"' not in counted.content.decode().split("</nav>")[0]
    again = client.get("/people/")
    assert "Directors 1" in tabs(again)
    client.force_login(user("jonas"))
    assert "Directors 1" not in tabs(client.get("/people/"))


def test_views_that_come_with_a_type_stand_beside_and_can_be_pinned(client, ines):
    view = next(v for v in people.views if v.key != "all")
    assert str(view.name) in tabs(client.get("/people/"))
    client.post(f"/people/views/{view.key}/pin")
    client.post(f"/people/views/{view.key}/default")
    assert current(client.get("/people/")) == str(view.name)


def test_a_deleted_view_comes_back_by_undo_under_its_old_address(client, ines):
    key = key_of(save(client))
    gone = client.post(f"/people/views/{key}/delete")
    assert gone["Location"] == "/people/?view=all"
    assert not SavedView.objects.exists()
    undo(Operation.objects.get(kind="view.delete"), by=ines)
    assert current(client.get(f"/people/?view={key}")) == "Directors"


@pytest.mark.parametrize("key", ["999999", "9" * 30, "no-such", "all", "archived"])
def test_views_that_are_none_cannot_be_changed(client, ines, key):
    for what in ("update", "edit", "delete"):
        assert client.post(f"/people/views/{key}/{what}", {"name": "x", "state": ""}).status_code == 404


def test_a_column_that_is_gone_stays_in_the_view_struck_through(client, ines):
    key = key_of(save(client))
    SavedView.objects.update(filter={"all": [["shoe_size", "is", ["42"]], {"any": [["job_title", "is", [{"id": 1}]]]}]})
    bump()
    body = client.get(f"/people/?view={key}").content.decode()
    assert "data-gone" in body
    SavedView.objects.update(filter={"all": [["shoe_size", "is", ["42"]]]}, columns=["city", "shoe_size"])
    bump()  # as every change of a view through its own verbs does
    body = client.get(f"/people/?view={key}").content.decode()
    assert "shoe_size" in body
    assert "no column “shoe_size”" in body


def test_a_reader_only_keeps_views_to_themselves(client, ines):
    client.force_login(user("rolf"))
    assert save(client).status_code == 303
    assert save(client, name="Shared", shared="all").status_code == 403


def test_saving_opens_in_a_dialog_with_a_script_and_as_a_page_without(client, ines):
    assert "<dialog" in client.get("/people/views/new?" + STATE, headers={"HX-Request": "true"}).content.decode()
    assert "<html" in client.get("/people/views/new?" + STATE).content.decode()
    done = client.post("/people/views/new", {"name": "D", "state": STATE}, headers={"HX-Request": "true"})
    assert done["HX-Redirect"].startswith("/people/?view=")


def test_columns_are_chosen_ordered_and_kept_in_the_address(client, ines):
    body = client.get("/people/columns/?sort=name").content.decode()
    keys = re.findall(r'name="c" value="([^"]+)" checked', body)
    moved = client.get("/people/columns/", {"sort": "name", "c": keys, "do": f"up:{keys[2]}"}).content.decode()
    assert re.findall(r'name="c" value="([^"]+)" checked', moved)[1] == keys[2]
    done = client.get("/people/columns/", {"sort": "name", "c": ["city", "nonsense", "owner", "name"], "do": "apply"})
    assert done["Location"] == "/people/?sort=name&cols=city,owner"
    same = client.get("/people/columns/", {"c": keys, "do": "apply"})
    assert "cols" not in same["Location"]


def test_a_view_keeps_the_axis_of_its_board(client, ines):
    install_defaults(by=system("test"))
    client.post("/deals/views/new", {"name": "By colleague", "state": "face=board&by=owner"})
    view = SavedView.objects.get()
    board = client.get(f"/deals/?view={view.pk}").content.decode()
    assert "By owner" in board and 'class="drift"' not in board
    other = client.get(f"/deals/?view={view.pk}&by=").content.decode()
    assert "By stage" in other and 'class="drift"' in other
    client.post(f"/deals/views/{view.pk}/update", {"state": f"view={view.pk}&by=team"})
    view.refresh_from_db()
    assert view.options == {"by": "team"}


def test_tabs_stand_in_the_order_one_puts_them_and_only_for_oneself(client, ines):
    first, second = key_of(save(client, "Directors")), key_of(save(client, "Cooks", shared="all"))
    before = tabs(client.get("/people/"))
    order = [second, first, "no-next-step"]
    answer = client.post("/people/views/", {"v": order, "pin": [first], "do": "apply", "state": "sort=name"})
    assert answer["Location"] == "/people/?sort=name"
    after = tabs(client.get("/people/"))
    assert [t.split()[0] for t in after[:4]] == ["All", "Cooks", "Directors", "No"]
    assert sorted(t.rstrip("0 ") for t in after) == sorted(t.rstrip("0 ") for t in before)
    client.force_login(user("jonas"))
    assert tabs(client.get("/people/"))[1] != "Cooks"


def test_a_new_view_stands_behind_those_put_in_order(client, ines):
    first, second = key_of(save(client, "Directors")), key_of(save(client, "Cooks"))
    client.post("/people/views/", {"v": [second, first], "do": "apply"})
    save(client, "Porters")
    names = tabs(client.get("/people/?view=all"))
    assert names.index("Cooks") < names.index("Directors") < names.index("Porters")


def test_without_a_script_arrows_move_a_view_and_nothing_is_kept_before_it_is_said(client, ines):
    first, second = key_of(save(client, "Directors")), key_of(save(client, "Cooks"))
    page = client.post("/people/views/", {"v": [first, second], "pin": [second], "do": f"down:{first}"})
    given = re.findall(r'name="v" value="(\d+)"', page.content.decode())
    assert given == [second, first]
    assert re.search(rf'name="pin" value="{second}"[^>]*checked', page.content.decode())
    names = tabs(client.get("/people/?view=all"))
    assert names.index("Directors") < names.index("Cooks")
