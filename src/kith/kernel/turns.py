"""Taking turns so that shares come out right: everybody who could take a thing (a lead, a meeting) is credited their part of
it, and whoever is owed most gets it and pays for it. Pure: no database.

Only who could take a lead is credited for it, so that nobody comes back from a holiday to a flood. Credits add up to zero.
For k colleagues in a basket every credit stays within k - 1, whoever is away when: let b(j) = j(k - j) bound what the j
least credited owe together. Handing one lead out costs at most 1; when somebody better credited could have taken it, the one
chosen had at least as much as they, so that by b(j) - (b(j-1) + b(j+1)) / 2 = 1 the bound holds on. Hence over any window
of decisions nobody is further than 2(k - 1) leads from the share of those they could take, and than k - 1 since the beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def next_one(shares: Mapping[int, int], credits: Mapping[int, float]) -> int:
    """Who takes the next lead among those who can (`shares`: {user: share}). Raises ValueError when nobody can."""
    if not shares:
        raise ValueError("Nobody can take it.")
    return max(shares, key=lambda user: (round(credits.get(user, 0.0), 9), shares[user], -user))


def settled(shares: Mapping[int, int], credits: Mapping[int, float], taken: int) -> dict[int, float]:
    """The credits of those who could, after `taken` took it."""
    whole = sum(shares.values())
    after = {user: credits.get(user, 0.0) + share / whole for user, share in shares.items()}
    after[taken] -= 1
    return after


def bound(colleagues: int) -> int:
    """How far from their share anybody may be over any window, in leads."""
    return 2 * max(colleagues - 1, 0)


def expected(decisions: Iterable[Mapping[int, int]], user: int) -> float:
    """The share of one colleague over decisions, each given as the shares of who could take it."""
    return sum(shares[user] / sum(shares.values()) for shares in decisions if user in shares)
