"""The mails about a meeting: an invitation that calendars take, the next one when it moves, its end when it is cancelled.

They answer what somebody did, so that no purpose and no budget keeps them back; an address that bounced or complained
still is not written to. Each leaves once.
"""

from __future__ import annotations

import datetime as dt
from email.utils import formataddr, parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone, translation
from django.utils.html import escape, urlize
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kith.activities.mail import sender
from kith.engagement.meetings.booking import said, where_of
from kith.engagement.meetings.invitation import CANCEL, REQUEST, Said, calendar
from kith.engagement.meetings.links import own_link
from kith.engagement.meetings.models import Booking, State, Told
from kith.engagement.meetings.telling import HOST
from kith.kernel.access.actor import actor_for
from kith.kernel.accounts.mail import is_configured
from kith.kernel.accounts.models import User
from kith.kernel.errors import Invalid
from kith.kernel.jobs import once
from kith.kernel.kinds.translations import text_for
from kith.kernel.languages import speaking
from kith.kernel.mail.addresses import reply_address
from kith.kernel.mail.leaving import INTERNAL, leave
from kith.kernel.organisation.models import current
from kith.kernel.zones import zone
from kith.ui.dates import full


def tell(booking: int, number: int, to: str, gone: int | None = None) -> bool:
    """Send what is true now to one side, once; False where a later word has overtaken it or nothing can leave. Raises
    OSError when the server refuses, so that it is tried again. gone: a colleague it was taken from, who is told it ends."""
    if not is_configured():
        return False
    with once(f"meetings.tell:{booking}:{number}:{to}:{gone or ''}") as first:
        told = Told.objects.select_for_update().filter(booking=booking, number=number).first()
        rows = Booking.objects.select_related("page", "host", "person", "activity")
        row = rows.filter(pk=booking).first()
        if not first or told is None or row is None:
            return False
        if to == HOST:
            _tell_host(row, number, gone)
            return True
        try:
            leave(to_person(row, number), person=row.person_id, automatic=True)
            told.sent_at = timezone.now()
        except Invalid as problem:  # the address bounced or complained before: a colleague calls
            told.problem = problem.message[:500]
        told.save(update_fields=["sent_at", "problem"])
    return True


def _tell_host(row: Booking, number: int, gone: int | None) -> None:
    host = User.objects.filter(pk=gone).first() if gone else row.host
    if host is not None and host.is_active and host.email:
        leave(to_host(row, number, host, over=gone is not None), purpose=INTERNAL, automatic=True)


def to_person(row: Booking, number: int) -> EmailMultiAlternatives:
    """The mail to who booked, in their language and on their clock."""
    with speaking(row.language):
        off = row.state == State.CANCELLED or row.archived_at is not None
        title = text_for(row.page.names, row.language, row.page.name)[0]
        lines = [
            _opening(off, number, row.name),
            "",
            title,
            say_when(row, row.time_zone),
            _("With %s") % row.host.name,
            where_of(row),
            *(["", row.why] if off and row.why else []),
            "",
            _("Book another time: %s") % own_link(row.pk) if off else _("Move or cancel it: %s") % own_link(row.pk),
            "",
            current().name or "Kith",
        ]
        subject = f"{_kind(off, number)}: {title}, {say_when(row, row.time_zone)}"
        return _mail(row, number, subject, "\n".join(lines), row.email, _said(row, title, lines[-3]), off=off)


def to_host(row: Booking, number: int, host: Any, *, over: bool = False) -> EmailMultiAlternatives:
    """The mail to the colleague, with what was answered."""
    with translation.override(host.language or None):
        off = over or row.state == State.CANCELLED or row.archived_at is not None
        lines = [
            str(row), say_when(row, host.time_zone), where_of(row), f"{row.name} <{row.email}> {row.phone}".strip(),
            *(["", row.why] if off and row.why else []), "", said(row),
        ]  # fmt: skip
        subject = f"{_kind(off, number)}: {row}, {say_when(row, host.time_zone)}"
        return _mail(
            row, number, subject, "\n".join(lines).strip(), host.email, _said(row, str(row), said(row)), off=off
        )


def _kind(off: bool, number: int) -> str:
    return _("Cancelled") if off else _("Moved") if number else _("Meeting")


def _opening(off: bool, number: int, name: str) -> str:
    words = (
        _("Hello %s, your meeting is cancelled.") if off
        else _("Hello %s, your meeting has changed. This is how it is now.") if number
        else _("Hello %s, your meeting is booked.")
    )  # fmt: skip
    return words % " ".join(name.split())[:80]


def said_of(row: Booking) -> Said:
    """The words of an entry for the calendar of who booked."""
    title = text_for(row.page.names, row.language, row.page.name)[0]
    return _said(row, title, _("Move or cancel it: %s") % own_link(row.pk))


def _said(row: Booking, title: str, about: str) -> Said:
    host = row.host
    _name, address = parseaddr(_from(host))
    organiser = formataddr((host.name, reply_address(host.pk) or address))
    return Said(title, about, where_of(row), zone(host.time_zone or current().time_zone), organiser, host.email, host.name,
                own_link(row.pk))  # fmt: skip


def _from(host: Any) -> str:
    return sender(actor_for(host))


def _mail(
    row: Booking, number: int, subject: str, text: str, to: str, words: Said, *, off: bool
) -> EmailMultiAlternatives:
    method = CANCEL if off else REQUEST
    content = calendar(row, words, number, method).decode()
    mail = EmailMultiAlternatives(
        " ".join(subject.split())[:300], text, _from(row.host), [to], reply_to=[parseaddr(words.organiser)[1]],
        headers={"X-Auto-Response-Suppress": "OOF, AutoReply"},
    )  # fmt: skip
    markup = urlize(escape(text), nofollow=False).replace("\n", "<br>")
    mail.attach_alternative(f'<html lang="{get_language()}"><body><p>{markup}</p></body></html>', "text/html")
    mail.attach_alternative(content, f"text/calendar; method={method}")
    mail.attach("invite.ics", content, "application/ics")
    return mail


def say_when(row: Booking, zone_name: str) -> str:
    """When it is, in full, on the clocks of a zone."""
    return say_in(row.starts_at, row.minutes, zone(zone_name))


def say_in(start: dt.datetime, minutes: int, there: ZoneInfo) -> str:
    """ "Tuesday, 24 November 2026, 10:00 to 10:30 (Europe/Berlin, UTC+1)"."""
    begins, ends = start.astimezone(there), (start + dt.timedelta(minutes=minutes)).astimezone(there)
    return _("%(day)s, %(begins)s to %(ends)s (%(zone)s)") % {
        "day": full(begins.date()), "begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}",
        "zone": f"{there.key}{_offset(begins)}",
    }  # fmt: skip


def _offset(at: dt.datetime) -> str:
    """ ", UTC+2" beside a zone's name: in the hour that clocks show twice it is the only difference."""
    away = at.utcoffset() or dt.timedelta()
    minutes = int(away.total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes >= 0 else "-"
    return f", UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
