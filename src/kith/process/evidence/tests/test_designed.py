"""The map as it was meant, and as it was lived without a word of what was meant."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest

from kith.kernel.organisation.models import bump
from kith.process.definition.files import to_yaml
from kith.process.evidence.designed import designed, ways
from kith.process.evidence.flow import flow, tally
from kith.process.evidence.ledger import teams
from kith.process.evidence.lived import lived
from kith.process.evidence.tests.lives import filled, links, with_rules
from kith.process.evidence.tests.stories import NOW, definition, walk
from kith.process.starters import starter
from kith.process.tests.cast import in_force
from kith.ui.pages.tests.helpers import text_of


def said(found, label):
    return next([f.text for f in line.figures] for line in found.ledger if line.label == label)


def test_the_way_on_is_what_each_segment_is_meant_to_go():
    assert ways(definition(("capture", "qualify", "deal"))) == {
        ("capture", "qualify"): "on to Qualify",
        ("qualify", "deal"): "on to Deal",
    }
    found = ways(with_rules())
    assert found["capture", "qualify"] == "Consulting on to Qualify"
    assert found["capture", "engage"] == "Retail, others on to Engage"
    assert found["deal", "support"] == "may go on to Support"
    assert found["onboard", "deal"] == "may go back to Deal"


def test_a_segment_has_its_own_way_and_its_own_promises():
    found = designed(with_rules(), "retail")
    assert [s.key for s in found.definition.stages] == ["capture", "engage", "deal", "onboard", "support"]
    assert said(found, "Promised time") == ["2 business hours", "–", "3 days", "–", "–"]
    assert not any(label.startswith("For ") for label in (line.label for line in found.ledger))
    assert "qualify" not in [n.key for n in found.drawing.nodes]
    assert ("capture", "engage") in ways(with_rules(), "retail")


def test_gates_stand_behind_their_stage_and_say_what_they_ask():
    found = designed(with_rules())
    assert said(found, "Gate") == ["–", "–", "1 need", "2 needs, strict", "–", "–"]
    soft, strict = found.gates
    assert (soft.strict, strict.strict) == (False, True)
    assert "Budget is known; They said yes" in strict.says
    assert [n.x < g.x for n, g in zip(found.drawing.nodes[2:4], found.gates, strict=True)] == [True, True]


def test_one_stage_alone_is_a_way_too():
    found = designed(definition(("capture",)))
    assert [n.key for n in found.drawing.nodes] == ["capture"]
    assert not found.drawing.curves and not found.gates
    assert said(found, "Promised time") == ["–"]


def test_stages_nobody_came_to_were_not_lived_and_those_that_are_gone_stand_where_they_stood():
    before, today = (
        definition(("capture", "trial", "engage", "deal")),
        definition(("capture", "qualify", "engage", "deal")),
    )
    counted = flow(tally(before, [walk("capture trial engage")], NOW))
    assert [s.key for s in lived(today, counted, [today, before]).stages] == ["capture", "trial", "engage"]
    assert [s.key for s in lived(today, counted).stages] == ["capture", "engage"]


@pytest.fixture
def process(db):
    row = in_force(to_yaml(with_rules()))
    bump()
    return row


def switch(html):
    """{label: (address, current)} of the links in the head."""
    group = re.search(r'<span class="button-group" role="group" aria-label="Show">(.*?)</span>', html, re.DOTALL)[1]
    found = re.findall(r'<a class="button" href="([^"]*)"( aria-current="true")?>([^<]*)</a>', group)
    return {label: (unescape(href), bool(current)) for href, current, label in found}


def test_the_switch_is_links_that_keep_process_period_and_filter(sign_in, process):
    filled(process, [walk("capture engage", version=1)])
    html = sign_in("astrid").get("/process/map?period=all&show=actual&filter=stage.is:engage").content.decode()
    found = switch(html)
    assert {label: current for label, (_href, current) in found.items()} == {
        "Designed": False,
        "Actual": True,
        "Both": False,
    }
    for label, show in (("Designed", "designed"), ("Actual", "actual"), ("Both", None)):
        query = dict(parse_qsl(urlsplit(found[label][0]).query))
        assert query.get("show") == show
        assert (query["period"], query["filter"]) == ("all", "stage.is:engage")
    remove = re.search(r'href="(/process/map/\?[^"]*)"[^>]*aria-label="Remove', html)
    assert remove is None or "show=actual" in remove[1]


def test_designed_shows_the_rules_and_counts_nobody(sign_in, process):
    filled(process, [walk("capture deal", version=1)])
    client = sign_in("astrid")
    page = client.get("/process/map?show=designed")
    text, html = text_of(page), page.content.decode()
    assert "How the process is meant to run" in text and "version 1 says, in force since" in text
    assert "2 business hours" in text and "2 needs, strict" in text and "may go back to Deal" in text
    drawn = html[html.index("<main") : html.index("</main>")]  # beside the page stands a place of that name
    assert "Came in" not in drawn and "went.is" not in html
    assert 'href="/process/guide/' in html
    assert " style=" not in html and "<script>" not in html


def test_designed_is_there_before_anybody_came(sign_in, process):
    client = sign_in("astrid")
    assert "Nobody came to any stage" in text_of(client.get("/process/map"))
    assert "Promised time" in text_of(client.get("/process/map?show=designed"))


def test_a_chosen_segment_narrows_the_way_and_the_figures(sign_in, process):
    filled(process, [walk("capture engage", version=1, segment="retail"), walk("capture qualify", version=1)])
    client = sign_in("astrid")
    designed_text = text_of(client.get("/process/map?show=designed&filter=segment.is:retail"))
    assert "Qualify" not in designed_text
    assert "1 relationship began" in text_of(client.get("/process/map?period=all&filter=segment.is:retail"))
    html = client.get("/process/map?period=all").content.decode()
    assert "filter=segment.is:retail" in html


def test_actual_tells_what_happened_without_judging_it(sign_in, process):
    filled(process, [walk("capture engage support", version=1), walk("capture engage deal engage", version=1)])
    client = sign_in("astrid")
    page = client.get("/process/map?period=all&show=actual")
    text, html = text_of(page), page.content.decode()
    assert "1 straight to Support" in text and "1 back to Engage" in text
    for word in ("skipped", "Service level", "Broken", "Worth a decision", "Qualify"):
        assert word not in text.replace("Only relationships", ""), word
    assert "Came in" in text and "Paths taken" in text
    both = text_of(client.get("/process/map?period=all"))
    assert "skipped" in both and "Broken" in both
    assert any(words == "2" for words, _href in links(html))


def test_a_way_to_show_that_does_not_exist_is_said(sign_in, process):
    filled(process, [walk("capture", version=1)])
    text = text_of(sign_in("astrid").get("/process/map?period=all&show=dreamt"))
    assert "“dreamt” is not a way to show the map" in text and "Came in" in text


@pytest.mark.django_db
def test_a_process_of_one_stage_has_its_page_in_every_way(sign_in):
    alone = in_force(to_yaml(definition(("capture",))))
    bump()
    filled(alone, [walk("capture", version=1, closed=True)])
    client = sign_in("astrid")
    for show in ("designed", "actual", "both"):
        text = text_of(client.get(f"/process/map?period=all&show={show}"))
        assert "Capture" in text and ("1 relationship began" in text) == (show != "designed")


@pytest.mark.django_db
def test_the_owners_of_a_segment_stand_over_its_own_way_and_keep_the_guide_to_their_steps(sign_in):
    in_force(to_yaml(starter("lead-to-loyalty")))
    bump()
    visitor = sign_in("astrid")
    everybody, retail = (visitor.get(f"/process/map?show=designed{more}") for more in ("", "&filter=segment.is:retail"))
    assert "Inside sales" not in text_of(everybody) and "Inside sales" in text_of(retail)
    assert teams(starter("lead-to-loyalty")) == [("Marketing", 2), ("Sales", 4), ("Success", 3)]
    assert teams(starter("lead-to-loyalty"), "retail") == [
        ("Marketing", 2), ("Sales", 1), ("Inside sales", 2), ("Sales", 1), ("Success", 3),
    ]  # fmt: skip
    guide = visitor.get("/process/guide/lead-to-loyalty/?team=Inside sales")
    assert guide.status_code == 200 and "Sales (Short retail cycle: Inside sales)" in text_of(guide)
    assert re.findall(r'<section class="ruled" id="(\w+)"', guide.content.decode()) == ["engage", "deal"]
