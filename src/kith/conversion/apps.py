"""The sixth step: a deal is won, an order stands, promises are kept, and whoever delivers knows what was sold."""

from django.apps import AppConfig
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class ConversionConfig(AppConfig):
    name = "kith.conversion"
    label = "conversion"

    def ready(self) -> None:
        from django.db.models import Q

        from kith.activities.bodies import register_foot
        from kith.activities.notices import KINDS
        from kith.conversion import accepted, panels, promises, winning
        from kith.kernel.accounts.leaving import goes_on
        from kith.kernel.search.commands import Command
        from kith.kernel.search.commands import register as register_command
        from kith.kernel.timeline.readers import register_listener
        from kith.ui.panels import register_composer, register_panel

        KINDS.setdefault(winning.KIND, (_("Orders, and who became a customer"), "once"))
        register_listener(winning.handles, winning.hear)
        register_listener(accepted.handles, accepted.hear)
        goes_on("promise", where=Q(state="open"))
        goes_on("order", where=Q(ended_on__isnull=True))
        for record in ("company", "person", "deal"):
            register_panel(panels.ORDERS if record == "deal" else panels.BOUGHT, on=record)
            register_panel(panels.PROMISES, on=record)
        for record in (
            "ticket",
            "renewal",
            "onboarding_plan",
        ):  # whoever helps, renews or begins sees what was promised
            register_panel(panels.PROMISED, on=record)
        register_foot(panels.note_promise)
        register_composer(
            "promise", _("Promise"), "check", promises.make, submit=_("Note the promise"), order=45,
            placeholder=_("What we said that we will do, in one sentence"),
            applies=lambda record, row: record.name in promises.ABOUT, aside=True,
        )  # fmt: skip
        register_command(lambda actor: [
            Command(__("Promises"), "/promises/?view=open", "check", "", "promise.see", __("commitments ledger late")),
            Command(__("How we keep promises"), "/promises/kept/", "chart", "", "promise.see", __("broken rate kept")),
            Command(__("What invoicing sees differently"), "/orders/mismatches/", "coins", "", "order.see", __("ERP invoices export")),
        ])  # fmt: skip
