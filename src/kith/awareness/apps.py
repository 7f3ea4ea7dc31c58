"""The first step of the process, as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

PLACES = (
    ("profiles", _("Profiles and personas"), "star", 2, _("Ideal customers and personas, with versions")),
    ("assets", _("Asset library"), "clip", 6, _("What we give people, for whom, and what came of it")),
    ("research", _("Market research"), "book", 4, _("What is known of segments, and since when")),
)


class AwarenessConfig(AppConfig):
    name = "kith.awareness"
    label = "awareness"

    def ready(self) -> None:
        from kith.activities.notices import KINDS
        from kith.awareness.assets import listening
        from kith.awareness.assets import mailed as sent_along
        from kith.awareness.campaigns import mailed
        from kith.awareness.campaigns.intake import CAMPAIGN_MEMBERS
        from kith.awareness.profiles import actions, fitting, reminding
        from kith.awareness.segmentpages import offer
        from kith.awareness.touches import hearing, own
        from kith.contacts.consent.sections import register_section
        from kith.kernel.intake.targets import register_target
        from kith.kernel.search.commands import Command, register
        from kith.kernel.segments.watching import register_looker
        from kith.kernel.timeline.readers import register_follower, register_listener
        from kith.ui.pages.frame import register_list_verb
        from kith.ui.settings import register_settings

        KINDS[reminding.NOTICE] = (_("Market research of yours that is out of date"), "once")
        register_listener(hearing.handles, hearing.hear, hearing.unhear)
        register_listener(hearing.agrees, hearing.agreed)
        register_listener(mailed.handles, mailed.hear)
        register_listener(lambda verb: verb == listening.DOWNLOADED, listening.hear, listening.unhear)
        register_listener(sent_along.handles, sent_along.hear)
        register_section(own.TRAIL)
        register_list_verb(_("Save as a segment…"), "target", offer)
        register_follower("profile", actions.TELLING, actions.follow)
        register_target(CAMPAIGN_MEMBERS)
        register_looker(fitting.types, fitting.look)
        register(lambda actor: [
            Command(_("Market-research worksheet"), "/research/worksheet", "book", "", "research.see", _("what segments value and which assets fit")),
        ])  # fmt: skip
        for key, label, icon, order, says in PLACES:
            register_settings(
                key, group="sales", label=label, icon=icon, href=f"/{key}/", order=order, needs=f"{key[:-1]}.see"
                if key.endswith("s") else f"{key}.see", says=says,
            )  # fmt: skip
