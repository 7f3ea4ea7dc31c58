"""What ended long ago goes, in batches; what is under way stays, however long it waits."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.activities.models import Notice
from kith.activities.notices import notify
from kith.activities.purging import purge_notices
from kith.automation import purging
from kith.automation.models import Run, RunState, RunStep
from kith.automation.purging import purge_runs
from kith.automation.tests.making import WHEN_LOST, deal, lose, work, workflow
from kith.kernel.timeline.models import Event
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


def days_ago(days):
    return timezone.now() - dt.timedelta(days=days)


@pytest.fixture
def lost():
    """A deal that was lost, and the run that followed: done, with one step."""
    workflow(WHEN_LOST)
    row = deal()
    lose(row)
    work()
    return row


def test_runs_that_ended_longer_ago_than_they_are_kept_go_with_their_steps_and_their_events_stay(lost, monkeypatch):
    monkeypatch.setattr(purging, "BATCH", 2)
    done, told = Run.objects.get(), Event.objects.count()
    others = [
        Run(workflow=done.workflow, version_number=1, name="x", state=s) for s in RunState.values for _n in range(2)
    ]
    Run.objects.bulk_create(others)
    Run.objects.update(ended_at=days_ago(181))
    Run.objects.filter(pk=others[0].pk).update(ended_at=None)
    assert purge_runs() == 9 and purge_runs() == 0
    assert set(Run.objects.values_list("state", flat=True)) == {RunState.QUEUED, RunState.WAITING}
    assert not RunStep.objects.exists() and Event.objects.count() == told


def test_how_long_runs_are_kept_is_the_operators_to_say(lost, settings):
    Run.objects.update(ended_at=days_ago(179))
    assert purge_runs() == 0
    settings.KEEP_DAYS = {**settings.KEEP_DAYS, "RUNS": 30}
    Run.objects.filter(state=RunState.DONE).update(ended_at=days_ago(31))
    settings.KEEP_DAYS = {**settings.KEEP_DAYS, "RUNS": 0}
    assert purge_runs() == 0, "0 keeps them for ever"
    settings.KEEP_DAYS = {**settings.KEEP_DAYS, "RUNS": 30}
    assert purge_runs() == 1


def test_notices_go_ninety_days_after_they_were_read_and_a_year_after_they_came():
    for n in range(5):
        notify([user("ines")], f"Word {n}", kind="workflow", key=f"n{n}", by=actor("astrid"))
    rows = list(Notice.objects.order_by("pk"))
    ages = [(100, 91), (100, 89), (366, None), (364, None), (366, None)]
    for row, (came, read) in zip(rows, ages, strict=True):
        Notice.objects.filter(pk=row.pk).update(at=days_ago(came), read_at=days_ago(read) if read else None)
    Notice.objects.filter(pk=rows[4].pk).update(mail="digest")
    assert purge_notices() == 2
    assert list(Notice.objects.order_by("pk")) == [rows[1], rows[3], rows[4]], "one whose mail waits stays"
