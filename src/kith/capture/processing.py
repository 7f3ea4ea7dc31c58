"""What becomes of submissions: in batches, each in one transaction with everything it does, so that a worker killed in
the middle leaves nothing half done and its successor begins again.

Where a batch fails as a whole its submissions are tried one by one; one that fails keeps its problem, is tried again
later, and after some tries stands in the queue for a person.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.capture import incoming, matching, taking
from kith.capture.events import Held
from kith.capture.models import State, Submission
from kith.capture.reading import VISITOR
from kith.kernel.access.actor import Actor, system
from kith.kernel.database.notify import announce
from kith.kernel.database.together import update_together
from kith.kernel.errors import KithError
from kith.kernel.jobs import enqueue
from kith.kernel.timeline.write import Entry, write_events

BATCH, TRIES, LETTERS = 300, 5, 10
LOOK_AGAIN = dt.timedelta(seconds=1.5)  # well after a burst's first post, whose followers have committed by then
FIRST_PAUSE = dt.timedelta(seconds=20)
MADE = (
    "state",
    "person",
    "why",
    "proposed",
    "settled_at",
    "problem",
    "tries",
    "next_try_at",
    "updated_at",
    "owner",
    "team",
)
log = logging.getLogger(__name__)


def process_waiting(limit: int = BATCH) -> int:
    """Take the next submissions; returns how many. What another worker has in hand is passed over."""
    try:
        with transaction.atomic():
            _one_at_a_time()
            rows = _next(limit)
            if rows:
                process(rows, by=system("web"))
                _look_again()
            return len(rows)
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is one submission's, which is found out one by one
        log.warning("Submissions are processed one by one: %s", problem)
        _look_again()
        return sum(_alone(pk) for pk in [row.pk for row in _due(limit)])


def _look_again() -> None:
    """Posts that came close behind these brought no job of their own (`accepting.BURST`). One such look for each second: it
    must not be one that was asked for earlier and comes too soon."""
    second = int(timezone.now().timestamp())
    at = dt.datetime.fromtimestamp(second + 1, dt.UTC) + LOOK_AGAIN
    enqueue("capture.process", key=f"capture.process.again:{second}", at=at)


def _one_at_a_time() -> None:
    """Two workers would each make a person of the same stranger; the second waits for the first one's commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('kith.capture', 0))")


def _due(limit: int) -> Any:
    rows = Submission.objects.filter(state=State.NEW).filter(Q(next_try_at=None) | Q(next_try_at__lte=timezone.now()))
    return rows.order_by("pk")[:limit]


def _next(limit: int) -> list[Submission]:
    pks = _due(limit).select_for_update(skip_locked=True).values_list("pk", flat=True)
    rows = Submission.objects.filter(pk__in=list(pks)).defer("tsv", "raw", "search")
    return list(rows.annotate(**{VISITOR: KeyTextTransform("0", KeyTransform(VISITOR, "raw"))}).order_by("pk"))


def _alone(pk: int) -> int:
    """One submission for itself; its failure is its own."""
    try:
        with transaction.atomic():
            _one_at_a_time()
            rows = list(Submission.objects.select_for_update(skip_locked=True).filter(pk=pk, state=State.NEW))
            if rows:
                process(rows, by=system("web"))
    except Exception as problem:  # noqa: BLE001 - it is kept with the submission, and told
        _failed(pk, problem)
    return 1


def _failed(pk: int, problem: Exception) -> None:
    words = problem.message if isinstance(problem, KithError) else f"{type(problem).__name__}: {problem}"
    with transaction.atomic():
        row = Submission.objects.select_for_update().get(pk=pk)
        row.tries += 1
        row.problem = words[:2000]
        row.next_try_at = timezone.now() + FIRST_PAUSE * 4 ** min(row.tries - 1, 4)
        if row.tries >= TRIES:
            row.state, row.why = State.FAILED, _("it could not be processed")
        row.save(update_fields=["tries", "problem", "next_try_at", "state", "why"])
        enqueue("capture.process", at=row.next_try_at)
        announce(["submission"])


def process(rows: Sequence[Submission], *, by: Actor) -> None:
    """Find out who each is from, take in those that are sure or new, put the others aside. In the caller's transaction."""
    known = matching.learn(rows)
    new: list[Submission] = []
    sure: list[taking.Pair] = []
    claimed: set[str] = set()
    for row in rows:
        found = matching.match(row, known)
        mine = set(matching.identifiers_of(row))
        if row.suspect:
            _aside(row, found.person or found.proposed, _("it looks as if no person had sent it: %s") % row.suspect)
        elif found.person is not None:
            sure.append((row, found.person))
        elif found.proposed is not None:
            _aside(row, found.proposed, found.why)
        elif not mine and not any(matching.names_of(row)):
            _aside(row, None, _("it does not say who sent it"))
        elif mine & claimed:
            continue  # the same stranger twice in one batch: the second is looked at again, when the first is somebody
        else:
            claimed |= mine
            new.append(row)
    _take(rows, new, sure, by)


def _take(rows: Sequence[Submission], new: list[Submission], sure: list[taking.Pair], by: Actor) -> None:
    def refused(row: Submission, problem: KithError) -> None:
        row.problem = problem.message
        _aside(row, None, _("a rule refused it: %s") % problem.message)

    pairs = [*taking.take_new(new, by=by, refused=refused), *sure]
    taking.take_known(sure, by=by)
    now = timezone.now()
    for row, person in pairs:
        row.state, row.person, row.settled_at, row.problem, row.why = State.DONE, person, now, "", ""
        row.owner_id, row.team_id = person.owner_id, person.team_id
    settled = [row for row in rows if row.state != State.NEW]
    for row in settled:
        row.updated_at = now
    update_together(settled, MADE)
    taking.tell(pairs, by=by)
    for row, person in pairs:
        incoming.told_taken(row, person, by)
    held = [row for row in settled if row.state == State.REVIEW]
    write_events([Entry("submission", row.pk, Held(row.why), actor_name=str(row)[:200]) for row in held], by)
    acknowledge_later([row for row, _person in pairs])
    announce(["submission", *(f"submission:{row.pk}" for row in settled)])
    if len(settled) < len(rows):
        enqueue("capture.process", key="capture.process")


def acknowledge_later(rows: Sequence[Submission]) -> None:
    """Let the mails that say "we have it" leave, few at a time: between two such jobs the next posts have their turn."""
    ids = [row.pk for row in rows if row.through == "form" and row.email]
    for start in range(0, len(ids), LETTERS):
        enqueue("capture.acknowledge", ids=ids[start : start + LETTERS])


def _aside(row: Submission, proposed: Any, why: str) -> None:
    """Put it before a person, with whom it is perhaps from."""
    row.state, row.proposed, row.why = State.REVIEW, proposed, why[:300]
