"""The page of retention tells what orders and leave-takings say, and every movement opens its customers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from kith.insight.retaining.report import as_json, make, read_ask
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.retention.churn.leaving import churn
from kith.retention.health.parts import bring
from kith.retention.models import ChurnReason
from kith.retention.tests.cast import BY, firm, order
from tests.cast import user

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> dt.date:
    """Two customers with contracts, of whom one left today."""
    bring(BY)
    hafen, nord = firm("Hafen Logistik"), firm("Nordwind")
    order(hafen, 1200), order(nord, 600)
    churn.run(nord, reason=ChurnReason.objects.get(name="Too expensive"), by=BY)
    return timezone.localdate()


def test_the_report_adds_up_and_says_why(story: dt.date) -> None:
    told = as_json(make(system(), read_ask({})))
    last = told["months"][-1]
    assert (last["churn"], last["end"], last["moved_customers"]["churn"]) == ("600.00", "1200.00", 1)
    assert told["customers"] == {"ever": 2, "now": 1}
    assert told["why"] == [{"reason": "Too expensive", "kind": "unwanted", "customers": 1, "yearly": "600.00"}]


def test_the_page_shows_it_and_a_movement_opens_its_customers(story: dt.date, client: Any) -> None:
    client.force_login(user("astrid"))
    page = client.get("/reports/retention/").content.decode()
    address = f"/reports/retention/{story:%Y-%m}/churn"
    assert address in page
    assert "Too expensive" in page
    moved = client.get(address).content.decode()
    assert "Nordwind" in moved
    assert "Hafen" not in moved
    assert client.get("/reports/retention/2026-99/churn").status_code == 404


def test_words_that_mean_nothing_are_refused_with_a_sentence() -> None:
    for said in ({"until": "soon"}, {"months": "0"}, {"by": "day"}):
        with pytest.raises(Invalid):
            read_ask(said)
