"""What mailings do for campaigns: whoever was written to belongs to the campaign, and so does how they answered.

A mailing says on each person's story what happened, with the campaign it belongs to; here the members follow, with one
statement for a batch. The story tells it already, so that no event of the campaign repeats it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection

from kith.awareness.models import State
from kith.kernel.access.actor import Actor

# What a mailing says: the state it means, and the states that it takes the place of.
MEANS = {
    "mailing.reached": (State.SENT, ("", State.INVITED)),
    "mailing.bounced": (State.BOUNCED, ("", State.INVITED, State.SENT)),
    "mailing.answered": (State.RESPONDED, ("", State.INVITED, State.SENT, State.BOUNCED)),
}
FOLLOW = """
    WITH told AS (
      SELECT p.id, coalesce(m.state, '') AS old FROM unnest(%(people)s::bigint[]) AS t (id)
      JOIN contacts_person p ON p.id = t.id JOIN awareness_campaign c ON c.id = %(campaign)s
      LEFT JOIN awareness_member m ON m.campaign_id = c.id AND m.person_id = p.id
      WHERE coalesce(m.state, '') = ANY(%(before)s) ORDER BY p.id),
    noted AS (
      INSERT INTO awareness_memberstep (campaign_id, person_id, old, new, at, by_name)
      SELECT %(campaign)s, id, old, %(state)s, coalesce(%(at)s::timestamptz, now()), %(by)s FROM told)
    INSERT INTO awareness_member (campaign_id, person_id, state, since)
    SELECT %(campaign)s, id, %(state)s, coalesce(%(at)s::timestamptz, now()) FROM told
    ON CONFLICT (campaign_id, person_id) DO UPDATE SET state = excluded.state, since = excluded.since
"""


def handles(verb: str) -> bool:
    return verb in MEANS


def hear(entries: list[Any], by: Actor) -> None:
    """One statement for each campaign, kind of news and moment: of a batch that is sent there is one."""
    told: dict[tuple[int, str, dt.datetime | None], set[int]] = {}
    for entry in entries:
        campaign = getattr(entry.says, "campaign", None)
        if campaign is not None and entry.record == "person":
            told.setdefault((campaign, entry.says.verb_for(entry.record), entry.at), set()).add(entry.record_id)
    for (campaign, verb, at), people in told.items():
        state, before = MEANS[verb]
        with connection.cursor() as cursor:
            cursor.execute(FOLLOW, {
                "people": sorted(people), "campaign": campaign, "before": [str(s) for s in before], "state": str(state),
                "by": by.name[:200], "at": at,
            })  # fmt: skip
