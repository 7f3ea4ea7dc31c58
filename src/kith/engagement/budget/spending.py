"""The contact budget: how many mails and calls one person gets in seven days, whoever they come from.

Machines (sequences, mailings) are held back where it is used up, and told when to try again; colleagues are warned and may
go on. Answers to who wrote to us and what answers people (invitations, acknowledgements) do not count. Asked for many
people at once in a few queries.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.activities.queries import calls_made, mails_written
from kith.engagement.budget.models import Contact, Limits
from kith.engagement.models import Step
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.mail.clearing import Later, NotNow, Outreach, Receiver
from kith.kernel.organisation.models import bump, cached
from kith.kernel.records.reach import seen_ids
from kith.kernel.records.registry import registry

WEEK = dt.timedelta(days=7)
KEPT = dt.timedelta(days=90)
MOST = 99
LOCK, SLOTS = 0xB0D6, 64  # of advisory locks: people share a few, so that thousands of them need no more
MAIL, CALL = "mail", "call"
KINDS = {MAIL: gettext_lazy("Mails"), CALL: gettext_lazy("Calls")}
THROUGH = {
    "sequence": gettext_lazy("Sequence"), "mailing": gettext_lazy("Mailing"), "hand": gettext_lazy("A colleague"),
    "survey": gettext_lazy("Survey"), "review": gettext_lazy("Review request"), "referral": gettext_lazy("Referral programme"),
}  # fmt: skip


@dataclass(frozen=True)
class Use:
    """One contact that counts. `kind` is "mail" or "call", `through` a key of THROUGH, `name` what it was, `record` and `pk`
    the row that says more, "" for none."""

    at: dt.datetime
    kind: str
    through: str
    name: str
    record: str = ""
    pk: int | None = None

    @property
    def way(self) -> str:
        return str(THROUGH.get(self.through, self.through))


def limits() -> Limits:
    """Without a query mostly."""
    found: Limits = cached("budget:limits", lambda: Limits.objects.first() or Limits())
    return found


def set_limits(mails: str, calls: str) -> None:
    """Raises Invalid for what is no number from 0 to 99; "" is any number."""
    values = {key: _number(raw, key) for key, raw in (("mails", mails), ("calls", calls))}
    Limits.objects.update_or_create(pk=1, defaults=values)
    bump()


def _number(raw: str, key: str) -> int | None:
    text = raw.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and int(text[:6]) <= MOST):
        raise Invalid(_("Write a whole number from 0 to %s, or leave it empty for any number.") % MOST, key)
    return int(text)


def uses(people: Iterable[int], now: dt.datetime | None = None, *, words: bool = True) -> dict[int, list[Use]]:
    """{person: what counted in the last seven days, the oldest first}; four queries, however many people, and those that find
    out which subjects of mails everybody may read; without `words` mails have none."""
    ids, since = sorted(set(people)), (now or timezone.now()) - WEEK
    out: dict[int, list[Use]] = defaultdict(list)
    for row in Contact.objects.filter(person__in=ids, at__gt=since):
        out[row.person_id].append(Use(row.at, MAIL, row.through, row.name, row.record, row.record_id))
    written = list(mails_written(ids, since, words=words))
    counted = set(Step.objects.filter(message__in=[m.pk for m in written]).values_list("message_id", flat=True))
    for one in written:
        if one.pk not in counted:
            out[one.person].append(Use(one.at, MAIL, "hand", one.words, "", one.pk))
    for one in calls_made(ids, since):
        out[one.person].append(Use(one.at, CALL, "hand", one.words, "activity", one.pk))
    return {pk: sorted(found, key=lambda use: use.at) for pk, found in out.items()}


def told(actor: Actor, found: list[Use]) -> list[Use]:
    """The same for a reader: what is out of their reach has neither name nor row, only the way it came. A query for each type."""
    asked: dict[str, set[int]] = defaultdict(set)
    for use in found:
        if use.record in registry and use.pk:
            asked[use.record].add(use.pk)
    seen = {name: seen_ids(actor, registry[name], ids) for name, ids in asked.items()}
    return [
        use if use.record not in seen or not use.pk or use.pk in seen[use.record] else replace(use, name="", pk=None)
        for use in found
    ]


def spent(found: list[Use], kind: str, most: int | None) -> dt.datetime | None:
    """Until when the budget of one kind is used up; None while it is not."""
    counted = [use for use in found if use.kind == kind]
    if most is None or len(counted) < most:
        return None
    return counted[-most].at + WEEK if most else timezone.now() + WEEK


@dataclass(frozen=True)
class Room:
    """Of `most` mails or calls in seven days (None: any number) `used` went; machines wait until then."""

    kind: str
    used: int
    most: int | None
    waits_until: dt.datetime | None

    @property
    def words(self) -> str:
        return str(KINDS[self.kind])


def rooms(found: list[Use]) -> list[Room]:
    """How much of the budget of each kind is used."""
    held = limits()
    return [
        Room(kind, sum(use.kind == kind for use in found), most, spent(found, kind, most))
        for kind, most in ((MAIL, held.mails), (CALL, held.calls))
    ]


def pace(receivers: list[Receiver], outreach: Outreach) -> dict[str, Later]:
    """Who is not written to now (see `kernel.mail.clearing.Pace`); the others count from now on."""
    most, people = limits().mails, {r.person for r in receivers if r.person is not None}
    held: dict[str, Later] = {}
    if most is not None and people:
        _lock(people)
        had = uses(people, words=False)
        for r in receivers:
            until = spent(had.get(r.person, []), MAIL, most) if r.person is not None else None
            if until is not None:
                held[r.address] = Later(_sentence(MAIL, most), until)
    Contact.objects.bulk_create(
        [
            Contact(person_id=pk, through=outreach.through, name=outreach.name[:200], record=outreach.record, record_id=outreach.pk)
            for pk in sorted({r.person for r in receivers if r.person is not None and r.address not in held})
        ],
        batch_size=1000,
    )  # fmt: skip
    return held


def may_call(person: int) -> None:
    """Raises NotNow where they were called often enough: asked before a machine has somebody call."""
    most = limits().calls
    until = _used_up(person, CALL, most)
    if until is not None:
        raise NotNow(Later(_sentence(CALL, most or 0), until))


def warning(person: int) -> str:
    """What a colleague is told who is about to write; "" for nothing."""
    most = limits().mails
    until = _used_up(person, MAIL, most)
    return _sentence(MAIL, most or 0) if until is not None else ""


def _used_up(person: int, kind: str, most: int | None) -> dt.datetime | None:
    return spent(uses([person], words=False).get(person, []), kind, most) if most is not None else None


def _sentence(kind: str, most: int) -> str:
    words = _("They had %s mails from us in seven days, which is as many as we send.") if kind == MAIL else _("They had %s calls from us in seven days, which is as many as we make.")  # fmt: skip
    return words % most


def _lock(people: set[int]) -> None:
    """One at a time of those who count the same people, until the transaction ends; in one order."""
    with connection.cursor() as cursor:
        for slot in sorted({pk % SLOTS for pk in people}):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, slot])


def purge() -> None:
    """What is older than anybody asks for. Running it twice deletes nothing the second time."""
    Contact.objects.filter(at__lt=timezone.now() - KEPT).delete()
