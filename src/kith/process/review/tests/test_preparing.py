"""A review is prepared in time and once: figures, proposals, an appointment, and colleagues who are asked."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from kith.activities.models import Activity, Notice
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.timeline.operations import undo
from kith.process.evidence.tests.lives import filled
from kith.process.evidence.tests.stories import START, walk
from kith.process.review.models import Figures, Proposal, Review, Rhythm, Sort
from kith.process.review.preparing import prepare_due
from kith.process.review.rhythm import next_meeting, prepared_from
from kith.process.review.snapshot import figures
from kith.process.review.tests.cast import DONE, do, planted, some
from kith.process.tests.cast import SMALL, in_force
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 3, 2, 14, tzinfo=dt.UTC)


def with_rhythm(row, by, first=MONDAY, **more):
    return do(
        "process.set_review_rhythm",
        row,
        by,
        weeks="8",
        first=first.strftime("%Y-%m-%dT%H:%M"),
        host=str(user("helena").pk),
        **more,
    )


def test_a_rhythm_goes_on_from_the_day_it_gave_and_leaves_out_days_on_which_nobody_works(row):
    calendar = calendar_of()
    rhythm = Rhythm(process=row, weeks=4, first=MONDAY)
    assert next_meeting(rhythm, dt.date(2026, 3, 1), calendar)[0] == dt.date(2026, 3, 2)
    assert next_meeting(rhythm, dt.date(2026, 3, 2), calendar)[0] == dt.date(2026, 3, 30)
    saturday = Rhythm(process=row, weeks=4, first=MONDAY + dt.timedelta(5))
    planned, at = next_meeting(saturday, dt.date(2026, 3, 1), calendar)
    assert (planned, at.date()) == (dt.date(2026, 3, 7), dt.date(2026, 3, 9)), "the Monday after"
    assert next_meeting(saturday, planned, calendar)[0] == dt.date(2026, 4, 4)


def test_a_review_is_prepared_five_working_days_before_and_not_twice(row, astrid):
    with_rhythm(row, astrid, first=dt.datetime(2027, 3, 1, 14, tzinfo=dt.UTC))
    at = dt.datetime(2027, 3, 1, 14, tzinfo=dt.UTC)
    begins = prepared_from(at, calendar_of())
    assert begins.date() == dt.date(2027, 2, 22)
    assert prepare_due(begins - dt.timedelta(minutes=1)) == []
    [made] = prepare_due(begins + dt.timedelta(hours=1))
    assert (made.meets_at, made.host, made.before) == (at, user("helena"), 1)
    assert prepare_due(begins + dt.timedelta(hours=2)) == [] and Review.objects.count() == 1


def test_the_next_one_waits_until_the_last_was_held(row, astrid):
    first = timezone.now() + dt.timedelta(3)
    with_rhythm(row, astrid, first=first)
    [made] = prepare_due()
    later = timezone.now() + dt.timedelta(weeks=8)
    assert prepare_due(later) == [], "one is still open"
    do("review.hold", made, astrid)
    [following] = prepare_due(later)
    assert (following.planned_on - made.planned_on).days == 56


def test_the_meeting_stands_with_its_host_and_everybody_is_asked_once(row, astrid):
    with_rhythm(row, astrid, first=timezone.now() + dt.timedelta(3))
    [made] = prepare_due()
    meeting = Activity.objects.get(pk=made.meeting_id)
    assert (meeting.kind, meeting.owner, meeting.due_at) == ("meeting", user("helena"), made.meets_at)
    assert [a.user for a in meeting.attendees.all()] == [user("astrid")], "who may change the process takes part"
    told = {n.user.name: n for n in Notice.objects.filter(kind="review")}
    assert set(told) == {"Ines Okafor", "Jonas Lindqvist", "Helena Brandt", "Astrid Moe"}
    assert "you take part" in told["Helena Brandt"].text and "What gets in your way" in told["Ines Okafor"].text
    assert told["Ines Okafor"].path == f"/process/reviews/{made.pk}#feedback"


def test_a_team_takes_part_where_the_rhythm_names_one(row, astrid):
    team = user("ines").teams.get()
    with_rhythm(row, astrid, first=timezone.now() + dt.timedelta(3), team=str(team.pk))
    [made] = prepare_due()
    names = {a.user.name for a in made.meeting.attendees.all()}
    assert "Ines Okafor" in names and "Jonas Lindqvist" not in names


def test_the_first_review_is_compared_with_as_many_days_before_and_the_next_with_the_last(row, astrid):
    planted(row, some(4, DONE, ago=20), some(7, DONE, ago=80))
    do("process.prepare_review", row, astrid)
    first = Review.objects.get()
    now, before = (Figures.objects.get(review=first, sort=sort).data for sort in (Sort.PREPARED, Sort.AGAINST))
    assert (now["began"], before["began"], now["days"], before["days"]) == (4, 7, 56, 56)
    assert before["until"] < now["since"] and "review" not in before
    do("review.hold", first, astrid)
    do(
        "process.prepare_review",
        row,
        astrid,
        meets_at=(timezone.now() + dt.timedelta(days=200)).strftime("%Y-%m-%dT10:00"),
    )
    second = Review.objects.exclude(pk=first.pk).get()
    assert Figures.objects.get(review=second, sort=Sort.AGAINST).data["review"] == first.pk


def test_one_is_prepared_at_a_time_and_taken_back_whole(row, astrid):
    outcome = do("process.prepare_review", row, astrid)
    with pytest.raises(Invalid, match="being prepared already"):
        do("process.prepare_review", row, astrid)
    undo(outcome.operation, by=astrid)
    assert Review.objects.get().archived_at and not Proposal.objects.exists() and not Figures.objects.exists()
    assert Activity.objects.get().archived_at
    do("process.prepare_review", row, astrid)


def test_only_those_who_may_change_the_process_set_its_rhythm(row):
    with pytest.raises(NotAllowed):
        with_rhythm(row, actor("ines"))


def test_stopped_reviews_are_prepared_no_more_and_a_rhythm_can_be_taken_back(row, astrid):
    outcome = with_rhythm(row, astrid, first=timezone.now() + dt.timedelta(3))
    do("process.stop_reviews", row, astrid)
    assert prepare_due() == []
    outcome = with_rhythm(row, astrid, first=timezone.now() + dt.timedelta(3))
    undo(outcome.operation, by=astrid)
    assert not Rhythm.objects.exists()


def test_a_stage_that_is_only_for_some_is_missed_by_those_it_was_meant_for():
    text = SMALL.replace("    forward: [qualify]\n", "").replace("    only: []\n", "    only: [retail]\n")
    process = in_force(text)
    ways = [("capture deal", "retail"), ("capture deal", ""), ("capture qualify deal", "retail"), ("capture deal", "")]
    filled(process, [walk(path, segment=segment, version=1) for path, segment in ways])
    told = figures(process, START.date() + dt.timedelta(days=60), 90)["stages"]
    assert (told["qualify"]["skipped"], told["qualify"]["entered"], told["deal"]["skipped"]) == (1, 1, 0)
