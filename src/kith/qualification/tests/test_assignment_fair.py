"""Taking turns: shares come out right over any window, whoever is away when."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kith.kernel.turns import bound, expected, next_one, settled

COLLEAGUES = st.integers(2, 6)


@st.composite
def weeks(draw):
    """(shares of everybody, for each lead who could take it)"""
    n = draw(COLLEAGUES)
    shares = {user: draw(st.integers(1, 4)) for user in range(n)}
    able = st.sets(st.integers(0, n - 1), min_size=1)
    return shares, draw(st.lists(able, min_size=1, max_size=120))


def deal(shares, able):
    """(who could take each lead with their shares, who took it)"""
    credits, offered, taken = {}, [], []
    for some in able:
        those = {user: shares[user] for user in some}
        one = next_one(those, credits)
        credits.update(settled(those, credits, one))
        offered.append(those)
        taken.append(one)
    return offered, taken, credits


@given(weeks(), st.integers(0, 120), st.integers(0, 120))
@settings(max_examples=300, deadline=None)
def test_nobody_is_further_from_their_share_than_the_stated_bound_over_any_window(week, a, b):
    shares, able = week
    offered, taken, _credits = deal(shares, able)
    start, end = sorted((a, b))
    for user in shares:
        got = taken[start:end].count(user)
        assert abs(got - expected(offered[start:end], user)) <= bound(len(shares)) + 1e-6


@given(weeks())
@settings(max_examples=200, deadline=None)
def test_from_the_beginning_nobody_is_further_off_than_one_less_than_the_colleagues(week):
    shares, able = week
    offered, taken, credits = deal(shares, able)
    for user in shares:
        owed = expected(offered, user) - taken.count(user)
        assert abs(owed) <= len(shares) - 1 + 1e-6
        assert abs(owed - credits.get(user, 0)) < 1e-6


@given(COLLEAGUES, st.integers(0, 60), st.integers(1, 60))
def test_equal_colleagues_who_are_all_there_differ_by_at_most_one_over_any_window(n, start, length):
    shares = dict.fromkeys(range(n), 1)
    _offered, taken, _credits = deal(shares, [set(shares)] * (start + length))
    counts = [taken[start:].count(user) for user in shares]
    assert max(counts) - min(counts) <= 1


def test_who_comes_back_from_a_holiday_is_not_flooded():
    shares = {1: 1, 2: 1}
    _offered, taken, _credits = deal(shares, [{1}] * 50 + [{1, 2}] * 10)
    assert taken[50:].count(2) == 5
