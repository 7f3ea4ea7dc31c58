"""Consent to being known again on the organisation's own site: the purpose with the key `tracking`. As long as there is none,
nothing is stored of visits.

People say yes to the site's banner before we know who they are. The script reports that moment and the banner's words with
each visit; when somebody turns out to be that visitor, it becomes a line of their own in the log of consent.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from kith.contacts.consent.actions import Said, record_many
from kith.contacts.consent.models import Consent, State, Through
from kith.contacts.consent.queries import holds, last_said, purposes
from kith.kernel.access.actor import Actor
from kith.kernel.jobs import enqueue_many
from kith.kernel.records.registry import registry

PURPOSE = "tracking"
TOLD_BY = "told_by"  # in the proof of a line: the event that told whose banner it was


def asked() -> bool:
    """Does the organisation ask people for it at all?"""
    return PURPOSE in purposes()


def since(person: int) -> dt.datetime | None:
    """Since when somebody consents; None when they do not."""
    return standings([person])[person].since


@dataclass(frozen=True)
class Standing:
    """How it stands with a person: `since` when they agree (None: they do not), when they last said no, what was said last."""

    since: dt.datetime | None = None
    refused: dt.datetime | None = None
    last: Consent | None = None

    def allows(self, visit: Any) -> bool:
        """May this visit count? It was made after a yes of theirs: their own, or the banner's, unless they said no since."""
        if self.since is None:
            return False
        banner = visit.agreed_at is not None and (self.refused is None or visit.agreed_at > self.refused)
        return bool(visit.at >= self.since or banner)


def standings(people: Iterable[int]) -> dict[int, Standing]:
    """{person: how it stands}; two queries."""
    ids, purpose = set(people), purposes().get(PURPOSE)
    if purpose is None:
        return dict.fromkeys(ids, Standing())
    last = {line.person_id: line for line in last_said(ids, purpose)}
    no = Consent.objects.filter(person_id__in=list(last), purpose=purpose, state=State.WITHDRAWN)
    refused = dict(no.values_list("person_id").annotate(last=Max("at")))
    return {
        pk: Standing(
            line.at if (line := last.get(pk)) and holds(line, purpose) else None, refused.get(pk), last.get(pk)
        )
        for pk in ids
    }


@dataclass(frozen=True)
class Banner:
    """A yes to the site's banner, whose words the script told, on a page; `event` told whose it was."""

    person: int
    at: dt.datetime
    wording: str
    page: str
    event: Any = None


def note_banners(banners: Sequence[Banner], *, by: Actor) -> None:
    """A line of consent for each that says something new: not where they said no since, wait to confirm, or it is noted
    already. Where the purpose is confirmed by mail, the mail is asked for."""
    purpose = purposes().get(PURPOSE)
    if purpose is None or not banners:
        return
    standing = standings({one.person for one in banners})
    people = registry["person"].model._default_manager.in_bulk({one.person for one in banners})
    said = [
        Said(
            one.person, purpose, True, Through.OTHER, address=people[one.person].email, who=str(people[one.person]),
            source=_("the banner of our site"), page=one.page, wording=one.wording,
            proof={TOLD_BY: str(one.event or ""), "agreed_at": one.at.isoformat()},
            at=None if purpose.double_opt_in else one.at,
        )
        for one in banners if _is_news(one, standing[one.person])
    ]  # fmt: skip
    waiting: dict[int, list[int]] = defaultdict(list)
    for line in record_many(said, by=by):
        waiting[line.person_id].append(line.pk)
    enqueue_many("consent.ask_to_confirm", [{"ids": ids} for ids in waiting.values()])


def _is_news(banner: Banner, standing: Standing) -> bool:
    if standing.refused is not None and standing.refused >= banner.at:
        return False
    last = standing.last
    return last is None or (last.state != State.ASKED and last.at != banner.at)


def noted_because_of(events: Iterable[Any]) -> dict[str, Banner]:
    """{event: the banner's yes that was noted because of it}"""
    ids = [str(event) for event in events]
    lines = Consent.objects.filter(purpose__key=PURPOSE, proof__told_by__in=ids).exclude(proof__has_key="taken_back")
    return {
        line.proof[TOLD_BY]: Banner(
            line.person_id, dt.datetime.fromisoformat(line.proof["agreed_at"]), line.wording, line.page
        )
        for line in lines
    }
