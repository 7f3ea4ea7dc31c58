"""The story of a row: entries under their days, filters, stable links, pages by key, and writing into it."""

import datetime as dt
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, Operation
from kith.ui.pages.tests.helpers import HTMX, add, form_of, text_of
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
people, activities, deals = registry["person"], registry["activity"], registry["deal"]
NOW = timezone.now()


@pytest.fixture
def marta():
    return add(people, actor("ines"), given_name="Marta", family_name="Kowalczyk")


def notes(marta, count, every=dt.timedelta(days=1)):
    for n in range(count):
        add(
            activities,
            actor("ines"),
            kind="note",
            body=f"Note number {n}.",
            person=marta.pk,
            done_at=(NOW - n * every).isoformat(),
        )


def entry_ids(response):
    return re.findall(r'id="e-([0-9a-f-]{36})"', response.content.decode())


def test_entries_stand_under_their_days_and_old_ones_under_their_months(browser, marta):
    notes(marta, 3, every=dt.timedelta(days=45))
    text = text_of(browser("ines").get(f"/people/{marta.pk}"))
    assert "Today" in text
    assert (NOW - dt.timedelta(days=90)).strftime("%B") in text
    assert "Note number 2." in text


def test_a_change_stands_small_with_what_was_and_what_is(browser, marta):
    ines = actor("ines")
    actions.edit(people, marta, {"job_title": "Director"}, by=ines)
    actions.edit(people, marta, {"job_title": "Owner"}, by=ines)
    page = browser("ines").get(f"/people/{marta.pk}").content.decode()
    assert "<del>Director</del>" in page
    assert "<ins>Owner</ins>" in page


def test_chips_show_one_kind_of_entry(browser, marta):
    notes(marta, 2)
    client = browser("ines")
    only = client.get(f"/people/{marta.pk}/timeline?chip=notes", headers=HTMX)
    assert len(entry_ids(only)) == 2
    assert "added this" not in text_of(only)
    assert "Nothing of this kind yet" in text_of(client.get(f"/people/{marta.pk}/timeline?chip=calls", headers=HTMX))
    assert len(entry_ids(client.get(f"/people/{marta.pk}?chip=notes"))) == 2
    assert client.get(f"/people/{marta.pk}?chip=nonsense").status_code == 200


def test_earlier_entries_are_counted_and_come_page_by_page_once_each(browser, marta):
    notes(marta, 70)
    client = browser("ines")
    page = client.get(f"/people/{marta.pk}")
    assert "41 earlier entries" in text_of(page)
    seen = entry_ids(page)
    while more := re.search(r'hx-get="([^"]*part=more[^"]*)"', page.content.decode()):
        page = client.get(more[1].replace("&amp;", "&"), headers=HTMX)
        seen += entry_ids(page)
    assert len(seen) == len(set(seen)) == 71


def test_the_head_of_a_day_is_not_repeated_on_the_next_page(browser, marta):
    notes(marta, 40, every=dt.timedelta(seconds=1))
    client = browser("ines")
    page = client.get(f"/people/{marta.pk}")
    more = re.search(r'hx-get="([^"]*part=more[^"]*)"', page.content.decode())[1].replace("&amp;", "&")
    assert 'class="day"' not in client.get(more, headers=HTMX).content.decode()


def test_a_stable_link_opens_the_page_of_the_story_that_has_the_entry(browser, marta):
    notes(marta, 80)
    first = Event.objects.filter(record="activity").order_by("at").first()
    client = browser("ines")
    page = client.get(f"/people/{marta.pk}?e={first.pk}")
    assert str(first.pk) in entry_ids(page)
    assert "Newer entries stand above" in text_of(page)
    assert f'href="/people/{marta.pk}?e={first.pk}#e-{first.pk}"' in page.content.decode()


def test_links_to_entries_of_others_or_to_nothing_open_the_top_of_the_story(browser, marta):
    anders = add(people, actor("ines"), given_name="Anders")
    other = Event.objects.get(record="person", record_id=anders.pk)
    client = browser("ines")
    for wanted in (other.pk, "not-an-id", "00000000-0000-0000-0000-000000000000"):
        page = client.get(f"/people/{marta.pk}?e={wanted}")
        assert page.status_code == 200
        assert "Newer entries" not in text_of(page)


def test_a_broken_cursor_reads_as_the_beginning(browser, marta):
    notes(marta, 2)
    for cursor in ("x", "2026-01-01~y", "2026-01-01T00:00:00~00000000-0000-0000-0000-000000000000", "~"):
        assert len(entry_ids(browser("ines").get(f"/people/{marta.pk}", {"before": cursor}))) == 3


def test_refetching_shows_everything_that_was_shown_and_what_is_new(browser, marta):
    notes(marta, 40)
    client = browser("ines")
    page = client.get(f"/people/{marta.pk}")
    src = re.search(r'data-live-src="([^"]*part=now[^"]*)"', page.content.decode())[1].replace("&amp;", "&")
    add(activities, actor("priya"), kind="note", body="Fresh news.", person=marta.pk)
    again = client.get(src, headers=HTMX)
    assert set(entry_ids(page)) < set(entry_ids(again))
    assert len(entry_ids(again)) == 31
    assert "Fresh news." in text_of(again)


def test_entries_about_rows_out_of_reach_are_neither_shown_nor_counted(browser, marta):
    helena = actor("helena")
    for n in range(40):
        add(activities, helena, kind="note", body=f"Secret {n}", person=marta.pk)
    policy("member", "activity", see="own", edit="own")
    page = browser("ines").get(f"/people/{marta.pk}")
    assert "Secret" not in page.content.decode()
    assert "earlier entr" not in text_of(page)
    assert len(entry_ids(page)) == 1


def test_a_note_is_written_down_and_the_composer_is_ready_for_the_next(browser, marta):
    client = browser("ines")
    form = form_of(client.get(f"/people/{marta.pk}?kind=note"), "/compose/note")
    response = client.post(f"/people/{marta.pk}/compose/note", form | {"body": "Likes tea."}, headers=HTMX)
    assert response.status_code == 200
    assert form_of(response, "/compose/note")["body"] == ""
    assert json.loads(response["HX-Trigger"])["kith:toast"]["undo"].startswith("/operations/")
    assert "Likes tea." in text_of(client.get(f"/people/{marta.pk}"))
    plain = client.post(f"/people/{marta.pk}/compose/note", form | {"body": "And cake."})
    assert (plain.status_code, plain["Location"]) == (303, f"/people/{marta.pk}#story")


def test_an_entry_that_was_taken_back_says_so_and_hides_its_words(browser, marta):
    client = browser("ines")
    said = client.post(f"/people/{marta.pk}/compose/note", {"body": "Oops, wrong person."}, headers=HTMX)
    client.post(json.loads(said["HX-Trigger"])["kith:toast"]["undo"], headers=HTMX)
    text = text_of(client.get(f"/people/{marta.pk}"))
    assert "Oops" not in text
    assert "taken back by Ines Okafor" in text
    assert activities.model.objects.get().archived_at


def test_an_empty_note_is_asked_for_and_a_refused_entry_keeps_its_words(browser, marta):
    client = browser("ines")
    empty = client.post(f"/people/{marta.pk}/compose/note", {"body": ""}, headers=HTMX)
    assert empty.status_code == 422
    assert "Write something first." in text_of(empty)
    refused = client.post(
        f"/people/{marta.pk}/compose/note", {"body": "Likes tea.", "next_subject": "Ring her", "next_due": ""}
    )
    assert refused.status_code == 422
    assert "<h1>Marta Kowalczyk</h1>" in refused.content.decode()
    assert form_of(refused, "/compose/note")["body"] == "Likes tea."
    assert "A next step needs a few words and a date." in text_of(refused)
    assert activities.model.objects.count() == 0


def test_a_note_and_the_next_step_beside_it_are_written_together(browser, marta):
    client = browser("ines")
    due = timezone.localtime(NOW + dt.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    client.post(f"/people/{marta.pk}/compose/note", {"body": "Likes tea.", "next_subject": "Send tea", "next_due": due})
    marta.refresh_from_db()
    assert marta.next_step == "Send tea"
    assert "Send tea" in text_of(client.get(f"/people/{marta.pk}/panel/next"))


def test_nothing_can_be_written_about_what_one_may_not_see_or_with_words_that_are_no_kind(browser, marta):
    client = browser("ines")
    assert client.post(f"/people/{marta.pk}/compose/poem", {"body": "x"}).status_code == 404
    policy("member", "person", see="own", edit="own")
    assert browser("jonas").post(f"/people/{marta.pk}/compose/note", {"body": "x"}).status_code == 404
    assert "composer" not in browser("rolf").get(f"/people/{marta.pk}").content.decode()


def test_an_empty_story_tells_what_it_is_for(browser, marta):
    from kith.kernel.timeline.models import EventLink

    EventLink.objects.all().delete()
    assert "The story begins here" in text_of(browser("ines").get(f"/people/{marta.pk}"))


def test_what_was_said_and_what_is_planned_is_read_with_one_query(browser, marta):
    notes(marta, 2)
    add(activities, actor("ines"), kind="task", subject="Send the plan", person=marta.pk, due_at=NOW.isoformat())
    client = browser("ines")
    client.get(f"/people/{marta.pk}")
    with CaptureQueriesContext(connection) as told:
        page = client.get(f"/people/{marta.pk}/timeline", headers=HTMX)
    assert "Note number 1." in text_of(page) and "planned: Send the plan" in text_of(page)
    bodies = [q for q in told.captured_queries if '"activities_activity"."body"' in q["sql"]]
    assert len(bodies) == 1


def test_mail_that_is_sent_offers_no_undo(browser, marta):
    client = browser("ines")
    sent = {"subject": "Training", "body": "See you at nine.", "to": "m.kowalczyk@bellevue.example"}
    client.get(f"/people/{marta.pk}/compose/mail", headers=HTMX)
    form = form_of(client.get(f"/people/{marta.pk}?kind=mail"), "/compose/mail")
    words = next(key for key in form if key.startswith("to"))
    answer = client.post(f"/people/{marta.pk}/compose/mail", {**form, **sent, words: sent["to"]}, headers=HTMX)
    said = json.loads(answer["HX-Trigger"])["kith:toast"]
    assert answer.status_code == 200 and said["undo"] is None
    assert not Operation.objects.filter(kind__startswith="mail").exists()
    assert "wrote: Training" in text_of(client.get(f"/people/{marta.pk}"))
