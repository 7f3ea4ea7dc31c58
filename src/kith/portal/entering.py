"""Coming in and leaving: a link by mail that works once and soon, then a visit with a cookie of its own.

Neither link nor cookie is kept, only their digests. A visit is nobody's account: it has nothing in common with colleagues'
sessions, and opens nothing but what is this person's. Whoever asks for a link learns nothing of whom we know.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.contacts.identify import email_identifier
from kith.kernel.access.actor import system
from kith.kernel.accounts.links import site_address
from kith.kernel.accounts.mail import is_configured
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.jobs import enqueue
from kith.kernel.languages import speaking
from kith.kernel.mail.leaving import leave
from kith.kernel.organisation.models import current
from kith.kernel.records.registry import registry
from kith.portal.models import Key, Visit
from kith.portal.setup import door

COOKIE = "kith_portal"
KEY_WORKS, IDLE, LONGEST = dt.timedelta(minutes=20), dt.timedelta(hours=12), dt.timedelta(days=7)
NOTED_EVERY = dt.timedelta(minutes=5)  # when somebody was seen last is not written at each page
LONGEST_TOKEN = 100


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def person_at(address: str) -> tuple[Any, str] | None:
    """(person, their address as we have it) of an address that was typed; the newest where several share it. None: nobody."""
    if "@" not in address or len(address) > 254:
        return None
    wanted = email_identifier(address)
    rows = registry["person"].rows(system("web"), archived=False).filter(identifiers__contains=[wanted])
    for person in rows.order_by("-updated_at", "-pk")[:1]:
        for entry in person.emails:
            if email_identifier(entry["value"]) == wanted:
                return person, entry["value"]
    return None


def ask_for_key(address: str) -> None:
    """Send a link to this address if we know it. What it costs does not depend on whether we do: the job looks."""
    enqueue("portal.mail_key", address=address[:254])


def mail_key(address: str) -> bool:
    """The mail with the link; False where we know nobody, or nothing can leave. The link is made here, so that no queue
    keeps it. Raises OSError when the server refuses, and is tried again with a new one."""
    found = person_at(address)
    if found is None or not door().open or not is_configured():
        return False
    person, own = found
    token = secrets.token_urlsafe(32)
    with speaking(person.language):
        organisation = current().name or "Kith"
        text = _(
            "Hello %(name)s,\n\nwith this link you come in. It works once, for %(minutes)d minutes:\n\n%(link)s\n\n"
            "If you did not ask for it, do nothing: without the link nobody comes in.\n\n%(organisation)s"
        ) % {
            "name": person.given_name or person.name, "minutes": KEY_WORKS.total_seconds() // 60,
            "link": f"{site_address()}/portal/in/{token}", "organisation": organisation,
        }  # fmt: skip
        message = EmailMessage(
            _("Your link to %s") % organisation, text, to=[own], headers={"Auto-Submitted": "auto-generated"}
        )
    Key.objects.create(digest=_digest(token), person=person, address=own)
    try:
        leave(message, person=person.pk, automatic=True)
    except Invalid:  # the address bounced or complained before
        return False
    return True


def works(token: str) -> bool:
    """Would this link open? Looking does not use it up: mail scanners look at every link."""
    return _live(token).exists()


def _live(token: str) -> Any:
    wanted = _digest(token) if len(token) <= LONGEST_TOKEN else ""
    return Key.objects.filter(digest=wanted, used_at=None, made_at__gt=timezone.now() - KEY_WORKS)


def enter(token: str) -> tuple[Visit, str]:
    """Use a link up; returns the visit and what its cookie holds. Raises NotFound in words that tell nothing of anybody."""
    now = timezone.now()
    key = _live(token).select_related("person").first()
    used = key is not None and Key.objects.filter(pk=key.pk, used_at=None).update(used_at=now)
    if not used or key is None or not door().open or not _theirs(key.person, key.address):
        raise NotFound(_("This link does not work any more: it works once, and for a short time. Ask for a new one."))
    secret = secrets.token_urlsafe(32)
    visit = Visit.objects.create(
        digest=_digest(secret), person=key.person, address=key.address, began_at=now, seen_at=now
    )
    return visit, secret


def _theirs(person: Any, address: str) -> bool:
    """Is the person there, and the address still one of theirs?"""
    wanted = email_identifier(address)
    return person.archived_at is None and any(
        email_identifier(e["value"]) == wanted for e in person.emails if e.get("value")
    )


def visit_of(request: HttpRequest) -> Visit | None:
    """Who is here, by their cookie; None for nobody (any more)."""
    secret = request.COOKIES.get(COOKIE, "")
    if not secret or len(secret) > LONGEST_TOKEN or not door().open:
        return None
    now = timezone.now()
    rows = Visit.objects.filter(
        digest=_digest(secret), ended_at=None, seen_at__gt=now - IDLE, began_at__gt=now - LONGEST
    )
    visit = rows.select_related("person").first()
    if visit is None or not _theirs(visit.person, visit.address):
        return None
    if visit.seen_at < now - NOTED_EVERY:
        Visit.objects.filter(pk=visit.pk).update(seen_at=now)
    return visit


def give_cookie(response: HttpResponse, secret: str) -> None:
    """The cookie is sent to these pages alone and read by no script."""
    response.set_cookie(
        COOKIE, secret, max_age=int(LONGEST.total_seconds()), path="/portal/", secure=settings.SESSION_COOKIE_SECURE,
        httponly=True, samesite="Lax",
    )  # fmt: skip


def depart(visit: Visit, response: HttpResponse) -> None:
    """End a visit here and on the server."""
    Visit.objects.filter(pk=visit.pk).update(ended_at=timezone.now())
    response.delete_cookie(COOKIE, path="/portal/", samesite="Lax")


def sweep() -> int:
    """Forget links and visits that are long over; returns how many."""
    old = timezone.now() - dt.timedelta(days=30)
    return int(Key.objects.filter(made_at__lt=old).delete()[0]) + int(Visit.objects.filter(seen_at__lt=old).delete()[0])
