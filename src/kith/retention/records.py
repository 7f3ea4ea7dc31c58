"""Retention as records: what health is made of, tiers, reasons and plays under Settings; renewals, leave-takings, plays."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.scopes import by_owner, configuration
from kith.kernel.configuration.declaring import Configured
from kith.kernel.kinds import Choice, Currency, Integer, Money, Number
from kith.kernel.lookups.conditions import Conditions, Happening
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.records.record import Board, Record, Section, View
from kith.retention import events
from kith.retention.health.parts import settled
from kith.retention.models import Churn, ChurnReason, HealthPart, Peer, Play, PlayRun, Renewal, Tier
from kith.retention.plays import running
from kith.retention.renewals import deciding

WHERE = Facts(
    kind=Conditions("company"),
    faces=FACES - {"form", "bulk"},
    help=_("A filter of companies, such as industry.is:Transport."),
)
NAME = Facts(personal="no")


class HealthPartRecord(Record):
    name, slug, icon = "health_part", "health-parts", "chart"
    model, scope, settings, help = HealthPart, configuration, True, "health"
    configured = Configured(after=("segment",))
    lists, sort = ("name", "source", "weight", "poor", "good", "days", "active"), "position"
    quick = ("name", "source", "weight", "poor", "good")
    form = (
        Section(_("Part"), "name source weight active position"),
        Section(_("Its figure"), "poor good days"),
        Section(_("More"), "counter verb"),
    )
    settle = staticmethod(settled)
    fields = {
        "name": NAME,
        "where": WHERE,
        "weight": Facts(kind=Integer(1, 100)),
        "poor": Facts(kind=Number(18, 3), help=_("The figure that gives 0 points.")),
        "good": Facts(kind=Number(18, 3), help=_("The figure that gives 100 points.")),
        "days": Facts(kind=Integer(1, 3650)),
        "counter": Facts(
            help=_(
                "For use and counters: its name, such as sessions. Beside what invoicing says: days overdue that a program counts."
            )
        ),
        "verb": Facts(kind=Happening(), help=_("For events: what happens.")),
    }


class TierRecord(Record):
    name, slug, icon = "tier", "tiers", "people"
    model, scope, settings, help = Tier, configuration, True, "health"
    configured = Configured(after=("segment",))
    lists, sort = ("name", "where", "days", "position"), "position"
    quick = ("name", "days")
    form = (Section(_("Tier"), "name days position"),)
    settle = staticmethod(settled)
    fields = {"name": NAME, "where": WHERE, "days": Facts(kind=Integer(1, 3650))}


class ChurnReasonRecord(Record):
    name, slug, icon = "churn_reason", "churn-reasons", "tag"
    model, scope, settings, help = ChurnReason, configuration, True, "renewals"
    configured = Configured(key=("parent", "name"))
    lists, sort = ("name", "kind", "parent", "position"), "position"
    form = (Section(_("Reason"), "name kind parent position"),)
    fields = {"name": NAME}


class PlayRecord(Record):
    name, slug, icon = "play", "plays", "flag"
    model, scope, settings, help = Play, configuration, True, "health"
    configured = Configured()
    lists, sort = ("name", "from_chance", "when_poor", "within", "colleague", "active"), "name"
    quick = ("name",)
    form = (
        Section(_("Play"), "name colleague active"),
        Section(_("Begins"), "from_chance when_poor"),
        Section(_("Steps"), "steps within"),
    )
    fields = {
        "name": NAME,
        "steps": Facts(help=_("A line each, the day first: “3: Call them”.")),
        "from_chance": Facts(kind=Integer(0, 100), help=_("0: it does not begin by that.")),
    }


def _peers() -> Any:
    rows = Peer.objects.filter(run=OuterRef("pk")).order_by().values("run").annotate(n=Count("pk"))
    return Coalesce(Subquery(rows.values("n"), output_field=IntegerField()), 0)


class PlayRunRecord(Record):
    name, slug, icon, placed = "play_run", "play-runs", "flag", False
    model, scope, by_itself, help = PlayRun, by_owner(), True, "health"
    title = "title"
    lists, sort = (
        ("title", "play", "company", "began_on", "chance", "health", "peers", "outcome", "ended_on", "owner"),
        "-began_on",
    )
    form = (
        Section(_("Play"), "title play company person began_on"),
        Section(_("Then"), "chance health peers"),
        Section(_("What came of it"), "outcome ended_on words"),
        Section(_("Looked after by"), "owner team"),
    )
    views = (View("running", _("Under way"), "outcome.empty"), View("mine", _("Mine"), "owner.is:me"))
    actions, events = (running.end,), (events.PlayBegan, events.PlayEnded)
    fields = {
        "title": Facts(personal="name of a customer"),
        "outcome": Facts(kind=Choice(running.ENDS)),
        "chance": Facts(kind=Number(9, 4)),
        "peers": Facts(
            kind=Integer(),
            label=_("Compared with"),
            expr=_peers(),
            help=_(
                "Customers as likely to leave on that day who got no play. 0: there were none, or none were noted yet; it is not judged."
            ),
        ),
        "words": Facts(personal="what was said about a customer"),
        "company": Facts(sort="company__sort_name"),
    }


class RenewalRecord(Record):
    name, slug, icon, placed = "renewal", "renewals", "clock", False
    drawer = "customers"
    model, scope, help = Renewal, by_owner(), "renewals"
    lists, sort = (
        ("name", "company", "renews_on", "decide_by", "yearly", "expected", "risk", "state", "owner"),
        "renews_on",
    )
    quick = ("name", "company", "renews_on", "yearly", "currency")
    form = (
        Section(_("Renewal"), "name company person order renews_on decide_by"),
        Section(_("Value"), "yearly expected currency idea"),
        Section(_("Risk"), "risk risk_words"),
        Section(_("How it went"), "state until closed_on reason leaving words"),
        Section(_("Looked after by"), "owner team"),
    )
    board = Board(
        by="state", card="company renews_on yearly risk owner", total="expected", drop="renewal.move", sort="renews_on"
    )
    calendar, match = "renews_on", ("name",)
    views = (
        View("open", _("Open"), "state.is:open|talking|agreed", "renews_on"),
        View("risk", _("At risk"), "state.is:open|talking|agreed,risk.over:30", "-risk"),
        View("mine", _("Mine"), "owner.is:me,state.is:open|talking|agreed", "renews_on"),
        View("lost", _("Not renewed"), "state.is:lost", "-closed_on"),
    )
    actions = (deciding.win, deciding.lose, deciding.move)
    events = (events.RenewalOpened, events.RenewalWon, events.RenewalLost)
    fields = {
        "name": NAME,
        "company": Facts(sort="company__sort_name"),
        "state": Facts(only_via="renewal.move"),
        "yearly": Facts(kind=Money(), measure="sum"),
        "expected": Facts(kind=Money(), measure="sum"),
        "currency": Facts(kind=Currency()),
        "risk": Facts(kind=Integer(0, 100)),
        "words": Facts(personal="what a customer said"),
        "until": Facts(faces=FACES - {"form", "bulk"}),
        "closed_on": Facts(faces=FACES - {"form", "bulk"}),
        "reason": Facts(faces=FACES - {"form", "bulk"}),
        "leaving": Facts(faces=FACES - {"form", "bulk"}),
    }


class ChurnRecord(Record):
    name, slug, icon, placed = "churn", "churns", "x", False
    model, scope, by_itself, help = Churn, by_owner(), True, "renewals"
    title = "title"
    lists, sort = ("title", "kind", "reason", "ended_on", "yearly", "returned_on", "owner"), "-ended_on"
    form = (
        Section(_("Who"), "title company person ended_on returned_on"),
        Section(_("Why"), "kind reason words yearly chance"),
        Section(_("Looked after by"), "owner team"),
    )
    views = (
        View("unwanted", _("Unwanted"), "kind.is:unwanted"),
        View("returned", _("Came back"), "returned_on.filled"),
    )
    fields = {
        "title": Facts(personal="name of a customer"),
        "chance": Facts(kind=Number(9, 4)),
        "yearly": Facts(kind=Money(), measure="sum"),
        "words": Facts(personal="what a customer said"),
        "company": Facts(sort="company__sort_name"),
    }


from kith.retention import lent  # noqa: E402, F401 - columns, verbs and parts lent to companies and people
