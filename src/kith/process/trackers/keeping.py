"""Keeping issues: which promises and tickets name one, how many customers wait for it, and telling its tracker.

Both go by the address of the issue. A job follows each of them a moment after it changed, so that nobody who writes waits;
what the tracker is told is gathered for some minutes, tried again with growing pauses, and given up visibly.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.conversion.promises import delivery
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.outgoing import PAUSES, CallFailed
from kith.kernel.records.registry import registry
from kith.kernel.text import plain_address
from kith.kernel.timeline.change import change
from kith.kernel.timeline.write import Entry
from kith.process.trackers.events import TrackerTold
from kith.process.trackers.models import Issue, Tells, Tracker
from kith.process.trackers.providers import TELL, Word

FOLLOW, TELLING = "trackers.follow", "trackers.tell"
GATHERED = dt.timedelta(minutes=5)  # what changes within this time is told at once
MOST_NAMES = 50
NAMES_IT = frozenset({"issue_url", "company", "person"})
MOVES = ("archived", "restored", "merged", "taken_back")


@dataclass(frozen=True)
class Waiting:
    """Who waits for an issue: customers as (record, id), and what names it."""

    customers: tuple[tuple[str, int], ...]
    promises: int
    tickets: int
    title: str


def promises_of(url: str) -> Any:
    """Promises that name an issue and are neither kept nor waived."""
    rows = registry["promise"].model._default_manager.filter(issue_url=url, archived_at=None)
    return rows.filter(state__in=("open", "broken"))


def tickets_of(url: str) -> Any:
    return registry["ticket"].model._default_manager.filter(issue_url=url, archived_at=None)


def waiting(url: str) -> Waiting:
    """Three queries."""
    promises = list(promises_of(url).order_by("pk").values_list("company_id", "person_id", "issue_title"))
    tickets = list(tickets_of(url).order_by("pk").values_list("company_id", "person_id"))
    whose = [(one[0], one[1]) for one in (*promises, *tickets)]
    found = {("company", company) if company else ("person", person) for company, person in whose if company or person}
    title = next((one[2] for one in promises if one[2]), "")
    return Waiting(tuple(sorted(found)), len(promises), len(tickets), title)


# --- following


def handles(verb: str) -> bool:
    return verb.startswith(("promise.", "ticket."))


def hear(entries: list[Entry], by: Actor) -> None:
    """What names an issue changed: its row follows after this transaction's commit. No query where none is named."""
    urls: set[str] = set()
    rows: dict[str, set[int]] = {"promise": set(), "ticket": set()}
    for entry in entries:
        if entry.record not in rows:
            continue
        urls |= {str(one) for one in entry.changes.get("issue_url", ()) if one}
        moved = entry.says.verb_for(entry.record).endswith(MOVES) or (
            entry.changes.keys() & NAMES_IT and "issue_url" not in entry.changes
        )
        if entry.record == "promise" or (moved and not entry.says.verb_for(entry.record).endswith(".created")):
            rows[entry.record].add(entry.record_id)
    for record, ids in rows.items():
        if ids:
            named = registry[record].model._default_manager.filter(pk__in=ids).exclude(issue_url="")
            urls |= set(named.values_list("issue_url", flat=True))
    for url in sorted({plain_address(one) for one in urls}):
        soon(url)


def soon(url: str) -> None:
    enqueue(FOLLOW, key=f"{FOLLOW}:{hashlib.sha256(url.encode()).hexdigest()[:24]}", url=url)


def follow(url: str) -> Issue | None:
    """Bring the row of an issue in line with who names it; None where nobody ever did."""
    found = waiting(url)
    row = Issue.objects.filter(url=url, archived_at=None).first()
    if row is None and not (found.promises or found.tickets):
        return None
    with change(row or Issue(url=url, title=found.title), by=system("job", name="Kith")) as c:
        if found.title and c.row.title in ("", c.row.short):
            c.row.title = found.title
        c.row.tracker = tracker_of(url)
        c.row.customers = len(found.customers)
    issue: Issue = c.row
    for late in promises_of(url).filter(delivery="").order_by("pk") if issue.delivery else ():
        delivery.run(late, status=issue.delivery, issue_title=issue.title, by=system("job", name="Kith"))
    if _to_tell(issue, found) is not None:
        enqueue(TELLING, key=f"{TELLING}:{issue.pk}", at=GATHERED, issue=issue.pk)
    return issue


def follow_all() -> None:
    """Merges and erasures move customers without a word of the promise or the ticket."""
    for url in Issue.objects.filter(archived_at=None).order_by("pk").values_list("url", flat=True).iterator():
        follow(url)


def tracker_of(url: str) -> Tracker | None:
    """The tracker whose addresses begin so; of several, the one that says most."""
    rows = Tracker.objects.filter(active=True, archived_at=None)
    return max((one for one in rows if belongs(one, url)), key=lambda one: len(one.issues_at), default=None)


def belongs(tracker: Tracker, url: str) -> bool:
    return url.startswith(tracker.issues_at.rstrip("/") + "/")


# --- telling


def word_of(tracker: Tracker, found: Waiting) -> Word:
    """What the tracker is told: a number, and names only where that was chosen."""
    n = len(found.customers)
    names = _names(found.customers) if tracker.tells == Tells.NAMES else ()
    if not n:
        text = _("No customer waits for this any more.")
    else:
        text = ngettext("%d customer waits for this.", "%d customers wait for this.", n) % n
    plain = text
    if names:
        more = _(" and %d more") % (n - len(names)) if n > len(names) else ""
        text += " " + ", ".join(names) + more + "."
    return Word(text, plain, n, names, found.promises, found.tickets)


def _names(customers: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    some = list(customers)[:MOST_NAMES]
    found: dict[tuple[str, int], str] = {}
    for record in ("company", "person"):
        rows = registry[record].model._default_manager.in_bulk([pk for name, pk in some if name == record])
        found |= {(record, pk): str(row) for pk, row in rows.items()}
    return tuple(sorted(found.values()))


def _to_tell(issue: Issue, found: Waiting) -> Word | None:
    """What its tracker does not know yet."""
    tracker = issue.tracker
    if tracker is None or not tracker.active or tracker.archived_at is not None:
        return None
    word = word_of(tracker, found)
    return None if word.mark == issue.told_mark or (not word.customers and not issue.told_mark) else word


def tell(pk: int) -> None:
    """Tell the tracker what it does not know; twice tells nothing the second time. What fails is tried again later."""
    issue = Issue.objects.select_related("tracker").filter(pk=pk, archived_at=None).first()
    word = _to_tell(issue, waiting(issue.url)) if issue is not None else None
    if issue is None or word is None or issue.tracker is None:
        return
    try:
        TELL[issue.tracker.provider](issue.tracker, issue, word)
    except Invalid as problem:
        _failed(issue, problem.message, again=False)
    except CallFailed as problem:
        _failed(issue, str(problem), again=True)
    else:
        with change(issue, by=system("job", name="Kith")) as c:
            c.row.told, c.row.told_mark, c.row.told_at = word.plain, word.mark, timezone.now()
            c.row.problem, c.row.tries = "", 0
            c.says(TrackerTold(issue.tracker.name, word.plain))


def _failed(issue: Issue, why: str, *, again: bool) -> None:
    with change(issue, by=system("job", name="Kith")) as c:
        c.row.problem, c.row.tries = why[:500], c.row.tries + 1
    if again and c.row.tries <= len(PAUSES):
        enqueue(TELLING, key=f"{TELLING}:{issue.pk}", at=PAUSES[c.row.tries - 1], issue=issue.pk)
