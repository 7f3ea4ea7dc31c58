"""Purposes as a record, so that lists, forms, API and history come by themselves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.contacts.consent.models import Purpose, settle_wordings
from kith.contacts.consent.panels import WORDINGS
from kith.kernel.access.scopes import configuration
from kith.kernel.configuration.declaring import Configured
from kith.kernel.kinds.translations import Translations
from kith.kernel.records.columns import Facts
from kith.kernel.records.record import Record, Section


class PurposeRecord(Record):
    name, slug, icon = "purpose", "purposes", "shield"
    model, scope, settings, help = Purpose, configuration, True, "consent"
    configured = Configured(key=("key",))
    lists, sort = ("name", "key", "wording", "double_opt_in", "holds_days"), "name"
    quick = ("name", "wording", "what_for")
    form = (
        Section(_("Purpose"), "name key what_for"),
        Section(_("Words"), "wording translations"),
        Section(_("Rules"), "double_opt_in holds_days"),
    )
    match = ("key",)
    settle = settle_wordings
    panels = (WORDINGS,)
    fields = {
        "key": Facts(help=_("Forms and mails name the purpose by it, so it stays. Empty: made from the name.")),
        "what_for": Facts(help=_("For colleagues and for the person's own page.")),
        "wording": Facts(help=_("The exact words beside the box. A change is a new version; what was agreed to keeps its own.")),
        "translations": Facts(kind=Translations(), help=_("Each begins a line: de: Schreibt mir einmal im Monat.")),
        "double_opt_in": Facts(help=_("Counts only once the link in a mail was used.")),
        "holds_days": Facts(help=_("Empty: until it is withdrawn.")),
    }  # fmt: skip
