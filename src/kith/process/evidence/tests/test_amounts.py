"""What skipping costs in money and days, and the curve of those kept: planted in the data, found by the study, shown on the page."""

import json
import random
import re

import pytest

from kith.cli import commands, parser
from kith.deals.models import Deal
from kith.kernel.money.queries import home
from kith.kernel.organisation.models import bump
from kith.process.definition.files import to_yaml
from kith.process.evidence.asked import Asked
from kith.process.evidence.compared import costs
from kith.process.evidence.curve import curves
from kith.process.evidence.page import Map
from kith.process.evidence.report import audited
from kith.process.evidence.study import AGAIN, ARRIVED, DAYS, WORTH, study
from kith.process.evidence.tests.lives import ALL_TIME, DONE, SKIPPED, behind, customers, filled, links, of
from kith.process.evidence.tests.stories import DAY, NOW, definition, walk
from kith.process.models import Journey
from kith.process.tests.cast import in_force, made
from kith.ui.pages.tests.helpers import text_of
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
WAY = definition()
QUALIFIED, UNQUALIFIED = DONE, DONE.replace(" qualify", "")


@pytest.fixture
def process():
    row = in_force(to_yaml(WAY))
    bump()
    return row


def bought(ids, worths, again=()):
    """One won deal for each journey with an amount, on the day it came to deal; for those in `again` one more 90 days later."""
    first = made("deal", actor("astrid"), name="Linen", amount=100, currency=home())
    like = {"pipeline_id": first.pipeline_id, "stage_id": first.stage_id, "status": "won", "currency": home()}
    rows = {j.pk: j for j in Journey.objects.filter(pk__in=ids)}
    deals = []
    for pk, worth in zip(ids, worths, strict=True):
        if worth is not None:
            day = rows[pk].opened_at.date()
            one = {**like, "company_id": rows[pk].company_id, "opened_on": day}
            deals.append(Deal(name="Linen", amount=worth, closed_on=day + 9 * DAY, **one))
            if pk in again:
                deals.append(Deal(name="More linen", amount=50, closed_on=day + 120 * DAY, **one))
    Deal.objects.bulk_create(deals)


def test_what_they_bought_is_compared_as_a_ratio(process):
    rng = random.Random(5)
    ids = filled(process, customers(140, DONE, 0.9, rng) + customers(60, SKIPPED, 0.85, rng))
    few = [n for n in range(200) if n % 9 == 0]
    worths = [None if n in few else round(rng.lognormvariate(9.9 if n < 140 else 9.2, 0.3)) for n in range(200)]
    bought(ids, worths)
    found = study(process, WAY, NOW)
    one = of("onboard", found, WORTH)
    assert "silent" in one and one["silent"]["reason"].startswith("few_"), "bands of size keep unlike ones apart"
    Deal.objects.filter(name="Linen").update(amount=1_000)
    ahead = [pk for n, pk in enumerate(ids) if worths[n] is not None]
    more = [Deal.objects.filter(company=Journey.objects.get(pk=pk).company_id).first() for pk in ahead]
    Deal.objects.bulk_create(
        Deal(name="Second", company_id=d.company_id, pipeline_id=d.pipeline_id, stage_id=d.stage_id, status="won", currency=home(),
             opened_on=d.opened_on + DAY, closed_on=d.closed_on, amount=worths[ids.index(pk)])
        for pk, d in zip(ahead, more, strict=True)
    )  # fmt: skip
    one = of("onboard", study(process, WAY, NOW), WORTH)
    assert one["claim"] and one["cost"]["low"] < 0.55 < one["cost"]["high"] < 0.8
    assert one["cost"]["skipped"]["count"] + one["cost"]["others"]["count"] == len(ahead)
    assert one["medians"]["skipped"] < one["medians"]["others"]


def test_days_to_won_are_compared_where_a_stage_stands_before_it(process):
    rng = random.Random(6)
    slow = [walk(UNQUALIFIED, days=rng.choice((9, 10, 11)), start=NOW - rng.randrange(500, 640) * DAY, version=1) for _ in range(50)]  # fmt: skip
    quick = [walk(QUALIFIED, days=rng.choice((3, 4, 5)), start=NOW - rng.randrange(500, 640) * DAY, version=1) for _ in range(70)]  # fmt: skip
    filled(process, slow + quick)
    found = study(process, WAY, NOW)
    one = of("qualify", found, DAYS)
    truth = 4 * 10 - 5 * 4  # days to the last of six stages: four others of 10 days each, against five of 4
    assert one["claim"] and one["cost"]["low"] < truth < one["cost"]["high"]
    assert of("qualify", found, AGAIN) is None, "nobody has bought yet where a stage stands before the deal"


def test_who_bought_again_is_counted_only_after_they_came_past_it():
    way = definition(("capture", "qualify", "engage", "deal", "demo", "convert", "onboard", "support"))
    process, rng = in_force(to_yaml(way)), random.Random(7)
    bump()
    path = "capture qualify engage deal demo convert onboard support"
    ids = filled(process, customers(60, path, 1, rng) + customers(50, path.replace(" onboard", ""), 1, rng))
    bought(ids, [1_000] * 110, again=set(ids[:40]) | set(ids[60:65]))
    found = study(process, way, NOW)
    one = of("onboard", found, AGAIN)
    assert (one["cost"]["others"]["mean"], one["cost"]["skipped"]["mean"]) == (40 / 60, 5 / 50), (
        "the first deal is no again"
    )
    assert one["claim"] and one["cost"]["high"] < -0.3
    assert of("onboard", found, ARRIVED) is None, "only the last stage comes after it"
    assert of("onboard", found, DAYS) is None, "whoever comes past it has been won"


def seen_by(who="astrid"):
    return costs(Map(actor(who), Asked.read({"period": "all"})))


@pytest.fixture
def told(process):
    """60 who skipped onboarding and 110 who did not, a year ago, and 40 of each who came past it lately."""
    rng = random.Random(1)
    lately = [walk(path, days=2, start=NOW - rng.randrange(20, 80) * DAY, version=1) for path in (DONE, SKIPPED) for _ in range(40)]  # fmt: skip
    ids = filled(process, customers(110, DONE, 0.92, rng) + customers(60, SKIPPED, 0.5, rng) + lately)
    bought(ids, [1_000 + n % 7 for n in range(len(ids))])
    return study(process, WAY, NOW)


def test_the_curve_holds_who_came_lately_for_as_long_as_they_were_followed(told, capsys):
    curve = of("onboard", told)["curve"]
    assert curve["others"]["at_risk"][0] == 150 and curve["skipped"]["at_risk"][0] == 100
    assert curve["skipped"]["at_risk"][3] <= 60, "who came less than three months ago is out by then"
    assert curve["skipped"]["kept"][0] == 1.0 and curve["skipped"]["kept"][12] < 0.75 < curve["others"]["kept"][12]
    assert len(curve["others"]["kept"]) == 13
    audited(parser(commands()).parse_args(["process", "audit", "--json"]))
    [one] = json.loads(capsys.readouterr().out)["processes"]
    assert one["costs"]["findings"] == told and one["costs"]["as_of"].startswith("2026-03-12"), "and so says the audit"


def test_the_card_shows_the_curve_and_both_sides_open_as_many_relationships_as_they_say(sign_in, told):
    page = sign_in("astrid").get(ALL_TIME)
    text, html = text_of(page), page.content.decode()
    assert 'svg class="kept"' in html and " style=" not in html
    assert re.search(r'aria-label="Still with us after 12 months: \d+ % of those who did it, \d+ % of those', html)
    assert "Still followed 150" in text and "The same in figures" in text
    assert "skipped it, 100" in text
    found = {words: href for words, href in links(html) if words.startswith(("Did it, ", "Skipped it, "))}
    assert {words: behind(href) for words, href in found.items()} == {"Did it, 110": 110, "Skipped it, 60": 60}
    [(words, href)] = [
        (words, href) for words, href in links(html) if words.startswith("See the ") and "passed" in href
    ]
    assert behind(href) == int(words.removeprefix("See the "))


def test_what_was_bought_is_not_for_those_who_see_their_own_deals_only(told):
    assert any(row.outcome == WORTH for one in seen_by() for row in one.rows) or any("Median value" in one.note for one in seen_by())  # fmt: skip
    policy("member", "journey", see="all", edit="own")
    policy("member", "deal", see="own", edit="own")
    hidden = seen_by("jonas")
    assert hidden and not any(row.outcome == WORTH for one in hidden for row in one.rows)
    assert not any("Median value" in one.note for one in hidden)


def test_few_who_skipped_have_no_curve(process):
    rng = random.Random(3)
    filled(process, customers(60, DONE, 0.9, rng) + customers(12, SKIPPED, 0.1, rng))
    assert "curve" not in of("onboard", study(process, WAY, NOW))
    assert [one.curve for one in seen_by()] == [None]


def test_a_line_ends_where_too_few_are_followed_and_words_stay_apart():
    def side(*kept):
        return {"kept": list(kept), "low": list(kept), "high": list(kept), "at_risk": [90 for _ in kept]}

    drawn = curves({"others": side(1.0, 0.95, 0.94, 0.93), "skipped": side(1.0, 0.93, None, None)})
    assert (drawn.others.until, drawn.skipped.until) == (3, 1)
    assert abs(drawn.others.label_y - drawn.skipped.label_y) >= 36
    assert [mark for _y, mark in drawn.grid][-1] == 100 and drawn.grid[0][1] <= 80
    assert curves({"others": side(None, None), "skipped": side(1.0, 1.0)}) is None
    deep = curves({"others": side(1.0, 0.0), "skipped": side(1.0, 0.01)})
    assert deep.grid[0][1] == 0 and max(deep.others.label_y, deep.skipped.label_y) <= deep.bottom
