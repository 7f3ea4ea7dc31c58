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
