"""What the first step does beside the pages."""

from __future__ import annotations

from kith.awareness.profiles import fitting, reminding
from kith.awareness.touches import writing
from kith.kernel.jobs import job


@job("awareness.fit", label="Look how well everybody fits a profile")
def fit(profile: int) -> None:
    """Running it twice writes nothing the second time."""
    for one in fitting.in_force():
        if one.pk == profile:
            fitting.store_all(one)


@job("awareness.fit_again", every="43 3 * * *", label="Look again how well everybody fits")
def fit_again() -> None:
    """Once a night, since criteria may speak of days that pass."""
    for one in fitting.in_force():
        fitting.store_all(one)


@job("awareness.remind", every="13 6 * * *", label="Tell who keeps research that is out of date")
def remind() -> None:
    """Nobody is told twice of the same."""
    reminding.remind()


@job("awareness.purge_visits", every="51 3 * * *", label="Forget old visits of people who never became known")
def purge_visits() -> None:
    writing.purge()
