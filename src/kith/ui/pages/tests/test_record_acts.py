"""Actions on one row: dialogs that ask, refusals that keep what was typed, undo, archive and restore."""

import json
from typing import Annotated

import pytest
from django.utils import timezone

from kith.kernel.errors import Conflict, NotAllowed
from kith.kernel.kinds import Text
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.ui.pages.tests.helpers import HTMX, add, form_of, text_of
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
people, activities = registry["person"], registry["activity"]


@pytest.fixture
def marta():
    return add(people, actor("ines"), given_name="Marta", family_name="Kowalczyk")


@pytest.fixture
def rename(monkeypatch):
    """An action of the tests' own: renames a person, and refuses in every way one can be refused."""

    def run(person, *, title: Annotated[str, Text(40), "New title"], by):
        if title == "clash":
            raise Conflict("Somebody else just did that.")
        if title == "forbidden":
            raise NotAllowed("Only Helena may do that.")
        return actions.edit(people, person, {"job_title": title}, by=by)

    made = action("person.rename", needs="person.edit", label="Rename", done="{row} renamed",
                  applies=lambda p: p.archived_at is None)(run)  # fmt: skip
    monkeypatch.setattr(people, "actions", (*people.actions, made))
    yield made
    ACTIONS.pop("person.rename")


def test_an_action_asks_for_what_it_needs_and_says_what_it_did(browser, marta, rename):
    client = browser("ines")
    asked = client.get(f"/people/{marta.pk}/do/rename", headers=HTMX)
    assert "New title" in text_of(asked)
    assert "<html" not in asked.content.decode()
    done = client.post(f"/people/{marta.pk}/do/rename", {"title": "Director"}, headers=HTMX)
    assert done.status_code == 204
    said = json.loads(done["HX-Trigger"])
    assert said["kith:toast"]["message"] == "Marta Kowalczyk renamed"
    assert f"person:{marta.pk}" in said["record-changed"]["types"]
    client.post(said["kith:toast"]["undo"], headers=HTMX)
    marta.refresh_from_db()
    assert marta.job_title == ""


def test_without_a_script_the_same_action_is_a_page_and_comes_back(browser, marta, rename):
    client = browser("ines")
    form = form_of(client.get(f"/people/{marta.pk}/do/rename?next=/people/"), "/do/rename")
    response = client.post(f"/people/{marta.pk}/do/rename", form | {"title": "Director"})
    assert (response.status_code, response["Location"]) == (303, "/people/")
    away = client.post(f"/people/{marta.pk}/do/rename", {"title": "Head", "next": "https://evil.example/"})
    assert away["Location"] == f"/people/{marta.pk}"


def test_what_is_missing_or_wrong_comes_back_with_what_was_typed(browser, marta, rename):
    client = browser("ines")
    missing = client.post(f"/people/{marta.pk}/do/rename", {"title": ""}, headers=HTMX)
    assert missing.status_code == 422
    assert "This is needed." in text_of(missing)
    long = client.post(f"/people/{marta.pk}/do/rename", {"title": "x" * 50}, headers=HTMX)
    assert long.status_code == 422
    assert form_of(long, "/do/rename")["title"] == "x" * 50


@pytest.mark.parametrize(
    ("title", "status", "words"), [("clash", 409, "Somebody else just did that."), ("forbidden", 403, "Only Helena")]
)
def test_a_refusal_is_said_in_its_own_words(browser, marta, rename, title, status, words):
    response = browser("ines").post(f"/people/{marta.pk}/do/rename", {"title": title}, headers=HTMX)
    assert response.status_code == status
    assert words in text_of(response)


def test_an_action_that_makes_no_sense_now_is_not_offered_and_not_run(browser, marta, rename):
    actions.archive(people, marta, by=actor("ines"))
    client = browser("ines")
    assert "/do/rename" not in client.get(f"/people/{marta.pk}").content.decode()
    assert client.post(f"/people/{marta.pk}/do/rename", {"title": "x"}).status_code == 409
    assert client.get(f"/people/{marta.pk}/do/dance").status_code == 404


def test_the_buttons_of_the_page_are_the_actions_that_apply(browser, marta, rename):
    assert f'href="/people/{marta.pk}/do/rename"' in browser("ines").get(f"/people/{marta.pk}").content.decode()
    assert "/do/rename" not in browser("rolf").get(f"/people/{marta.pk}").content.decode()


def test_archiving_is_one_click_and_one_undo(browser, marta):
    client = browser("ines")
    done = client.post(f"/people/{marta.pk}/do/archive", headers=HTMX)
    marta.refresh_from_db()
    assert marta.archived_at
    client.post(json.loads(done["HX-Trigger"])["kith:toast"]["undo"], headers=HTMX)
    marta.refresh_from_db()
    assert marta.archived_at is None


def test_without_a_script_archiving_is_asked_for_first(browser, marta):
    client = browser("ines")
    assert "Archive Marta Kowalczyk?" in text_of(client.get(f"/people/{marta.pk}/do/archive"))
    assert client.post(f"/people/{marta.pk}/do/archive").status_code == 303
    marta.refresh_from_db()
    assert marta.archived_at


def test_a_row_one_may_only_see_is_neither_changed_nor_archived(browser, marta, rename):
    policy("member", "person", see="all", edit="own", archive="own")
    client = browser("jonas")
    assert client.post(f"/people/{marta.pk}/do/archive").status_code == 403
    assert client.post(f"/people/{marta.pk}/do/rename", {"title": "x"}, headers=HTMX).status_code in (403, 404)
    assert client.get(f"/people/{marta.pk}/edit").status_code == 403
    marta.refresh_from_db()
    assert (marta.archived_at, marta.job_title) == (None, "")


def test_finishing_a_task_from_its_dialog_ticks_it_off(browser, marta):
    ines = actor("ines")
    task = add(activities, ines, kind="task", subject="Ring Marta", person=marta.pk, due_at=timezone.now().isoformat())
    client = browser("ines")
    form = form_of(client.get(f"/activities/{task.pk}/do/finish"), "/do/finish")
    assert client.post(f"/activities/{task.pk}/do/finish", form | {"outcome": "She will come"}).status_code == 303
    task.refresh_from_db()
    assert task.done_at
    assert task.outcome == "She will come"
    assert Operation.objects.filter(kind="activity.finish").count() == 1
