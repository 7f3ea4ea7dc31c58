"""Goals of sequences: who meets them gets no further step and counts as having reached them; and each path with its losses."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.activities.models import Activity, Notice
from kith.engagement import actions as do
from kith.engagement import reaching
from kith.engagement.definition import read
from kith.engagement.engine import advance_one
from kith.engagement.jobs import goals
from kith.engagement.models import Outcome, Sequence, SequenceVersion
from kith.engagement.results import results_of
from kith.engagement.tests.making import MONDAY, add, again, at, enrol, template, work
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.queries import timeline
from kith.ui.pages.filterform import ROOT
from kith.ui.pages.tests.helpers import HTMX, text_of
from tests.cast import user

pytestmark = pytest.mark.django_db
MAIL, WAIT = {"do": "mail", "template": "Welcome"}, {"do": "wait", "for": "2 days"}
LOOK, INVITE = {"do": "task", "subject": "Look her up"}, {"do": "task", "subject": "Invite her"}
DIRECTOR = "job_title.has:director"
SOON, LATER = "2026-11-23 10:02:00+00:00", "2026-11-26 10:00:00+00:00"


def aiming(ines, steps, goal=DIRECTOR):
    """A published sequence with a goal."""
    draft = {"window": "Mon-Sun 00:00-24:00", "goal": goal, "steps": steps}
    return do.publish(actions.create(registry["sequence"], {"name": "First talk", "draft": draft}, by=ines), by=ines)


def began(ines, marta, steps, goal=DIRECTOR):
    """Marta enrolled, with the first steps done."""
    template()
    with at(MONDAY):
        row = enrol(marta, aiming(ines, steps, goal))
    with at(SOON):
        work()
    return again(row)


def promoted(person, ines):
    actions.edit(registry["person"], person, {"job_title": "Technical director"}, by=ines)


def test_who_reaches_the_goal_gets_no_further_step_and_counts_as_having_reached_it(ines, marta, postbox):
    row = began(ines, marta, [MAIL, WAIT, MAIL])
    assert row.state == "active"
    promoted(marta, ines)
    with at(LATER):
        work()
    assert (again(row).state, row.outcome, row.why) == ("stopped", Outcome.GOAL, "They reached the goal.")
    assert len(postbox.kept) == 1 and not Notice.objects.filter(kind="workflow").exists()
    assert "enrolment.stopped" in {e.event.verb for e in timeline(ines, "person", marta.pk)[0]}


def test_who_met_it_already_is_enrolled_and_ends_before_the_first_step(ines, marta, postbox):
    promoted(marta, ines)
    row = began(ines, marta, [MAIL])
    assert (row.outcome, row.why) == (Outcome.GOAL, "They reached the goal before the first step.")
    assert not postbox.kept


def test_the_goal_is_asked_within_a_run_and_once_more_after_the_last_step(ines, marta, postbox):
    row = began(ines, marta, [MAIL, WAIT])
    promoted(marta, ines)
    with at(LATER):
        work()
    assert (again(row).state, row.outcome) == ("stopped", Outcome.GOAL)


def test_who_does_not_reach_it_comes_to_the_end(ines, marta, postbox):
    row = began(ines, marta, [MAIL, LOOK])
    assert (row.state, row.outcome) == ("done", "") and Activity.objects.count() == 1


def test_what_ends_a_sequence_by_bringing_its_goal_about_is_the_goal(ines):
    from kith.kernel.records.action import ACTIONS
    from kith.process.publishing import bring
    from kith.process.starters import starter

    process = bring(starter("lead-to-loyalty"), by=system("cli"))
    ACTIONS["process.publish"].run(process, by=system("cli"))
    hotel = add(ines, "company", name="Hotel Bellevue")
    tom = add(ines, "person", given_name="Tom", emails="tom@bellevue.example", company=hotel.pk)
    row = began(ines, tom, [MAIL, WAIT, MAIL], goal="stage.is:engage")
    journey = registry["journey"].model._default_manager.get(company=hotel)
    perform(ACTIONS["journey.move"], journey, {"stage": "engage", "reason": "They asked for a visit"}, by=ines)
    assert (again(row).state, row.outcome) == ("stopped", Outcome.GOAL)


def test_who_reaches_the_goal_between_two_steps_is_done_within_minutes(ines, marta, postbox):
    row = began(ines, marta, [MAIL, WAIT, MAIL])
    with at(SOON):
        goals()
        assert again(row).state == "active"
        promoted(marta, ines)
        goals()
    assert (again(row).state, row.outcome, row.why) == ("stopped", Outcome.GOAL, "They reached the goal.")
    assert row.due_at is None and reaching.look() == 0


def test_one_that_rests_ends_by_its_goal_too(ines, marta, postbox):
    row = began(ines, marta, [MAIL, WAIT, MAIL])
    perform(do.pause, row, {}, by=ines)
    promoted(marta, ines)
    assert reaching.look() == 1 and again(row).outcome == Outcome.GOAL


def test_a_goal_that_can_be_asked_no_more_ends_nobody_in_between(ines, marta, postbox):
    row = began(ines, marta, [MAIL, WAIT, MAIL])
    version = SequenceVersion.objects.get(sequence=row.sequence)
    SequenceVersion.objects.filter(pk=version.pk).update(document=version.document | {"goal": "shoe_size.is:44"})
    assert reaching.look() == 0 and again(row).state == "active"


def test_a_look_at_goals_asks_the_same_however_many_are_enrolled(ines, postbox):
    def asked(n):
        for k in range(n):
            enrol(add(ines, "person", given_name=f"Guest {n} {k}", emails=f"guest{n}{k}@bellevue.example"), made)
        with CaptureQueriesContext(connection) as kept:
            assert reaching.look() == 0
        return len(kept)

    template()
    made = aiming(ines, [MAIL])
    assert asked(1) == asked(6)


def test_a_goal_counts_for_those_of_its_version_only(ines, marta, postbox):
    row = began(ines, marta, [MAIL, WAIT, LOOK], goal="")
    made = row.sequence
    actions.edit(registry["sequence"], made, {"draft": {"goal": DIRECTOR, "steps": [LOOK]}}, by=ines)
    do.publish(made, by=ines)
    promoted(marta, ines)
    with at(LATER):
        work()
    assert (again(row).state, row.outcome) == ("done", "") and Activity.objects.count() == 1


@pytest.mark.parametrize("goal, said", [("shoe_size.is:44", "shoe_size"), ("director", "lacks an operator"), ("all()", "say what must hold")])  # fmt: skip
def test_a_goal_that_cannot_be_asked_keeps_it_from_being_published_and_says_why(ines, goal, said):
    with pytest.raises(InvalidMany) as refused:
        aiming(ines, [LOOK], goal)
    assert "The goal: " in refused.value.message and said in refused.value.message


def test_a_goal_is_text():
    with pytest.raises(Invalid, match="“goal” is a filter as text"):
        read({"goal": ["job_title"], "steps": [LOOK]})
    with pytest.raises(Invalid, match="window, goal and steps, and nothing else"):
        read({"goals": DIRECTOR})


def test_a_goal_that_cannot_be_asked_any_more_lets_it_rest_with_a_sentence(ines, marta, postbox):
    row = began(ines, marta, [WAIT, LOOK])
    version = SequenceVersion.objects.get()
    version.document["goal"] = "shoe_size.is:44"
    version.save()
    with at(LATER):
        work()
    assert again(row).state == "paused" and "shoe_size" in row.why and not Activity.objects.exists()


def test_a_goal_costs_one_question_a_step_and_none_where_there_is_none(ines):
    counts = []
    with at(MONDAY):
        for n, goal in enumerate(("", "", DIRECTOR)):
            draft = {"goal": goal, "steps": [WAIT, LOOK]}
            made = actions.create(registry["sequence"], {"name": f"S{n}", "draft": draft}, by=ines)
            enrol(add(ines, "person", given_name=f"P{n}", emails=f"p{n}@b.example"), do.publish(made, by=ines))
    with at(SOON):
        for _n in range(3):
            with CaptureQueriesContext(connection) as asked:
                advance_one()
            counts.append(len(asked))
    assert counts[2] == counts[1] + 1, counts


# --- paths and what is lost on them ------------------------------------------------------------------------------------


def paths(ines):
    """Six are written to; two of them are directors; three of the others have a phone. One of each kind is stopped midway."""
    template()
    branch = {"do": "branch", "if": DIRECTOR, "then": [WAIT], "else": [LOOK, WAIT, INVITE]}
    made = aiming(ines, [MAIL, branch, INVITE], goal="about_text.has:bought")
    with at(MONDAY):
        people = [
            add(
                ines,
                "person",
                given_name=f"P{n}",
                emails=f"p{n}@b.example",
                job_title="Sales director" if n < 2 else "",
            )
            for n in range(6)
        ]
        rows = [enrol(person, made) for person in people]
    with at(SOON):
        work()
    return made, rows, people


def test_each_step_says_how_many_came_as_far_on_its_path_and_what_became_of_them(ines, postbox):
    made, rows, people = paths(ines)

    def told():
        return {s.number: (s.before, s.waiting, s.done, s.reached, s.lost) for s in results_of(ines, made)["steps"]}

    assert told() == {
        "1": (6, 0, 6, 0, 0), "2": (6, 0, 6, 0, 0), "2a.1": (2, 0, 2, 0, 0), "2b.1": (4, 0, 4, 0, 0), "2b.2": (4, 0, 4, 0, 0),
        "2b.3": (4, 4, 0, 0, 0), "3": (2, 2, 0, 0, 0),
    }  # fmt: skip
    perform(do.stop, again(rows[2]), {}, by=ines)
    actions.edit(registry["person"], people[3], {"about_text": "They bought two"}, by=ines)
    with at(LATER):
        work()
    assert told() == {
        "1": (6, 0, 6, 0, 0), "2": (6, 0, 6, 0, 0), "2a.1": (2, 0, 2, 0, 0), "2b.1": (4, 0, 4, 0, 0), "2b.2": (4, 0, 4, 0, 0),
        "2b.3": (4, 0, 2, 1, 1), "3": (4, 0, 4, 0, 0),
    }  # fmt: skip
    found = results_of(ines, made)
    assert [s.share for s in found["steps"]] == [1, 1, 1, 1, 1, 0.5, 1] and found["steps"][1].met == 2
    assert {key: n for _w, key, n in found["ended"]} == {"goal": 1, "by_hand": 1} and found["finished"] == 4


def test_the_page_of_results_shows_paths_shares_and_the_goal(client, ines, postbox):
    client.force_login(user("ines"))
    made, rows, people = paths(ines)
    assert "Reached the goal 0" in text_of(client.get(f"/sequences/{made.pk}/results"))
    perform(do.stop, again(rows[2]), {}, by=ines)
    actions.edit(registry["person"], people[3], {"about_text": "They bought two"}, by=ines)
    with at(LATER):
        work()
    panel = text_of(client.get(f"/sequences/{made.pk}/panel/sequence-results", headers=HTMX))
    assert "2 if so (a), 4 if not (b)" in panel and "50 % of 4 before 1 reached the goal 1 went no further" in panel
    assert "Reached the goal 1" in panel
    assert "They reached the goal." in text_of(client.get(f"/enrolments/{rows[3].pk}"))
    assert text_of(client.get("/enrolments/?filter=outcome.is:goal")).count("First talk: P3") == 1


def test_programs_read_what_is_lost_and_what_became_of_each_version(ines, postbox):
    made, rows, _people = paths(ines)
    perform(do.stop, again(rows[2]), {}, by=ines)
    steps, ends = (part.dump(ines, made) for part in registry["sequence"].parts if part.key in ("results", "outcomes"))
    [invited] = [one for one in steps if one["number"] == "2b.3"]
    assert (invited["before"], invited["waiting"], invited["reached"], invited["lost"]) == (4, 3, 0, 1)
    assert ends == [
        {"version": 1, "state": "active", "outcome": "", "people": 5},
        {"version": 1, "state": "stopped", "outcome": "by_hand", "people": 1},
    ]


# --- the editor --------------------------------------------------------------------------------------------------------


def test_the_goal_is_edited_as_filters_of_lists_are_and_stands_with_the_steps(client, ines):
    client.force_login(user("ines"))
    made = actions.create(registry["sequence"], {"name": "First talk", "draft": {"steps": [WAIT]}}, by=ines)
    base = f"/sequences/{made.pk}/steps"
    assert "No goal" in text_of(client.get(base))
    assert "gets no further step" in text_of(client.get(f"{base}/goal"))
    line = f"{ROOT}-0"
    sent = {f"g-{ROOT}": "all", f"c-{line}": "job_title", f"o-{line}": "has", f"v-{line}": "director", "do": "apply"}
    client.post(f"{base}/goal", sent)
    draft = Sequence.objects.get(pk=made.pk).draft
    assert draft["goal"] == DIRECTOR and draft["steps"] == [WAIT]
    client.post(base, {"do": "window", "window": "Mon 10:00-12:00"})
    assert Sequence.objects.get(pk=made.pk).draft["goal"] == DIRECTOR
    for address in (base, f"/sequences/{made.pk}"):
        assert "director" in text_of(client.get(address))
    client.post(f"{base}/goal", {f"g-{ROOT}": "all", "do": "apply"})
    assert "goal" not in Sequence.objects.get(pk=made.pk).draft
