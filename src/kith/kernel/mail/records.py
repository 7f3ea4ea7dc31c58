"""Mailboxes and suppressed addresses as records: lists, pages, API, history. Arrived mail is one of `activities`, where people
are known with whom it can be filed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.kernel.kinds import Choice, Email, Integer
from kith.kernel.kinds.translations import Translations
from kith.kernel.mail import actions, asking, events, parts
from kith.kernel.mail.kinds import Host
from kith.kernel.mail.levels import Level
from kith.kernel.mail.models import Mailbox, Suppressed, settle_addresses
from kith.kernel.mail.scopes import of_mailboxes, of_suppressed
from kith.kernel.records.columns import Facts
from kith.kernel.records.record import Record, Section, View

HIDDEN = Facts(faces=frozenset())


class MailboxRecord(Record):
    name, slug, icon = "mailbox", "mailboxes", "mail"
    model, scope, settings, help = Mailbox, of_mailboxes, True, "mail"
    stamped = False
    lists, sort = ("name", "address", "holder", "active", "last_ok_at", "problem"), "name"
    quick, line = ("name", "address", "host", "login"), ("address", "problem")
    form = (
        Section(_("Mailbox"), "name address holder shows active"),
        Section(_("Server"), "host port security authority login"),
        Section(_("What is read"), "folders sent_folders since strangers keep_months"),
        Section(_("To people nobody knows"), "acknowledge acknowledge_words acknowledge_translations"),
    )
    views = (View("trouble", _("With a problem"), "problem.filled"), View("off", _("Not read"), "active.is:0"))
    actions = (
        actions.give_password, actions.give_token, asking.check, asking.fetch_now, asking.compare_now,
        asking.fetch_again, actions.share,
    )  # fmt: skip
    events = (events.SignInGiven,)
    match, parts = ("name",), parts.PARTS
    settle = staticmethod(settle_addresses)
    fields = {
        "address": Facts(kind=Email()),
        "host": Facts(kind=Host(255)),
        "port": Facts(kind=Integer(1, 65_535, grouped=False)),
        "authority": Facts(personal="no", help=_("Only for a server of your own: its certificate, or that of who signed it, as PEM. Empty: what this machine trusts.")),
        "login": Facts(help=_("Empty: the address.")),
        "folders": Facts(help=_("One a line.")),
        "sent_folders": Facts(help=_("One a line. What colleagues sent from elsewhere is filed with those they wrote to.")),
        "since": Facts(help=_("Mail before this day stays where it is.")),
        "holder": Facts(help=_("Empty: it is shared.")),
        "shows": Facts(kind=Choice(dict(Level.choices), none=_("the usual")),
                       help=_("Colleagues who neither wrote nor got a mail. Usually all of a shared mailbox, and only that there was a mail of somebody’s own.")),
        "acknowledge": Facts(help=_("One mail by itself to somebody nobody knows, seldom and never to a machine.")),
        "acknowledge_words": Facts(help=_("Empty: Kith’s own words. {{ person.name }} and {{ organisation.name }} may stand in it.")),
        "acknowledge_translations": Facts(kind=Translations(), help=_("Each begins a line: de: Guten Tag, Ihre Nachricht ist da.")),
        "keep_months": Facts(help=_("Empty: for good. What was read of a message stays on its story either way.")),
        "failures": HIDDEN, "offered": HIDDEN,
    }  # fmt: skip


class SuppressedRecord(Record):
    name, slug, icon = "suppressed", "suppressed-addresses", "x"
    model, scope, settings, help = Suppressed, of_suppressed, True, "mail"
    title, stamped = "address", False
    lists, sort = ("address", "reason", "source", "created_at"), "-created_at"
    quick, line = ("address", "reason", "source"), ("reason", "source")
    form = (Section(_("Address"), "address reason source"),)
    views = (
        View("bounced", _("Bounced"), "reason.is:bounced"), View("complained", _("Complained"), "reason.is:complained"),
        View("unsubscribed", _("Unsubscribed"), "reason.is:unsubscribed"),
    )  # fmt: skip
    actions = (actions.lift,)
    events = (events.Lifted,)
    match = ("address",)
    fields = {"address": Facts(kind=Email(320))}
