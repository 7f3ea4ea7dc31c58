"""What became of each stage of a journey, by the versions that held at the time."""

import pytest

from kith.process.evidence.conformance import AHEAD, DONE, ENDED, HERE, SKIPPED, conformance, judge
from kith.process.evidence.tests.stories import KEYS, NOW, definition, walk, wanderings

WAY = definition()


def verdict(path, held=WAY, **more):
    return judge(held, walk(path, **more), NOW)


def states(found):
    return {mark.stage: mark.state for mark in found.marks}


def test_a_journey_along_the_way_has_done_what_lies_behind_and_has_the_rest_ahead():
    found = verdict("capture qualify engage")
    assert states(found) == {
        "capture": DONE, "qualify": DONE, "engage": HERE, "deal": AHEAD, "onboard": AHEAD, "support": AHEAD,
    }  # fmt: skip
    assert found.conforms


def test_stages_that_were_passed_over_are_skipped():
    found = verdict("capture deal support")
    assert found.skipped == ("qualify", "engage", "onboard")
    assert not found.conforms


def test_a_journey_that_begins_late_on_the_way_has_skipped_what_comes_before():
    assert verdict("engage").skipped == ("capture", "qualify")


def test_a_way_forward_that_the_stage_names_skips_nothing():
    named = definition(forward={"qualify": ("deal", "engage")})
    assert verdict("capture qualify deal", named).skipped == ()


def test_going_back_and_doing_it_again_is_repeated_and_not_out_of_order():
    mark = verdict("capture qualify engage qualify engage").of("qualify")
    assert (mark.times, mark.repeated, mark.out_of_order) == (2, True, False)
    assert verdict("capture qualify engage qualify engage").conforms


def test_coming_over_stages_a_second_time_skips_nothing():
    assert verdict("capture qualify engage deal capture deal").skipped == ()


def test_a_skipped_stage_that_is_made_good_is_out_of_order_instead():
    found = verdict("capture engage qualify deal")
    assert found.skipped == ()
    assert found.of("qualify").out_of_order
    assert not found.of("engage").out_of_order


def test_made_good_by_way_of_an_earlier_stage_is_out_of_order_too():
    assert verdict("capture engage capture qualify").of("qualify").out_of_order


def test_a_stage_that_is_for_other_segments_is_neither_skipped_nor_ahead():
    consulting = definition(only={"engage": ("consulting",)})
    assert "engage" not in states(verdict("capture qualify deal", consulting, segment="retail"))
    assert verdict("capture qualify deal", consulting, segment="consulting").skipped == ("engage",)


def test_a_stage_that_is_for_other_segments_is_out_of_order_where_it_was_entered():
    consulting = definition(only={"engage": ("consulting",)})
    assert verdict("capture qualify engage", consulting, segment="retail").of("engage").out_of_order


def test_late_is_left_after_due_or_past_due_by_now():
    assert verdict("capture qualify engage", within={"qualify": 2}).of("qualify").late == 1
    assert verdict("capture qualify engage", within={"qualify": 3}).of("qualify").late == 0
    assert verdict("capture qualify", within={"qualify": 300}).of("qualify").late == 1, "a year ago by now"
    assert verdict("capture qualify", within={"qualify": 900}).of("qualify").late == 0


def test_how_a_journey_ended_is_said_of_its_last_stage():
    assert verdict("capture qualify", closed=True, outcome="lost").of("qualify").state == ENDED
    assert verdict("capture qualify", closed=True).of("qualify").state == DONE


def test_a_stage_with_a_new_name_keeps_its_verdicts():
    renamed = definition(names={"qualify": "Check the need"})
    held = {1: WAY, 2: renamed}
    before = verdict("capture deal", closed=True, outcome="lost", version=1)
    assert judge(held, walk("capture@1 deal@2", closed=True, outcome="lost"), NOW).marks == before.marks


class TestVersions:
    """Version 2 has a trial after Qualify and no Engage any more."""

    held = {1: WAY, 2: definition(("capture", "qualify", "trial", "deal", "onboard", "support"))}

    def of(self, path, **more):
        return judge(self.held, walk(path, **more), NOW)

    def test_what_a_later_version_added_was_not_skipped_by_those_who_had_passed(self):
        assert self.of("capture@1 qualify@1 engage@1 deal@1 onboard@2").skipped == ()

    def test_what_a_later_version_added_is_skipped_by_those_who_pass_it_from_then_on(self):
        assert self.of("capture@1 qualify@1 deal@2").skipped == ("trial",)

    def test_what_a_later_version_removed_is_skipped_by_those_who_passed_it_before(self):
        found = self.of("capture@1 qualify@1 deal@1 onboard@2")
        assert found.skipped == ("engage",)
        assert found.marks[-1].stage == "engage", "stages gone since stand at the end"

    def test_what_a_later_version_removed_is_not_skipped_by_those_who_come_after(self):
        assert self.of("capture@2 qualify@2 trial@2 deal@2").skipped == ()

    def test_who_stood_in_a_stage_that_was_removed_goes_on_from_where_it_was(self):
        assert self.of("capture@1 qualify@1 engage@1 deal@2").skipped == ("trial",)
        assert self.of("capture@1 qualify@1 engage@1 trial@2").skipped == ()

    def test_a_version_nobody_knows_is_an_error_that_names_it(self):
        with pytest.raises(LookupError, match=r"Version 7 .* “deal”"):
            self.of("capture@1 deal@7")


def test_a_journey_without_steps_has_all_of_its_way_ahead():
    found = judge(WAY, walk(""), NOW, latest=WAY)
    assert set(states(found).values()) == {AHEAD}
    with pytest.raises(ValueError, match="no steps"):
        judge(WAY, walk(""), NOW)


def test_counts_are_those_of_the_single_verdicts():
    walks = wanderings(7, 400)
    found = conformance(WAY, walks, NOW, latest=WAY)
    verdicts = [judge(WAY, w, NOW, latest=WAY) for w in walks]
    assert found.journeys == 400
    assert found.conforming == sum(v.conforms for v in verdicts)
    for key in KEYS[:-1]:
        marks = [v.of(key) for v in verdicts]
        count = found.stages[key]
        assert count.skipped == sum(m.state == SKIPPED for m in marks) > 0
        assert count.late == sum(m.late > 0 for m in marks) > 0
        assert count.done + count.skipped + count.here + count.ended + count.ahead == 400
