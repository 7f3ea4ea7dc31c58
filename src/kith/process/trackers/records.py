"""Trackers and issues as records: lists, pages, API, history. Issues come by themselves."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.access.scopes import NONE, Scope, configuration
from kith.kernel.kinds import Url
from kith.kernel.records.columns import Facts
from kith.kernel.records.record import Record, Section, View
from kith.kernel.records.registry import registry
from kith.process.trackers import actions as do
from kith.process.trackers import events
from kith.process.trackers.models import Issue, Tracker
from kith.process.trackers.panels import CALLS, WAITS


class WhoseWait(Scope):
    """Everybody reads issues, unless their role is kept to its own or its team's: then those that a promise or a ticket of theirs
    names. Those who manage settings change them."""

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        if verb != "see":
            return Q() if actor.can("settings.manage") else NONE
        level = actor.level(record, verb)
        if level == "all":
            return Q()
        if level == "none" or actor.user_id is None:
            return NONE
        whose = actor.teammate_ids if level == "team" else {actor.user_id}
        found = Q(pk__in=[])
        for name in ("promise", "ticket"):
            rows = registry[name].rows(actor).filter(owner__in=whose).exclude(issue_url="")
            found |= Q(url__in=rows.values("issue_url"))
        return found

    def explain(self, actor: Actor, record: str, row: Any) -> list[str]:
        return [
            __("Everybody reads which issues customers wait for, or those that their own promises and tickets name.")
        ]


class TrackerRecord(Record):
    name, slug, icon = "tracker", "trackers", "share"
    model, scope, settings, help = Tracker, configuration, True, "promises"
    lists, sort = ("name", "provider", "issues_at", "tells", "active", "updated_at"), "name"
    quick = ("name", "provider", "issues_at", "api_at")
    form = (
        Section(_("Tracker"), "name provider active"),
        Section(_("Where"), "issues_at api_at"),
        Section(_("What it is told"), "tells"),
    )
    panels = (CALLS,)
    actions = (do.give_token, do.renew_secret)
    events = (events.TokenGiven, events.SecretRenewed)
    fields = {
        "name": Facts(personal="no"),
        "issues_at": Facts(kind=Url(), personal="no", help=_("Such as https://github.com/tidewell/sensors")),
        "api_at": Facts(
            kind=Url(),
            personal="no",
            help=_("Empty for github.com and gitlab.com; else the address of its API, or the one that is called."),
        ),
        "tells": Facts(help=_("Names of customers leave Kith only where you choose so.")),
        "secret_round": Facts(faces=frozenset(), only_via="tracker.renew_secret"),
    }


class IssueRecord(Record):
    name, slug, icon = "issue", "issues", "flag"
    drawer = "customers"
    model, scope, title, placed, help, by_itself = Issue, WhoseWait(), "title", False, "promises", True
    lists, sort = ("title", "url", "customers", "delivery", "tracker", "told_at", "problem"), "-customers"
    form = (Section(_("Issue"), "title url delivery"),)
    line = ("customers", "delivery")
    views = (
        View("waited", _("Waited for"), "customers.over:0", "-customers"),
        View("failed", _("Could not be told"), "problem.filled"),
    )
    panels = (WAITS,)
    actions = (do.move, do.tell_now)
    events = (events.IssueMoved, events.TrackerTold)
    fields = {
        "title": Facts(personal="no"),
        "url": Facts(kind=Url(), personal="no"),
        "delivery": Facts(only_via="issue.move"),
        **dict.fromkeys(("tries", "told_mark"), Facts(faces=frozenset())),
    }
