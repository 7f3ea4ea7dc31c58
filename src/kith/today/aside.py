"""Beside the work: one's own day, whom a word would please, and what is done. Always the reader's own day; a word is worth
saying to everybody in the scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.contacts.queries import birthdays_on
from kith.deals.queries import first_won
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.retention.contact.occasions import complains, note_href
from kith.today.agenda import Booked, Line, lines
from kith.today.prepared import rows_of
from kith.today.reading import counted, nearest, seen_name, shows, total_of
from kith.today.rows.activities import TALKS, subject_of, title_for
from kith.today.scope import STRUCK, Scope

MOST, MOST_DONE, MOST_WORDS = 60, 8, 6
USUAL = dt.timedelta(minutes=30)  # of a call or meeting that does not say how long it is
WEEK, YEARS = 7, 20


@dataclass(frozen=True)
class Word:
    """Somebody a word would please: why, and when. icon: gift or star. `note`: where one is drafted from what happened with
    them, "" for whoever is no customer."""

    record: str
    pk: int
    name: str
    href: str
    on: dt.date
    why: str
    icon: str
    note: str = ""


@dataclass(frozen=True)
class Did:
    """Something that is done: with whom, what, and at what time."""

    pk: int
    name: str
    href: str
    what: str
    at: dt.datetime


@dataclass(frozen=True)
class Aside:
    day: Sequence[Line] = ()
    words: Sequence[Word] = ()
    done: Sequence[Did] = ()
    done_total: int = 0
    exact: bool = True


def read(actor: Actor, scope: Scope) -> Aside:
    """Three queries: what is booked and what is done, birthdays, first wins. Nobody is congratulated while a complaint of
    theirs is open."""
    booked, done = _booked_and_done(actor, scope) if actor.can("activity.see") else ([], [])
    total, exact = total_of(done)
    talks = [*booked, *(row for row in done if row.kind in TALKS)]
    held = [_entry(row) for row in talks if row.due_at is not None and scope.start < row.due_at < scope.end]
    finished = [row for row in done if not (scope.struck and row.done_at >= scope.now - STRUCK)]
    return Aside(
        lines(held, scope.now), _words(actor, scope), [_did(row) for row in finished[:MOST_DONE]],
        total - (len(done) - len(finished)), exact,
    )  # fmt: skip


def _mine(actor: Actor) -> Any:
    return registry["activity"].rows(actor, archived=False).filter(owner_id=actor.user_id or 0)


def _said(actor: Actor, rows: Any, total: Any) -> Any:
    columns = {f"{link}_name": seen_name(actor, link, link, "name") for link in ("person", "company", "deal")}
    fields = ("pk", "kind", "due_at", "done_at", "minutes", "location", "person_id", "company_id", "deal_id")
    return rows.annotate(title=title_for(actor), total=total, **columns).values_list(
        *fields, "title", "total", *columns, named=True
    )


def _booked_and_done(actor: Actor, scope: Scope) -> tuple[list[Any], list[Any]]:
    """Calls and meetings of today that are still open; what was done today, the latest first."""
    rows = rows_of("day", actor, scope, _read_day)
    done = sorted((row for row in rows if row.done_at is not None), key=lambda row: (row.done_at, row.pk), reverse=True)
    return [row for row in rows if row.done_at is None], done


def _read_day(actor: Actor, scope: Scope) -> QuerySet[Any]:
    mine = _mine(actor)
    ahead = mine.filter(done_at__isnull=True, due_at__gt=scope.start, due_at__lt=scope.end, kind__in=TALKS)
    over = mine.filter(done_at__gte=scope.start, done_at__lt=scope.end).exclude(kind="note")
    booked = _said(actor, ahead.order_by("due_at", "pk")[:MOST], Value(0))
    return booked.union(_said(actor, over.order_by("-done_at", "-pk")[:MOST], counted(over, scope)), all=True)


def _entry(row: Any) -> Booked:
    record, _pk, name = subject_of(row)
    length = dt.timedelta(minutes=row.minutes) if row.minutes else USUAL
    small = ", ".join(part for part in (name if record != "activity" else "", row.location) if part)
    return Booked(row.due_at, row.due_at + length, row.title, small, registry["activity"].url(row.pk))


def _did(row: Any) -> Did:
    record, pk, name = subject_of(row)
    return Did(row.pk, name, registry[record].url(pk), row.title if record != "activity" else "", row.done_at)


def _words(actor: Actor, scope: Scope) -> list[Word]:
    days = [scope.today + dt.timedelta(n) for n in range(WEEK + 1)]
    found = [*_birthdays(actor, scope, days), *_anniversaries(actor, scope, days)]
    return sorted(found, key=lambda word: (word.on, word.name))[:MOST_WORDS]


def _birthdays(actor: Actor, scope: Scope, days: list[dt.date]) -> list[Word]:
    if not actor.can("person.see") or not shows(actor, "person", "name", "birthday"):
        return []
    on = {(d.month, d.day): d for d in days}

    def build(actor: Actor, scope: Scope) -> QuerySet[Any]:
        rows = nearest(
            birthdays_on(actor, on).filter(~complains("company_id", "pk")), scope, ("born", "sort_name"), MOST_WORDS
        )
        return rows.values_list("pk", "name", "birthday", "customer_since", named=True)

    rows = rows_of("birthdays", actor, scope, build)
    return [
        Word("person", row.pk, row.name, registry["person"].url(row.pk), _kept(on, row.birthday), _("Birthday"), "gift",
             note_href("person", row.pk, birthday=True) if row.customer_since else "")
        for row in rows
        if row.birthday is not None
    ]  # fmt: skip


def _kept(on: dict[tuple[int, int], dt.date], born: dt.date) -> dt.date:
    """The day a birthday is kept this year: the 28th for the 29th of February where there is none."""
    return on.get((born.month, born.day)) or on[2, 28]


def _anniversaries(actor: Actor, scope: Scope, days: list[dt.date]) -> list[Word]:
    if not actor.can("deal.see") or not shows(actor, "deal", "status", "closed_on"):
        return []
    on = {past: d for d in days for n in range(1, YEARS + 1) if (past := _years_ago(d, n)) is not None}

    def build(actor: Actor, scope: Scope) -> QuerySet[Any]:
        columns = {
            f"{link}_name": seen_name(actor, record, link, "name")
            for link, record in (("company", "company"), ("contact", "person"))
        }
        deals = (
            first_won(actor, scope.owners, on)
            .filter(~complains("company_id", "contact_id"))
            .annotate(**columns)
            .order_by("closed_on", "pk")[:MOST]
        )
        since = ("company__customer_since", "contact__customer_since")
        return deals.values_list("pk", "name", "closed_on", "company_id", "contact_id", *columns, *since, named=True)

    words = []
    for row in rows_of("anniversaries", actor, scope, build):
        years = on[row.closed_on].year - row.closed_on.year
        record, pk, name = _with_whom(row)
        since = {"company": row.company__customer_since, "person": row.contact__customer_since}.get(record)
        why = ngettext("Customer for one year", "Customer for %d years", years)
        words.append(
            Word(
                record,
                pk,
                name,
                registry[record].url(pk),
                on[row.closed_on],
                why % years if years > 1 else why,
                "star",
                note_href(record, pk) if since else "",
            )
        )
    return words


def _with_whom(row: Any) -> tuple[str, int, str]:
    if row.company_name:
        return "company", row.company_id, row.company_name
    if row.contact_name:
        return "person", row.contact_id, row.contact_name
    return "deal", row.pk, row.name


def _years_ago(on: dt.date, n: int) -> dt.date | None:
    try:
        return on.replace(year=on.year - n)
    except ValueError:  # 29 February, or before the calendar begins
        return None


def as_json(aside: Aside) -> dict[str, Any]:
    """The same for programs: moments in ISO 8601."""
    return {
        "day": [
            {"kind": line.kind, "at": line.at.isoformat(), "minutes": line.minutes, "title": line.title, "with": line.small}
            for line in aside.day
        ],
        "words": [
            {"type": w.record, "id": w.pk, "name": w.name, "on": w.on.isoformat(), "why": w.why, "note": w.note or None} for w in aside.words
        ],
        "done": [{"id": did.pk, "with": did.name, "what": did.what, "at": did.at.isoformat()} for did in aside.done],
    }  # fmt: skip
