"""What happened to a row, how often and how lately, is a condition like any other: in lists, segments and workflows."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.contacts.events import Captured
from kith.deals.actions import install_defaults
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.lookups.compile import compile_tree, say_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create, edit
from kith.kernel.records.registry import registry
from kith.kernel.segments import jobs, queries
from kith.kernel.segments.explaining import say_came, say_left
from kith.kernel.segments.models import Segment
from kith.kernel.timeline.change import change
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
people, segments = registry["person"], registry["segment"]
THREE = "happened.at_least:person.captured|3|30"


@pytest.fixture
def ines():
    return actor("ines")


def person(by, name="Marta"):
    return create(people, {"given_name": name}, by=by)


def came(row, by, ago=0, times=1):
    for _n in range(times):
        with time_machine.travel(timezone.now() - dt.timedelta(days=ago), tick=True), change(row, by=by) as c:
            c.says(Captured("form", "Brochure"))


def found(text, by):
    compiled = compile_tree(people, parse(text), by)
    assert not compiled.broken, compiled.broken
    few = compile_tree(people, parse(text), by, few=True).apply(people.rows(by)).values_list("given_name", flat=True)
    every = compiled.apply(people.rows(by)).values_list("given_name", flat=True)
    assert sorted(few) == sorted(every)
    return sorted(every)


def test_a_list_asks_how_often_something_happened_lately_or_that_it_did_not(ines):
    often, long_ago, once, _never = (person(ines, n) for n in ("Often", "Long ago", "Once", "Never"))
    came(often, ines, 2, times=3)
    came(long_ago, ines, 40, times=5)
    came(once, ines, 1)
    assert found(THREE, ines) == ["Often"]
    assert found("happened.at_least:person.captured|1|30", ines) == ["Often", "Once"]
    assert found("happened.at_least:person.captured|5|60", ines) == ["Long ago"]
    assert found("happened.never:person.captured|30", ines) == ["Long ago", "Never"]
    assert found(f"not({THREE}),happened.at_least:person.captured|1|90", ines) == ["Long ago", "Once"]
    said = say_tree(people, parse(f"{THREE},happened.never:person.captured|7"), ines)
    assert said == "Happened at least 3 times within 30 days: came to us and Happened never within 7 days: came to us"


@pytest.mark.parametrize(
    ("text", "why"),
    [("happened.at_least:person.captured|3", "how often at least, and within how many days"),
     ("happened.at_least:moon.landed|1|30", "nothing that happens"), ("happened.at_least:person.captured|0|30", "from 1 to 1,000"),
     ("happened.never:person.captured|99999", "from 1 to 3,650"), ("happened.never:person.captured", "within how many days")],
)  # fmt: skip
def test_what_means_nothing_is_refused_in_words(ines, text, why):
    (broken,) = compile_tree(people, parse(text), ines).broken
    assert why in broken[1]
    with pytest.raises(Invalid):
        create(segments, {"name": "x", "subject": "person", "conditions": text}, by=ines)


def test_an_event_brings_somebody_into_a_segment_and_time_takes_them_out_and_both_say_why(ines):
    keen = create(segments, {"name": "Keen", "subject": "person", "conditions": THREE}, by=ines)
    marta = person(ines)
    came(marta, ines, times=2)
    run_waiting_jobs()
    assert queries.members(ines, keen).count() == 0
    came(marta, ines)
    run_waiting_jobs(names=["segments.settle"])
    (stay,) = queries.passages(ines, keen)
    assert stay.came and say_came(stay.stay, keen, ines) == (
        "by a change: Happened at least 3 times within 30 days: came to us"
    )
    assert stay.stay.came_event is not None
    assert Segment.objects.get(pk=keen.pk).timed
    with time_machine.travel(timezone.now() + dt.timedelta(days=31)):
        jobs.calendar()
        assert queries.members(ines, keen).count() == 0
        left = queries.passages(ines, keen)[0]
        assert not left.came
        told = say_left(left.stay, keen, ines)
        assert told == "by the passing of time: no longer Happened at least 3 times within 30 days: came to us"


def test_other_events_of_the_same_person_are_not_named_as_the_reason(ines):
    both = create(
        segments, {"name": "Keen", "subject": "person", "conditions": f"job_title.has:curator,{THREE}"}, by=ines
    )
    marta = person(ines)
    came(marta, ines, times=3)
    run_waiting_jobs()
    edit(people, marta, {"job_title": "Curator"}, by=ines)
    run_waiting_jobs()
    (stay,) = queries.passages(ines, both)
    assert say_came(stay.stay, both, ines) == "by a change: Job title contains curator"


def test_what_happened_to_rows_out_of_reach_does_not_count(ines):
    companies, astrid = registry["company"], actor("astrid")
    install_defaults(by=system("cli"))
    hotel = create(companies, {"name": "Hotel Bellevue"}, by=astrid)
    deal = create(registry["deal"], {"name": "Pumps", "company": hotel, "owner": user("helena")}, by=astrid)
    perform(ACTIONS["deal.lose"], deal, {"reason": "Price"}, by=astrid)
    tree = parse("happened.at_least:deal.lost|1|7")

    def seen(by):
        return compile_tree(companies, tree, by).apply(companies.rows(by)).count()

    assert (seen(astrid), seen(ines)) == (1, 1)
    policy("member", "deal", see="own")
    assert (seen(astrid), seen(actor("ines"))) == (1, 0)


def test_many_rows_are_asked_in_one_question(ines):
    for n in range(5):
        came(person(ines, f"P{n}"), ines, times=3)
    with CaptureQueriesContext(connection) as asked:
        assert len(found(THREE, ines)) == 5
    assert len(asked) == 2, "one for all of them, and one for those that are known"


def test_the_editor_of_filters_asks_for_it(client, ines):
    client.force_login(user("ines"))
    page = client.get(f"/people/filter/?filter={THREE}&at=0").content.decode()
    assert "How often at least" in page and "Within how many days" in page
    sent = {"g-r": "all", "c-r-0": "happened", "o-r-0": "at_least", "s-r-0": "happened.happened",
            "v-r-0": ["person.captured", "3", "3"], "do": "apply"}  # fmt: skip
    assert (
        client.get("/people/filter/", sent).headers["Location"]
        == "/people/?filter=happened.at_least:person.captured%7C3%7C3"
    )
    listed = client.get("/people/?filter=happened.never:person.captured|7").content.decode()
    assert "within 7 days: came to us" in listed


def came_through(row, by, channel, ago=0):
    with time_machine.travel(timezone.now() - dt.timedelta(days=ago), tick=True), change(row, by=by) as c:
        c.says(Captured(channel, "Brochure"))


def test_which_one_is_meant_is_part_of_the_condition(ines):
    for name, channel in (("Chatted", "chat"), ("Sent a form", "form")):
        came_through(person(ines, name), ines, channel)
    both = person(ines, "Both")
    for channel in ("chat", "form", "form"):
        came_through(both, ines, channel)
    assert found("happened.at_least:person.captured|1|30|through=chat", ines) == ["Both", "Chatted"]
    assert found("happened.at_least:person.captured|2|30|through=form", ines) == ["Both"]
    assert found("happened.never:person.captured|30|through=chat", ines) == ["Sent a form"]
    said = say_tree(people, parse("happened.never:person.captured|30|through=chat"), ines)
    assert said == "Happened never within 30 days: came to us through “chat”"


def test_which_one_brings_somebody_into_a_segment_and_another_does_not(ines):
    text = "happened.at_least:person.captured|1|30|through=chat"
    chatted = create(segments, {"name": "Chatted", "subject": "person", "conditions": text}, by=ines)
    marta = person(ines)
    came_through(marta, ines, "form")
    run_waiting_jobs()
    assert queries.members(ines, chatted).count() == 0
    came_through(marta, ines, "chat")
    run_waiting_jobs(names=["segments.settle"])
    assert queries.members(ines, chatted).count() == 1


@pytest.mark.parametrize(
    ("which", "why"),
    [("colour=red", "holds no “colour”"), ("chat", "name=value"), ("subject=Salary", "holds no “subject”")],
)
def test_which_one_must_be_something_that_the_event_holds_and_nothing_personal(ines, which, why):
    verb = "person.captured" if which != "subject=Salary" else "mail.sent"
    (broken,) = compile_tree(people, parse(f"happened.at_least:{verb}|1|30|{which}"), ines).broken
    assert why in broken[1]
