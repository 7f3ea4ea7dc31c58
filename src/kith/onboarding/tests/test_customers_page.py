"""The customer's page: what it shows, what they can do there, and that nobody else gets in."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from kith.activities.models import Activity, Message, Notice
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.files.models import StoredFile
from kith.kernel.mail.models import Suppressed
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.onboarding import telling
from kith.onboarding.links import page_path
from kith.onboarding.models import Plan
from kith.onboarding.public import MOST_POSTS
from kith.onboarding.tests.cast import do, hotel, made, plan_of, step
from tests.cast import user

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


@pytest.fixture
def plan():
    return plan_of(*hotel())


def test_it_shows_steps_owners_days_and_what_was_promised(plan, client):
    made("promise", wording="A Polish manual", company=plan.company, due_on=timezone.localdate())
    made("promise", wording="For somebody else", company=made("company", name="Atlas"))
    page = client.get(page_path(plan))
    assert page.status_code == 200 and page["X-Robots-Tag"] == "noindex" and page["Cache-Control"] == "no-store"
    for words in ("Talk about goals and dates", "Ines Okafor", "Your step", "A Polish manual", "0 of 6 steps are done"):
        assert words in page.text
    assert "For somebody else" not in page.text and "Ask whether they are happy" not in page.text, (
        "check-ins are our own"
    )


def test_opening_it_is_an_event_once_a_day(plan, client):
    client.head(page_path(plan))
    assert not Event.objects.filter(verb="onboarding.page_opened").exists(), "mail scanners only knock"
    client.get(page_path(plan))
    client.get(page_path(plan))
    assert Event.objects.filter(verb="onboarding.page_opened").count() == 1
    plan.refresh_from_db()
    assert plan.opened_at is not None


@pytest.mark.parametrize(
    "spoil", [lambda p: p[:-1] + ("A" if p[-1] != "A" else "B"), lambda p: p[:20], lambda p: p + "x" * 500]
)
def test_a_link_that_was_changed_opens_nothing_and_tells_nothing(plan, client, spoil):
    page = client.get(spoil(page_path(plan)))
    assert page.status_code == 404 and "Bellevue" not in page.text and "This link does not work" in page.text


def test_a_new_link_ends_the_old_one_and_a_page_can_be_shut(plan, client):
    old = page_path(plan)
    do("onboarding.renew_link", plan)
    plan.refresh_from_db()
    assert client.get(old).status_code == 404 and client.get(page_path(plan)).status_code == 200
    do("onboarding.shut_link", plan)
    assert client.get(page_path(plan)).status_code == 404
    do("onboarding.open_link", Plan.objects.get(pk=plan.pk))
    assert client.get(page_path(plan)).status_code == 200


def test_one_click_asks_and_it_stands_on_the_story_as_work_to_be_done(plan, client):
    sent = client.post(page_path(plan), {"do": "ask", "step": step(plan, "papers").pk})
    assert sent.status_code == 303 and "thanks=asked" in sent["Location"]
    assert "Your question is with us" in client.get(sent["Location"]).text
    asked = Event.objects.get(verb="onboarding.asked")
    assert asked.actor_name == "Marta" and {link.record for link in asked.links.all()} >= {"person", "company"}
    assert Activity.objects.filter(owner=user("ines"), subject__startswith="Answer Marta").count() == 1
    assert "Send us what we need" in Notice.objects.get(user=user("ines")).text


def test_their_own_words_are_asked_as_they_wrote_them(plan, client):
    client.post(page_path(plan), {"do": "ask", "question": "Can <b>Tom</b> join?"})
    assert Event.objects.get(verb="onboarding.asked").payload["question"] == "Can <b>Tom</b> join?"
    refused = client.post(page_path(plan), {"do": "ask", "question": "x" * 2500})
    assert refused.status_code == 422 and "at most 2000 characters" in refused.text


def test_they_tick_what_is_theirs_and_not_what_is_ours(plan, client):
    client.post(page_path(plan), {"do": "tick", "step": step(plan, "papers").pk})
    assert step(plan, "papers").state == "done"
    assert Event.objects.get(verb="onboarding.step_done").actor_name == "Marta"
    refused = client.post(page_path(plan), {"do": "tick", "step": step(plan, "set-up").pk})
    assert refused.status_code == 422 and step(plan, "set-up").state == "open"


def test_they_tick_no_step_of_somebody_elses_plan(plan, client):
    other = plan_of(*hotel("Atlas"))
    assert client.post(page_path(plan), {"do": "tick", "step": step(other, "papers").pk}).status_code == 422
    assert step(other, "papers").state == "open"


def test_files_are_kept_with_the_plan_and_what_could_run_is_refused(plan, client):
    sent = client.post(page_path(plan), {"do": "files", "files": [SimpleUploadedFile("plan.pdf", PDF)]})
    assert sent.status_code == 303
    assert StoredFile.objects.get(record_type="onboarding_plan", record_id=plan.pk).name == "plan.pdf"
    refused = client.post(page_path(plan), {"do": "files", "files": [SimpleUploadedFile("run.exe", b"MZ\x90\x00")]})
    assert refused.status_code == 422 and StoredFile.objects.count() == 1
    assert "Choose a file first." in client.post(page_path(plan), {"do": "files"}).text


def test_it_speaks_their_language_as_far_as_kith_does_and_says_so(plan, client):
    assert '<html lang="en"' in client.get(page_path(plan)).text


@pytest.mark.usefixtures("still")
def test_who_sends_too_much_is_asked_to_wait(plan, client):
    for _n in range(MOST_POSTS):
        client.post(page_path(plan), {"do": "tick", "step": "0"})
    assert client.post(page_path(plan), {"do": "ask"}).status_code == 429
    assert not Event.objects.filter(verb="onboarding.asked").exists()


def test_new_dates_are_mailed_to_the_customer_at_most_once_a_day(plan, mailoutbox):
    begin = dt.datetime.combine(plan.due_on, dt.time(9), dt.UTC)
    with time_machine.travel(begin, tick=False):
        do("onboarding_step.finish", step(plan, "kick-off"))
        assert telling.tell(plan.pk) and not telling.tell(plan.pk)
        [mail] = mailoutbox
        assert (
            mail.to == ["marta@bellevue.example"] and "Set everything up" in mail.body and page_path(plan) in mail.body
        )
        assert "Ask whether they are happy" not in mail.body
        Plan.objects.filter(pk=plan.pk).update(to_tell=True)
        assert telling.waiting() == []
    with time_machine.travel(begin + dt.timedelta(days=1), tick=False):
        assert telling.waiting() == [plan.pk] and telling.tell(plan.pk) and len(mailoutbox) == 2


def test_an_address_that_bounced_is_not_written_to(plan, mailoutbox):
    Suppressed.objects.create(address="marta@bellevue.example", reason="complained")
    with time_machine.travel(dt.datetime.combine(plan.due_on, dt.time(9), dt.UTC), tick=False):
        do("onboarding_step.finish", step(plan, "kick-off"))
        assert not telling.tell(plan.pk) and mailoutbox == []


def test_the_pages_of_plan_template_and_all_of_them_are_shown(plan, client):
    client.force_login(user("ines"))
    assert "Talk about goals and dates" in client.get(f"/onboarding-plans/{plan.pk}").text
    assert "Onboarding of Hotel Bellevue" in client.get(f"/companies/{plan.company_id}/panel/onboarding").text
    Plan.objects.filter(pk=plan.pk).update(first_value_due=timezone.localdate() - dt.timedelta(days=3))
    overview = client.get("/onboarding/").text
    assert "3 days late" in overview and "The plain plan" in overview and "Ines Okafor" in overview


def test_whoever_begins_with_a_customer_sees_what_was_promised_and_notes_more(plan, client):
    made("promise", wording="A Polish manual", company=plan.company)
    client.force_login(user("ines"))
    panel = client.get(f"/onboarding-plans/{plan.pk}/panel/promises", headers={"HX-Request": "true"}).text
    assert "A Polish manual" in panel
    client.post(f"/onboarding-plans/{plan.pk}/say/promise", {"body": "Training in May"})
    row = registry["promise"].model.objects.get(wording="Training in May")
    assert (row.company, row.person) == (plan.company, plan.person)


def test_the_link_to_their_page_is_mailed_to_them_and_stands_on_the_story(plan):
    do("onboarding.send_link", plan, words="See you on Monday.")
    written = Message.objects.latest("pk")
    assert written.to == ["marta@bellevue.example"] and page_path(plan) in written.text
    assert written.text.startswith("Hello Marta,") and "See you on Monday." in written.text
    assert Event.objects.filter(record="onboarding_plan", record_id=plan.pk, verb="onboarding.link_sent").exists()


def test_where_nobody_with_an_address_is_named_it_asks_to_whom():
    plan = plan_of(made("company", name="Atlas"))
    with pytest.raises(NeedsInput, match="Say to whom"):
        do("onboarding.send_link", plan)
    do("onboarding.send_link", plan, to="tom@atlas.example")
    assert Message.objects.latest("pk").text.startswith("Hello,")


def test_the_link_of_a_page_that_is_shut_is_sent_to_nobody(plan):
    do("onboarding.shut_link", plan)
    with pytest.raises(Invalid, match="shut"):
        do("onboarding.send_link", plan, to="marta@bellevue.example")
