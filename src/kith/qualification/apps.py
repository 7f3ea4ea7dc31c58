"""The third step of the process, as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class QualificationConfig(AppConfig):
    name = "kith.qualification"
    label = "qualification"

    def ready(self) -> None:
        from kith.activities.notices import KINDS
        from kith.kernel.calendars.away import register_absences
        from kith.kernel.intake.afterwards import After, register_after
        from kith.kernel.records.merge import before_merge
        from kith.kernel.search.commands import Command, register
        from kith.kernel.timeline.readers import register_follower, register_listener
        from kith.qualification.assigning import candidates, listening
        from kith.qualification.checklist import companies
        from kith.qualification.outcome import deciding, waiting
        from kith.qualification.scoring import changing, dirty
        from kith.ui.settings import register_settings

        KINDS["lead"] = (_("Leads given to you, and leads that nobody looks after"), "once")
        register_listener(listening.handles, listening.hear)
        register_listener(dirty.handles, dirty.hear)
        register_follower("person", {"person.merged"}, dirty.mark)  # taken back, it tells no listener
        register_listener(lambda verb: verb == "person.captured", deciding.welcome)
        register_follower("person", waiting.OF_PEOPLE, waiting.follow)
        register_follower("company", companies.OF_COMPANIES, companies.follow)
        register_follower("deal", waiting.OF_DEALS, waiting.follow_deals)
        before_merge(changing.make_room)
        before_merge(waiting.make_room)
        register_absences(candidates.absences)
        register_after("person", After(
            "assign", _("Deal out by the rules of assignment who has no owner"), listening.deal_out_imported, decides="owner",
            says=_("In place of you. The clocks for the first answer begin then."),
        ))  # fmt: skip
        register(lambda actor: [
            Command(__("Honest noes"), "/honest-noes/", "flag", "", "person.see", __("not a fit advised elsewhere ledger")),
        ])  # fmt: skip
        register_settings(
            "scores", group="sales", label=_("Scores"), icon="chart", href="/settings/scores/", order=61,
            says=_("What a lead is worth, point by point."), needs="settings.manage",
        )  # fmt: skip
        register_settings(
            "prediction", group="sales", label=_("Prediction"), icon="chart", href="/settings/prediction/", order=63,
            needs="settings.manage", says=_("How likely a lead becomes business."),
        )  # fmt: skip
        register_settings(
            "checklist", group="sales", label=_("Checklist"), icon="check", href="/settings/checklist/", order=62,
            says=_("What we want to know before we promise anything."), needs="settings.manage",
        )  # fmt: skip
        register_settings(
            "assignment", group="sales", label=_("Assignment"), icon="person", href="/settings/assignment/", order=60,
            needs="settings.manage", says=_("Who gets new leads, and why."),
        )  # fmt: skip
