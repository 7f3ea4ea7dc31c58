"""Asking for public reviews after something went well enough to be over: chosen by lot alone.

Nobody is left out or chosen by what they answered before: reading a score here would be a gate, so nothing here does. A test
holds it to that.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.advocacy import events, limits
from kith.advocacy.letters import letter
from kith.advocacy.models import Asked, Review, ReviewState, Site
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.mail import is_configured
from kith.kernel.languages import speaking
from kith.kernel.mail.clearing import Outreach
from kith.kernel.mail.leaving import try_to_leave
from kith.kernel.organisation.models import cached
from kith.kernel.timeline.change import change
from kith.surveys.listening import person_of

GIVES_UP, BATCH = dt.timedelta(days=30), 200


def after() -> dict[str, list[int]]:
    """{verb: sites that ask after it}; without a query mostly."""
    found: dict[str, list[int]] = cached("advocacy:sites", _after)
    return found


def _after() -> dict[str, list[int]]:
    out: dict[str, list[int]] = {}
    for pk, verb in (
        Site.objects.filter(active=True, archived_at=None).exclude(asks_after="").values_list("pk", "asks_after")
    ):
        out.setdefault(verb, []).append(pk)
    return out


def drawn(site: Site, person: int, occasion: str) -> bool:
    """Does the lot fall on them?"""
    digest = hashlib.sha256(f"review:{site.pk}:{person}:{occasion}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < site.share


def hear(entries: list[Any], by: Actor) -> None:
    """Put down whoever is to be asked for a review about what just happened."""
    wanted = [(entry, pk) for entry in entries for pk in after().get(entry.says.verb_for(entry.record), ())]
    sites = Site.objects.in_bulk({pk for _entry, pk in wanted}) if wanted else {}
    for entry, pk in wanted:
        site, at = sites.get(pk), entry.at or timezone.now()
        if site is None or timezone.now() - at > GIVES_UP:  # a story that is told later, by an import
            continue
        person = person_of(entry)
        if person is None or not person.email:
            continue
        if drawn(site, person.pk, str(entry.id)) and not rests(site, person.pk):
            put_down(site, person, due=at + dt.timedelta(minutes=site.delay), after=entry.says.verb_for(entry.record), event=entry.id)  # fmt: skip


def rests(site: Site, person: int) -> bool:
    """Were they asked for any review within the days of rest, or left one here?"""
    since = timezone.now() - dt.timedelta(days=site.rest_days)
    theirs = Review.objects.filter(person=person).exclude(state=ReviewState.UNASKED)
    return theirs.filter(created_at__gt=since).exists() or theirs.filter(site=site, state=ReviewState.LEFT).exists()


def had_enough(person: int) -> str:
    """Why somebody is asked for no review today, by the limits of the organisation; "" where they may be."""
    asked = Review.objects.filter(person=person, asked_at__isnull=False, archived_at=None)
    days = [timezone.localdate(at) for at in asked.values_list("asked_at", flat=True) if at is not None]
    return limits.beyond(Asked.REVIEW, days, timezone.localdate()) or limits.had_enough(person)


def put_down(site: Site, person: Any, *, due: dt.datetime, after: str = "", event: Any = None) -> Review:
    row = Review(
        site=site, person=person, company_id=person.company_id, due_at=due, after=after, event=event,
        owner_id=person.owner_id, team_id=person.team_id,
    )  # fmt: skip
    with change(row, by=system()):
        pass
    return row


def unhear(gone: list[Any], by: Actor) -> None:
    for row in Review.objects.filter(event__in=[event.id for event in gone], state=ReviewState.WAITING):
        _leave_out(row, _("What it was about was taken back."))


def opened_again(entries: list[Any], by: Actor) -> None:
    """A deal goes on: nobody is asked about its end who was not asked yet."""
    from kith.kernel.timeline.models import EventLink

    ends = EventLink.objects.filter(record="deal", record_id__in=[entry.record_id for entry in entries])
    ends = ends.filter(event__verb__in=("deal.won", "deal.lost")).values("event")
    actor = dataclasses.replace(system(cause=entries[0].id), operation=by.operation)
    for row in Review.objects.filter(event__in=ends, state=ReviewState.WAITING):
        _leave_out(row, _("The deal it was about is open again."), actor)


def _leave_out(row: Review, why: str, by: Actor | None = None) -> None:
    with change(row, by=by or system()) as c:
        c.row.state, c.row.why = ReviewState.UNASKED, why[:300]


def send_due(now: dt.datetime | None = None) -> int:
    """Ask everybody whose time has come; returns how many were asked. Raises OSError when the server takes nothing now; whom
    alone it refuses is left out with its words, or put off, and keeps nobody waiting."""
    now = now or timezone.now()
    if not is_configured():
        return 0
    rows = Review.objects.filter(state=ReviewState.WAITING, due_at__lte=now, archived_at=None).order_by("due_at")
    return sum(_send(pk, now) for pk in rows.values_list("pk", flat=True)[:BATCH])


def _send(pk: int, now: dt.datetime) -> int:
    with transaction.atomic():
        rows = Review.objects.select_for_update(of=("self",), skip_locked=True).select_related("site", "person")
        row = rows.filter(pk=pk, state=ReviewState.WAITING).first()
        if row is None:
            return 0
        person, site = row.person, row.site
        if person is None or person.archived_at is not None or not person.email or not site.active or site.archived_at:
            _leave_out(row, _("They cannot be asked any more."))
            return 0
        if now - row.created_at > GIVES_UP:
            _leave_out(row, _("They heard from us often enough until it was too late to ask."))
            return 0
        if why := had_enough(person.pk):
            _leave_out(row, why)
            return 0
        outreach = Outreach("review", site.name, "public_review", row.pk)
        how = {"purpose": site.purpose, "person": person.pk, "automatic": True, "outreach": outreach}
        kept = try_to_leave(request_for(row), now=now, **how)
        if kept is None:
            with change(row, by=system()) as c:
                c.row.state, c.row.asked_at = ReviewState.ASKED, now
                c.says(events.ReviewAsked(site.name))
            return 1
        if kept.until is None:
            _leave_out(row, kept.why)
        else:
            Review.objects.filter(pk=pk).update(due_at=kept.until)
    return 0


def request_for(row: Review) -> EmailMultiAlternatives:
    """The mail that asks; the link leads straight to where reviews stand."""
    with speaking(row.person.language):
        words = [_("You worked with us lately. Would you tell others how it was, good or bad?"), "", _("Write a few words on %s:") % row.site.name, row.site.url]  # fmt: skip
        return letter(row.person, _("How was it, in your own words?"), words, owner=row.owner)
