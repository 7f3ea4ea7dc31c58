"""Schedules are rows: made from the declarations, changed by administrators, looked at once a minute.

Their times are those of the organisation's clock: nightly work runs in its night, in summer and in winter.
"""

from __future__ import annotations

from datetime import UTC, datetime

from babel.dates import get_day_names
from croniter import croniter
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.jobs.declare import JOBS
from kith.kernel.jobs.models import Schedule
from kith.kernel.jobs.queue import enqueue
from kith.kernel.organisation.models import current, refresh
from kith.kernel.zones import zone


def ensure_schedules() -> None:
    """Make the rows of declared schedules that are not there yet. What an administrator changed stays."""
    declared = [Schedule(name=job.name, job=job.name, cron=job.every) for job in JOBS.values() if job.every]
    Schedule.objects.bulk_create(declared, ignore_conflicts=True)


def set_schedule(schedule: Schedule, *, cron: str, enabled: bool) -> Schedule:
    """Change when a schedule runs; raises Invalid when the cron text cannot be read."""
    if len(cron.split()) != 5 or not croniter.is_valid(cron):
        raise Invalid(f"“{cron}” is not a time such as 30 6 * * 1 (minute, hour, day, month, weekday).", "cron")
    schedule.cron, schedule.enabled = cron, enabled
    schedule.save(update_fields=["cron", "enabled"])
    return schedule


def say_schedule(schedule: Schedule) -> str:
    """When it runs, in words: "every day at 03:41". Times that need more words than that stay as they are written."""
    minute, hour, *rest = schedule.cron.split()
    if rest[:2] != ["*", "*"]:
        return schedule.cron
    if (minute, hour, rest[2]) == ("*", "*", "*"):
        return _("every minute")
    if not minute.isdecimal() or not (hour.isdecimal() or hour == "*"):
        return schedule.cron
    if hour == "*":
        return _("every hour, %(minute)s past") % {"minute": minute} if rest[2] == "*" else schedule.cron
    at = f"{int(hour):02}:{int(minute):02}"
    if rest[2] == "*":
        return _("every day at %(time)s") % {"time": at}
    if not rest[2].isdecimal():
        return schedule.cron
    day = get_day_names("wide", locale=to_locale(get_language() or "en"))[(int(rest[2]) - 1) % 7]
    return _("every %(weekday)s at %(time)s") % {"weekday": day, "time": at}


def next_run(schedule: Schedule) -> datetime:
    """When the schedule is due next, counted from its last run; in the past when it is overdue."""
    here = zone(current().time_zone)
    since = (schedule.last_run_at or schedule.created_at).astimezone(here)
    if "*" in schedule.cron.split()[1]:  # every hour or so: by the time that passes
        return croniter(schedule.cron, since).get_next(datetime)
    # At certain hours: by the hands of the clock, so that an hour that comes twice in autumn has one run.
    hands = croniter(schedule.cron, since.replace(tzinfo=None))
    found = since
    while found.astimezone(UTC) <= since.astimezone(UTC):
        found = hands.get_next(datetime).replace(tzinfo=here)
    return found


def run_due_schedules(now: datetime | None = None) -> list[str]:
    """Enqueue every schedule that is due and return their names. A missed hour is made up once, not sixty times; what takes
    longer than its pause runs again when it is done, not beside itself."""
    now = now or timezone.now()
    refresh()  # the organisation may have moved since this process began
    names = []
    for pk in Schedule.objects.filter(enabled=True).values_list("pk", flat=True):
        with transaction.atomic():
            schedule = Schedule.objects.select_for_update(skip_locked=True).filter(pk=pk, enabled=True).first()
            if schedule is None or schedule.job not in JOBS or next_run(schedule) > now:
                continue
            schedule.last_run_at = now
            schedule.save(update_fields=["last_run_at"])
            own = f"schedule:{schedule.name}"
            enqueue(schedule.job, key=own, lock=own)
            names.append(schedule.name)
    return names
