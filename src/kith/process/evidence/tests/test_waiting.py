"""Who was waited for."""

from hypothesis import given
from hypothesis import strategies as st

from kith.process.evidence.tests.stories import DAY, START
from kith.process.evidence.waiting import THEM, US, Offer, Said, Waited, waited


def at(day):
    return START + day * DAY


def days(found):
    return tuple(part / DAY for part in (found.us, found.them, found.handover))


def test_after_our_word_we_wait_for_them_and_after_theirs_they_wait_for_us():
    assert days(waited(at(0), at(10), [Said(at(2), US), Said(at(7), THEM)])) == (5, 5, 0)


def test_before_the_first_word_it_is_ours_to_begin():
    assert days(waited(at(0), at(4), [])) == (4, 0, 0)


def test_words_from_before_say_who_is_waited_for_at_the_beginning():
    assert days(waited(at(5), at(9), [Said(at(1), US)])) == (0, 4, 0)


def test_a_hand_over_that_is_offered_and_not_accepted_is_what_is_waited_for():
    assert days(waited(at(0), at(10), [Said(at(2), US)], [Offer(at(1), at(4))])) == (1, 6, 3)


def test_a_hand_over_that_is_still_open_lasts_to_the_end():
    assert days(waited(at(0), at(10), [Said(at(2), US)], [Offer(at(6))])) == (2, 4, 4)


def test_hand_overs_that_overlap_count_once():
    assert days(waited(at(0), at(10), [], [Offer(at(1), at(5)), Offer(at(3), at(6)), Offer(at(20), at(30))])) == (
        5,
        0,
        5,
    )


def test_no_time_at_all_is_nothing():
    assert waited(at(3), at(3), [Said(at(1), US)]) == Waited()


moments = st.integers(-5, 40)
talks = st.lists(st.tuples(moments, st.sampled_from([US, THEM])), max_size=12)
offers = st.lists(st.tuples(moments, st.one_of(st.none(), st.integers(0, 15))), max_size=5)


@given(talks, offers, st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_the_parts_are_the_whole_and_halves_add_up(talk, offered, a, b, c):
    begin, middle, end = sorted((a, b, c))
    words = [Said(at(d), who) for d, who in talk]
    open_ = [Offer(at(d), None if n is None else at(d + n)) for d, n in offered]
    whole = waited(at(begin), at(end), words, open_)
    assert whole.total == (end - begin) * DAY
    assert min(days(whole)) >= 0
    assert waited(at(begin), at(middle), words, open_) + waited(at(middle), at(end), words, open_) == whole
