"""What the passing of time starts, looked at once a minute: waits that have ended, dates that came near, schedules, and
filters that began to be met without any event.

Each start has a key that names its reason, so that looking twice starts once. Dates of the last days are caught up
with, so a server that stood still over a weekend forgets nothing.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from croniter import croniter
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.notices import notify
from kith.automation.engine import end, limit_passed, unexpected
from kith.automation.models import Run, RunState, Workflow
from kith.automation.queries import Live, author_of, live, paused
from kith.automation.stages import keeping
from kith.automation.starting import Start, begin, begun_to_match, set_off, switch_off, those_meeting
from kith.automation.triggers import OnBecoming, OnDate, OnSchedule
from kith.kernel.access.actor import Actor, system
from kith.kernel.kinds import Moment
from kith.kernel.organisation.models import current
from kith.kernel.records.columns import Column
from kith.kernel.zones import zone

CATCH_UP = dt.timedelta(days=7)
FILTERS_EVERY = 5  # minutes between two looks at filters that time may make true
AT_ONCE = 1000  # waits that end in one look
log = logging.getLogger("kith.automation")


def minute(now: dt.datetime | None = None) -> None:
    """One look at everything that time starts."""
    now = now or timezone.now()
    keeping.look_again()
    if paused():
        return
    end_waits(now)
    for one in live():
        try:
            with transaction.atomic():
                _look(one, now)
        except (OperationalError, InterfaceError):
            raise  # a deadlock, a lost connection: the job tries again
        except Exception as problem:
            log.exception("Workflow %s could not be looked at.", one.workflow.pk)
            _tell_author(one.workflow, problem, now)
    if Run.objects.filter(state=RunState.QUEUED).exists():  # also what a killed worker left
        set_off()


def _look(one: Live, now: dt.datetime) -> None:
    """Start what one workflow starts by the clock."""
    if isinstance(one.trigger, OnDate):
        begin(one, _by_date(one, one.trigger, now))
    elif isinstance(one.trigger, OnSchedule):
        begin(one, _by_schedule(one, one.trigger, now))
    elif isinstance(one.trigger, OnBecoming) and now.minute % FILTERS_EVERY == 0:
        look_at_filter(one, now)


def _tell_author(workflow: Workflow, problem: Exception, now: dt.datetime) -> None:
    """Once a day, for as long as it stands still while the others go on."""
    if workflow.author is None or not workflow.author.is_active:
        return
    words = _("Kith could not see whether “%(name)s” should start, and looks again every minute. %(why)s")
    said = words % {"name": workflow.name, "why": unexpected(problem)}
    key = f"unseen:{workflow.pk}:{now:%Y%m%d}"
    notify([workflow.author], said, kind="workflow", about=("workflow", workflow.pk), by=system(), key=key)


def end_waits(now: dt.datetime) -> None:
    """Runs whose time has come go on; one that cannot stands as failed, and the others go on."""
    due = Run.objects.filter(state=RunState.WAITING, waits_until__lte=now).order_by("waits_until")
    for pk in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        try:
            _settle(pk, limit_passed)
        except (OperationalError, InterfaceError):
            raise
        except Exception as problem:
            log.exception("The wait of run %s could not end.", pk)
            _settle(pk, partial(end, state=RunState.FAILED, why=unexpected(problem)))


def _settle(pk: int, how: Callable[[Run], None]) -> None:
    with transaction.atomic():
        free = Run.objects.select_for_update(of=("self",), skip_locked=True)
        run = free.filter(pk=pk, state=RunState.WAITING).first()
        if run is not None:
            how(run)


def look_at_filter(one: Live, now: dt.datetime) -> int:
    """Start the rows that meet the filter now and did not when last looked at."""
    with transaction.atomic():
        rows = those_meeting(one, begun_to_match(one))
        stamp = now.strftime("%Y%m%d%H%M")
        return begin(one, [Start(f"becomes:{stamp}:{row}", one.definition.record, row) for row in sorted(rows)])


def _by_date(one: Live, trigger: OnDate, now: dt.datetime) -> list[Start]:
    """Rows whose date, moved by the offset, lies behind us since the workflow was switched on."""
    by = author_of(one.workflow)
    if by is not None and trigger.record is not None and trigger.value not in trigger.record.columns(by):
        switch_off(one.workflow, _("The date that starts it, “%s”, is not there any more.") % trigger.value)
        return []
    rows = due_rows(trigger, by, max(one.workflow.since or now, now - CATCH_UP), now) if by is not None else []
    meeting = those_meeting(one, [pk for pk, _value in rows])
    return [Start(f"date:{pk}:{value}", one.definition.record, pk) for pk, value in rows if pk in meeting]


def due_rows(trigger: OnDate, by: Actor, since: dt.datetime, now: dt.datetime) -> list[tuple[int, str]]:
    """(row, its date as text) of rows that this actor may see and that came due after `since`, up to `now`."""
    column = trigger.record.columns(by).get(trigger.value) if trigger.record is not None else None
    if trigger.record is None or column is None:
        return []
    # Business spans are not the same both ways around holidays; rows are settled one by one below.
    wide = dt.timedelta(days=21 if trigger.offset.business else 2)
    start, end = _moved_back(trigger, since) - wide, _moved_back(trigger, now) + wide
    low, high = (start, end) if isinstance(column.kind, Moment) else (start.date(), end.date())
    rows = _between(column, trigger.record.rows(by, archived=False), low, high)
    return [(pk, value.isoformat()) for pk, value in rows if since < due_moment(trigger, value) <= now]


def _between(column: Column, rows: Any, low: dt.date, high: dt.date) -> Iterator[tuple[int, Any]]:
    """(row, its date) of rows with one from `low` to `high`. A field of one's own is compared as the text it is kept as,
    which may have an index and sorts the same but for hours between time zones; callers look further than those."""
    if not column.custom:
        rows = rows.filter(**{f"{column.path}__gte": low, f"{column.path}__lte": high})
        yield from rows.order_by("pk").values_list("pk", column.path)
        return
    rows = rows.annotate(kept=column.sorting()).filter(
        kept__gte=column.kind.dump(low), kept__lte=column.kind.dump(high)
    )
    for pk, text in rows.order_by("pk").values_list("pk", "kept"):
        yield pk, column.kind.load(text)


def _moved_back(trigger: OnDate, moment: dt.datetime) -> dt.datetime:
    return trigger.offset.back().after(moment)


def due_moment(trigger: OnDate, value: Any) -> dt.datetime:
    """When a row with this date comes due."""
    if not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, trigger.at, zone(current().time_zone))
    return trigger.offset.after(value)


def _by_schedule(one: Live, trigger: OnSchedule, now: dt.datetime) -> list[Start]:
    """One run, or one for each row that meets the condition, each time that the schedule comes round."""
    since = one.workflow.fired_at or one.workflow.since or now
    fresh = Workflow.objects.filter(pk=one.workflow.pk).values_list("fired_at", flat=True).first() or since
    last = last_time(trigger.value, now)
    if last <= fresh:
        return []
    Workflow.objects.filter(pk=one.workflow.pk).update(fired_at=now)
    stamp = last.strftime("%Y%m%d%H%M")
    if trigger.record is None:
        return [Start(f"schedule:{stamp}")]
    by = author_of(one.workflow)
    if by is None:
        return []
    rows = those_meeting(one, trigger.record.rows(by, archived=False).values_list("pk", flat=True))
    return [Start(f"schedule:{stamp}:{row}", one.definition.record, row) for row in sorted(rows)]


def last_time(cron: str, now: dt.datetime) -> dt.datetime:
    """When the schedule last came round, on the organisation's clock."""
    here = zone(current().time_zone)
    found: dt.datetime = croniter(cron, now.astimezone(here) + dt.timedelta(seconds=1)).get_prev(dt.datetime)
    return found
