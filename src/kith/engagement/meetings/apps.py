"""Meetings that people book themselves, as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    name = "kith.engagement.meetings"
    label = "meetings"

    def ready(self) -> None:
        from kith.activities.notices import KINDS
        from kith.contacts.arriving import register_way
        from kith.engagement.meetings import booking, links, listening, replies, telling
        from kith.engagement.placeholders import register_source
        from kith.kernel.mail.working import register_filer
        from kith.kernel.search.commands import Command
        from kith.kernel.search.commands import register as register_command
        from kith.kernel.timeline.readers import register_follower, register_listener
        from kith.ui.settings import register_settings

        KINDS.setdefault(replies.KIND, (_("Meetings that people book, move or decline"), "once"))
        register_way(booking.WAY, booking.taken)
        register_listener(listening.handles, listening.hear)
        register_follower("booking", telling.VERBS, telling.follow)
        register_filer(replies.file, first=True)
        register_source("booking", links.placeholders, links.value)
        register_command(lambda actor: [
            Command(__("Booked meetings"), "/bookings/", "calendar", "", "booking.see", __("appointments calendar no-show")),
            Command(__("Booking pages"), "/booking-pages/", "calendar", "", "booking_page.see", __("schedule availability link")),
        ])  # fmt: skip
        register_settings(
            "booking-pages", group="sales", label=_("Booking pages"), icon="calendar", href="/booking-pages/", order=6,
            needs="booking_page.see", says=_("Where people choose a time to meet you."),
        )  # fmt: skip
        register_settings(
            "other-calendar", group="you", label=_("Your other calendar"), icon="calendar", href="/settings/other-calendar/",
            order=57, says=_("Times in which nobody can book you."),
        )  # fmt: skip
