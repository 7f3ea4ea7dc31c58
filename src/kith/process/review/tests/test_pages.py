"""The pages of a review: what everybody reads, who decides, and the ways that lead there."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.process.definition.files import from_yaml
from kith.process.publishing import save_draft
from kith.process.review.models import Feedback, Proposal, Review
from kith.process.review.tests.cast import do, process
from kith.process.review.tests.test_deciding import FASTER
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def signed_in(client, astrid):
    client.force_login(user("astrid"))


@pytest.fixture
def row(row):
    """A colleague has said something before a review is prepared."""
    do("process.say", row, actor("ines"), body="Nobody tells us who decides", stage="qualify")
    return row


def text(answer):
    words = re.sub(r"<(script|style|noscript)\b.*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(words).split())


def page_of(client, review):
    return client.get(f"/process/reviews/{review.pk}")


def test_the_page_holds_all_that_a_meeting_needs(client, review):
    page = text(page_of(client, review))
    for words in ("100 % +", "60 of 60 were late.", "40 went past it, 60 came in.", "Keep the promise of Onboard", "Nobody tells us who decides",
                  "Ines Okafor", "as many days before", "The meeting was held", "Change the process", "Nothing is adopted yet."):  # fmt: skip
        assert words.removesuffix(" +") in page, words


def test_a_decision_is_one_press_and_a_missing_reason_is_asked_for_where_it_stands(client, review):
    found = Proposal.objects.get(review=review)
    to = f"/process/reviews/{review.pk}/decide/{found.pk}"
    answer = client.post(to, {"verdict": "reject", "reason": ""})
    assert answer.status_code == 422 and "Say why: whoever proposed it will ask." in text(answer)
    answer = client.post(to, {"verdict": "adopt", "reason": "We saw it in May"}, follow=True)
    assert "Adopted by Astrid Moe" in text(answer) and "“We saw it in May”" in text(answer)


def test_a_colleague_reads_and_speaks_and_does_not_decide(client, row, review):
    client.force_login(user("ines"))
    page = page_of(client, review).content.decode()
    assert "The meeting was held" not in page and "/decide/" not in page and "Say what gets in the way" in page
    found = Proposal.objects.get(review=review)
    assert client.post(f"/process/reviews/{review.pk}/decide/{found.pk}", {"verdict": "adopt"}).status_code == 403
    answer = client.post(f"/processes/{row.pk}/do/say", {"body": "The form asks twice", "stage": "", "kind": "hinders"})
    assert answer.status_code in (204, 303) and Feedback.objects.filter(author=user("ines")).count() == 2


def test_who_does_not_see_every_relationship_sees_no_figure_anywhere(client, review):
    policy("member", "journey", see="own", edit="own")
    client.force_login(user("ines"))
    page = text(page_of(client, review))
    assert "Keep the promise of Onboard" in page and "Nobody tells us who decides" in page
    assert "were late" not in page and "Expected:" not in page and "60" not in page
    client.force_login(user("astrid"))
    assert "Expected:" in text(page_of(client, review))


def test_programs_read_figures_and_proposals_as_parts_under_the_same_rule(row, review):
    from kith.kernel.records.registry import registry

    figures, proposals = registry["review"].parts
    [onboard] = [one for one in figures.dump(actor("astrid"), review) if one["stage"] == "onboard"]
    assert (onboard["entered"], onboard["late"]) == (60, 60)
    assert proposals.dump(actor("astrid"), review)[0]["hopes"]
    policy("member", "journey", see="own", edit="own")
    assert figures.dump(actor("ines"), review) == [] and proposals.dump(actor("ines"), review)[0]["hopes"] == ""


def test_what_came_of_something_said_is_told_from_the_page(client, review):
    said = Feedback.objects.get()
    answer = client.post(
        f"/process/reviews/{review.pk}/answer/{said.pk}", {"answer": "Qualify asks for it now"}, follow=True
    )
    assert "What came of it: Qualify asks for it now" in text(answer)


def test_the_list_says_when_the_next_one_is_and_what_was_decided(client, row, review):
    page = text(client.get("/process/reviews"))
    assert review.name in page and "It is not reviewed regularly yet." not in page
    assert "Being prepared" in page and "0 of 1" in page


def test_without_a_process_or_a_review_the_list_says_what_to_do(client, astrid):
    assert "No process is in force yet" in text(client.get("/process/reviews"))
    process()
    page = text(client.get("/process/reviews"))
    assert "No review yet" in page and "Review it regularly" in page and "It is not reviewed regularly yet." in page


def test_publishing_while_a_review_is_open_offers_to_say_that_it_comes_from_it(client, row, review, astrid):
    save_draft(row, from_yaml(FASTER), by=astrid)
    to = f"/settings/process/{row.key}/-/publish/"
    assert review.name in text(client.get(to))
    client.post(to, {"note": "Onboard sooner", "default": "on", "review": str(review.pk)})
    review.refresh_from_db()
    assert review.published == 2 and "Version 2 was published from this review." in text(page_of(client, review))


def test_a_version_may_be_published_without_the_review(client, row, review, astrid):
    save_draft(row, from_yaml(FASTER), by=astrid)
    client.post(f"/settings/process/{row.key}/-/publish/", {"note": "A slip of the pen", "default": "on", "review": ""})
    review.refresh_from_db()
    row.refresh_from_db()
    assert (row.in_force, review.published) == (2, None)


def test_ways_lead_there_from_map_settings_guide_and_today(client, row, review):
    assert "/process/reviews" in client.get("/process/map").content.decode()
    assert "/process/reviews" in client.get("/settings/process/").content.decode()
    assert f"/processes/{row.pk}/do/say?stage=qualify" in client.get(f"/process/guide/{row.key}/").content.decode()
    client.force_login(user("helena"))
    assert f"/process/reviews/{review.pk}" in client.get("/").content.decode()
    client.force_login(user("ines"))
    assert f"/process/reviews/{review.pk}" not in client.get("/").content.decode()


def today(client):
    return client.get("/today", headers={"HX-Request": "true"}).content.decode()


def test_it_is_moved_proposed_for_and_held_from_today(client, row, review):
    client.force_login(user("helena"))
    assert f"/reviews/{review.pk}/do/postpone" not in today(client), "who may not change the process reads"
    client.force_login(user("astrid"))
    Review.objects.update(meets_at=timezone.now() + dt.timedelta(days=2), host=user("astrid"))
    page = today(client)
    assert f"/reviews/{review.pk}/do/postpone" in page and f"/reviews/{review.pk}/do/hold" not in page, "not held yet"
    asked = client.get(f"/reviews/{review.pk}/do/postpone", headers={"HX-Request": "true"})
    assert "When" in text(asked)
    client.post(
        f"/reviews/{review.pk}/do/postpone",
        {"meets_at": (timezone.now() - dt.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")},
    )
    client.post(f"/reviews/{review.pk}/do/propose", {"title": "Ask earlier who decides"})
    assert Proposal.objects.filter(review=review, title="Ask earlier who decides").exists()
    page = today(client)
    assert f"/reviews/{review.pk}/do/hold" in page
    held = client.get(f"/reviews/{review.pk}/do/hold", headers={"HX-Request": "true"})
    assert "The meeting was held" in text(held)
    client.post(f"/reviews/{review.pk}/do/hold")
    review.refresh_from_db()
    assert review.state == "held" and f"/process/reviews/{review.pk}" not in today(client)


def test_the_page_asks_as_little_however_much_was_said_and_proposed(client, row, review, astrid):
    page_of(client, review)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page_of(client, review)
    for n in range(12):
        do("process.say", row, actor("ines"), body=f"The form asks twice, {n}", stage="deal")
        do("review.propose", review, astrid, title=f"One question less, {n}", stage="deal")
    page_of(client, review)
    with CaptureQueriesContext(connection) as many:
        assert "One question less, 11" in text(page_of(client, review))
    assert len(many) <= len(few) <= 20, f"{len(few)} then {len(many)}"
