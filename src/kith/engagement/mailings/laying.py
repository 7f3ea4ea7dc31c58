"""Laying a mailing down: everybody of its audience as a row, by one INSERT … SELECT, once, as sending begins.

Who comes into a segment later does not get it; who may not be written to any more is found out as each batch leaves.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from kith.engagement.mailings.audience import gathered
from kith.engagement.mailings.printing import Press
from kith.engagement.models import Held, Mailing, RecipientState
from kith.kernel.access.actor import Actor

LAY = """
    INSERT INTO engagement_recipient
      (mailing_id, person_id, address, language, zone, segments, token, state, reason, why, tries, at)
    SELECT %s, c.id, lower(trim(c.email)),
      CASE WHEN c.language = ANY(%s) THEN c.language
           WHEN split_part(c.language, '-', 1) = ANY(%s) THEN split_part(c.language, '-', 1) ELSE %s END,
      c.zone, c.came, gen_random_uuid(),
      CASE WHEN trim(c.email) = '' THEN %s ELSE %s END, CASE WHEN trim(c.email) = '' THEN %s ELSE '' END, '', 0, NULL
    FROM ({people}) AS c (id, email, language, zone, came) ORDER BY c.id
    ON CONFLICT (mailing_id, person_id) DO NOTHING
"""


def lay_down(mailing: Mailing, press: Press, by: Actor) -> int:
    """Rows for everybody; returns how many. Twice is once: the mailing says that it was done. Raises Invalid."""
    languages = press.languages
    with transaction.atomic():
        locked = Mailing.objects.select_for_update().get(pk=mailing.pk)
        if locked.laid_at is not None:
            return 0
        people = gathered(locked, by).values_list("pk", "email", "language", "time_zone", "came")
        sql, given = people.query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(
                LAY.format(people=sql),
                [locked.pk, languages, languages, languages[0], RecipientState.HELD.value, RecipientState.WAITING.value,
                 Held.NO_ADDRESS.value, *given],
            )  # fmt: skip
            count = cursor.rowcount
            mailing.laid_at = locked.laid_at = timezone.now()
            locked.save(update_fields=["laid_at"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE engagement_recipient")  # a hundred thousand rows more than the planner knows of
    return count
