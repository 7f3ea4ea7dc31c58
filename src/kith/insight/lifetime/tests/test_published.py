"""The models find on the purchases of CDNOW's customers what was published about them: Fader, Hardie and Lee (2005) for how often,
Fader and Hardie (2013) for how much, on the sample of one in ten, calibrated on the first 39 weeks.

The file is not part of Kith. Tests look for `CDNOW_sample.txt` in `shared/data` beside the checkout, or where KITH_CDNOW says,
and are left out without it.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from kith.insight.lifetime import purchases, spending
from kith.insight.lifetime.histories import Histories, histories_of

NAME, UNTIL = "CDNOW_sample.txt", dt.date(1997, 9, 30)
FREQUENCY = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
SPENDING = {"p": 6.25, "q": 3.74, "gamma": 15.44}


def found() -> Path | None:
    said = os.environ.get("KITH_CDNOW")
    if said:
        return Path(said)
    beside = (above / "shared" / "data" for above in Path(__file__).resolve().parents)
    return next((path for folder in beside if folder.is_dir() for path in folder.rglob(NAME)), None)


@pytest.fixture(scope="module")
def cdnow() -> Histories:
    path = found()
    if path is None:
        pytest.skip(f"{NAME} is not here")
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
    return histories_of(((who, dt.date.fromisoformat(day), float(value)) for _old, who, day, _n, value in rows), UNTIL)


def test_the_histories_are_those_of_the_papers(cdnow: Histories) -> None:
    assert (len(cdnow), cdnow.repeating) == (2357, 946)


def test_how_often_is_what_was_published(cdnow: Histories) -> None:
    fit = purchases.fit_purchases(cdnow)
    assert fit.converged, fit.why
    assert fit.log_likelihood == pytest.approx(-9582.4, abs=0.1)
    for name, published in FREQUENCY.items():
        assert fit[name] == pytest.approx(published, abs=0.001), name


def test_how_much_is_what_was_published(cdnow: Histories) -> None:
    fit = spending.fit_spending(cdnow)
    assert fit.converged, fit.why
    for name, published in SPENDING.items():
        assert fit[name] == pytest.approx(published, rel=0.01), name
