"""Figures side by side, proposals and effects: pure, with what may be chance left unsaid."""

from __future__ import annotations

from kith.process.definition.shape import Definition
from kith.process.evidence.cost import Case, Cost, Silent, share_cost, share_difference
from kith.process.review import proposing, words
from kith.process.review.comparing import effect, rows, worst
from kith.process.review.tests.cast import WAY


def stage(name="Onboard", step=5, **figures):
    return {
        "place": step, "name": name, "step": step, "entered": 0, "done": 0, "skipped": 0, "ended": 0, "here": 0, "due": 0, "late": 0,
        "median": None, "p90": None, **figures,
    }  # fmt: skip


def snapshot(days=56, **stages):
    return {"days": days, "stages": stages, "since": "2026-01-01", "until": "2026-02-25"}


def test_a_difference_of_counts_is_that_of_the_cases_they_count():
    cases = [Case(True, 1.0)] * 30 + [Case(True, 0.0)] * 30 + [Case(False, 1.0)] * 60 + [Case(False, 0.0)] * 15
    assert share_difference((30, 60), (60, 75)) == share_cost(cases)
    assert isinstance(share_difference((3, 10), (60, 75)), Silent)


def test_a_share_is_called_worse_only_where_it_is_more_than_chance():
    old = stage(entered=200, done=150, due=200, late=40)
    [row] = rows(snapshot(onboard=stage(entered=200, done=148, due=200, late=90)), snapshot(onboard=old))
    assert (row.late.words, row.late.delta, row.late.tone, row.late.note) == ("45 %", "+25 points", "late", "worse")
    assert (row.done.delta, row.done.tone, row.done.note) == ("−1 points", "", "")
    [row] = rows(snapshot(onboard=stage(due=10, late=9, entered=10)), snapshot(onboard=old))
    assert (row.late.tone, row.late.note) == ("", "")


def test_fewer_late_is_better_and_fewer_who_move_on_is_worse():
    old = stage(entered=300, done=240, due=300, late=150)
    [row] = rows(snapshot(onboard=stage(entered=300, done=150, due=300, late=30)), snapshot(onboard=old))
    assert (row.late.note, row.done.note) == ("better", "worse")


def test_a_stage_that_was_not_there_last_time_is_new_and_compared_with_nothing():
    [row] = rows(snapshot(trial=stage("Trial", entered=9, done=3)), snapshot(onboard=stage(entered=5)))
    assert row.fresh and row.entered.delta == "" and row.done.delta == ""


def test_times_are_put_side_by_side_without_a_judgement():
    [row] = rows(snapshot(onboard=stage(median=86_400 * 5)), snapshot(onboard=stage(median=86_400 * 3)))
    assert (row.median.words, row.median.delta, row.median.tone) == ("5 d", "2 d longer", "")


def test_the_worst_stages_are_those_where_most_went_wrong_and_say_how():
    found = worst(
        snapshot(capture=stage("Capture", 1, entered=50, due=50, late=1), onboard=stage(entered=40, due=40, late=20, skipped=9),
                 deal=stage("Deal", 4, entered=60, ended=31))
    )  # fmt: skip
    assert [one.key for one in found] == ["deal", "onboard"], "one late relationship is no pattern"
    assert found[1].says == ("20 of 40 were late.", "9 went past it, 40 came in.")


# --- proposals
SAID = {"stage": "onboard", "outcome": "kept", "followed": 365, "claim": True,
        "cost": {"difference": -0.14, "low": -0.2, "high": -0.08, "skipped": {"compared": 120}}}  # fmt: skip


def test_a_costly_skip_is_proposed_with_the_interval_of_what_it_would_keep():
    now = snapshot(days=73, onboard=stage(entered=200, skipped=108))
    [found] = proposing.of_skips(WAY, now, [SAID])
    assert found["key"] == "skip:onboard" and round(found["data"]["a_month"]) == 45
    said = words.say(found["kind"], found["data"])
    assert said.hopes == "About 4 to 9 more customers kept a month, if nobody passed over it."
    assert (
        "45 a month pass over it" in said.grounds
        and "8 to 20 points more often (95 % interval, 120 compared)" in said.grounds
    )
    assert not any(letter.isdigit() for letter in said.title), "the title is for everybody"


def test_what_the_map_does_not_claim_is_not_proposed():
    now = snapshot(onboard=stage(entered=200, skipped=108))
    gains = {**SAID, "cost": {**SAID["cost"], "low": 0.02, "high": 0.1}}
    for quiet in ({**SAID, "claim": False}, {**SAID, "outcome": "arrived"}, gains, {**SAID, "stage": "gone"}):
        assert proposing.of_skips(WAY, now, [quiet]) == []
    assert proposing.of_skips(WAY, snapshot(onboard=stage(entered=200)), [SAID]) == [], "nobody skips it any more"


def test_what_was_passed_over_often_is_proposed_with_the_reasons_given():
    now = snapshot(qualify=stage("Qualify", 2, done=100))
    passed = [
        ("qualify", "Their budget is known", "They were in a hurry", 25),
        ("qualify", "Their budget is known", "", 10),
    ]
    [found] = proposing.of_needs(WAY, now, passed)
    said = words.say("need", found["data"])
    assert "“Their budget is known”" in said.title and said.grounds == (
        "Passed over by 35 of 100 who moved on. Most frequent reasons: “They were in a hurry” (25)."
    )
    assert proposing.of_needs(WAY, now, passed[1:]) == [], "ten are too few"


def test_thin_figures_say_that_they_are():
    assert proposing.thin(snapshot(onboard=stage(entered=29))) and not proposing.thin(
        snapshot(onboard=stage(entered=30))
    )
    assert proposing.of_promises(Definition("x", "X"), snapshot(onboard=stage(due=29, late=29))) == []


# --- effects
def test_an_effect_that_was_planted_is_claimed_with_its_interval_and_small_ones_stay_silent():
    before = snapshot(
        28, onboard=stage(entered=120, done=100, due=120, late=66), deal=stage("Deal", 4, entered=12, due=12, late=6)
    )
    after = snapshot(
        28, onboard=stage(entered=120, done=101, due=120, late=24), deal=stage("Deal", 4, entered=11, due=11, late=1)
    )
    lines = effect(before, after, ["deal", "onboard"])
    by = {(one["stage"], one["what"]): one for one in lines}
    late = by["onboard", "late"]
    assert late["claim"] and late["low"] < -0.35 < late["high"] < 0 and late["before"] == [66, 120]
    assert not by["onboard", "done"]["claim"]
    assert by["deal", "late"]["silent"] == "few_skipped"
    told = {one.label: one for one in map(words.say_effect, lines)}
    assert told["Onboard: late"].tone == "good" and told["Onboard: late"].difference.endswith("better")
    assert told["Deal: late"].difference == "Too few since then; at least 30 are needed."
    assert words.headline(lines).startswith("Onboard: late −35 points")


def test_an_effect_of_few_says_so_in_a_sentence():
    few = snapshot(28, onboard=stage(entered=9, done=5, due=9, late=5))
    assert words.headline(effect(few, few, ["onboard"])) == "Too few relationships since then to say anything."
    same = snapshot(28, onboard=stage(entered=90, done=50, due=90, late=45))
    assert words.headline(effect(same, same, ["onboard"])) == "No difference that is more than chance."
    assert isinstance(share_difference((45, 90), (45, 90)), Cost)
