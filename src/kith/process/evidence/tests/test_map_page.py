"""The page of the map: its numbers open as many relationships as they say, for whoever looks."""

import random
import re

import pytest

from kith.kernel.organisation.models import bump
from kith.process.definition.files import to_yaml
from kith.process.evidence.asked import Asked
from kith.process.evidence.ledger import ledger, short_time
from kith.process.evidence.models import Study
from kith.process.evidence.page import Map
from kith.process.evidence.study import study
from kith.process.evidence.tests.lives import (
    ALL_TIME,
    DONE,
    behind,
    customers,
    filled,
    links,
    some_walks,
    steps_of_one_version,
)
from kith.process.evidence.tests.stories import DAY, NOW, definition, walk
from kith.process.models import Journey
from kith.process.tests.cast import in_force, made
from kith.ui.pages.tests.helpers import text_of
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
WAY = definition(("capture", "qualify", "trial", "engage", "deal", "onboard", "support"))


@pytest.fixture
def process():
    row = in_force(to_yaml(WAY))
    bump()
    return row


def test_each_number_of_the_ledger_opens_as_many_relationships(sign_in, process):
    filled(process, steps_of_one_version(some_walks(6, 60)))
    html = sign_in("astrid").get(ALL_TIME).content.decode()
    checked = 0
    for words, href in links(html):
        if re.fullmatch(r"[\d,]+", words):
            assert behind(href) == int(words.replace(",", "")), (words, href)
            checked += 1
    assert checked > 20


def test_each_time_opens_those_it_is_made_of_and_each_line_says_what_it_counts(sign_in, process):
    filled(process, steps_of_one_version(some_walks(6, 60)))
    html = sign_in("astrid").get(ALL_TIME).content.decode()
    found = Map(actor("astrid"), Asked.read({"period": "all"}))
    times = [href for words, href in links(html) if re.fullmatch(r"[\d.]+ (d|h|min|s)( \d+ min)?", words)]
    timed = [one.timed for one in found.flow.stages.values() if one.timed]
    assert sorted(behind(href) for href in times) == sorted([*timed, *timed]) and len(timed) > 4
    how = html[html.index('class="map-how"') :]
    for line in ledger(found):
        assert f"<b>{line.label}.</b> " in how, f"it is said what {line.label} is"
    assert 'href="/help/process-map"' in how


def test_times_are_shown_in_working_hours_on_demand(sign_in, process):
    filled(process, [walk("capture qualify deal", version=1, days=7)] * 3)
    visitor = sign_in("astrid")
    clock, working = (visitor.get(f"/process/map?period=all{more}") for more in ("", "&time=working"))
    assert "Median time 7 d" in text_of(clock) and "Median time 40 h" in text_of(working), "five days of eight hours"
    clock, working = clock.content.decode(), working.content.decode()
    assert "time=working" in clock and "nights, weekends and days off left out" in working
    [href] = {href for words, href in links(working) if words == "40 h" and "capture" in href}
    assert behind(href) == 3


def test_the_drawing_says_in_words_what_the_table_says(sign_in, process):
    filled(process, [walk("capture trial engage deal", version=1), walk("capture qualify trial", version=1)])
    html = sign_in("astrid").get(ALL_TIME).content.decode()
    assert '<title id="map-title">Ways taken through 7 stages' in html
    assert "1 skipped Qualify" in html
    assert '<caption class="visually-hidden">The stages in figures</caption>' in html
    assert " style=" not in html and "<script>" not in html


def test_paths_come_as_a_part_of_their_own(sign_in, process):
    ids = filled(process, [walk("capture deal onboard support", version=1)] * 3)
    for pk, amount in zip(ids, (900, 2_000, 50_000), strict=True):
        deal = made(
            "deal",
            actor("astrid"),
            name="Linen",
            company=Journey.objects.get(pk=pk).company,
            amount=amount,
            currency="EUR",
        )
        type(deal).objects.filter(pk=deal.pk).update(status="won")
    text = text_of(sign_in("astrid").get("/process/map/paths/?period=all"))
    assert "Without Qualify, Trial, Engage" in text and "100 %" in text
    assert "€2,000" in text, "the median"


def test_a_cost_that_may_be_claimed_stands_on_the_page_with_its_interval(sign_in, process):
    rng = random.Random(1)
    whole = DONE.replace("qualify", "qualify trial")
    filled(process, customers(110, whole, 0.92, rng) + customers(60, whole.replace(" onboard", ""), 0.5, rng))
    study(process, WAY, NOW)
    text = text_of(sign_in("astrid").get(ALL_TIME))
    assert "What skipping 6 Onboard costs" in text
    assert re.search(r"Still with us .*? % .*? % −\d+ points \(−\d+ to −\d+\)", text)
    assert "Skipping Onboard costs customers." in text


def test_where_too_few_skipped_it_is_said_how_many_are_missing(sign_in, process):
    rng = random.Random(3)
    whole = DONE.replace("qualify", "qualify trial")
    filled(process, customers(60, whole, 0.9, rng) + customers(12, whole.replace(" onboard", ""), 0.5, rng))
    study(process, WAY, NOW)
    text = text_of(sign_in("astrid").get(ALL_TIME))
    said = re.search(r"to say what it costs: (\d+), at least 30 are needed, (\d+) more", text)
    assert said is not None and int(said[1]) + int(said[2]) == 30


def test_where_nothing_is_compared_the_page_says_in_a_sentence_why(sign_in, process):
    filled(process, [walk("capture qualify trial engage", version=1)] * 3)
    assert "the first comparison has not been made yet" in text_of(sign_in("astrid").get(ALL_TIME))
    study(process, WAY, NOW)
    assert "skipped one: there is nothing to compare" in text_of(sign_in("astrid").get(ALL_TIME))
    filtered = sign_in("astrid").get(f"{ALL_TIME}&filter=segment.is:retail") if "?" in ALL_TIME else None
    assert filtered is None or "only for who sees them all, and without a filter" in text_of(filtered)


def test_who_sees_some_relationships_gets_the_figures_of_these(sign_in, process):
    ids = filled(process, [walk("capture qualify", version=1) for _ in range(6)])
    policy("member", "journey", see="own", edit="own")
    who = user("jonas")
    Journey.objects.filter(pk__in=ids[:2]).update(owner=who)
    page = sign_in("jonas").get(ALL_TIME)
    text = text_of(page)
    assert "2 relationships began" in text
    [came] = [href for words, href in links(page.content.decode()) if "came%2Fcapture" in href and words == "2"]
    assert behind(came, "jonas") == 2
    assert "Only relationships that you see" in text


def test_a_filter_narrows_the_figures_and_stays_in_their_links(sign_in, process):
    filled(process, [walk("capture qualify", version=1), walk("capture", version=1)])
    html = sign_in("astrid").get(ALL_TIME + "&filter=stage.is:qualify").content.decode()
    assert "1 relationship began" in html
    found = [href for _words, href in links(html) if "went.is" in href]
    assert found and all("stage.is:qualify" in href for href in found)


def test_what_an_address_cannot_mean_is_left_out_and_said(sign_in, process):
    filled(process, [walk("capture", version=1, start=NOW - DAY)])
    text = text_of(sign_in("astrid").get("/process/map?period=someday&filter=nonsense.is:1"))
    assert "“someday” is not a period" in text


def test_without_a_process_in_force_the_page_says_where_to_go(sign_in):
    assert "No process is in force yet" in text_of(sign_in("astrid").get("/process/map"))


def test_spans_are_said_in_few_letters():
    said = [short_time(s) for s in (None, 45, 6_000, 90_000, 155_520, 1_382_400)]
    assert said == ["–", "45 s", "1 h 40 min", "1 d", "1.8 d", "16 d"]


def test_who_was_waited_for_stands_under_the_stage_as_a_share_of_its_time(sign_in, process):
    filled(process, [walk("capture qualify", version=1)])
    Study.objects.create(process=process, made_at=NOW, waiting={"capture": {"us": 3.0, "them": 1.0, "handover": 0.0}})
    text = text_of(sign_in("astrid").get(ALL_TIME))
    assert "Waited for us 75 % –" in text
    assert "Waited for them 25 % –" in text
    page = sign_in("astrid").get(ALL_TIME).content.decode()
    assert "everybody who came in during the last year; of more than 50,000 only the latest" in page
