"""Telling colleagues of leads: by name while they are few, together when many come at once, so that an import that is dealt out
floods nobody's inbox.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext as _

from kith.activities.notices import Telling, notify_many
from kith.kernel.access.actor import Actor
from kith.kernel.accounts.models import User
from kith.kernel.accounts.queries import managers
from kith.qualification.models import Decision

FEW = 5  # leads that somebody is told of one by one
MINE, NOBODYS, LATE = (f"/assignments/?view={view}" for view in ("mine", "unrouted", "passed-on"))


def tell_takers(made: Sequence[Decision], by: Actor, *, along: str = "") -> None:
    """Whoever was given leads. along: the hour in which many are passed on, one after the other; it is told once."""
    if along:
        words, who = _("Leads that others did not answer in time are yours now."), {r.user for r in made if r.user}
        notify_many(
            [Telling([user], words, f"passed-on:{user.pk}:{along}", path=MINE) for user in who],
            kind="lead",
            by=by,
            mail=True,
        )
        return
    theirs: dict[User, list[Decision]] = defaultdict(list)
    for row in made:
        if row.user is not None:
            theirs[row.user].append(row)
    tellings = []
    for user, rows in theirs.items():
        words = _("%(n)d new leads for you, %(lead)s first.") % {"n": len(rows), "lead": rows[0].person}
        tellings += _told(
            [user], rows, words, [_("A new lead for you: %s") % row.person for row in rows], "assigned", MINE
        )
    notify_many(tellings, kind="lead", by=by, mail=True)


def tell_of_nobody(made: Sequence[Decision], by: Actor) -> None:
    """Everybody who can mend that nobody was found, by the reason."""
    if not made:
        return
    who = list(managers(administrators=True))
    alike: dict[str, list[Decision]] = defaultdict(list)
    for row in made:
        alike[row.why].append(row)
    tellings = []
    for why, rows in alike.items():
        words = _("Nobody looks after %(n)d leads: %(why)s") % {"n": len(rows), "why": why}
        each = [_("Nobody looks after %(lead)s: %(why)s") % {"lead": row.person, "why": why} for row in rows]
        tellings += _told(who, rows, words, each, "unrouted", NOBODYS)
    notify_many(tellings, kind="lead", by=by, mail=True)


def tell_late(row: Decision, who: Sequence[User], by: Actor, *, along: str = "") -> None:
    """Nobody answered in time, and nobody is left who could have it. along: as above."""
    if along:
        words = _("Leads were not answered in time, and nobody is left whom they could go to.")
        telling = Telling(who, words, f"escalated:{along}", path=LATE)
    else:
        words = _("Nobody answered %(lead)s yet; it was given to %(who)s.") % {"lead": row.person, "who": row.user}
        telling = Telling(who, words, f"escalated:{row.pk}", ("person", row.person_id))
    notify_many([telling], kind="lead", by=by, mail=True)


def _told(who: list[User], rows: list[Decision], together: str, each: list[str], key: str, path: str) -> list[Telling]:
    if len(rows) > FEW:
        return [Telling(who, together, f"{key}:{rows[0].pk}+{len(rows)}", path=path)]
    return [
        Telling(who, words, f"{key}:{row.pk}", ("person", row.person_id)) for row, words in zip(rows, each, strict=True)
    ]
