"""The eighth step, where somebody asks: tickets, their clocks and the talk around them."""

from django.apps import AppConfig
from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _


class SupportConfig(AppConfig):
    name = "kith.support"
    label = "support"

    def ready(self) -> None:
        from kith.activities.events import OUTREACH
        from kith.activities.mail import register_dresser
        from kith.activities.notices import KINDS
        from kith.activities.privacy import register_opened
        from kith.contacts.arriving import register_way
        from kith.kernel.accounts.leaving import goes_on
        from kith.kernel.mail.working import register_filer
        from kith.kernel.records.merge import before_merge
        from kith.kernel.records.registry import registry
        from kith.kernel.search.commands import Command, register
        from kith.kernel.timeline.readers import register_follower, register_listener
        from kith.support import chats, dressing, effort, incoming, listening, merging
        from kith.support.clocks import keeping, looking
        from kith.support.panels import EFFORT
        from kith.support.routing import NOTICE
        from kith.ui.panels import register_panel
        from kith.ui.settings import register_settings
        from kith.ui.shell import register_nav

        register_follower("ticket", keeping.VERBS, keeping.follow)
        register_listener(listening.handles, listening.hear)
        register_listener(merging.handles, merging.hear)
        register_filer(incoming.file, first=True)
        register_opened(incoming.in_tickets)
        register_dresser(dressing.put_on)
        register_way(incoming.WAY, incoming.taken)
        registry.lend_actions("conversation", chats.make_ticket, chats.join_ticket)
        before_merge(merging.prepare)
        effort.lend()
        goes_on("ticket", where=Q(state__in=("new", "open", "waiting")))
        OUTREACH.setdefault("ticket.answered", "mail")
        KINDS.setdefault(NOTICE, (_("Tickets: yours, named in one, an answer to one"), "digest"))
        KINDS.setdefault(looking.NOTICE, (_("Tickets whose time runs out"), "once"))
        for record in ("person", "company"):
            register_panel(EFFORT, on=record)
        register_nav(
            "new-tickets", label=_("Ticket"), icon="ticket", href="/tickets/new", section="new", order=30,
            visible=lambda request: request.actor.can("ticket.create"),
        )  # fmt: skip
        register_nav(
            "tickets", label=_("Tickets"), icon="ticket", order=24, href=lambda request: "/tickets/" if request.path.startswith("/tickets/") else "/tickets/desk/",
            visible=lambda request: request.actor.can("ticket.see"),
        )  # fmt: skip
        for key, label, icon, href, needs, order, says in (
            ("service-levels", _("Service levels"), "clock", "/service-levels/", "service_level.see", 20, _("What is promised to whom, and who is told as time runs out.")),
            ("ways-in", _("Ways in"), "inbox", "/ways-in/", "way_in.see", 21, _("Which mail, forms and chats become tickets.")),
            ("ready-answers", _("Ready answers"), "note", "/ready-answers/", "reply.see", 22, _("Words for what is asked again and again, and what picking them does.")),
            ("agents", _("Who answers tickets"), "people", "/agents/", "agent.see", 23, _("What they know, how much they hold, and how fair it is.")),
            ("support-rules", _("Tickets"), "ticket", "/settings/tickets/", "settings.manage", 24, _("When a reply opens a ticket again, and how long one waits.")),
        ):  # fmt: skip
            register_settings(
                key, group="sales", label=label, icon=icon, href=href, needs=needs, order=order, says=says
            )
        register(lambda actor: [
            Command(__("Queue of tickets"), "/tickets/desk/", "ticket", "", "ticket.see", __("support desk answer help")),
            Command(__("Fairness among agents"), "/agents/fairness/", "people", "", "agent.see", __("turns load cherry picking")),
        ])  # fmt: skip
