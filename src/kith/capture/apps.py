"""The second step of the process, as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class CaptureConfig(AppConfig):
    name = "kith.capture"
    label = "capture"

    def ready(self) -> None:
        from kith.activities.events import OUTREACH
        from kith.activities.notices import KINDS
        from kith.capture import incoming, letters, speed
        from kith.capture.door import door
        from kith.capture.magnets import granting
        from kith.capture.magnets.panels import OF_ASSET, OF_FORM
        from kith.capture.nav import waiting_count
        from kith.contacts.arriving import register_door
        from kith.kernel.mail.working import register_stranger
        from kith.kernel.search.commands import Command, register
        from kith.kernel.timeline.readers import register_follower, register_listener
        from kith.ui.panels import register_panel
        from kith.ui.settings import register_settings
        from kith.ui.shell import register_nav

        register_stranger(letters.stranger)
        register_door(door)
        incoming.register(letters.MAIL, letters.taken, put_away=letters.put_away)
        register_listener(lambda verb: verb == incoming.DISCARDED, incoming.hear_discarded, incoming.unhear_discarded)
        KINDS.setdefault("capture", (_("What came in and waits to be looked at"), "once"))
        register_follower("person", speed.VERBS, speed.follow)
        register_follower("person", (speed.MADE,), speed.follow_made)
        register_listener(lambda verb: verb == "person.consent_confirmed", granting.confirmed)
        register_panel(OF_ASSET, on="asset")
        register_panel(OF_FORM, on="form")
        for record in ("activity", "deal", "company"):
            register_follower(record, OUTREACH, speed.follow_about(record))
        register_nav(
            "incoming", label=_("Came in"), icon="flag", href="/incoming/", order=28, count=waiting_count,
            visible=lambda request: request.actor.can("submission.see"),
        )  # fmt: skip
        register_settings(
            "forms", group="sales", label=_("Forms"), icon="note", href="/forms/", order=5, needs="form.see",
            says=_("What strangers fill in, on a page of ours or on yours."),
        )  # fmt: skip
        register_settings(
            "magnets", group="sales", label=_("Lead magnets"), icon="clip", href="/magnets/", order=6, needs="magnet.see",
            says=_("What people are handed for filling in a form, and what came of it."),
        )  # fmt: skip
        register_settings(
            "answer-targets", group="sales", label=_("First answers"), icon="clock", href="/answer-targets/", order=7,
            needs="answer_target.see", says=_("How soon whoever comes to us is answered, by way and source, and by whose hours."),
        )  # fmt: skip
        register(lambda actor: [
            Command(__("Forms"), "/forms/", "note", "", "form.see", __("builder capture landing")),
            Command(__("Speed to lead"), "/speed-to-lead/", "clock", "", "lead_clock.see", __("first answer breach median")),
        ])  # fmt: skip
