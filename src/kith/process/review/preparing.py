"""Preparing a review: its figures and what they are compared with, Kith's proposals, the appointment, and asking colleagues."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kith.activities.actions import create as plan
from kith.activities.notices import notify
from kith.kernel.access.actor import Actor, system, team_members
from kith.kernel.access.policies import DEFAULT_LEVELS, OPEN
from kith.kernel.accounts.models import User
from kith.kernel.errors import Invalid
from kith.kernel.lookups.directory import colleagues
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides
from kith.process.clock import calendar_for
from kith.process.models import Process
from kith.process.review.events import Prepared
from kith.process.review.models import Figures, Proposal, Review, Rhythm, Sort, State, Verdict
from kith.process.review.proposing import HAND, findings
from kith.process.review.rhythm import WEEKS, next_meeting, prepared_from
from kith.process.review.snapshot import Snapshot, figures, today
from kith.process.versions import in_use
from kith.ui.dates import day

MANAGE = "settings.manage"
MINUTES = 60
QUIET_DAYS = 180  # how long what was adopted or rejected is not proposed again
ASKED = 10_000  # colleagues asked for what they think


def prepare_due(now: dt.datetime | None = None, *, by: Actor | None = None) -> list[Review]:
    """Prepare every review whose time has come; Kith does, unless `by` is somebody. Running it twice prepares nothing the
    second time."""
    now = now or timezone.now()
    made = []
    for one in in_use().values():
        with transaction.atomic():
            process = Process.objects.select_for_update().get(pk=one.process.pk)
            rhythm = Rhythm.objects.filter(process=process).select_related("host").first()
            if rhythm is None or open_review(process) is not None:
                continue
            planned, at = due_next(rhythm, process, now)
            if now >= prepared_from(at, calendar_for(one.definition)):
                made.append(prepare(process, planned, at, rhythm.host, rhythm, by=by or system(), now=now))
    return made


def due_next(rhythm: Rhythm, process: Process, now: dt.datetime) -> tuple[dt.date, dt.datetime]:
    """(planned day, meeting) of the review to come: after the last one, and not in the past."""
    definition = in_use()[process.pk].definition
    last = latest(process)
    after = today(now) - dt.timedelta(1)
    if last is not None:
        after = max(after, last.planned_on, *([today(last.held_at)] if last.held_at else []))
    return next_meeting(rhythm, after, calendar_for(definition))


def open_review(process: Process) -> Review | None:
    return Review.objects.filter(process=process, state=State.PREPARING, archived_at__isnull=True).first()


def latest(process: Process, but: int = 0) -> Review | None:
    """The last review of a process that was held."""
    rows = Review.objects.filter(process=process, archived_at__isnull=True).exclude(state=State.PREPARING)
    return rows.exclude(pk=but).order_by("-planned_on").first()


def prepare(
    process: Process, planned: dt.date, meets_at: dt.datetime, host: User | None, rhythm: Rhythm | None, *, by: Actor,
    now: dt.datetime | None = None,
) -> Review:  # fmt: skip
    """A new review with all that belongs to it. Raises Invalid where one is being prepared already."""
    now = now or timezone.now()
    if open_review(process) is not None:
        raise Invalid(_("A review of %s is being prepared already; hold that one first.") % process.name)
    row = Review(process=process, planned_on=planned, meets_at=meets_at, host=host, before=process.in_force or 0)
    row.name = name_of(process, meets_at)
    with change(row, by=by) as c:
        row = c.row
    count(row, rhythm.weeks * 7 if rhythm else WEEKS * 7, by=by)
    taking_part = participants(rhythm, host)
    with change(row, by=by) as c:
        row = c.row
        row.meeting = _appointment(row, host, taking_part, by)
    _invite(row, taking_part, by)
    return row


def name_of(process: Process, meets_at: dt.datetime) -> str:
    return _("Review of %(process)s, %(day)s") % {
        "process": process.name,
        "day": date_format(timezone.localtime(meets_at), "j F Y"),
    }


def count(row: Review, days: int, *, by: Actor, now: dt.datetime | None = None) -> None:
    """The figures as they stand (`now`: as of that moment), what they are compared with, and Kith's proposals in place of
    those that nobody has decided on yet."""
    at, now = now, now or timezone.now()
    with change(row, by=by, at=at) as c:
        sides = [Sides(Figures.objects.filter(review=c.row)), Sides(Proposal.objects.filter(review=c.row))]
        until = today(now) - dt.timedelta(1)
        snapshot = figures(c.row.process, until, days, now)
        last = latest(c.row.process, but=c.row.pk)
        keep(c.row, Sort.PREPARED, snapshot)
        keep(c.row, Sort.AGAINST, compared_with(c.row.process, last, snapshot))
        _propose(c.row, snapshot, last, now)
        c.says(Prepared(sides=tuple(one for side in sides for one in side.touched())))


def keep(row: Review, sort: str, data: Any) -> None:
    Figures.objects.update_or_create(review=row, sort=sort, defaults={"data": data})


def compared_with(process: Process, last: Review | None, now: Snapshot) -> Snapshot:
    """The figures of the review before, where it looked at as many days; else those of as many days just before."""
    if last is not None:
        known = dict(
            Figures.objects.filter(review=last, sort__in=(Sort.HELD, Sort.PREPARED)).values_list("sort", "data")
        )
        found = known.get(Sort.HELD) or known.get(Sort.PREPARED)
        if found and found["days"] == now["days"]:
            return {**found, "review": last.pk}
    return figures(process, dt.date.fromisoformat(now["since"]) - dt.timedelta(1), now["days"])


def _propose(row: Review, snapshot: Snapshot, last: Review | None, now: dt.datetime) -> None:
    """What waits from the last review, with fresh figures, then what is new. What was decided here already stays."""
    row.proposals.exclude(kind=HAND).filter(verdict="").delete()
    fresh = {one["key"]: one for one in findings(row.process, snapshot)}
    there = set(row.proposals.values_list("key", flat=True)) | set(row.proposals.values_list("earlier_id", flat=True))
    made = []
    for old in last.proposals.filter(verdict__in=("", Verdict.LATER)).order_by("pk") if last else ():
        if old.pk in there or (old.key and old.key in there):
            continue
        found = fresh.pop(old.key, None) if old.key else None
        made.append(
            Proposal(review=row, kind=old.kind, key=old.key, stage=old.stage, data=found["data"] if found else old.data | ({"stale": True} if old.key else {}),
                     title=old.title, hopes=old.hopes, by_name=old.by_name, earlier=old)
        )  # fmt: skip
    quiet = _decided_lately(row.process, now)
    made += [Proposal(review=row, **one) for key, one in fresh.items() if key not in there and key not in quiet]
    Proposal.objects.bulk_create(made)


def _decided_lately(process: Process, now: dt.datetime) -> set[str]:
    since = now - dt.timedelta(QUIET_DAYS)
    rows = Proposal.objects.filter(review__process=process, verdict__in=(Verdict.ADOPT, Verdict.REJECT))
    return set(rows.filter(decided_at__gte=since).exclude(key="").values_list("key", flat=True))


# --- people
def participants(rhythm: Rhythm | None, host: User | None) -> list[User]:
    """Who takes part, the host first: the team, or without one everybody who may change the process."""
    everybody = {pk: user for pk, user in colleagues().items() if user.is_active}
    if rhythm is not None and rhythm.team_id:
        wanted = set(team_members().get(rhythm.team_id, ()))
    else:
        wanted = set(
            User.objects.filter(
                is_active=True, role__in=[role for role in DEFAULT_LEVELS if OPEN.can(role, MANAGE)]
            ).values_list("pk", flat=True)
        )
    hosts = [host] if host is not None and host.is_active else []
    return [*hosts, *(everybody[pk] for pk in sorted(wanted) if pk in everybody and pk != (host.pk if host else None))]


def _appointment(row: Review, host: User | None, taking_part: list[User], by: Actor) -> Any:
    values = {
        "kind": "meeting", "subject": row.name, "due_at": row.meets_at, "minutes": MINUTES, "owner": host or by.user,
        "body": _("Figures, what colleagues say and proposals: %s") % address(row),
    }  # fmt: skip
    return plan(values, by=by, attendees=[user for user in taking_part if host is None or user.pk != host.pk])


def address(row: Review) -> str:
    return f"/process/reviews/{row.pk}"


def _invite(row: Review, taking_part: list[User], by: Actor) -> None:
    """Those who take part hear when they meet; everybody is asked what gets in the way."""
    words = {"process": row.process.name, "day": day(row.meets_at)}
    meet = _("%(process)s is reviewed %(day)s, and you take part. It is prepared.") % words
    notify(taking_part, meet, kind="review", key=f"review:{row.pk}", by=by, path=address(row))
    ask = _("%(process)s is reviewed %(day)s. What gets in your way, and what helps?") % words
    others = [user for pk, user in sorted(colleagues().items()) if user.is_active and user not in taking_part]
    notify(others[:ASKED], ask, kind="review", key=f"review:{row.pk}", by=by, path=f"{address(row)}#feedback")


def machine(by: Actor) -> Actor:
    """Kith itself, within what somebody does: for what follows from it in rows that they need not be able to change."""
    return replace(system(by.channel), operation=by.operation, cause=by.cause)
