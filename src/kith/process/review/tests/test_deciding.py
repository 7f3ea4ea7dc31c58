"""Decisions are kept with reason, who and when; what waits comes back; a version comes of it, and its effect is seen."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from kith.activities.models import Notice
from kith.kernel.errors import Invalid, InvalidMany, NeedsInput, NotAllowed
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.process.definition.files import from_yaml, to_yaml
from kith.process.publishing import save_draft
from kith.process.review.following import follow_due
from kith.process.review.models import Feedback, Figures, Proposal, Review, Sort, State
from kith.process.review.snapshot import figures, today
from kith.process.review.tests.cast import DONE, WAY, do, planted, some
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
FASTER = to_yaml(WAY).replace("key: onboard\n", "key: onboard\n    within: 10 days\n")


def decide(review, by, verdict, reason="", title="Call within the hour"):
    found = Proposal.objects.filter(review=review, title=title).first()
    if found is None:
        do("review.propose", review, by, title=title, hopes="Fewer are lost", stage="onboard")
        found = Proposal.objects.get(review=review, title=title)
    do("review.decide", review, by, proposal=str(found.pk), verdict=verdict, reason=reason)
    found.refresh_from_db()
    return found


def test_the_figures_count_who_came_moved_on_went_past_and_was_late(row, review):
    stages = Figures.objects.get(review=review, sort=Sort.PREPARED).data["stages"]
    onboard = stages["onboard"]
    assert (onboard["entered"], onboard["done"], onboard["skipped"]) == (60, 60, 40)
    assert (onboard["due"], onboard["late"]) == (60, 60)
    assert (stages["deal"]["entered"], stages["deal"]["late"]) == (100, 0)


def test_customers_kept_are_those_there_were_who_are_still_there(row):
    stay, leave = some(6, DONE, ago=200), some(4, DONE, ago=200, closed=True, outcome="churned")
    left = [
        type(w)(w.journey, w.segment, w.steps, w.opened, timezone.now() - dt.timedelta(10), "churned") for w in leave
    ]
    planted(row, stay, left)
    found = figures(row, today() - dt.timedelta(1), 56)
    assert (found["customers"], found["kept"]) == (10, 6)


def test_a_decision_keeps_who_when_and_why_and_says_so_on_the_timeline(review, astrid):
    found = decide(review, astrid, "reject", "We tried that in spring")
    assert (found.verdict, found.reason, found.decided_by) == ("reject", "We tried that in spring", user("astrid"))
    told = Event.objects.get(verb="review.decided", record_id=review.pk)
    assert told.payload["title"] == "Call within the hour" and told.payload["reason"] == "We tried that in spring"


def test_no_needs_a_reason_and_yes_does_not(review, astrid):
    for verdict in ("reject", "later"):
        with pytest.raises(InvalidMany, match="Say why"):
            decide(review, astrid, verdict)
    assert decide(review, astrid, "adopt").verdict == "adopt"
    with pytest.raises(Invalid, match="no proposal 99"):
        do("review.decide", review, astrid, proposal="99", verdict="adopt")


def test_a_decision_can_be_taken_back_and_changed(review, astrid):
    found = decide(review, astrid, "adopt")
    outcome = do("review.decide", review, astrid, proposal=str(found.pk), verdict="later", reason="After summer")
    undo(outcome.operation, by=astrid)
    found.refresh_from_db()
    assert (found.verdict, found.reason) == ("adopt", "")


def test_only_those_who_may_change_the_process_decide_and_others_read(review, astrid):
    ines = actor("ines")
    for name, raw in (
        ("review.hold", {}),
        ("review.propose", {"title": "More coffee"}),
        ("review.decide", {"proposal": "1", "verdict": "adopt"}),
    ):
        with pytest.raises(NotAllowed):
            do(name, review, ines, **raw)


def test_what_waits_or_was_not_decided_comes_back_and_what_was_rejected_does_not(row, review, astrid):
    decide(review, astrid, "later", "After summer")
    decide(review, astrid, "reject", "Too dear", title="A second team")
    do("review.propose", review, astrid, title="Not spoken about")
    late = Proposal.objects.get(review=review, kind="late")
    do("review.decide", review, astrid, proposal=str(late.pk), verdict="reject", reason="It is the season")
    do("review.hold", review, astrid)
    do(
        "process.prepare_review",
        row,
        astrid,
        meets_at=(timezone.now() + dt.timedelta(days=200)).strftime("%Y-%m-%dT10:00"),
    )
    following = Review.objects.get(state=State.PREPARING)
    assert set(following.proposals.values_list("title", "earlier__review")) == {
        ("Call within the hour", review.pk),
        ("Not spoken about", review.pk),
    }


def test_counting_again_keeps_what_was_decided(review, astrid):
    late = Proposal.objects.get(review=review, kind="late")
    do("review.decide", review, astrid, proposal=str(late.pk), verdict="adopt")
    do("review.recount", review, astrid)
    assert list(review.proposals.filter(kind="late").values_list("pk", "verdict")) == [(late.pk, "adopt")]


def test_a_meeting_that_moves_takes_its_appointment_along(review, astrid):
    do("review.postpone", review, astrid, meets_at="2027-05-03T10:00")
    review.refresh_from_db()
    assert review.meeting.due_at == review.meets_at and review.name.endswith("3 May 2027")


# --- what colleagues said
def test_anybody_says_what_gets_in_the_way_and_hears_that_it_was_read(row, review, astrid):
    rolf = actor("rolf")
    do("process.say", row, rolf, body="Nobody tells us who decides", stage="qualify")
    said = Feedback.objects.get()
    assert (said.author, said.stage, said.review) == (user("rolf"), "qualify", None)
    do("review.hold", review, astrid)
    said.refresh_from_db()
    assert said.review == review and Event.objects.filter(verb="feedback.read", record_id=said.pk).exists()
    assert Notice.objects.filter(user=user("rolf"), text__contains="was read in its review").exists()
    do("feedback.answer", said, astrid, answer="Qualify asks for it now")
    assert Notice.objects.filter(user=user("rolf"), text__contains="Qualify asks for it now").exists()


def test_what_is_said_between_two_reviews_lands_in_the_next(row, review, astrid):
    do("review.hold", review, astrid)
    do("process.say", row, actor("ines"), body="The form asks twice")
    do(
        "process.prepare_review",
        row,
        astrid,
        meets_at=(timezone.now() + dt.timedelta(days=200)).strftime("%Y-%m-%dT10:00"),
    )
    do("review.hold", Review.objects.get(state=State.PREPARING), astrid)
    assert Feedback.objects.get().review != review and Feedback.objects.get().review is not None


def test_only_a_stage_of_the_process_is_spoken_about(row):
    with pytest.raises(NeedsInput, match="is not one of the choices"):
        do("process.say", row, actor("ines"), body="Slow", stage="nowhere")


# --- from decision to version to effect
def publish(row, by, review, text=FASTER):
    save_draft(row, from_yaml(text), by=by)
    row.refresh_from_db()
    return do("process.publish", row, by, review=str(review.pk))


def test_a_version_published_from_a_review_belongs_to_it_with_what_was_adopted(row, review, astrid):
    decide(review, astrid, "adopt")
    publish(row, astrid, review)
    review.refresh_from_db()
    assert (review.published, review.follow_on) == (2, today() + dt.timedelta(29))
    told = Event.objects.get(verb="review.published")
    assert told.payload["number"] == 2 and told.payload["adopted"] == ["Call within the hour"]
    assert Figures.objects.get(review=review, sort=Sort.BASELINE).data["days"] == 28
    with pytest.raises(Invalid, match="Version 2 was published from"):
        publish(row, astrid, review, to_yaml(WAY))


def test_publishing_taken_back_leaves_the_review_open_and_its_story_true(row, review, astrid):
    outcome = publish(row, astrid, review)
    undo(outcome.operation, by=astrid)
    review.refresh_from_db()
    assert (review.published, review.follow_on) == (None, None)
    assert not Figures.objects.filter(review=review, sort=Sort.BASELINE).exists()
    verbs = list(Event.objects.filter(record="review", record_id=review.pk).values_list("verb", flat=True))
    assert "review.published" in verbs, "it happened, and was taken back"


def test_a_review_of_another_process_is_not_published_from(row, review, astrid):
    other = do("process.copy", row, astrid, name="Ours", key="ours").result
    with pytest.raises(Invalid, match="about another process"):
        do("process.publish", other, astrid, review=str(review.pk))


def test_four_weeks_later_the_effect_is_found_told_and_found_only_once(row, review, astrid):
    planted(row, some(50, DONE, ago=21, late=("onboard",)))
    decide(review, astrid, "adopt")
    publish(row, astrid, review)
    do("review.hold", review, astrid)
    assert follow_due() == []
    review.refresh_from_db()
    # four weeks pass: what was published then is now a month ago, and fifty more came who were in time
    Review.objects.filter(pk=review.pk).update(follow_on=today())
    baseline = figures(row, today() - dt.timedelta(15), 28)
    Figures.objects.filter(review=review, sort=Sort.BASELINE).update(data=baseline)
    planted(row, some(90, DONE, ago=9))
    [done] = follow_due()
    found = Figures.objects.get(review=review, sort=Sort.EFFECT).data
    late = next(one for one in found["lines"] if (one["stage"], one["what"]) == ("onboard", "late"))
    assert done.state == State.FOLLOWED and late["claim"] and late["high"] < 0
    told = Notice.objects.filter(key=f"review:{review.pk}:effect")
    assert {n.user.name for n in told} == {"Helena Brandt", "Astrid Moe"}
    assert follow_due() == [] and told.count() == 2


def test_the_terminal_prints_the_last_review_for_people_and_for_programs(review, capsys):
    import argparse
    import json

    from kith.process.review.shown import reviewed

    reviewed(argparse.Namespace(name="", json=False))
    printed = capsys.readouterr().out
    assert review.name in printed and "To decide: Keep the promise of Onboard" in printed
    reviewed(argparse.Namespace(name="tidewell", json=True))
    told = json.loads(capsys.readouterr().out)
    assert told["figures"]["stages"]["onboard"]["late"] == 60 and told["proposals"][0]["verdict"] == ""


def test_a_proposal_that_comes_back_says_when_the_figures_no_longer_show_it(row, review, astrid):
    from kith.process.review.page import Meeting

    do("review.hold", review, astrid)
    Figures.objects.filter(review=review).update(data=figures(row, today() - dt.timedelta(400), 56))
    from kith.process.evidence.models import Counted

    Counted.objects.all().delete()  # nobody came in the days of the next one
    do(
        "process.prepare_review",
        row,
        astrid,
        meets_at=(timezone.now() + dt.timedelta(days=200)).strftime("%Y-%m-%dT10:00"),
    )
    [offer] = Meeting(astrid, Review.objects.get(state=State.PREPARING)).offers
    assert offer.stale and offer.came_back == review.name
