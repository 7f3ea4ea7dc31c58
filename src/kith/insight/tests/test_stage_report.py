"""The way through the stages says what a reader with a pencil would find in the stories of the deals."""

import datetime as dt
import random
import statistics
from decimal import Decimal

import pytest

from kith.deals.models import Deal
from kith.deals.queries import stage_intervals
from kith.deals.tests.cast import deal, stage
from kith.insight.period import read_period
from kith.insight.reports import Ask, make
from tests.cast import actor

pytestmark = pytest.mark.django_db
LINE = ("Discovery", "Site survey", "Proposal", "Negotiation", "Verbal yes")


def tell(by, seed, number):
    """Deals of 2024 that went their own ways, some back and forth, some to an end."""
    chance = random.Random(seed)
    for n in range(number):
        day = dt.date(2024, 1, 1) + dt.timedelta(days=chance.randrange(200))
        history = [(stage("Discovery"), day)]
        for name in chance.choices(LINE, k=chance.randrange(5)):
            day += dt.timedelta(days=chance.randrange(1, 30))
            history.append((stage(name), day))
        values = {"name": f"Leak map {n}", "amount": Decimal(100), "opened_on": history[0][1], "history": history}
        status = chance.choice(("open", "won", "lost"))
        if status != "open":
            values |= {"status": status, "closed_on": day + dt.timedelta(days=chance.randrange(1, 40))}
        deal(by, **values)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_way_through_the_stages_is_what_the_stays_of_each_deal_add_up_to(seed):
    ines = actor("ines", "import")
    tell(ines, seed, 25)
    found = {row.stage.name: row.figures for row in make("deals", ines, Ask(read_period({"period": "all"}))).stages}
    deals = list(Deal.objects.all())
    stays = {d.pk: stage_intervals([d.pk]) for d in deals}
    for place, name in enumerate(LINE):
        came = [d for d in deals if d.status == "won" or max(LINE.index(s.stage.name) for s in stays[d.pk]) >= place]
        on = [d for d in came if d.status == "won" or max(LINE.index(s.stage.name) for s in stays[d.pk]) > place]
        days = [
            s.days for d in deals for s in stays[d.pk]
            if s.stage.name == name and s.left and not (d.status == "open" and d.stage.name == name)
        ]  # fmt: skip
        figures = found[name]
        assert (figures["reached"].value, figures["went_on"].value) == (len(came), len(on))
        assert figures["open_now"].value == sum(d.status == "open" and d.stage.name == name for d in deals)
        median = figures["stage_median"].value
        assert (median is None and not days) or median == pytest.approx(statistics.median(days), abs=1e-9)
