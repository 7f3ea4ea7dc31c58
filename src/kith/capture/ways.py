"""The ways by which people come to us, by the keys that `person.captured` tells."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

BOOKING = "booking"  # who chose a time to meet was answered as they chose it
BORN_WAYS = {"import": _("Import"), "api": _("Another program"), "hand": _("By hand")}
WAYS = {
    "form": _("Form"), "mail": _("Mail"), "chat": _("Chat"), BOOKING: _("Booking"), "event": _("Event"),
    "referral": _("Referral"), "ticket": _("Ticket"), "channel": _("WhatsApp, SMS or social network"), **BORN_WAYS,
}  # fmt: skip
ANSWERED = {key: label for key, label in WAYS.items() if key != BOOKING}
