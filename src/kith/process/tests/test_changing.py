"""A relationship goes on in another process: foreseen, told, counted as it was, and taken back whole."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.lookups.bulk import bulk_change, rehearse
from kith.kernel.lookups.selection import picked
from kith.kernel.lookups.wishes import wish_of
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import timeline
from kith.process.evidence.auditing import audit
from kith.process.evidence.counting import rebuild, refresh
from kith.process.evidence.models import Passage, Trail
from kith.process.evidence.reading import counted
from kith.process.handovers import hand_over
from kith.process.journeys import silence
from kith.process.models import Journey, Stay
from kith.process.tests.cast import SMALL, call, company, in_force, journey_of, made
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
WHY = "They buy as shops do"
SHORT = """
key: short
name: Short cycle
stages:
  - {key: hello, name: Hello, step: 1}
  - {key: offer, name: Offer, step: 3, within: 3 h, needs: [{key: price, says: A price is named}]}
  - {key: deal, name: Sale, step: 5, silence: 5 days, needs: [{key: fit, says: Fit was judged}]}
  - {key: served, name: Served, step: 8, enters_on: [deal.won]}
"""


@pytest.fixture
def astrid():
    return actor("astrid")


@pytest.fixture
def both(astrid):
    short = in_force(SHORT, by=astrid)
    return in_force(SMALL, by=astrid), short


def moved(journey, by, **inputs):
    return perform(ACTIONS["journey.change_process"], journey, {"process": "short", "reason": WHY, **inputs}, by=by)


def of(row):
    return journey_of(row).process.key, journey_of(row).stage


def test_where_it_would_land_is_said_before_anything_is_done(astrid, both):
    bellevue = company(astrid)
    call(astrid, company=bellevue)
    with pytest.raises(NeedsInput) as asked:
        moved(journey_of(bellevue), astrid, reason="")
    words = asked.value.message
    assert words.startswith("It goes on in Short cycle, in Offer. It is to be left by ")
    assert "it still needs: A price is named." in words
    assert of(bellevue) == ("small", "qualify")
    with pytest.raises(NeedsInput, match="in Served. No clock runs there. Its gate is open."):
        moved(journey_of(bellevue), astrid, reason="", stage="served")


def test_it_goes_on_as_a_journey_of_its_own_that_knows_the_earlier_one(astrid, both):
    bellevue = company(astrid)
    call(astrid, company=bellevue)
    old = journey_of(bellevue)
    new = moved(old, astrid).result
    old.refresh_from_db()
    assert (old.outcome, old.reason, old.due_at, old.is_running) == ("joined", WHY, None, False)
    assert (new.stage, new.earlier, new.skipped, new.came_over) == ("offer", old, [], True)
    assert new.due_at is not None and new.touched_at is not None and new.silent_at is not None
    assert [(s.stage, s.left_at is None) for s in Stay.objects.filter(journey=new)] == [("offer", True)]
    assert not Stay.objects.filter(journey=old, left_at=None).exists()


def test_the_timeline_of_the_customer_tells_it_in_words(astrid, both):
    bellevue = company(astrid)
    moved(journey_of(bellevue), astrid, stage="deal")
    told = [registry_words(e) for e in Event.objects.filter(record="journey").order_by("id")][-2:]
    assert told == [
        f"moved this relationship from Small to Short cycle: “{WHY}”",
        "goes on with this relationship in Short cycle, in Sale",
    ]
    entries, _more = timeline(astrid, "company", bellevue.pk)
    assert any("Small to Short cycle" in e.sentence for e in entries), "where those read it who look after the customer"


def registry_words(event):
    from kith.kernel.timeline.types import EVENTS
    from kith.process.events import JourneyOpened

    kind = JourneyOpened if event.verb == "journey.created" else EVENTS[event.verb]
    return kind.say(event.payload)


def test_taking_it_back_puts_the_relationship_where_it_stood(astrid, both):
    bellevue = company(astrid)
    call(astrid, company=bellevue)
    old = journey_of(bellevue)
    outcome = moved(old, astrid)
    assert undo(outcome.operation, by=astrid).conflicts == []
    assert journey_of(bellevue) == old and of(bellevue) == ("small", "qualify")
    assert Stay.objects.filter(journey=old, left_at=None).get().stage == "qualify"
    assert not Stay.objects.filter(journey=outcome.result).exists()


def test_the_map_and_the_audit_of_both_processes_say_what_happened(astrid, both):
    small, short = both
    bellevue = company(astrid)
    call(astrid, company=bellevue)
    old = journey_of(bellevue)
    new = moved(old, astrid, stage="served").result
    refresh()
    left, came = Passage.objects.get(journey=old, stage="qualify"), Passage.objects.get(journey=new)
    assert (left.here, left.left, left.on) == (False, False, False), "it neither stands there nor was it lost"
    assert (came.stage, came.here, came.began) == ("served", True, "flow")
    assert Trail.objects.get(journey=new).skipped == []
    assert audit(short).found.stages["served"].here == 1
    assert audit(short).found.stages["hello"].skipped == audit(short).found.stages["offer"].skipped == 0
    assert audit(small).found.stages["qualify"].ended == audit(small).found.stages["qualify"].here == 0
    kept = counted(small.pk), counted(short.pk)
    rebuild()
    assert kept == (counted(small.pk), counted(short.pk))


def test_what_was_ticked_in_a_stage_of_both_is_not_asked_again(astrid, both):
    bellevue = company(astrid)
    variant = SHORT.replace("key: deal, name: Sale", "key: qualify, name: Sale")
    in_force(variant.replace("key: short\nname: Short cycle", "key: other\nname: Other"), by=astrid)
    call(astrid, company=bellevue)
    perform(ACTIONS["journey.tick"], journey_of(bellevue), {"need": "fit"}, by=astrid)
    new = moved(journey_of(bellevue), astrid, process="other").result
    assert new.stage == "qualify" and new.ticks.get().need == "fit"


def test_what_cannot_be_moved_says_why(astrid, both):
    bellevue = company(astrid)
    journey = journey_of(bellevue)
    with pytest.raises(Invalid, match="is in Small already"):
        moved(journey, astrid, process="small")
    with pytest.raises(Invalid, match="Short cycle has no stage “capture”; it has: Hello"):
        moved(journey, astrid, stage="capture")
    journey.refresh_from_db()
    perform(ACTIONS["journey.close"], journey, {"outcome": "lost", "reason": "Gone"}, by=astrid)
    journey.refresh_from_db()
    with pytest.raises(Invalid, match="has ended"):
        moved(journey, astrid)


def test_a_relationship_that_is_being_handed_over_stays_until_that_is_settled(astrid):
    in_force(SHORT, by=astrid)
    in_force(SMALL.replace("    name: Qualify\n", "    name: Qualify\n    handover: true\n"), by=astrid)
    journey = journey_of(company(astrid))
    perform(ACTIONS[hand_over.name], journey, {"to": str(user("ines").pk), "says": "They like mornings."}, by=astrid)
    with pytest.raises(Invalid, match="A handover of Hotel Bellevue waits"):
        moved(journey, astrid)


def test_many_go_over_together_with_as_many_queries_as_a_few(astrid, both):
    def bulk(n):
        rows = [journey_of(company(astrid, name=f"Hotel {n} {i}")) for i in range(n)]
        selection = picked([str(row.pk) for row in rows], every=False, filter="", query="")
        wish = wish_of(
            registry["journey"], "do", n, {"process": "short", "reason": WHY}, action=ACTIONS["journey.change_process"]
        )
        foretold = rehearse(registry["journey"], selection, wish, by=astrid)
        assert (
            foretold.changed,
            Journey.objects.filter(process__key="short", company__name=f"Hotel {n} 0").count(),
        ) == (n, 0)
        with CaptureQueriesContext(connection) as told:
            done = bulk_change(registry["journey"], selection, wish, by=astrid)
        assert (done.changed, done.refusals) == (n, 0)
        return len(told), done.operation

    few, _operation = bulk(3)
    many, operation = bulk(30)
    assert many <= few + 3
    assert Journey.objects.filter(process__key="short", closed_at=None, archived_at=None).count() == 33
    assert undo(operation, by=astrid).conflicts == []
    assert Journey.objects.filter(process__key="short", closed_at=None, archived_at=None).count() == 3


def test_of_many_those_that_cannot_go_are_named_and_stay(astrid, both):
    bellevue, florian = company(astrid), company(astrid, name="Café Florian")
    there = moved(journey_of(florian), astrid).result
    wish = wish_of(
        registry["journey"], "do", 2, {"process": "short", "reason": WHY}, action=ACTIONS["journey.change_process"]
    )
    selection = picked([str(journey_of(bellevue).pk), str(there.pk)], every=False, filter="", query="")
    done = bulk_change(registry["journey"], selection, wish, by=astrid)
    assert done.changed == 1 and done.refused == [(there.pk, "Café Florian", "Café Florian is in Short cycle already.")]


def test_what_happens_later_brings_it_on_in_its_new_process(astrid, both):
    bellevue = company(astrid)
    deal = made("deal", astrid, name="Sensors", company=bellevue)
    moved(journey_of(bellevue), astrid)
    assert of(bellevue) == ("short", "deal")
    why = registry["reason"].model.objects.filter(outcome="won").first()
    perform(ACTIONS["deal.win"], deal, {"reason": str(why.pk)}, by=astrid)
    assert of(bellevue) == ("short", "served")


def test_a_silence_that_was_told_is_not_told_again_because_the_process_is_another(astrid, both):
    bellevue = company(astrid)
    type(bellevue).objects.filter(pk=bellevue.pk).update(last_touch_at=timezone.now() - dt.timedelta(days=100))
    silence.touched([("company", bellevue.pk)])
    assert silence.tell_silences() == 1
    new = moved(journey_of(bellevue), astrid).result
    assert new.silent_at < timezone.now() and silence.tell_silences() == 0


def test_the_dialog_says_where_it_lands_and_then_does_it(astrid, both, client):
    client.force_login(user("astrid"))
    bellevue = company(astrid)
    address = f"/journeys/{journey_of(bellevue).pk}/do/change_process"
    asked = client.post(address, {"process": "short"})
    words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", asked.content.decode())).split())
    assert asked.status_code == 422 and "It goes on in Short cycle, in Hello." in words
    done = client.post(address, {"process": "short", "stage": "", "reason": WHY, "columns": ["stage", "reason"]})
    assert done.status_code == 303 and of(bellevue) == ("short", "hello")


AHEAD = """
key: ahead
name: Ahead
segments: [{key: retail, name: Retail, rule: {of: company, where: "industry.has:retail"}}]
stages:
  - {key: hello, name: Hello, step: 1}
  - {key: qualify, name: Sort out, step: 3}
  - {key: try, name: Try, step: 4}
  - {key: shop, name: Shop, step: 5, only: [retail]}
  - {key: big, name: Large, step: 6, entry: {of: company, where: "employees.over:100"}}
  - {key: late, name: Later, step: 7, gate: strict, needs: [{key: fit, says: Fit was judged}]}
  - {key: end, name: End, step: 8}
"""


def offered_in(page):
    select = re.search(r'<select[^>]*name="stage".*?</select>', page, re.S)
    return [
        html.unescape(words.strip())
        for words in re.findall(r"<option[^>]*>(.*?)</option>", select[0], re.S)
        if words.strip()
    ]


def test_where_it_may_enter_is_offered_any_other_only_as_such_and_none_behind_a_strict_gate(astrid, both, client):
    client.force_login(user("astrid"))
    bellevue = company(astrid)
    call(astrid, company=bellevue)
    in_force(AHEAD, by=astrid)
    other = "Another stage, with a reason: "
    wanted = ["Hello", "Sort out", "Try", f"{other}Shop (only for Retail)", f"{other}Large (who may enter is not met)",
              f"{other}Later (not where it would come in)"]  # fmt: skip
    page = client.post(f"/journeys/{journey_of(bellevue).pk}/do/change_process", {"process": "ahead"}).content.decode()
    assert offered_in(page)[-len(wanted) :] == wanted
    assert not {"End", "Offer"} & {*offered_in(page)}, "neither behind a strict gate nor of a third process"
    with pytest.raises(NeedsInput, match="another stage than it would come in at .only for Retail."):
        moved(journey_of(bellevue), astrid, process="ahead", reason="", stage="shop")
    with pytest.raises(Invalid, match="strict gate"):
        moved(journey_of(bellevue), astrid, process="ahead", stage="end")
    moved(journey_of(bellevue), astrid, process="ahead", stage="shop")
    assert of(bellevue) == ("ahead", "shop")


def test_programs_read_where_it_may_go_on(astrid, both):
    from kith.api.tests.programs import Program

    bellevue = company(astrid)
    in_force(AHEAD, by=astrid)
    told = Program("astrid")("get", f"journeys/{journey_of(bellevue).pk}/landings").data["data"]
    assert {one["process"] for one in told} == {"ahead", "short"}
    assert {one["stage"] for one in told if one["process"] == "ahead" and one["offered"]} == {"hello", "qualify"}
    assert [one["why"] for one in told if one["stage"] == "shop"] == ["only for Retail"]
