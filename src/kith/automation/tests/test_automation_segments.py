"""Segments and behaviour start workflows and are their conditions: by what happens at once, by the calendar within minutes."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from kith.automation import sweeps
from kith.automation.replay import replay
from kith.automation.tests.making import drafted, runs, work, workflow
from kith.contacts.events import Captured
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records.actions import create, edit
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
people, segments = registry["person"], registry["segment"]
TASK = {"do": "write", "kind": "task", "inputs": {"subject": "Call", "due": "1 day", "owner": "=owner"}}
EVERY = ("automation.start", "automation.advance", "segments.settle", "segments.rebuild")


def person(name="Marta", **values):
    return create(people, {"given_name": name, "owner": user("ines"), **values}, by=actor("ines"))


def came(row, times=1):
    for _n in range(times):
        with change(row, by=actor("ines")) as c:
            c.says(Captured("form", "Brochure"))


def curators():
    made = create(
        segments, {"name": "Curators", "subject": "person", "conditions": "job_title.has:curator"}, by=actor("astrid")
    )
    run_waiting_jobs(names=list(EVERY))
    return made


def on(document):
    return workflow({"record": "person", "steps": [TASK], **document}, "Keen")


def look():
    """The look that the clock has taken, at a minute in which it looks at filters too."""
    sweeps.minute(timezone.now().replace(minute=0))


def test_who_comes_into_a_segment_starts_a_workflow_once(client):
    segment = curators()
    already = person("Already", job_title="Curator")
    run_waiting_jobs(names=list(EVERY))
    made = on({"when": {"becomes": f"segment.is:{segment.key}"}})
    marta = person(job_title="Porter")
    run_waiting_jobs(names=list(EVERY))
    assert runs(made) == []
    edit(people, marta, {"job_title": "Curator"}, by=actor("ines"))
    run_waiting_jobs(names=list(EVERY))
    look()
    work()
    assert [run.record_id for run in runs(made)] == [marta.pk], "and nobody who was in it already"
    look()
    work()
    assert len(runs(made)) == 1 and already.pk != marta.pk


def test_a_segment_is_a_condition_and_a_branch():
    segment = curators()
    made = on({"when": {"event": "person.captured"}, "if": f"segment.is:{segment.key}"})
    inside, outside = person("In", job_title="Curator"), person("Out", job_title="Porter")
    run_waiting_jobs(names=list(EVERY))
    came(inside)
    came(outside)
    run_waiting_jobs(names=list(EVERY))
    assert [run.record_id for run in runs(made)] == [inside.pk]
    told = replay(drafted({"record": "person", "when": {"event": "person.captured"}, "if": f"segment.is:{segment.key}",
                           "steps": [TASK]}, "Tried"), by=actor("astrid"))  # fmt: skip
    assert [row.pk for row in told.rows] == [inside.pk]


def test_what_happens_so_often_starts_a_workflow_with_the_event_that_made_it_so():
    made = on({"when": {"becomes": "happened.at_least:person.captured|3|30"}})
    marta, other = person(), person("Other")
    came(marta, 2)
    came(other, 1)
    run_waiting_jobs(names=list(EVERY))
    assert runs(made) == []
    came(marta)
    run_waiting_jobs(names=list(EVERY))
    assert [run.record_id for run in runs(made)] == [marta.pk]


def test_that_something_has_not_happened_for_so_long_starts_one_by_the_clock():
    marta = person()
    came(marta)
    made = on({"when": {"becomes": "happened.never:person.captured|30"}, "if": "given_name.is:Marta"})
    run_waiting_jobs(names=list(EVERY))
    look()
    assert runs(made) == []
    with time_machine.travel(timezone.now() + dt.timedelta(days=31)):
        look()
        work()
        assert [run.record_id for run in runs(made)] == [marta.pk]
