"""Programs read and write the draft of a process, see what publishing would do, and publish through the action."""

import pytest
from django.test import Client
from django.utils import timezone

from kith.api.tests.programs import Program
from kith.process.definition.files import from_yaml, to_yaml
from kith.process.evidence.counting import refresh
from kith.process.evidence.models import Study
from kith.process.models import Process
from kith.process.tests.cast import SMALL, company, in_force, journey_of
from kith.process.versions import standard
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def astrid():
    return Program("astrid")


def test_a_draft_is_written_previewed_and_published(astrid):
    process = in_force(by=actor("astrid"))
    company(actor("astrid"))
    told = astrid("get", "processes/small/draft").data
    assert (told["draft"], told["in_force"], told["faults"]) == (False, 1, [])
    document = told["document"]
    document["stages"][0]["within"] = "1 h"
    assert astrid("put", "processes/small/draft", document).data["draft"] is True
    told = astrid("get", "processes/small/preview").data
    assert told["changes"] == ["Capture: the service level is 1 h, it was 2 h."]
    assert (told["running"], told["sooner"], told["later"], told["gone"]) == (1, 1, 0, {})
    assert astrid("post", f"processes/{process.pk}/actions/publish", {"note": "Sooner"}).status_code == 200
    assert standard().definition.by_key["capture"].within == "1 h"


def test_a_relationship_is_moved_to_another_process_once_it_is_said_why(astrid):
    in_force(SMALL.replace("key: small\nname: Small", "key: short\nname: Short cycle"), by=actor("astrid"))
    in_force(by=actor("astrid"))
    old = journey_of(company(actor("astrid")))
    told = astrid("post", f"journeys/{old.pk}/actions/change_process", {"process": "short"})
    assert told.status_code == 422 and b"It goes on in Short cycle, in Capture." in told.content
    sent = {"process": "short", "stage": "deal", "reason": "A shop"}
    assert astrid("post", f"journeys/{old.pk}/actions/change_process", sent).status_code == 200
    new = journey_of(old.company)
    assert (new.process.key, new.stage, new.earlier) == ("short", "deal", old)


def test_the_draft_goes_and_comes_as_a_file(astrid):
    sent = Client().put("/api/v1/processes/small/draft", SMALL, content_type="application/yaml", **astrid.header)
    assert sent.status_code == 200 and Process.objects.get().key == "small"
    got = Client().get("/api/v1/processes/small/draft", HTTP_ACCEPT="application/yaml", **astrid.header)
    assert got.content.decode() == to_yaml(from_yaml(SMALL))


def test_what_is_wrong_with_a_document_is_told_and_nothing_is_kept(astrid):
    wrong = SMALL.replace("[deal.won]", "[deal.wonn]").replace("within: 2 h", "within: soon")
    sent = Client().put("/api/v1/processes/small/draft", wrong, content_type="application/yaml", **astrid.header)
    assert sent.status_code == 422 and b"Capture" in sent.content and b"Service" in sent.content
    other = Client().put("/api/v1/processes/other/draft", SMALL, content_type="application/yaml", **astrid.header)
    assert other.status_code == 422 and b"the address says" in other.content
    broken = Client().put("/api/v1/processes/small/draft", b"\xff", content_type="application/yaml", **astrid.header)
    assert broken.status_code == 422 and not Process.objects.exists()


def test_those_who_do_not_manage_settings_neither_read_nor_write_a_draft(astrid):
    in_force(by=actor("astrid"))
    ines = Program("ines")
    assert ines("get", "processes/small/draft").status_code == 403
    assert ines("put", "processes/small/draft", {"key": "small"}).status_code == 403
    assert ines("get", "processes/small/preview").status_code == 403
    assert astrid("get", "processes/none/preview").status_code == 404


def test_a_program_does_not_move_anybody_past_a_strict_stage_and_is_told_what_it_misses(astrid):
    in_force(SMALL.replace("    only: []\n", "    gate: strict\n"), by=actor("astrid"))
    journey = journey_of(company(actor("astrid")))
    told = astrid("post", f"journeys/{journey.pk}/actions/move", {"stage": "deal", "reason": "all the same"})
    assert told.status_code == 422
    assert b"Qualify is a strict gate. Missing: Their industry is known, Fit was judged." in told.content
    assert journey_of(journey.company).stage == "capture"


def test_another_process_and_back_leads_no_program_round_a_strict_gate():
    in_force(SMALL.replace("key: small\nname: Small", "key: short\nname: Short cycle"), by=actor("astrid"))
    in_force(SMALL.replace("    only: []\n", "    gate: strict\n"), by=actor("astrid"))
    ines, bellevue = Program("ines"), company(actor("ines"))

    def over(process, stage):
        body = {"process": process, "stage": stage, "reason": "All agreed"}
        return ines("post", f"journeys/{journey_of(bellevue).pk}/actions/change_process", body)

    assert over("short", "deal").status_code == 200
    refused = over("small", "deal")
    assert refused.status_code == 422 and "Qualify is a strict gate. Missing: Their industry" in str(refused.data)
    assert over("small", "").status_code == 200 and journey_of(bellevue).stage == "qualify"


def test_what_a_gate_asks_for_and_where_a_relationship_stood_is_read(astrid):
    in_force(by=actor("astrid"))
    row = company(actor("astrid"), industry="Hotels")
    pk = journey_of(row).pk
    astrid("post", f"journeys/{pk}/actions/move", {"stage": "qualify"})
    points = astrid("get", f"journeys/{pk}/gate").data["data"]
    assert [(p["key"], p["says"], p["by"], p["of"], p["column"], p["met"]) for p in points] == [
        ("industry", "Their industry is known", "field", "company", "industry", True),
        ("fit", "Fit was judged", "hand", "", "", False),
    ]
    astrid("post", f"journeys/{pk}/actions/tick", {"need": "fit"})
    stays = astrid("get", f"journeys/{pk}/stays").data["data"]
    assert [(s["stage"], s["name"], s["held_to"], s["late"], s["left_at"] is None) for s in stays] == [
        ("capture", "Capture", 1, False, False),
        ("qualify", "Qualify", 1, False, True),
    ]
    astrid("post", f"journeys/{pk}/actions/close", {"outcome": "lost", "reason": "No budget"})
    assert astrid("get", f"journeys/{pk}/gate").data["data"] == []


def test_the_map_is_read_with_its_period_and_filter(astrid):
    in_force(by=actor("astrid"))
    for name, industry in (("Shop", "retail"), ("Hotel", "Hotels")):
        row = company(actor("astrid"), name, industry=industry)
        astrid("post", f"journeys/{journey_of(row).pk}/actions/move", {"stage": "qualify"})
    refresh()
    told = astrid("get", "processes/small/map").data
    stages = {one["stage"]: one for one in told["stages"]}
    assert list(stages) == ["capture", "qualify", "deal", "service"]
    assert (stages["capture"]["came"], stages["capture"]["on"], stages["qualify"]["here"]) == (2, 2, 2)
    assert {"from": "capture", "to": "qualify", "kind": "flow", "journeys": 2} in told["ways"]
    told = astrid("get", "processes/small/map?period=all&filter=segment.is:retail").data
    assert told["filter"] == "segment.is:retail" and told["since"] is None
    assert [one["came"] for one in told["stages"]] == [1, 1, 0, 0]
    for wrong in ("filter=colour.is:red", "period=sometime", "filter=segment.is("):
        assert astrid("get", f"processes/small/map?{wrong}").status_code == 422, wrong
    assert astrid("get", "processes/none/map").status_code == 404


def test_the_map_counts_what_is_within_reach_and_the_audit_takes_more(astrid):
    in_force(by=actor("astrid"))
    company(actor("astrid"))
    refresh()
    policy("member", "journey", see="own")
    ines = Program("ines")
    assert sum(one["came"] for one in ines("get", "processes/small/map").data["stages"]) == 0
    refused = ines("get", "processes/small/audit")
    assert refused.status_code == 403 and "only a role that sees all of them" in refused.data["detail"]


def test_the_audit_is_read_from_a_day_on(astrid):
    in_force(by=actor("astrid"))
    company(actor("astrid"))
    refresh()
    told = astrid("get", "processes/small/audit?since=2020-01-31").data
    assert (told["process"], told["since"], told["journeys"], told["conforming"]) == ("small", "2020-01-31", 1, 1)
    assert [one["stage"] for one in told["stages"] if one["here"]] == ["capture"]
    assert astrid("get", "processes/small/audit?since=soon").status_code == 422
    assert astrid("get", "processes/none/audit").status_code == 404


def test_what_those_have_who_bring_most_on_is_for_roles_that_see_every_relationship(astrid):
    small = in_force(by=actor("astrid"))
    kept = {"stage": "qualify", "colleagues": 3, "best": 1, "best_on": [22, 23], "others_on": [22, 45], "needs": []}
    Study.objects.create(process=small, made_at=timezone.now(), advice=[kept])
    assert astrid("get", "processes/small/advice").data == {"data": [kept]}
    policy("member", "journey", see="own")
    refused = Program("ines")("get", "processes/small/advice")
    assert refused.status_code == 403 and "only a role that sees all of them" in refused.data["detail"]
    assert astrid("get", "processes/none/advice").status_code == 404
