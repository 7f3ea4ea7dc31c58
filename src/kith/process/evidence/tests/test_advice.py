"""What those colleagues have done who bring most on from a stage, found where it was planted and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kith.kernel.organisation.models import bump
from kith.kernel.timeline.models import Event, EventLink
from kith.process.definition.document import write
from kith.process.definition.shape import STRICT, Need
from kith.process.evidence.advice import Settled, advice, judged
from kith.process.evidence.advised import advised
from kith.process.evidence.counting import rebuild
from kith.process.evidence.study import study
from kith.process.evidence.tests.lives import stored
from kith.process.evidence.tests.stories import DAY, NOW, definition, walk
from kith.process.models import Journey, Process, Version
from kith.process.review.models import Review
from tests.cast import policy, user

BUDGET, FIT = Need("budget", "Budget is known"), Need("fit", "Fit was judged")


def way(*needs, gate="soft", says=""):
    base = definition()
    asked = tuple(replace(need, says=says or need.says) for need in needs)
    stages = tuple(replace(s, needs=asked, gate=gate) if s.key == "qualify" else s for s in base.stages)
    return replace(base, stages=stages)


WAY = way(BUDGET, FIT)
QUALIFY = WAY.by_key["qualify"]


def brought(owner, on, lost, *, without=0, held_to=1, lacks="Budget is known"):
    """What one colleague brought on, some of them without something, and lost."""
    went = [Settled(owner, True, held_to, frozenset({lacks} if n < without else ())) for n in range(on)]
    return went + [Settled(owner, False, held_to, None) for _n in range(lost)]


TEAM = [*brought(1, 24, 1, without=2), *brought(2, 12, 12, without=9), *brought(3, 12, 13, without=9)]


def of(rows, stage=QUALIFY, held=None):
    return judged(stage, list(stage.needs), rows, held or {1: WAY})


# --- what is said, and when nothing is


def test_what_the_best_third_had_when_they_went_on_is_said_against_everybody_else():
    told = of(TEAM)
    assert (told["colleagues"], told["best"]) == (3, 1)
    assert (told["best_on"], told["others_on"]) == ([24, 25], [24, 49])
    assert told["needs"] == [
        {"key": "budget", "says": "Budget is known", "best": [22, 24], "others": [6, 24]},
        {"key": "fit", "says": "Fit was judged", "best": [24, 24], "others": [24, 24]},
    ]


def test_colleagues_with_few_relationships_are_no_best_and_count_among_everybody_else():
    told = of([*TEAM, *brought(4, 9, 0)])
    assert told["colleagues"] == 3 and told["others_on"] == [33, 58]


def test_what_nobody_looked_after_counts_for_nobody():
    assert of([*TEAM, *brought(None, 30, 0)]) == of(TEAM)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row for row in TEAM if row.owner != 3],  # two colleagues
        [*brought(1, 19, 1), *brought(2, 12, 12), *brought(3, 12, 13)],  # nineteen went on with the best
        [*brought(1, 20, 20), *brought(2, 20, 20), *brought(3, 20, 20)],  # nobody is better
    ],
)
def test_too_little_or_no_best_says_nothing(rows):
    assert of(rows) is None


def test_what_an_earlier_version_did_not_ask_for_is_not_counted_as_done():
    held = {1: WAY, 2: way(FIT)}
    rows = [*TEAM, *brought(1, 50, 0, held_to=2)]
    told = of(rows, held=held)
    assert next(one for one in told["needs"] if one["key"] == "budget")["best"] == [22, 24]


def test_what_was_called_otherwise_by_the_version_that_held_is_found_under_its_name():
    held = {1: WAY, 2: way(BUDGET, says="They can pay")}
    rows = [*TEAM, *brought(1, 10, 0, without=10, held_to=2, lacks="They can pay")]
    told = of(rows, held=held)
    assert next(one for one in told["needs"] if one["key"] == "budget")["best"] == [22, 34]


def test_who_was_moved_on_without_an_event_tells_nothing_of_what_they_had():
    rows = [*TEAM, *(Settled(1, True, 1, None) for _n in range(10))]
    told = of(rows)
    assert told["best_on"] == [34, 35] and told["needs"][0]["best"] == [22, 24]


# --- as the database has it


@pytest.fixture
def process(db):
    row = Process.objects.create(key="tidewell", name="Tidewell's way", in_force=1)
    Version.objects.create(process=row, number=1, document=write(WAY))
    return row


def told_of(verb, record, pk, at, payload=None, changes=None):
    """An event with its place on the story of what it is about."""
    event = Event(
        verb=verb, record=record, record_id=pk, at=at, recorded_at=at, channel="web", payload=payload or {}, changes=changes or {}
    )  # fmt: skip
    return event, EventLink(event=event, record=record, record_id=pk, at=at, chip="")


def lived(process, plan, days_ago=100):
    """`plan`: (colleague, went on, lost, of those that went on without budget). Who went on is in Priya's care since."""
    walks, facts = [], []
    for who, on, lost, without in plan:
        for n in range(on + lost):
            start = NOW - days_ago * DAY
            gone = n >= on
            path = "capture qualify" if gone else "capture qualify engage"
            walks.append(walk(path, days=2, start=start, closed=gone, outcome="lost" if gone else "", version=1))
            facts.append((user(who), not gone, n < without))
    pairs = []
    for pk, one, (owner, on, lacks) in zip(stored(process, walks), walks, facts, strict=True):
        row = Journey.objects.get(pk=pk)
        Journey.objects.filter(pk=pk).update(owner=user("priya") if on else owner)
        if on:
            left = one.steps[1].left
            missing = ["Budget is known"] if lacks else []
            pairs.append(told_of("journey.moved", "journey", pk, left, {"old": "qualify", "stage": "engage", "missing": missing, "back": False}))  # fmt: skip
            change = [{"id": owner.pk, "name": owner.name}, {"id": user("priya").pk, "name": "Priya Nair"}]
            pairs.append(told_of("company.updated", "company", row.company_id, left + DAY, changes={"owner": change}))
    Event.objects.bulk_create(event for event, _link in pairs)
    EventLink.objects.bulk_create(link for _event, link in pairs)
    rebuild(NOW)


PLAN = [("ines", 22, 1, 2), ("jonas", 11, 11, 8), ("helena", 11, 12, 8)]


def test_it_is_told_by_whose_care_they_were_in_when_they_left_the_stage(process):
    lived(process, PLAN)
    [told] = advice(process, WAY, NOW)
    assert (told["stage"], told["colleagues"], told["best"]) == ("qualify", 3, 1)
    assert (told["best_on"], told["others_on"]) == ([22, 23], [22, 45])
    assert told["needs"][0] == {"key": "budget", "says": "Budget is known", "best": [20, 22], "others": [6, 22]}


def test_the_night_keeps_it_and_a_page_reads_it_by_one_question(process, django_assert_num_queries):
    lived(process, PLAN)
    study(process, WAY, NOW)
    with django_assert_num_queries(1):
        told = advised(process.pk)
    assert list(told) == ["qualify"]
    first = told["qualify"].lines[0]
    assert (first.says, first.best, first.others) == ("Budget is known", "91 %", "27 %")
    assert "1 colleague of 3" in told["qualify"].foot and "96 % went on, everybody else’s 49 %" in told["qualify"].foot


def test_a_strict_gate_and_what_left_more_than_a_year_ago_say_nothing(process):
    lived(process, PLAN)
    assert advice(process, way(BUDGET, FIT, gate=STRICT), NOW) == []
    assert advice(process, WAY, NOW + 300 * DAY) == []


def test_the_night_asks_as_much_of_many_as_of_few(process, django_assert_num_queries):
    lived(process, PLAN)
    advice(process, WAY, NOW)  # reads the versions, which are kept
    with django_assert_num_queries(1):
        advice(process, WAY, NOW)


# --- where it stands


@pytest.fixture
def advised_process(process):
    lived(process, PLAN)
    study(process, WAY, NOW)
    bump()
    return process


def test_the_page_of_the_stage_and_the_guide_say_it_and_name_nobody(advised_process, sign_in):
    for path in ("/settings/process/tidewell/qualify/", "/process/guide/tidewell/"):
        page = sign_in("astrid").get(path).text
        assert "What those have who bring most on" in page and "91 %, others 27 %" in page, path
        assert "20 of 22 that went on, everybody else 6 of 22" in page
        assert "Jonas" not in page.partition("What those have")[2].partition("one makes the other")[0]
    assert "What those have" not in sign_in("astrid").get("/settings/process/tidewell/deal/").text


def test_the_page_of_a_stage_of_which_nothing_can_be_said_yet_says_when_it_will_be(process, sign_in):
    page = sign_in("astrid").get("/settings/process/tidewell/qualify/").text
    assert "What those have" not in page and "three colleagues have had ten relationships each" in page


def test_who_sees_some_relationships_only_is_told_nothing_of_all(advised_process, sign_in):
    client = sign_in("ines")
    assert "others 27 %" in client.get("/process/guide/tidewell/").text
    policy("member", "journey", see="own", edit="own")
    assert "others 27 %" not in client.get("/process/guide/tidewell/").text


def test_it_stands_beside_the_record_though_no_playbook_was_written(advised_process, sign_in):
    row = Journey.objects.filter(process=advised_process, stage="qualify").first()
    Journey.objects.filter(pk=row.pk).update(closed_at=None, outcome="")
    assert "91 %, others 27 %" in sign_in("ines").get(f"/journeys/{row.pk}/panel/playbook").text


def test_a_review_that_is_to_come_has_it_on_its_page(advised_process, sign_in):
    review = Review.objects.create(
        name="Review", process=advised_process, meets_at=NOW + DAY, planned_on=(NOW + DAY).date(), before=1
    )
    path = f"/process/reviews/{review.pk}"
    assert "Budget is known: 91 %, others 27 %." in sign_in("astrid").get(path).text
    Review.objects.filter(pk=review.pk).update(state="held", held_at=NOW)
    assert "others 27 %" not in sign_in("astrid").get(path).text
