"""What makes a mail a tracked one: its links lead past us and it carries an image. Only mails of those who agreed are made so,
each as it leaves; the plain part stays as it is.

Links to ourselves are left alone: unsubscribing, their own page and signed links say by themselves who uses them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

from django.utils import timezone
from django.utils.html import escape

from kith.engagement.models import Mailing, Recipient, Step, TrackedMail
from kith.engagement.tracking.allowing import agreed, allowed
from kith.engagement.tracking.links import LONGEST_URL, image_path, link_path
from kith.kernel.accounts.links import site_address

HREF = re.compile(r'(<a\b[^>]*?\shref=")(https?://[^"]+)(")', re.IGNORECASE)
END = re.compile(r"</body\s*>", re.IGNORECASE)
IMAGE = '<img src="{}" width="1" height="1" alt="" style="display:block;border:0;">'


def note_recipients(mailing: Mailing, rows: Iterable[Recipient]) -> dict[int, int]:
    """{recipient: tracked mail} of those who agreed, noted; two queries at most, none for a mailing that does not count. Runs
    in the caller's transaction; a mail that is tried again is the same one."""
    if not mailing.track:
        return {}
    rows = list(rows)
    who = agreed(row.person_id for row in rows)
    made = TrackedMail.objects.bulk_create(
        [TrackedMail(person_id=row.person_id, recipient=row) for row in rows if row.person_id in who],
        update_conflicts=True, unique_fields=["recipient"], update_fields=["at"],
    )  # fmt: skip
    return {one.recipient_id: one.pk for one in made}  # type: ignore[misc]


def of_sequence(message: int, html: str) -> str:
    """The HTML part of a mail as it leaves: tracked where it is a step of a sequence that counts and its reader agreed."""
    step = _counting(message) if allowed() else None
    if step is None or not agreed([step.enrolment.person_id]):
        return html
    given = {"person_id": step.enrolment.person_id, "at": timezone.now()}
    return tracked(html, TrackedMail.objects.update_or_create(step=step, defaults=given)[0].pk)


def _counting(message: int) -> Step | None:
    rows = Step.objects.filter(message=message, enrolment__sequence__track=True)
    return rows.select_related("enrolment").first()


def tracked(html: str, mail: int) -> str:
    """The document with its links leading past us, and the image at its end."""
    site = site_address()
    own = re.compile(re.escape(site) + r"(?:[/?#]|$)", re.IGNORECASE)

    def past_us(found: re.Match[str]) -> str:
        url = unescape(found[2])
        if own.match(url) or len(url) > LONGEST_URL:
            return found[0]
        return f"{found[1]}{escape(site + link_path(mail, url))}{found[3]}"

    image = IMAGE.format(escape(site + image_path(mail)))
    marked = HREF.sub(past_us, html)
    return END.sub(lambda end: image + end[0], marked, count=1) if END.search(marked) else marked + image
