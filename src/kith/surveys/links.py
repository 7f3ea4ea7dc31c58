"""The signed address of a response. It names the response and nothing else; nobody's name or address stands in it.

Whose link it is, is settled once: the answer is that of the person who was asked, whoever presses the button. Who says
that it was passed on to them leaves words and no score. It works for as long as the survey says; an answer can be changed
for a day, and then stands.
"""

from __future__ import annotations

import datetime as dt

from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.accounts.links import site_address
from kith.kernel.errors import NotFound
from kith.surveys.models import Response, ResponseState

SALT, LONGEST = "kith.surveys.response", 200
CHANGES = dt.timedelta(days=1)  # how long an answer can be changed


def path_of(response: int) -> str:
    return f"/s/{signing.dumps(response, salt=SALT)}"


def link_of(response: int) -> str:
    return site_address() + path_of(response)


def open_link(token: str) -> Response:
    """The response of a link. Raises NotFound in words that tell nothing of anybody."""
    try:
        pk = signing.loads(token, salt=SALT) if len(token) <= LONGEST else None
    except signing.BadSignature:
        pk = None
    rows = Response.objects.filter(archived_at=None).select_related("survey", "person", "company")
    row = rows.filter(pk=pk).first() if isinstance(pk, int) else None
    if row is None or row.state in (ResponseState.WAITING, ResponseState.UNASKED):
        raise NotFound(
            _("This link does not work: it is incomplete, was changed on the way, or is no longer valid. Open it again from the mail, or write to us.")
        )  # fmt: skip
    return row


def closed(row: Response) -> str:
    """Why nothing can be answered here any more; "" while something can."""
    now = timezone.now()
    if row.state == ResponseState.ANSWERED:
        over = row.answered_at is not None and now - row.answered_at > CHANGES
        return _("You answered this already, thank you. It cannot be changed any more; write to us if you think differently now.") if over else ""  # fmt: skip
    if row.asked_at is not None and now - row.asked_at > dt.timedelta(days=row.survey.valid_days):
        return _("This question is closed. If there is something we should know, write to us.")
    return ""
