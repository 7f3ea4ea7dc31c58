"""Counting an open or a click: one question and one statement while somebody waits, the event afterwards by a job.

A story tells the first open of a mail and the first time each of its links was followed; what comes after is a number.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from kith.contacts.consent.models import Consent
from kith.contacts.consent.queries import holds
from kith.engagement.events import MailClicked, MailOpened
from kith.engagement.models import TrackedLink, TrackedMail
from kith.engagement.tracking.allowing import PURPOSE
from kith.engagement.tracking.machines import perhaps
from kith.kernel.access.actor import system
from kith.kernel.database.notify import announce
from kith.kernel.jobs import enqueue, once
from kith.kernel.timeline.write import Entry, write_events

OPENED = """
    UPDATE engagement_trackedmail SET opens = opens + %(person)s, machines = machines + 1 - %(person)s,
      opened_at = CASE WHEN %(person)s = 1 THEN coalesce(opened_at, %(now)s) ELSE opened_at END
    WHERE id = %(mail)s RETURNING opens, 0
"""
CLICKED = """
    WITH link AS (
      INSERT INTO engagement_trackedlink (mail_id, url, at, clicks, machines)
      SELECT id, %(url)s, %(now)s, %(person)s, 1 - %(person)s FROM engagement_trackedmail WHERE id = %(mail)s
      ON CONFLICT (mail_id, url) DO UPDATE SET clicks = engagement_trackedlink.clicks + excluded.clicks,
        machines = engagement_trackedlink.machines + excluded.machines,
        at = CASE WHEN engagement_trackedlink.clicks = 0 THEN excluded.at ELSE engagement_trackedlink.at END
      RETURNING id, clicks
    )
    UPDATE engagement_trackedmail m SET clicks = m.clicks + %(person)s, machines = m.machines + 1 - %(person)s,
      clicked_at = CASE WHEN %(person)s = 1 THEN coalesce(m.clicked_at, %(now)s) ELSE m.clicked_at END
    FROM link WHERE m.id = %(mail)s RETURNING link.clicks, link.id
"""


def count(request: HttpRequest, mail: int, url: str = "") -> None:
    """Note an open, or with `url` a click, of a mail; nothing of somebody who does not agree, or not any more."""
    left = _measurable(mail)
    if left is None:
        return
    now = timezone.now()
    person = 0 if perhaps(request, left, now) else 1
    with transaction.atomic(), connection.cursor() as cursor:
        given: dict[str, Any] = {"mail": mail, "person": person, "now": now, "url": url}
        cursor.execute(CLICKED if url else OPENED, given)
        times, link = cursor.fetchone() or (0, 0)
        if person and times == 1:
            enqueue("engagement.mail_seen", mail=mail, link=link, happened=now.isoformat())


def _measurable(mail: int) -> dt.datetime | None:
    """When the mail left, if its reader agrees at this moment; one query. A mail whose marks were forgotten is none."""
    said = Consent.objects.filter(person__tracked_mails=mail, purpose__key=PURPOSE, purpose__archived_at=None)
    last = said.select_related("purpose").annotate(left=F("person__tracked_mails__at")).order_by("-pk").first()
    return last.left if last is not None and holds(last, last.purpose) else None


def tell(mail: int, link: int, at: dt.datetime) -> None:
    """The event of a first open, or of a link followed for the first time; once, however often the job runs."""
    with once(f"mail_seen:{mail}:{link}") as first:
        row = TrackedMail.objects.select_related("person", "recipient__mailing", "step__enrolment__sequence").filter(pk=mail).first()  # fmt: skip
        if not first or row is None or (link and not TrackedLink.objects.filter(pk=link).exists()):
            return
        said = MailClicked(**_about(row), link=link) if link else MailOpened(**_about(row))
        write_events([Entry("person", row.person_id, said, at=at, actor_name=row.person.name[:200])], system("web"))
        announce([f"mailing:{row.recipient.mailing_id}"] if row.recipient else ["enrolment"])


def _about(row: TrackedMail) -> dict[str, Any]:
    if row.recipient is not None:
        mailing = row.recipient.mailing
        return {"mail": row.pk, "name": mailing.name, "mailing": mailing.pk, "campaign": mailing.campaign_id}
    assert row.step is not None
    return {"mail": row.pk, "name": row.step.said, "sequence": row.step.enrolment.sequence_id}
