"""Referrals, reviews, references and ideas as records."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from kith.advocacy import actions, ambassadors, events, parts
from kith.advocacy.models import AskLimit, Idea, Programme, Reference, Referral, Review, Site, Vote
from kith.advocacy.panels import FARES, LOOKED, STANDS, WANTED
from kith.contacts.reach import AboutPerson
from kith.kernel.access.scopes import by_owner, configuration
from kith.kernel.configuration.declaring import Configured
from kith.kernel.kinds import Choice, Currency, Duration, Email, Integer, Language, Money, Phone
from kith.kernel.kinds.translations import Translations
from kith.kernel.records.columns import Facts
from kith.kernel.records.record import Board, Record, Section, View
from kith.kernel.records.registry import registry
from kith.surveys.kinds import PurposeOf
from kith.surveys.moments import moments

HIDDEN = Facts(faces=frozenset())
HELP = "advocacy"


class ProgrammeRecord(Record):
    name, slug, icon = "referral_programme", "referral-programmes", "gift"
    model, scope, settings, help, placed = Programme, configuration, True, HELP, False
    lists, sort = ("name", "reward", "amount", "outcome", "open", "updated_at"), "name"
    quick, line = ("name", "reward", "outcome"), ("reward", "outcome", "open")
    form = (
        Section(_("Programme"), "name about_text friend_reward"),
        Section(_("Reward"), "reward amount currency outcome"),
        Section(_("Where it is offered"), "open purpose language abouts"),
        Section(_("Looked after by"), "owner team"),
    )
    match, panels, parts = ("name",), (FARES,), (parts.REWARDS,)
    fields = {
        "name": Facts(personal="no"),
        "amount": Facts(kind=Money()), "currency": Facts(kind=Currency()),
        "outcome": Facts(kind=Choice(moments), help=_("Nothing is paid before.")),
        "purpose": Facts(kind=PurposeOf(), help=_("A box that friends may tick; empty: nothing is asked.")),
        "language": Facts(kind=Language()), "abouts": Facts(kind=Translations()),
    }  # fmt: skip


class ReferralRecord(Record):
    name, slug, icon = "referral", "referrals", "gift"
    drawer = "customers"
    model, scope, by_itself, placed, help = Referral, AboutPerson("referrer"), True, False, HELP
    lists, sort = (
        ("name", "referrer", "person", "programme", "reward", "amount", "outcome_at", "created_at"),
        "-created_at",
    )
    line = ("referrer", "reward", "created_at")
    form = (
        Section(_("Who came"), "name email phone organisation words person"),
        Section(_("Reward"), "programme referrer reward amount currency outcome_at paid_at reason"),
        Section(_("To look at"), "to_look_at cleared owner team"),
    )
    views = (
        View("due", _("Due"), "reward.is:due", "outcome_at"),
        View("agreed", _("Agreed"), "reward.is:agreed"),
        View("look", _("To look at"), "reward.is:agreed,to_look_at.over:0"),
        View("paid", _("Paid"), "reward.is:paid", "-paid_at"),
    )
    panels, parts = (LOOKED,), (parts.DOUBTS,)
    actions = (actions.pay, actions.clear, actions.refuse)
    events = (
        events.ReferralMade, events.ReferralCame, events.RewardDue, events.RewardRefused, events.DoubtsCleared, events.Rewarded,
    )  # fmt: skip
    fields = {
        "name": Facts(personal="who somebody recommended us to", only_via="referral.clear"),
        "email": Facts(kind=Email(), personal="taking somebody in", only_via="referral.clear"),
        "phone": Facts(kind=Phone(), personal="taking somebody in", only_via="referral.clear"),
        "words": Facts(personal="what somebody wrote to us", only_via="referral.clear"),
        "referrer": Facts(sort="referrer__sort_name", only_via="referral.clear"),
        "person": Facts(sort="person__sort_name", only_via="referral.clear"),
        **dict.fromkeys(("programme", "organisation", "cleared", "outcome_at"), Facts(only_via="referral.clear")),
        **dict.fromkeys(("reward", "paid_at"), Facts(only_via="referral.pay")),
        "amount": Facts(kind=Money(), only_via="referral.pay", measure="sum"),
        "currency": Facts(kind=Currency(), only_via="referral.pay"),
        "reason": Facts(only_via="referral.refuse"),
        **dict.fromkeys(("network", "consent", "language", "doubts"), HIDDEN),
    }  # fmt: skip


class SiteRecord(Record):
    name, slug, icon = "review_site", "review-sites", "star"
    model, scope, settings, help, placed = Site, configuration, True, HELP, False
    lists, sort = ("name", "url", "asks_after", "share", "active", "updated_at"), "name"
    quick, line = ("name", "url", "asks_after"), ("url", "asks_after")
    form = (
        Section(_("Where"), "name url active"),
        Section(_("When it asks"), "asks_after delay share rest_days purpose"),
        Section(_("Looked after by"), "owner team"),
    )
    match = ("name",)
    fields = {
        "name": Facts(personal="no"),
        "asks_after": Facts(
            kind=Choice(moments), help=_("By lot among everybody it happens to, whatever they answered before.")
        ),
        "delay": Facts(kind=Duration()),
        "share": Facts(kind=Integer(0, 100)),
        "rest_days": Facts(kind=Integer(0, 3660)),
        "purpose": Facts(kind=PurposeOf()),
    }


class AskLimitRecord(Record):
    name, slug, icon = "ask_limit", "ask-limits", "hourglass"
    model, scope, settings, help, placed = AskLimit, configuration, True, HELP, False
    configured = Configured()
    lists, sort = ("name", "what", "most", "rest_days", "updated_at"), "name"
    quick, line = ("name", "what", "most", "rest_days"), ("what", "most", "rest_days")
    form = (Section(_("How often"), "name what most rest_days"),)
    match = ("name",)
    fields = {
        "name": Facts(personal="no"),
        "most": Facts(kind=Integer(0, 365), help=_("Empty: any number. 0: never.")),
        "rest_days": Facts(kind=Integer(0, 3660), help=_("0: none.")),
    }


class PublicReviewRecord(Record):
    name, slug, icon = "public_review", "public-reviews", "star"
    model, scope, title, placed, help = Review, AboutPerson(), "site", False, HELP
    lists, sort = ("site", "person", "company", "state", "stars", "link", "left_at", "asked_at"), "-updated_at"
    quick, line = ("site", "person"), ("person", "state")
    form = (
        Section(_("Review"), "site person company state stars words link left_at"),
        Section(_("Asking"), "after due_at asked_at why owner team"),
    )
    views = (View("left", _("Left"), "state.is:left", "-left_at"), View("asked", _("Asked"), "state.is:asked"))
    actions = (actions.record_review, actions.decline_review)
    events = (events.ReviewAsked, events.ReviewLeft, events.ReviewDeclined)
    fields = {
        "person": Facts(sort="person__sort_name"),
        **dict.fromkeys(("link", "left_at", "state"), Facts(only_via="public_review.record")),
        "stars": Facts(kind=Integer(0, 10), only_via="public_review.record", measure="avg"),
        "words": Facts(personal="what somebody wrote in public", only_via="public_review.record"),
        **dict.fromkeys(("due_at", "asked_at", "why"), Facts(only_via="public_review.decline")),
        "after": Facts(kind=Choice(moments), only_via="public_review.decline"),
        "event": HIDDEN,
    }  # fmt: skip


class ReferenceRecord(Record):
    name, slug, icon = "reference", "references", "quote"
    drawer = "customers"
    model, scope, placed, help = Reference, by_owner(), False, HELP
    lists, sort = ("name", "kind", "company", "person", "state", "expires_on", "owner"), "-updated_at"
    quick, line = ("name", "kind", "company", "person"), ("kind", "state", "expires_on")
    form = (
        Section(_("Reference"), "name kind company person why"),
        Section(_("How far it is"), "state asked_on consent consent_by consent_on draft approved_by approved_on"),
        Section(_("Where it is used"), "link published_on expires_on reason"),
        Section(_("Looked after by"), "owner team"),
    )
    board = Board(by="state", card="kind company person owner", drop="")
    views = (
        View("proposed", _("Proposed"), "state.is:proposed"),
        View("published", _("Published"), "state.is:published", "expires_on"),
    )
    match, panels, parts = ("name",), (STANDS,), (parts.CALLS,)
    actions = (
        actions.ask, actions.agree, actions.write, actions.approve, actions.publish, actions.hold_call, actions.decline,
    )  # fmt: skip
    events = (events.ReferenceMoved, events.ReferenceCall)
    fields = {
        "name": Facts(personal="no"),
        "company": Facts(sort="company__sort_name"), "person": Facts(sort="person__sort_name"),
        "state": Facts(only_via="reference.ask"), "asked_on": Facts(only_via="reference.ask"),
        **dict.fromkeys(("consent", "consent_on"), Facts(only_via="reference.agree")),
        "consent_by": Facts(only_via="reference.agree", personal="who agreed"),
        "draft": Facts(only_via="reference.write"),
        "approved_by": Facts(only_via="reference.approve", personal="who approved"), "approved_on": Facts(only_via="reference.approve"),
        **dict.fromkeys(("link", "published_on"), Facts(only_via="reference.publish")),
        "expires_on": Facts(only_via="reference.agree"), "reason": Facts(only_via="reference.decline"),
    }  # fmt: skip


def _voters() -> Any:
    rows = Vote.objects.filter(idea=OuterRef("pk")).order_by().values("idea").annotate(n=Count("person", distinct=True))
    return Coalesce(Subquery(rows.values("n"), output_field=IntegerField()), 0)


class IdeaRecord(Record):
    name, slug, icon = "idea", "ideas", "zap"
    drawer = "customers"
    model, scope, title, placed, help = Idea, by_owner(), "title", False, HELP
    lists, sort = ("title", "state", "voters", "person", "shown", "created_at", "owner"), "-created_at"
    quick, line = ("title", "body", "person"), ("state", "person")
    form = (
        Section(_("Idea"), "title body person"),
        Section(_("Answer"), "state answer shown"),
        Section(_("Looked after by"), "owner team"),
    )
    views = (
        View("new", _("To read"), "shown.is:0,state.is:open", "-created_at"),
        View("wanted", _("Most wanted"), "state.is:open", "-voters"),
    )
    match, panels, parts = ("title",), (WANTED,), (parts.VOTERS, parts.REVENUE)
    actions = (actions.move, actions.show, actions.hide)
    events = (events.IdeaVoted, events.IdeaMoved, events.IdeaShown, events.IdeaHidden)
    fields = {
        "title": Facts(personal="no"),
        "body": Facts(personal="what somebody wishes for"),
        "person": Facts(sort="person__sort_name"),
        "state": Facts(only_via="idea.move"), "answer": Facts(only_via="idea.move"), "shown": Facts(only_via="idea.show"),
        "voters": Facts(kind=Integer(), label=_("Votes"), faces=frozenset({"list", "filter"}), expr=_voters()),
    }  # fmt: skip


registry.lend("person", "did_for_us", ambassadors.column())
registry.lend_parts("person", parts.DID)
registry.lend_actions("person", actions.ask_review)
