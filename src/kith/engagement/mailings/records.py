"""Mailings as a record: list, pages, form, API, history."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.engagement import events
from kith.engagement.mailings import actions, results
from kith.engagement.mailings.kinds import CheckFound, PeopleSegments
from kith.engagement.mailings.panels import BEFOREHAND, PROGRESS, RESULT
from kith.engagement.models import Mailing
from kith.engagement.tracking.allowing import TRACK_HELP
from kith.kernel.access.scopes import by_owner
from kith.kernel.kinds import Integer
from kith.kernel.records.columns import Facts
from kith.kernel.records.record import Record, Section, View

HIDDEN = Facts(faces=frozenset())


class MailingRecord(Record):
    name, slug, icon, help = "mailing", "mailings", "mail", "mailings"
    drawer = "marketing"
    model, scope = Mailing, by_owner()
    lists, sort = ("name", "state", "audience", "campaign", "began_at", "owner", "updated_at"), "-updated_at"
    quick = ("name", "template", "purpose", "audience")
    form = (
        Section(_("Mailing"), "name template purpose campaign"),
        Section(_("Who gets it"), "audience without"),
        Section(_("How it leaves"), "sender_name per_minute window track"),
        Section(_("Looked after by"), "owner team"),
    )
    line = ("state", "template", "audience")
    views = (
        View("drafts", _("Drafts"), "state.is:draft|scheduled"), View("going", _("On their way"), "state.is:sending|paused"),
        View("sent", _("Sent"), "state.is:sent"),
    )  # fmt: skip
    settle = staticmethod(actions.settle)
    parts = (results.RESULTS,)
    panels = (BEFOREHAND, PROGRESS, RESULT)
    actions = (
        actions.check, actions.try_out, actions.schedule, actions.unschedule, actions.send, actions.pause, actions.resume,
        actions.cancel, actions.try_doubtful,
    )  # fmt: skip
    events = (
        events.MailingScheduled, events.MailingUnscheduled, events.MailingBegan, events.MailingPaused, events.MailingResumed,
        events.MailingCancelled, events.MailingEnded,
    )  # fmt: skip
    fields = {
        "name": Facts(personal="no"),
        "purpose": Facts(help=_("Only those who agreed to it get the mail.")),
        "audience": Facts(kind=PeopleSegments(), help=_("Somebody in two of them gets it once.")),
        "without": Facts(kind=PeopleSegments(), help=_("Whoever is in one of these does not get it.")),
        "sender_name": Facts(personal="no", help=_("Empty: whoever looks after it.")),
        "per_minute": Facts(kind=Integer(1), help=_("Empty: as fast as the mail server takes them.")),
        "window": Facts(help=_("On the clock of whoever gets it: Mon-Fri 09:00-17:00. Empty: at any time.")),
        "track": Facts(help=TRACK_HELP),
        "state": Facts(only_via="mailing.send"),
        "checked": Facts(kind=CheckFound(), faces=frozenset({"api"})),
        "frozen": HIDDEN, "laid_at": HIDDEN, "started_by": HIDDEN,
    }  # fmt: skip
