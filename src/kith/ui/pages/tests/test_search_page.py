"""The palette and its page: everything one may do is found by any beginning of its words."""

import pytest

from kith.kernel.search.commands import commands
from tests.cast import actor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["astrid", "ines", "rolf"])
def test_every_command_is_found_by_its_own_words_and_leads_somewhere(browser, who):
    client, able = browser(who), actor(who)
    every = commands(able, "")
    assert every
    for command in every:
        page = client.get("/search/", {"q": str(command.label)}).content.decode()
        assert command.href.replace("&", "&amp;") in page
        assert client.get(command.href).status_code in (200, 302), command.href


def test_a_reader_is_offered_nothing_that_writes(browser):
    page = browser("rolf").get("/search/", {"q": "new"}).content.decode()
    assert "/people/new" not in page


def test_actions_of_the_record_one_is_on_come_first(browser):
    from kith.kernel.records import actions
    from kith.kernel.records.registry import registry

    ines = actor("ines")
    task = actions.create(registry["activity"], {"kind": "task", "subject": "Send the data sheet"}, by=ines)
    page = browser("ines").get("/search/", {"q": "d", "on": f"/activities/{task.pk}"}).content.decode()
    assert f"/activities/{task.pk}/do/" in page


def test_records_opened_last_stand_under_recent_but_the_open_one(browser):
    from kith.kernel.records import actions
    from kith.kernel.records.registry import registry

    ines = actor("ines")
    marta, oliver = (actions.create(registry["person"], {"given_name": name}, by=ines) for name in ("Marta", "Oliver"))
    client = browser("ines")
    for row in (marta, oliver):
        assert client.get(f"/people/{row.pk}").status_code == 200
    client.get(f"/people/{oliver.pk}?part=head", headers={"HX-Request": "true"})
    page = client.get("/search/").content.decode()
    assert "Recent" in page
    assert page.index("Oliver") < page.index("Marta")
    opened = client.get("/search/", {"on": f"/people/{oliver.pk}"}).content.decode()
    assert "Marta" in opened
    assert "Oliver" not in opened
    assert "Recent" not in browser("jonas").get("/search/").content.decode()


def test_what_is_about_one_part_of_a_record_is_offered_beside_that_part_alone(browser):
    from kith.deals.tests.cast import deal

    made = deal(actor("ines"))
    page = browser("ines").get("/search/", {"on": f"/deals/{made.pk}"}).content.decode()
    assert f"/deals/{made.pk}/do/add_line" in page
    assert f"/deals/{made.pk}/do/remove_line" not in page
